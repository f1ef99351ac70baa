package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"sort"
	"strconv"
	"strings"
)

// What a caller knows of a call once it is over, as in ledger.py.
const (
	done    = "done"
	refused = "refused"
	unknown = "unknown"
)

// op is one operation, a line of a history. Which members mean something is up to its model.
type op struct {
	Model   string `json:"model"`  // world, sessions or keys
	Object  string `json:"object"` // each object is judged on its own
	Name    string `json:"op"`
	Client  int    `json:"client"`
	Call    int64  `json:"call"`   // ns of one monotonic clock
	Return  int64  `json:"return"` // 0: nobody knows when it took effect, or whether
	Outcome string `json:"outcome"`

	State    string `json:"state,omitempty"`
	Rev      string `json:"rev,omitempty"`
	Asserted string `json:"asserted,omitempty"`

	Session string `json:"session,omitempty"`
	Hold    int    `json:"hold,omitempty"`  // number of the connect that a lapse belongs to
	Count   int    `json:"count,omitempty"` // sessions that were counted; the cap, of begin

	Answer  string   `json:"answer,omitempty"`
	Effects []string `json:"effects,omitempty"`
	Told    int      `json:"told,omitempty"`
}

func (o *op) end() int64 {
	if o.Return == 0 {
		return math.MaxInt64
	}
	return o.Return
}

func (o *op) String() string {
	parts := []string{o.Name}
	add := func(label, text string) {
		if text != "" {
			parts = append(parts, label+text)
		}
	}
	add("", o.State)
	add("if ", o.Asserted)
	add("", o.Session)
	if o.Hold > 0 {
		add("#", strconv.Itoa(o.Hold))
	}
	add("", strings.Join(o.Effects, " "))
	add(": ", o.Outcome)
	add("", o.Rev)
	add("", o.Answer)
	if o.Name == "count" {
		add("", strconv.Itoa(o.Count))
	}
	return strings.Join(parts, " ")
}

// history is what happened to one object: its first line says what it was when all began.
type history struct {
	begin *op
	ops   []*op
}

// known counts the operations of known outcome. A model lets one of unknown outcome do nothing only when all of those
// have happened: before, to try it would be to try each set of such operations wherever the search is stuck.
func (h *history) known() int {
	count := 0
	for _, o := range h.ops {
		if o.Outcome != unknown {
			count++
		}
	}
	return count
}

type object struct{ model, name string }

// read splits a history by its objects, in the order of their names.
func read(lines io.Reader) (map[object]*history, []object, error) {
	found := map[object]*history{}
	var order []object
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, 1<<24)
	for at := 1; scanner.Scan(); at++ {
		one := &op{}
		decoder := json.NewDecoder(strings.NewReader(scanner.Text()))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(one); err != nil {
			return nil, nil, fmt.Errorf("line %d: %w", at, err)
		}
		key := object{one.Model, one.Object}
		if models[one.Model] == nil {
			return nil, nil, fmt.Errorf("line %d: there is no model %q", at, one.Model)
		}
		if found[key] == nil {
			if one.Name != "begin" {
				return nil, nil, fmt.Errorf("line %d: %s %s does not begin", at, one.Model, one.Object)
			}
			found[key] = &history{begin: one}
			order = append(order, key)
			continue
		}
		if one.Return != 0 && one.Return < one.Call {
			return nil, nil, fmt.Errorf("line %d: it returned before it was called", at)
		}
		found[key].ops = append(found[key].ops, one)
	}
	sort.Slice(order, func(a, b int) bool {
		return order[a].model+order[a].name < order[b].model+order[b].name
	})
	return found, order, scanner.Err()
}

// number is how many writes have led to a revision, `<n>-<incarnation>`; -1 when it is none.
func number(rev string) int {
	digits, _, _ := strings.Cut(rev, "-")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return n
}
