package crash

import (
	"context"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
)

// sum is what became of one direction of one channel.
type sum struct {
	Channel   string `json:"channel"`
	Direction string `json:"direction"`
	Sent      int    `json:"sent"`
	Arrived   int    `json:"arrived"`
	Changes   int    `json:"changes"` // edits, reactions, deletions, which are not among the messages
	Lost      int    `json:"lost"`
	Doubled   int    `json:"doubled"`
	Swapped   int    `json:"out_of_order"`
	Told      int    `json:"told_as_failed"`
	// Doubles and losses that the provider gives no means to avoid, each shown to be one.
	Unavoidable int `json:"unavoidable_doubles"`
	Fallen      int `json:"never_handed_over"`
}

// finding is one thing that is wrong, and its way.
type finding struct {
	what string
	way  []string
}

// audit is the whole judgement.
type audit struct {
	sums     []*sum
	findings []finding
	excused  []finding
	orphans  []orphan
	waiting  int
	failed   []string
	silent   int      // agents' messages of which the room never says what became of them
	others   []string // what else is wrong
}

// missing counts what may still come.
func (a *audit) missing() int {
	n := a.waiting + a.silent + len(a.others)
	for _, s := range a.sums {
		n += s.Lost
	}
	return n
}

// judge looks at everything and compares.
func (l *load) judge(ctx context.Context) (*audit, error) {
	v, err := l.observe(ctx)
	if err != nil {
		return nil, err
	}
	seen, err := l.w.lookInside(ctx)
	if err != nil {
		return nil, err
	}
	j := &judge{l: l, v: v, seen: seen, a: &audit{orphans: v.orphans, waiting: seen.waiting, failed: seen.failed}, handed: l.w.daemon.notifications(), excused: map[string]bool{}}
	if j.a.others, err = l.w.absent(ctx, v); err != nil {
		return nil, err
	}
	j.a.others = append(j.a.others, l.untold(v)...)
	for _, p := range l.w.providers {
		for _, dir := range []string{in, out} {
			s := &sum{Channel: p.id, Direction: dir}
			j.a.sums = append(j.a.sums, s)
			for _, c := range l.all() {
				if c.provider == p {
					j.direction(ctx, c, dir, s)
				}
			}
		}
	}
	return j.a, nil
}

// judge is one judgement in the making.
type judge struct {
	l      *load
	v      *view
	seen   *inside
	a      *audit
	handed []handed
	// excused are the deleted messages on phones that were found to have fallen.
	excused map[string]bool
}

func (j *judge) direction(ctx context.Context, c *chat, dir string, s *sum) {
	seen := map[string]map[int][]shown{in: j.v.in, out: j.v.out}[dir][c.n]
	events, deleted := map[token]id.EventID{}, map[token]bool{}
	for _, one := range c.lines(dir) {
		events[one.token], deleted[one.token] = one.event, one.deleted
	}
	told := func(t token) bool { return dir == out && j.v.status[events[t]] == event.MessageStatusFail }
	// What an agent took back while Puente was down, Synapse hands over without its words: there is nothing to send.
	excused := func(t token) bool { return told(t) || dir == out && deleted[t] }
	history := c.history(dir)
	verdict := compare(history, seen, excused)
	s.Sent += len(history)
	s.Arrived += len(history) - len(verdict.lost)
	for _, t := range history {
		if told(t.token) {
			s.Told++
			if !slices.ContainsFunc(seen, func(one shown) bool { return one.token == t.token }) {
				s.Arrived--
			}
		}
		if state := j.v.status[events[t.token]]; dir == out && !deleted[t.token] && state != event.MessageStatusSuccess && state != event.MessageStatusFail {
			j.a.silent++
		}
	}
	for _, t := range verdict.lost {
		if c.provider.id == "signal" && dir == in && j.fell(c, t) {
			s.Fallen++
			j.a.excused = append(j.a.excused, j.finding(ctx, c, t, events[t], "was handed over by the daemon, which keeps nothing, and never reached the journal"))
			continue
		}
		s.Lost++
		j.a.findings = append(j.a.findings, j.finding(ctx, c, t, events[t], "is lost"))
	}
	for _, t := range verdict.doubled {
		if why := j.unavoidable(c, t); dir == out && why != "" {
			s.Unavoidable++
			j.a.excused = append(j.a.excused, j.finding(ctx, c, t, events[t], "is doubled: "+why))
			continue
		}
		s.Doubled++
		j.a.findings = append(j.a.findings, j.finding(ctx, c, t, events[t], "is doubled"))
	}
	for _, t := range verdict.swapped {
		if c.provider.id == "signal" && dir == in && j.onlyChanged(c.onPhone(t)) {
			j.a.excused = append(j.a.excused, j.finding(ctx, c, t, events[t], "was handed over by the daemon and never reached the journal; a later version of it did, and stands where that came"))
			continue
		}
		s.Swapped++
		j.a.findings = append(j.a.findings, j.finding(ctx, c, t, events[t], "is out of order"))
	}
	if verdict.blanks > 0 {
		s.Doubled += verdict.blanks
		j.a.findings = append(j.a.findings, finding{what: fmt.Sprintf("%s %s: %d deleted messages too many", c.name(), dir, verdict.blanks)})
	}
	if dir == in && len(j.v.rooms[c.n]) > 1 {
		j.a.findings = append(j.a.findings, finding{what: fmt.Sprintf("%s is in %d rooms: %v", c.name(), len(j.v.rooms[c.n]), j.v.rooms[c.n])})
	}
	j.changes(ctx, c, dir, s)
}

