package load

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
)

// shift is the time in which all agents work at once, each by a script.
type shift struct {
	*office
	ctx      context.Context
	requests int64
	lasted   time.Duration

	lock    sync.Mutex // guards what follows
	deeds   map[string]int
	claims  []time.Duration // from "claim" until the agent's client shows whose it is
	answers []time.Duration // from an answer until the customer's phone shows it
	failed  []error
}

// task is one conversation that an agent works on.
type task struct {
	*customer
	card  id.EventID
	free  bool // it is nobody's, and the agent claims it first
	ends  int  // which of the endings it has
	mates []*agent
}

// work lets everybody do their script at once, and returns what they did when all have done it.
func (o *office) work() *shift {
	o.Helper()
	ctx, cancel := context.WithTimeout(o.ctx, o.opts.patience)
	defer cancel()
	s := &shift{office: o, ctx: ctx, deeds: map[string]int{}}
	races, tasks := o.prepare()
	o.settle()
	o.say("all work at once: %d agents, %d races", len(tasks), len(races))
	before, kinds, began := o.app.Hub.HomeserverRequests(), o.gate.count(), time.Now()
	var working sync.WaitGroup
	for _, race := range races {
		working.Go(func() { s.note(s.race(race)) })
	}
	for a, list := range tasks {
		working.Go(func() { s.note(s.script(a, list)) })
	}
	for range len(o.agents) / 4 {
		working.Go(func() { s.note(s.greet()) })
	}
	working.Wait()
	o.settle()
	s.requests, s.lasted = o.app.Hub.HomeserverRequests()-before, time.Since(began)
	o.say("all is quiet again; %d requests: %v", s.requests, o.gate.since(kinds))
	if err := errors.Join(s.failed...); err != nil {
		o.Fatal(err)
	}
	return s
}

// alone has one agent work while nobody else does: what the times of all at once are compared with.
func (o *office) alone() *shift {
	o.Helper()
	ctx, cancel := context.WithTimeout(o.ctx, o.opts.patience)
	defer cancel()
	s := &shift{office: o, ctx: ctx, deeds: map[string]int{}}
	for _, c := range o.free(o.opts.alone) {
		one := o.readied(task{customer: c}, o.clerk())
		for _, step := range []func(*agent, task) error{s.claim, s.reads, s.replies} {
			o.must(step(o.clerk(), one))
			o.settle()
		}
		o.commands(o.clerk(), c, "resolve", status(c.room, "resolved"))
	}
	return s
}

// ofAgentQuery finds an agent's open conversations.
const ofAgentQuery = `SELECT name FROM pu_conversation WHERE assignee=$1 AND status='open' ORDER BY opened_at, id LIMIT $2`

// prepare chooses who works on what, and lets them into the rooms.
func (o *office) prepare() (races []task, tasks map[*agent][]task) {
	o.Helper()
	stayers, tasks := o.stayers(), map[*agent][]task{}
	free := o.free(o.opts.races + len(stayers))
	for n, c := range free[:o.opts.races] {
		one := task{customer: c}
		for k := range 3 {
			one.mates = append(one.mates, stayers[(3*n+k)%len(stayers)])
		}
		races = append(races, o.readied(one, one.mates...))
	}
	for n, a := range append(stayers, o.leavers()...) {
		list := o.named(ofAgentQuery, a.UserID.String(), o.opts.turns)
		for k, c := range list {
			one := task{customer: c, ends: n + k, mates: []*agent{stayers[(n+1)%len(stayers)]}}
			tasks[a] = append(tasks[a], o.readied(one, a))
		}
	}
	for n, c := range free[o.opts.races:] {
		one := task{customer: c, free: true, ends: n, mates: []*agent{stayers[(n+1)%len(stayers)]}}
		tasks[stayers[n]] = append(tasks[stayers[n]], o.readied(one, stayers[n]))
	}
	return races, tasks
}

