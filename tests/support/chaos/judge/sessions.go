package main

import (
	"fmt"
	"hash/fnv"
	"sort"
	"strings"

	"github.com/anishathalye/porcupine"
)

// A tenant's live sessions: a counter with a cap.
//
//	connect  done: the session was live already, or took one of less than `cap` places.
//	         refused (429): it was not live, and all places were taken.
//	         unknown: it may be live at any time from now on.
//	try      a connect that was refused for another reason: until `untry` it may have held a place.
//	end      done: it is not live any more. unknown: it may end at any time from now on.
//	         refused (404): there was no such session.
//	lapse    the lease of connect `hold` ended by its time, unless a later connect has prolonged it.
//	count    so many were live.
//
// A session of which nobody knows whether it is live counts as live where that explains an answer, and as not live
// where that explains another: the model never objects to what may have been, and may miss what only such a session
// would show. With no unknown call before it, it is exact.
type sessions []session // by name

type session struct {
	name     string
	hold     int  // the connect that prolonged it last; 0: it is not live
	mayBegin bool // a connect of unknown outcome may take effect yet
	mayEnd   bool // so may an end
	tries    int
}

func (s session) isLive() bool    { return s.hold != 0 && !s.mayEnd }
func (s session) mayBeLive() bool { return s.hold != 0 || s.mayBegin || s.tries > 0 }

// bounds says how many are live, at least and at most.
func (all sessions) bounds() (least, most int) {
	for _, s := range all {
		if s.isLive() {
			least++
		}
		if s.mayBeLive() {
			most++
		}
	}
	return least, most
}

func (all sessions) of(name string) session {
	at := sort.Search(len(all), func(i int) bool { return all[i].name >= name })
	if at < len(all) && all[at].name == name {
		return all[at]
	}
	return session{name: name}
}

// with returns the sessions with one as it is now. Nothing is kept of one that is as if it had never been.
func (all sessions) with(s session) sessions {
	at := sort.Search(len(all), func(i int) bool { return all[i].name >= s.name })
	changed := make(sessions, 0, len(all)+1)
	changed = append(changed, all[:at]...)
	if s.mayBeLive() || s.mayEnd {
		changed = append(changed, s)
	}
	if at < len(all) && all[at].name == s.name {
		at++
	}
	return append(changed, all[at:]...)
}

func (all sessions) step(o *op, cap int) (bool, sessions) {
	s := all.of(o.Session)
	least, most := all.bounds()
	switch o.Name + " " + o.Outcome {
	case "connect done":
		if !s.mayBeLive() && least >= cap {
			return false, all
		}
		s.hold = o.Hold
	case "connect refused":
		if s.mayBeLive() {
			most--
		}
		return !s.isLive() && most >= cap, all
	case "connect unknown":
		s.mayBegin = true
	case "try done":
		s.tries++
	case "untry done":
		s.tries--
	case "end done":
		s.hold = 0
	case "end unknown":
		s.mayEnd = true
	case "end refused":
		return !s.isLive(), all
	case "lapse done":
		if s.hold != o.Hold {
			return true, all
		}
		s.hold = 0
	case "count done":
		return least <= o.Count && o.Count <= most, all
	default:
		return false, all
	}
	return true, all.with(s)
}

func counter(past *history) porcupine.Model {
	cap := past.begin.Count
	return porcupine.Model{
		Init: func() interface{} { return sessions{} },
		Step: func(state, input, _ interface{}) (bool, interface{}) {
			return state.(sessions).step(input.(*op), cap)
		},
		Equal: func(a, b interface{}) bool {
			one, other := a.(sessions), b.(sessions)
			if len(one) != len(other) {
				return false
			}
			for i := range one {
				if one[i] != other[i] {
					return false
				}
			}
			return true
		},
		Hash: func(state interface{}) uint64 {
			sum := fnv.New64a()
			for _, s := range state.(sessions) {
				fmt.Fprintf(sum, "%s %d;", s.name, s.hold)
			}
			return sum.Sum64()
		},
		DescribeState: func(state interface{}) string {
			var sure, perhaps []string
			for _, s := range state.(sessions) {
				if s.isLive() {
					sure = append(sure, s.name)
				} else if s.mayBeLive() {
					perhaps = append(perhaps, s.name)
				}
			}
			text := fmt.Sprintf("%d of %d live: %s", len(sure), cap, strings.Join(sure, " "))
			if len(perhaps) > 0 {
				text += fmt.Sprintf("; perhaps %d: %s", len(perhaps), strings.Join(perhaps, " "))
			}
			return text
		},
	}
}