// changes judges the edits, reactions and deletions of one side.
func (j *judge) changes(ctx context.Context, c *chat, dir string, s *sum) {
	var made []change
	events := map[change]id.EventID{}
	for _, one := range c.made(dir) {
		made = append(made, one.change)
		events[one.change] = one.event
	}
	lost, doubled := compareChanges(made, j.v.changes, func(one change) bool {
		return dir == out && j.v.status[events[one]] == event.MessageStatusFail
	})
	s.Changes += len(made)
	for _, one := range lost {
		if c.provider.id == "signal" && dir == in && j.changeFell(c, one) {
			s.Fallen++
			j.a.excused = append(j.a.excused, j.finding(ctx, c, one.target, events[one], one.kind+" was handed over by the daemon and never reached the journal"))
			continue
		}
		if one.target.dir == out && j.unavoidable(c, one.target) != "" {
			s.Unavoidable++
			j.a.excused = append(j.a.excused, j.finding(ctx, c, one.target, events[one], one.kind+" ("+dir+") was on a copy that Puente does not know of"))
			continue
		}
		s.Lost++
		missed := j.finding(ctx, c, one.target, events[one], one.kind+" ("+dir+") is lost")
		if found := c.phoneID(one.target); found != "" && c.provider.id == "signal" {
			for _, id := range j.handedChanges(found, one.kind) {
				missed.way = append(missed.way, "handed over as "+id)
				missed.way = append(missed.way, j.l.w.signalWay(ctx, id)...)
			}
		}
		j.a.findings = append(j.a.findings, missed)
	}
	for _, one := range doubled {
		s.Doubled++
		j.a.findings = append(j.a.findings, j.finding(ctx, c, one.target, events[one], one.kind+" ("+dir+") is doubled"))
	}
}

// finding describes what is wrong with a message, and its way: where it is, what Puente's journal says, which kills were
// near.
func (j *judge) finding(ctx context.Context, c *chat, t token, event id.EventID, what string) finding {
	f := finding{what: fmt.Sprintf("%s %s %s", c.name(), t, what)}
	var at time.Time
	for _, one := range c.lines(t.dir) {
		if one.token.seq == t.seq {
			at = one.at
		}
	}
	f.way = append(f.way, "written "+at.Format("15:04:05.000"))
	if found := c.onPhone(t); found != "" {
		f.way = append(f.way, "on the phone as "+found)
		if c.provider.id == "signal" && t.dir == in {
			f.way = append(f.way, j.l.w.signalWay(ctx, signalID(found))...)
		}
	}
	if event != "" {
		f.way = append(f.way, fmt.Sprintf("event %s, status %q %s", event, j.v.status[event], j.v.whys[event]))
		f.way = append(f.way, j.l.w.way(ctx, event.String())...)
	}
	f.way = append(f.way, j.v.pages[t]...)
	for _, k := range j.l.w.puente.killed() {
		if away := k.At.Sub(at); away > -2*time.Second && away < 10*time.Second {
			f.way = append(f.way, fmt.Sprintf("killed %s: %s", k.At.Format("15:04:05.000"), k.Point))
		}
	}
	return f
}

// judgeAgain is how soon everything is looked at again. It is no small thing to Synapse.
const judgeAgain = 3 * time.Second

// settle waits until everything has arrived, or until nothing more has come for a while, and returns the last judgement.
func (l *load) settle(ctx context.Context) (*audit, error) {
	least, since := -1, time.Now()
	for {
		a, err := l.judge(ctx)
		if err == nil {
			if n := a.missing(); n <= l.given || time.Since(since) > l.w.opts.patience {
				return a, nil
			} else if least < 0 || n < least {
				least, since = n, time.Now()
				l.tellMissing(a)
			}
		} else if time.Since(since) > l.w.opts.patience {
			return nil, err
		}
		if err := clock.Sleep(ctx, clock.System{}, judgeAgain); err != nil {
			return a, err
		}
	}
}
