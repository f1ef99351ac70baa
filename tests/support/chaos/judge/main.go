// The judge: reads histories of what callers asked and were answered, and has Porcupine say whether each could have
// come from a service that does one thing at a time (linearizability).
//
//	judge [-limit 60s] [-keep FOLDER] HISTORY.jsonl
//
// It prints a verdict for each model as JSON. What is violated, or cannot be decided within the limit, is kept in the
// folder: the operations of that object, and Porcupine's picture of how far it came. It exits with 0 whatever it
// finds, and with 2 when it cannot read the history.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/anishathalye/porcupine"
)

var models = map[string]func(*history) porcupine.Model{
	"world":    world,
	"sessions": counter,
	"keys":     key,
}

type verdict struct {
	Model      string    `json:"model"`
	Objects    int       `json:"objects"`
	Operations int       `json:"operations"`
	Unknown    int       `json:"unknown"` // operations of unknown outcome among them
	Seconds    float64   `json:"seconds"`
	Violated   []finding `json:"violated"`
	Undecided  []finding `json:"undecided"`
}

type finding struct {
	Object  string `json:"object"`
	History string `json:"history"`
	Picture string `json:"picture"`
}

func main() {
	limit := flag.Duration("limit", 60*time.Second, "how long one object may take")
	keep := flag.String("keep", ".", "where violations are kept")
	flag.Parse()
	if err := run(flag.Arg(0), *keep, *limit); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func run(path, keep string, limit time.Duration) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	found, order, err := read(file)
	if err != nil {
		return err
	}
	verdicts := []*verdict{}
	for _, of := range order {
		if len(verdicts) == 0 || verdicts[len(verdicts)-1].Model != of.model {
			verdicts = append(verdicts, &verdict{Model: of.model, Violated: []finding{}, Undecided: []finding{}})
		}
		if err := judge(verdicts[len(verdicts)-1], of, found[of], keep, limit); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(verdicts)
}

func judge(into *verdict, of object, past *history, keep string, limit time.Duration) error {
	model := models[of.model](past)
	model.DescribeOperation = func(input, _ interface{}) string { return input.(*op).String() }
	operations := make([]porcupine.Operation, len(past.ops))
	for i, o := range past.ops {
		operations[i] = porcupine.Operation{ClientId: o.Client, Input: o, Call: o.Call, Return: o.end()}
		if o.Outcome == unknown {
			into.Unknown++
		}
	}
	begun := time.Now()
	result := porcupine.CheckOperationsTimeout(model, operations, limit)
	into.Seconds += time.Since(begun).Seconds()
	into.Objects++
	into.Operations += len(operations)
	if result == porcupine.Ok {
		return nil
	}
	kept, err := keepFinding(of, past, model, operations, keep, limit)
	if err != nil {
		return err
	}
	if result == porcupine.Illegal {
		into.Violated = append(into.Violated, kept)
	} else {
		into.Undecided = append(into.Undecided, kept)
	}
	return nil
}

var unsafe = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

func keepFinding(
	of object, past *history, model porcupine.Model, operations []porcupine.Operation, keep string, limit time.Duration,
) (finding, error) {
	base := filepath.Join(keep, of.model+"-"+unsafe.ReplaceAllString(of.name, "_"))
	kept := finding{of.name, base + ".jsonl", base + ".html"}
	if err := os.MkdirAll(keep, 0o755); err != nil {
		return kept, err
	}
	file, err := os.Create(kept.History)
	if err != nil {
		return kept, err
	}
	defer file.Close()
	encoder := json.NewEncoder(file)
	for _, o := range append([]*op{past.begin}, past.ops...) {
		if err := encoder.Encode(o); err != nil {
			return kept, err
		}
	}
	// Asked again: what a picture needs is not noted while it is only judged.
	_, info := porcupine.CheckOperationsVerbose(model, operations, limit)
	return kept, porcupine.VisualizePath(model, info, kept.Picture)
}
