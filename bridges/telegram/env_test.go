package telegram_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// journalFake takes entries and has them handled one after another, each again as long as its error is temporary.
type journalFake struct {
	mu      sync.Mutex
	keys    map[string]bool
	entries chan network.Entry
	failed  []string // the kinds and words of what was set aside
	broken  error    // what Take answers, if set
	taken   int
}

func newJournal() *journalFake {
	return &journalFake{keys: map[string]bool{}, entries: make(chan network.Entry, 1000)}
}

func (j *journalFake) Take(_ context.Context, entries ...network.Entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken != nil {
		return j.broken
	}
	for _, entry := range entries {
		if j.keys[entry.Key] {
			continue
		}
		j.keys[entry.Key] = true
		j.taken++
		entry.ReceivedAt = time.Now()
		if entry.Failed != "" {
			j.failed = append(j.failed, entry.Kind+": "+entry.Failed)
			continue
		}
		j.entries <- entry
	}
	return nil
}

// work handles entries until ctx ends.
func (j *journalFake) work(ctx context.Context, handle func(context.Context, network.Entry) error) {
	for {
		select {
		case <-ctx.Done():
			return
		case entry := <-j.entries:
			j.handle(ctx, entry, handle)
		}
	}
}

func (j *journalFake) handle(ctx context.Context, entry network.Entry, handle func(context.Context, network.Entry) error) {
	for range 50 {
		err := handle(ctx, entry)
		if err == nil || ctx.Err() != nil {
			return
		}
		if _, again := errs.IsTemporary(err); !again {
			j.mu.Lock()
			j.failed = append(j.failed, entry.Kind+": "+err.Error())
			j.mu.Unlock()
			return
		}
	}
}

func (j *journalFake) aside() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.failed)
}

// outcomesFake keeps what became of messages.
type outcomesFake struct {
	mu   sync.Mutex
	rows map[id.EventID]*outcomeFake
}

type outcomeFake struct {
	room     id.RoomID
	sent     string
	began    time.Time
	attempts int
}

func newOutcomes() *outcomesFake { return &outcomesFake{rows: map[id.EventID]*outcomeFake{}} }

// put makes the note of an earlier attempt.
func (o *outcomesFake) put(eventID id.EventID, row outcomeFake) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rows[eventID] = &row
}

func (o *outcomesFake) Look(_ context.Context, eventID id.EventID) (network.Earlier, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	row := o.rows[eventID]
	if row == nil {
		return network.Earlier{}, nil
	}
	return row.earlier(), nil
}

func (r *outcomeFake) earlier() network.Earlier {
	if r.sent != "" {
		return network.Earlier{NetworkMessageID: r.sent, Attempts: r.attempts}
	}
	return network.Earlier{Unresolved: r.began, Attempts: r.attempts}
}

func (o *outcomesFake) Begin(_ context.Context, attempt network.Attempt) (network.Earlier, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	row := o.rows[attempt.EventID]
	if row == nil {
		row = &outcomeFake{room: attempt.RoomID}
		o.rows[attempt.EventID] = row
	}
	earlier := row.earlier()
	row.began = time.Now()
	row.attempts++
	return earlier, nil
}

func (o *outcomesFake) Refused(_ context.Context, eventID id.EventID) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if row := o.rows[eventID]; row != nil {
		row.began = time.Time{}
	}
	return nil
}

func (o *outcomesFake) Accepted(_ context.Context, eventID id.EventID, sent string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rows[eventID].sent = sent
	return nil
}

func (o *outcomesFake) Open(_ context.Context, room id.RoomID) (list []network.Unresolved, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for eventID, row := range o.rows {
		if row.room == room && row.sent == "" && !row.began.IsZero() {
			list = append(list, network.Unresolved{EventID: eventID, Began: row.began})
		}
	}
	return list, nil
}

func (o *outcomesFake) Unheard(context.Context, time.Time, time.Time) (bool, error) {
	return false, nil
}

func (o *outcomesFake) Underway(ctx context.Context, room id.RoomID) (bool, error) {
	open, err := o.Open(ctx, room)
	return len(open) > 0, err
}

func (o *outcomesFake) Report(ctx context.Context, report network.Report) error {
	if report.State != channel.Sent {
		return fmt.Errorf("state %s: %w", report.State, errs.ErrUnsupported)
	}
	return o.Accepted(ctx, report.EventID, report.NetworkMessageID)
}

// handlesFake keeps who is who.
type handlesFake struct {
	mu   sync.Mutex
	list []heldHandle
}

type heldHandle struct {
	network.Handle
	person networkid.UserID
}

func (h *handlesFake) Resolve(ctx context.Context, handles ...network.Handle) (networkid.UserID, error) {
	person, err := h.Lookup(ctx, handles[0]) // Telegram always gives the strongest
	if errors.Is(err, errs.ErrNotFound) {
		h.mu.Lock()
		person = networkid.UserID(fmt.Sprintf("person%d", len(h.list)+1))
		h.mu.Unlock()
	}
	for _, handle := range handles {
		if handle.Value != "" {
			if err = h.Attach(ctx, person, handle); err != nil {
				return "", err
			}
		}
	}
	return person, nil
}

func (h *handlesFake) Lookup(_ context.Context, handle network.Handle) (networkid.UserID, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, one := range h.list {
		if one.Handle == handle {
			return one.person, nil
		}
	}
	return "", fmt.Errorf("person: %w", errs.ErrNotFound)
}

func (h *handlesFake) Attach(_ context.Context, person networkid.UserID, handle network.Handle) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = slices.DeleteFunc(h.list, func(one heldHandle) bool { return one.Handle == handle })
	h.list = append(h.list, heldHandle{handle, person})
	return nil
}

func (h *handlesFake) Of(_ context.Context, person networkid.UserID) (list []network.Handle, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, one := range slices.Backward(h.list) {
		if one.person == person {
			list = append(list, one.Handle)
		}
	}
	return list, nil
}

// operatorsFake remembers what operators were told.
type operatorsFake struct {
	mu   sync.Mutex
	told map[string]string
}

func (o *operatorsFake) Tell(_ context.Context, key, markdown string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.told[key] = markdown
}

func (o *operatorsFake) last(key string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.told[key]
}

func (o *operatorsFake) all() (list []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, words := range o.told {
		list = append(list, words)
	}
	return list
}
