package main

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// register is the entrance of a world: a register with versions. Each write makes the next revision.
//
//	write   done: the revision is the next one, and the one that it asserted, if any, was there before.
//	        unknown: it did so at some time after its call, or never.
//	        refused (409): at some moment the revision was not the asserted one. Without one it is never refused so.
//	read    revision and state are those that are there.
type register struct {
	number     int
	rev, state string // rev is empty where nobody was ever told it
	known      int    // so many operations of known outcome have happened
}

// What all answers of a world together say of each number. A number belongs to one write, so this only spares the
// search what must fail later; without it an unknown write would be tried in front of each other operation.
type answers struct {
	acknowledged map[int]bool
	rev, state   map[int]string
	last         int // nobody can tell what comes after it
}

func foreseen(past *history) answers {
	found := answers{map[int]bool{}, map[int]string{}, map[int]string{}, number(past.begin.Rev)}
	for _, o := range past.ops {
		if o.Outcome != done {
			continue
		}
		n := number(o.Rev)
		if o.Name == "write" {
			found.acknowledged[n] = true
			if _, isTold := found.rev[n-1]; !isTold && o.Asserted != "" {
				found.rev[n-1] = o.Asserted
			}
		}
		found.rev[n], found.state[n] = o.Rev, o.State
		found.last = max(found.last, n)
	}
	for _, o := range past.ops {
		if o.Name == "write" && o.Outcome == refused && number(o.Asserted) == found.last {
			found.last++ // what nobody has read has refused this one
			break
		}
	}
	return found
}

func world(past *history) porcupine.Model {
	told := foreseen(past)
	known := past.known()
	step := func(now register, o *op) (bool, register) {
		next := register{now.number + 1, o.Rev, o.State, now.known + 1}
		same := register{now.number, now.rev, now.state, now.known + 1}
		switch o.Name + " " + o.Outcome {
		case "read done":
			return now.rev == o.Rev && now.state == o.State, same
		case "write done":
			fits := o.Asserted == "" || o.Asserted == now.rev
			return fits && number(o.Rev) == next.number, next
		case "write refused":
			return o.Asserted != "" && o.Asserted != now.rev, same
		case "write unknown":
			if o.Asserted != "" && o.Asserted != now.rev || now.number >= told.last {
				return now.known == known, now // it does nothing, or what nobody will see
			}
			state, isSeen := told.state[next.number]
			next.rev, next.known = told.rev[next.number], now.known
			return !told.acknowledged[next.number] && (!isSeen || state == o.State), next
		}
		return false, now
	}
	return porcupine.Model{
		Init: func() interface{} {
			return register{number(past.begin.Rev), past.begin.Rev, past.begin.State, 0}
		},
		Step: func(state, input, _ interface{}) (bool, interface{}) {
			return step(state.(register), input.(*op))
		},
		DescribeState: func(state interface{}) string {
			now := state.(register)
			return fmt.Sprintf("%d (%s): %s", now.number, now.rev, now.state)
		},
	}
}
