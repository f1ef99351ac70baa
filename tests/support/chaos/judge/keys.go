package main

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// slot is what an Idempotency-Key stands for: nothing, then one thing for ever.
//
//	ask      done: the key stands for the answer, from now on if it stood for nothing.
//	         unknown: so it does at some time after its call, or never.
//	effects  what is there at the end: one world, which the answer names (`create`), or of which the event of the
//	         job that the answer names tells once (`job`); nothing when the key stands for nothing.
type slot struct {
	isTaken bool
	answer  string
}

func key(past *history) porcupine.Model {
	isJob := past.begin.State == "job"
	told := "" // what an unknown call would have been answered
	for _, o := range past.ops {
		if o.Answer != "" {
			told = o.Answer
		} else if told == "" && !isJob && len(o.Effects) > 0 {
			told = o.Effects[0]
		}
	}
	step := func(now slot, o *op) (bool, slot) {
		switch o.Name + " " + o.Outcome {
		case "ask done":
			return !now.isTaken || now.answer == o.Answer, slot{true, o.Answer}
		case "ask unknown":
			if now.isTaken {
				return true, now
			}
			return true, slot{true, told}
		case "effects done":
			if !now.isTaken {
				return len(o.Effects) == 0 && o.Told == 0, now
			}
			if len(o.Effects) != 1 {
				return false, now
			}
			if isJob {
				return o.Told == 1 && o.Answer == now.answer, now
			}
			return o.Effects[0] == now.answer, now
		}
		return false, now
	}
	return porcupine.Model{
		Init: func() interface{} { return slot{} },
		Step: func(state, input, _ interface{}) (bool, interface{}) {
			return step(state.(slot), input.(*op))
		},
		DescribeState: func(state interface{}) string {
			if now := state.(slot); now.isTaken {
				return fmt.Sprintf("stands for %q", now.answer)
			}
			return "stands for nothing"
		},
	}
}
