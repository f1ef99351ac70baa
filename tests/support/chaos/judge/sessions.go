package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// A tenant's live sessions: a counter with a cap. Each connect has a number, its hold.
//
//	connect  done: the session was live already, or took one of less than `cap` places.
//	         refused (429): it was not live, and all places were taken.
//	         unknown: at some time after its call it takes a place, if one is free, or it never does.
//	renew    what else an unknown connect may do: prolong a session that is live.
//	try      a connect that was refused for another reason: until `untry` it may have a place.
//	end      done: it is not live any more. unknown: so it is at some time after its call, or never.
//	         refused (404): there was no such session.
//	lapse    the lease that a connect was answered with ends, unless a later connect has prolonged it. That of an
//	         unknown connect ends at any time, as it may be taken back.
//	count    so many were live.
type sessions struct {
	live   []session // by name
	begun  []int     // connects that have happened and whose lapse has not, where their times do not say it; in order
	trying []string  // in order
	known  int       // so many operations of known outcome have happened
}

type session struct {
	name string
	hold int // the connect that prolonged it last
}

func (all sessions) find(name string) (int, bool) {
	return slices.BinarySearchFunc(all.live, name, func(s session, name string) int { return strings.Compare(s.name, name) })
}

// held returns the sessions with one that a connect holds.
func (all sessions) held(o *op) sessions {
	at, isLive := all.find(o.Session)
	changed := slices.Clone(all.live)
	if isLive {
		changed[at].hold = o.Hold
	} else {
		changed = slices.Insert(changed, at, session{o.Session, o.Hold})
	}
	all.live = changed
	return all
}

func (all sessions) without(name string) sessions {
	at, isLive := all.find(name)
	if !isLive {
		return all
	}
	all.live = slices.Delete(slices.Clone(all.live), at, at+1)
	return all
}

func with[T int | string](some []T, one T) []T {
	at, _ := slices.BinarySearch(some, one)
	return slices.Insert(slices.Clone(some), at, one)
}

func without[T int | string](some []T, one T) ([]T, bool) {
	at, isThere := slices.BinarySearch(some, one)
	if !isThere {
		return some, false
	}
	return slices.Delete(slices.Clone(some), at, at+1), true
}

// tenant is what holds for a history as a whole.
type tenant struct {
	cap    int
	known  int
	isOpen map[int]bool // connects whose lapse could come before them by their times alone
}

func (t tenant) step(all sessions, o *op) (bool, sessions) {
	at, isLive := all.find(o.Session)
	isFull := len(all.live) >= t.cap
	if o.Outcome == unknown {
		if all.known == t.known {
			return true, all // whatever it does, nobody will see it
		}
	} else {
		all.known++
	}
	switch o.Name + " " + o.Outcome {
	case "connect done":
		return isLive || !isFull, t.held(all, o)
	case "connect refused":
		return !isLive && len(all.live)+len(all.trying) >= t.cap, all
	case "connect unknown":
		return !isLive && !isFull, t.held(all, o)
	case "renew unknown":
		return isLive, t.held(all, o)
	case "try done":
		all.trying = with(all.trying, o.Session)
		return true, all
	case "untry done":
		all.trying, _ = without(all.trying, o.Session)
		return true, all
	case "end done":
		return true, all.without(o.Session)
	case "end unknown":
		return isLive, all.without(o.Session)
	case "end refused":
		return !isLive, all
	case "lapse done", "lapse unknown":
		if t.isOpen[o.Hold] {
			var hasBegun bool
			if all.begun, hasBegun = without(all.begun, o.Hold); !hasBegun {
				return false, all
			}
		}
		if isLive && all.live[at].hold == o.Hold {
			return true, all.without(o.Session)
		}
		return o.Outcome == done, all
	case "count done":
		return len(all.live) <= o.Count && o.Count <= len(all.live)+len(all.trying), all
	}
	return false, all
}

func (t tenant) held(all sessions, o *op) sessions {
	if t.isOpen[o.Hold] {
		all.begun = with(all.begun, o.Hold)
	}
	return all.held(o)
}

func counter(past *history) porcupine.Model {
	of := tenant{past.begin.Count, past.known(), map[int]bool{}}
	ends := map[int]int64{}
	for _, o := range past.ops {
		if o.Name == "connect" || o.Name == "renew" {
			ends[o.Hold] = o.end()
		}
	}
	for _, o := range past.ops {
		if o.Name == "lapse" && o.Call <= ends[o.Hold] {
			of.isOpen[o.Hold] = true
		}
	}
	return porcupine.Model{
		Init: func() interface{} { return sessions{} },
		Step: func(state, input, _ interface{}) (bool, interface{}) {
			return of.step(state.(sessions), input.(*op))
		},
		Equal: func(a, b interface{}) bool {
			one, other := a.(sessions), b.(sessions)
			return slices.Equal(one.live, other.live) && slices.Equal(one.begun, other.begun) &&
				slices.Equal(one.trying, other.trying)
		},
		Hash: func(state interface{}) uint64 {
			sum := uint64(14695981039346656037) // FNV-1a, of what tells most states apart
			for _, s := range state.(sessions).live {
				sum = (sum ^ uint64(s.hold)) * 1099511628211
			}
			return sum
		},
		DescribeState: func(state interface{}) string {
			all := state.(sessions)
			var names []string
			for _, s := range all.live {
				names = append(names, fmt.Sprintf("%s#%d", s.name, s.hold))
			}
			text := fmt.Sprintf("%d of %d live: %s", len(names), of.cap, strings.Join(names, " "))
			if len(all.trying) > 0 {
				text += "; perhaps " + strings.Join(all.trying, " ")
			}
			return text
		},
	}
}
