package emulator

import (
	"context"
	"slices"
	"time"

	"puente/bridges/bridgekit/emulation"
	"puente/core/base/clock"
)

// travel lets an accepted message go its way: it fails, or is sent and, when the phone is on, delivered; a customer
// who reads everything at once reads it. The caller holds mu.
func (e *Emulator) travel(m *Message, to party, late *graphError) {
	if late != nil {
		m.Status, m.Error = Failed, late.Code
		e.enqueue(e.statusUpdate(m, to, Failed, late))
		return
	}
	m.Status = Sent
	updates := []*update{e.statusUpdate(m, to, Sent, nil)}
	for _, member := range e.members(to) {
		if member.Offline {
			continue
		}
		one := party{person: member, group: to.group}
		updates = append(updates, e.advance(m, one, Delivered)...)
		if e.opt.AutoRead {
			updates = append(updates, e.advance(m, one, Read)...)
		}
	}
	e.enqueue(updates...)
}

func (e *Emulator) members(to party) []*person {
	if to.group == nil {
		return []*person{to.person}
	}
	var out []*person
	for _, id := range to.group.Members {
		if p := e.st.person(id); p != nil {
			out = append(out, p)
		}
	}
	return out
}

// reactionSent reports a reaction, of which only `sent` is ever told. The caller holds mu.
// ref: reference/whatsapp-cloud.md §4.3
func (e *Emulator) reactionSent(m *Message, to party) {
	m.Status = Sent
	e.enqueue(e.statusUpdate(m, to, Sent, nil))
}

// advance moves a message forward with one reader, never back, and returns what the webhook tells of it: nothing for
// a read that the reader keeps to themselves. The caller holds mu.
func (e *Emulator) advance(m *Message, to party, status string) []*update {
	have := &m.Status
	if to.group != nil {
		have = m.toldOf(to.person.UserID)
	}
	if *have == Failed || rank(status) <= rank(*have) {
		return nil
	}
	*have = status
	if to.group != nil && rank(status) > rank(m.Status) {
		m.Status = status
	}
	if to.person.ReceiptsOff && rank(status) >= rank(Read) {
		return nil
	}
	return []*update{e.statusUpdate(m, to, status, nil)}
}

// toldOf returns how far a group message has come with one participant.
func (m *Message) toldOf(userID string) *string {
	for i := range m.Told {
		if m.Told[i].UserID == userID {
			return &m.Told[i].Status
		}
	}
	m.Told = append(m.Told, told{UserID: userID, Status: Sent})
	return &m.Told[len(m.Told)-1].Status
}

func rank(status string) int {
	return slices.Index([]string{"", Accepted, Sent, Delivered, Read, Played}, status)
}

// enqueue gives updates to the worker, in the order that Options.Order asks for. The caller holds mu.
func (e *Emulator) enqueue(updates ...*update) {
	if e.st.Callbacks.Unsubscribed {
		return // ref: reference/whatsapp-cloud.md §2, an account without a subscribed app sends nothing
	}
	now := e.clock.Now()
	for _, u := range updates {
		u.Made = now
		e.lastDue = later(e.lastDue, now.Add(e.opt.Latency.Draw()))
		u.Due = e.lastDue
	}
	reorder(updates, e.opt.Order)
	e.st.Queue = append(e.st.Queue, updates...)
	e.touch()
}

// reorder lets the updates of one kind change places among themselves, newest first; all others stay where they are.
func reorder(updates []*update, order Order) {
	kind := map[Order]string{ReversedStatuses: "statuses", ReversedMessages: "messages"}[order]
	if kind == "" {
		return
	}
	var places []int
	for i, u := range updates {
		if u.Kind == kind {
			places = append(places, i)
		}
	}
	for i, j := 0, len(places)-1; i < j; i, j = i+1, j-1 {
		a, b := places[i], places[j]
		updates[a], updates[b] = updates[b], updates[a]
	}
}

// Hold keeps back all webhooks until Release.
func (e *Emulator) Hold() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.held = true
}

// Release lets held webhooks go, reordered as Options.Order says.
func (e *Emulator) Release() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.held = false
	reorder(e.st.Queue, e.opt.Order)
	e.touch()
}

// CutAnswers makes the next n webhooks count as failed although they were delivered, as if the answer had been lost;
// they are sent again.
func (e *Emulator) CutAnswers(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cut += n
}

// Waiting returns how many updates are not delivered yet.
func (e *Emulator) Waiting() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.st.Queue)
}

// WaitDelivered returns when no webhook waits any more, or the error of ctx.
func (e *Emulator) WaitDelivered(ctx context.Context) error {
	_, err := emulation.Wait(ctx, &e.mu, &e.changed, "wait for webhooks to be delivered",
		func() (bool, error) { return len(e.st.Queue) == 0 && !e.sending, nil }, func(done bool) bool { return done })
	return err
}

// deliver is the one worker that sends webhooks, in order, each again until the callback answers 200.
func (e *Emulator) deliver(ctx context.Context) {
	tries := 0
	for ctx.Err() == nil {
		batch, target, wait, changed := e.next()
		if len(batch) == 0 {
			e.pause(ctx, wait, changed)
			continue
		}
		err := e.send(ctx, target, batch)
		if err != nil && ctx.Err() == nil {
			e.log.Debug().Err(err).Int("updates", len(batch)).Int("tries", tries+1).Msg("Webhook not taken")
		}
		e.finish(batch, err == nil)
		if err == nil {
			tries = 0
			continue
		}
		delay := min(e.opt.RetryMin<<min(tries, 20), e.opt.RetryMax)
		tries++
		_ = clock.Sleep(ctx, e.clock, delay) // the loop sees that ctx has ended
	}
}

// pause waits until something changes, or until the next update is due.
func (e *Emulator) pause(ctx context.Context, wait time.Duration, changed <-chan struct{}) {
	var due <-chan time.Time
	if wait > 0 {
		due = e.clock.After(wait)
	}
	select {
	case <-changed:
	case <-due:
	case <-ctx.Done():
	}
}

// next takes the updates of the next POST: as many of those due as a batch may hold and one callback gets. Nothing
// due: how long until then (0: until something changes).
func (e *Emulator) next() (batch []*update, target string, wait time.Duration, changed <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	changed = e.changed
	if e.held || len(e.st.Queue) == 0 {
		return nil, "", 0, changed
	}
	now := e.clock.Now()
	if first := e.st.Queue[0]; first.Due.After(now) {
		return nil, "", first.Due.Sub(now), changed
	}
	target = e.callbackOf(e.st.Queue[0])
	if target == "" {
		return nil, "", 0, changed
	}
	for _, u := range e.st.Queue {
		if len(batch) == e.opt.BatchSize || u.Due.After(now) || e.callbackOf(u) != target {
			break
		}
		batch = append(batch, u)
	}
	e.sending = true
	return batch, target, 0, changed
}

// finish takes delivered updates, and those too old to be tried again, off the queue.
func (e *Emulator) finish(batch []*update, delivered bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sending = false
	now := e.clock.Now()
	e.st.Queue = slices.DeleteFunc(e.st.Queue, func(u *update) bool {
		return slices.Contains(batch, u) && (delivered || now.Sub(u.Made) > e.opt.GiveUp)
	})
	e.touch()
}