// readied lets those who work on it into a room, and finds its card.
func (o *office) readied(one task, who ...*agent) task {
	o.Helper()
	for _, a := range who {
		o.enters(a, one.customer)
	}
	one.card = o.card(who[0], one.customer)
	return one
}

func (s *shift) note(err error) {
	if err != nil {
		s.lock.Lock()
		defer s.lock.Unlock()
		s.failed = append(s.failed, err)
	}
}

func (s *shift) did(deed string, times int) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.deeds[deed] += times
}

// actions is how many there were in all.
func (s *shift) actions() (sum int) {
	for _, n := range s.deeds {
		sum += n
	}
	return sum
}

// greet lets somebody new write.
func (s *shift) greet() error {
	c, err := s.newcomer("whatsapp", salesNumber)
	if err == nil {
		_, err = s.asks(c)
	}
	s.did("a new customer", 1)
	return err
}

// race lets several agents claim one conversation at the same moment. One must have it, and the others must be told who.
func (s *shift) race(one task) error {
	mark, start := one.mates[0].Mark(), make(chan struct{})
	var running sync.WaitGroup
	for n, a := range one.mates {
		running.Go(func() {
			<-start
			var err error
			if n == len(one.mates)-1 {
				_, err = a.SendReaction(s.ctx, one.room, one.card, "✋")
			} else {
				_, err = a.Say(s.ctx, one.room, "!puente claim")
			}
			s.note(err)
		})
	}
	close(start)
	running.Wait()
	s.did("claim in a race", len(one.mates))
	// Each who comes second is told, whichever way they claimed.
	losers := len(one.mates) - 1
	var told string
	for n := range losers {
		seen, err := one.mates[0].Sees(s.ctx, mark, "who was quicker", s.nthTold(one.room, n+1))
		if err != nil {
			return err
		}
		told = seen.Content.AsMessage().Body
	}
	for _, a := range one.mates {
		if strings.Contains(told, a.name+" has it already") {
			one.want = &want{assignee: a.UserID.String(), status: "open"}
			_, err := one.mates[0].Sees(s.ctx, mark, "whose it is", assigned(one.room, a))
			return err
		}
	}
	return fmt.Errorf("who claimed the conversation of customer %d second was told %q", one.n, told)
}

// nthTold is the nth notice of a room that says that somebody was quicker.
func (*shift) nthTold(room id.RoomID, nth int) person.Fact {
	seen := 0
	return person.Message(func(evt *eventOf, msg *messageOf) bool {
		if evt.RoomID == room && strings.Contains(msg.Body, "has it already") {
			seen++
		}
		return seen == nth
	})
}

// script is one agent's work: their conversations one after another; who leaves does so at the end.
func (s *shift) script(a *agent, list []task) error {
	for _, one := range list {
		if err := s.turn(a, one); err != nil {
			return fmt.Errorf("%s with customer %d: %w", a.name, one.n, err)
		}
	}
	for _, leaver := range s.leavers() {
		if a == leaver && len(list) > 0 {
			return s.leave(a, list[0])
		}
	}
	return nil
}

const loadQuery = `SELECT COUNT(*) FROM pu_conversation WHERE assignee=$1 AND status IN ('open', 'pending')`

// leave has an agent go offline, and waits until nothing of theirs is left to be done.
func (s *shift) leave(a *agent, one task) error {
	load := func() (n int, err error) {
		return n, s.app.DB.QueryRow(s.ctx, loadQuery, a.UserID.String()).Scan(&n)
	}
	had, err := load()
	if err != nil {
		return err
	}
	s.did("a conversation comes back from who is offline", had)
	if _, err = a.Say(s.ctx, one.room, "!puente offline"); err != nil {
		return err
	}
	return s.wait(s.ctx, a.name+" has nothing to do any more", func() (bool, error) {
		n, err := load()
		return n == 0, err
	})
}
