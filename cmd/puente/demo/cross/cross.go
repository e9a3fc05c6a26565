// Package cross plays every type of message on every network, in both directions, as the customer's phone and an
// agent's Matrix client see it, and makes of it a table of network × type × direction: ok, or the reason why not.
//
// It knows the networks by what they declare and by their phones alone, so that a further one is a further line.
package cross

import (
	"context"
	"errors"
	"fmt"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
	"puente/core/base/errs"
	"puente/core/hub"
	"puente/core/hub/network"
	"puente/core/testkit/person"
)

// Line is one network as it is played.
type Line struct {
	Network network.Network
	Phones  phone.Network
	// Own are ways of a customer's to do what the phone page has no gesture for, by the type's name: "formatted text",
	// "animated sticker". What they send must say what the row's own act would.
	Own map[string]func(ctx context.Context, customerID, chatID string) error
}

// Agent is one of the business's people with a Matrix client, whichever it is.
type Agent interface {
	Mark() int
	Since(mark int) []person.Sighting
	Seen(mark int, fact func(*event.Event) bool) []*event.Event
	Sees(ctx context.Context, mark int, what string, fact func(*event.Event) bool) (person.Sighting, error)
	Send(ctx context.Context, room id.RoomID, kind event.Type, content any) (id.EventID, error)
	// Attach uploads a file as the room wants it, and returns a message with it.
	Attach(ctx context.Context, room id.RoomID, kind event.MessageType, name, mime string, data []byte) (*event.MessageEventContent, error)
	TakeBack(ctx context.Context, room id.RoomID, target id.EventID) (id.EventID, error)
	Types(ctx context.Context, room id.RoomID) error
	Reads(ctx context.Context, room id.RoomID, target id.EventID) error
}

// Cast is who plays the business.
type Cast struct {
	Alice, Bob Agent // Alice writes, Bob reads
	Names      hub.Names
	// Limit is how long one step may take to be seen at its far end.
	Limit time.Duration
}

// Verdict is what came of one step.
type Verdict int

// The verdicts.
const (
	OK     Verdict = iota
	No             // not possible, as the network declares, and whoever tried was told why
	Failed         // not as declared
)

// Result is one cell of the table.
type Result struct {
	Network string // display name
	Type    string
	In      bool // customer to agents
	Verdict Verdict
	Why     string // for No and Failed
	Latency time.Duration
}

// errTold carries the reason that was told for what is not possible.
type errTold struct{ why string }

func (e *errTold) Error() string { return e.why }

// Play plays all lines, one after another, and reports each step as it is over. Its error is that of ctx.
func Play(ctx context.Context, cast Cast, lines []Line, report func(Result)) error {
	for _, line := range lines {
		s := &stage{Cast: cast, line: line}
		for _, row := range rows() {
			for _, in := range []bool{true, false} {
				result := s.run(ctx, row, in)
				if ctx.Err() != nil {
					return fmt.Errorf("play %s: %w", line.Network.DisplayName, ctx.Err())
				}
				report(result)
			}
		}
	}
	return nil
}

// stage is one network's conversation while it is played.
type stage struct {
	Cast
	line     Line
	customer phone.Customer
	chat     string
	room     id.RoomID
	ghost    id.UserID

	theirs said // the customer's last text
	ours   said // Alice's last text
	asked  string
	liked  id.EventID // the customer's reaction
	like   id.EventID // Alice's reaction

	mark        int
	began, came time.Time
}

// said is one message on both sides.
type said struct {
	event id.EventID
	phone string
}

// run plays one step within its limit.
func (s *stage) run(ctx context.Context, r row, in bool) Result {
	result := Result{Network: s.line.Network.DisplayName, Type: r.name, In: in}
	play, declared := r.out, r.declaredOut(s.line.Network)
	if in {
		play, declared = r.in, r.declaredIn(s.line.Network)
	}
	if play == nil {
		result.Verdict, result.Why = No, r.never
		return result
	}
	limited, cancel := context.WithTimeout(ctx, s.Limit)
	defer cancel()
	s.begin()
	err := play(limited, s, declared)
	var told *errTold
	switch {
	case err == nil && declared:
		result.Latency = s.came.Sub(s.began)
	case errors.As(err, &told) && !declared:
		result.Verdict, result.Why = No, told.why
	case err == nil:
		result.Verdict, result.Why = Failed, "it works, although the bridge does not declare it"
	default:
		result.Verdict, result.Why = Failed, err.Error()
	}
	return result
}

// begin says that the step's action begins now.
func (s *stage) begin() { s.mark, s.began = s.Bob.Mark(), time.Now() }

// bobSees waits until Bob's client has an event of the room since the step began.
func (s *stage) bobSees(ctx context.Context, what string, fact func(*event.Event) bool) (*event.Event, error) {
	sighting, err := s.Bob.Sees(ctx, s.mark, what, func(evt *event.Event) bool {
		return (s.room == "" || evt.RoomID == s.room) && fact(evt)
	})
	if err != nil {
		return nil, err
	}
	s.came = sighting.At
	return sighting.Event, nil
}

// phoneShows waits until the customer's phone shows what fact says.
func (s *stage) phoneShows(ctx context.Context, what string, fact func([]phone.Message) bool) error {
	for {
		changed := s.line.Phones.Changed()
		messages, err := s.line.Phones.Messages(s.customer.ID, s.chat)
		if err != nil {
			return fmt.Errorf("look at the phone: %w", err)
		}
		if fact(messages) {
			s.came = time.Now()
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("the phone did not show %s %w%s", what, person.InTime(ctx.Err()), s.instead())
		}
	}
}

// arrives waits until the phone shows a message of the business's of which fact holds, newer than those of before.
func (s *stage) arrives(ctx context.Context, what string, before int, fact func(phone.Message) bool) (string, error) {
	found := ""
	err := s.phoneShows(ctx, what, func(messages []phone.Message) bool {
		for i, m := range messages {
			if i >= before && !m.Mine && m.Line == "" && fact(m) {
				found = m.ID
				return true
			}
		}
		return false
	})
	return found, err
}

// count is how many messages the phone shows now.
func (s *stage) count() int {
	messages, err := s.line.Phones.Messages(s.customer.ID, s.chat)
	if err != nil {
		return 0
	}
	return len(messages)
}

// instead tells what Bob read last in the step, as a hint at why something was missed.
func (s *stage) instead() string {
	seen := s.Bob.Since(s.mark)
	for i := len(seen) - 1; i >= 0; i-- {
		if msg, ok := seen[i].Content.Parsed.(*event.MessageEventContent); ok {
			return fmt.Sprintf("; the last message was %s %.120q", seen[i].Type.Type, msg.Body)
		}
	}
	return "; no message came"
}

// missing is what a step says whose earlier half failed.
func missing(what string) error {
	return fmt.Errorf("there is no %s to do it with: the step that makes it failed: %w", what, errs.ErrNotFound)
}
