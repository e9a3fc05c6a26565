package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/whatsapp/emulator"
	"puente/core/app"
	"puente/core/hub"
	"puente/core/testkit/person"
)

// stepLimit is how long one step may take to be seen at its far end.
const stepLimit = 30 * time.Second

// The directions of a step.
const (
	in  = "→" // customer to agents
	out = "←" // agents to customer
)

// act is one step of the script. play does it and returns when it has been seen at its far end: in the room by bob,
// who neither wrote it nor runs Puente, or on the customer's phone as the provider got it.
type act struct {
	name string
	dir  string // in or out
	kind string // what it is at its far end
	play func(ctx context.Context, s *scene) error
}

// acts is the whole script, in order: later ones answer earlier ones.
func acts() []act {
	var all []act
	for _, some := range [][]act{
		textsIn(), filesIn(), thingsIn(), textsOut(), statusesOut(), moreOut(), filesOut(), changesIn(), choices(), changesOut(),
		businessIn(), noticesIn(), refusals(),
	} {
		all = append(all, some...)
	}
	return all
}

// scene is who plays and what has been said so far.
type scene struct {
	w          *world
	names      hub.Names
	alice, bob *person.Person
	ana        *customer

	// The present step: since when bob looks, when the action began, when its far end had it.
	mark        int
	began, came time.Time

	room  id.RoomID // Ana's conversation
	ghost id.UserID // Ana, as the room knows her

	hello    said // Ana's first words
	answer   said // alice's first words, and from where bob looks for what became of them
	answered time.Time
	after    int

	reacted          id.EventID // Ana's reaction
	liked            id.EventID // alice's reaction
	offer, ask, menu string     // wamids of a template, of buttons and of a list
}

// said is one message on both sides.
type said struct {
	event id.EventID
	wamid string
}

// errScript tells that something did not arrive; the table says what.
var errScript = errors.New("not everything arrived; the table says what and why")

// play plays the script and prints its tables.
func (w *world) play(ctx context.Context) error {
	s := &scene{w: w, names: app.Identity(w.config).Names}
	for _, one := range []struct {
		name string
		into **person.Person
	}{{"alice", &s.alice}, {"bob", &s.bob}} {
		agent, err := w.logIn(ctx, one.name)
		if err != nil {
			return err
		}
		defer agent.Stop()
		*one.into = agent
	}
	failed, err := w.playScript(ctx, s)
	if err != nil {
		return err
	}
	more, err := w.playCross(ctx, s.alice, s.bob)
	if err != nil {
		return err
	} else if failed+more > 0 {
		return errScript
	}
	return nil
}

// playScript plays a conversation on WhatsApp in every detail, and prints its table.
func (w *world) playScript(ctx context.Context, s *scene) (failed int, err error) {
	if s.ana, err = w.customer("Ana", "16505550101"); err != nil {
		return 0, err
	}
	t := newTable(w.opts.Out)
	t.head(stepLimit)
	for _, a := range acts() {
		select {
		case <-w.server.Exited():
			t.foot()
			return 0, fmt.Errorf("synapse ended by itself; its log is %s", w.server.LogPath())
		default:
		}
		latency, err := s.run(ctx, a)
		if ctx.Err() != nil {
			t.foot()
			return 0, fmt.Errorf("interrupted: %w", ctx.Err())
		}
		t.row(a, latency, err)
	}
	return t.foot(), nil
}

// run plays one step within its time limit. The latency is from the action to its sight at the far end.
func (s *scene) run(ctx context.Context, a act) (time.Duration, error) {
	limited, cancel := context.WithTimeout(ctx, stepLimit)
	defer cancel()
	s.begin()
	s.came = time.Time{}
	if err := a.play(limited, s); err != nil {
		return 0, err
	}
	return s.came.Sub(s.began), nil
}

// begin says that the step's action begins now; what went before was its preparation.
func (s *scene) begin() { s.mark, s.began = s.bob.Mark(), time.Now() }

// bobSees waits until bob has an event of which fact holds since the action began.
func (s *scene) bobSees(ctx context.Context, what string, fact func(*event.Event) bool) (*event.Event, error) {
	sighting, err := s.bob.Sees(ctx, s.mark, what, fact)
	if err != nil {
		return nil, fmt.Errorf("%w%s", err, s.instead())
	}
	s.came = sighting.At
	return sighting.Event, nil
}

// instead tells what bob saw last in the step, as a hint at why something was missed.
func (s *scene) instead() string {
	seen := s.bob.Since(s.mark)
	for i := len(seen) - 1; i >= 0; i-- {
		if msg, ok := seen[i].Content.Parsed.(*event.MessageEventContent); ok {
			return fmt.Sprintf("; the last message was %s %q", seen[i].Type.Type, shorten(msg.Body, 120))
		}
	}
	return "; no message came"
}

// bobReads waits for a message of the kind from the customer's side, in Ana's room, of which fact holds.
func (s *scene) bobReads(ctx context.Context, kind event.MessageType, fact func(*event.MessageEventContent) bool) (*event.Event, error) {
	if s.room == "" {
		return nil, missing("conversation")
	}
	return s.bobSees(ctx, "it as "+string(kind), func(evt *event.Event) bool {
		return evt.RoomID == s.room && evt.Type == event.EventMessage && evt.Sender == s.ghost &&
			evt.Content.AsMessage().MsgType == kind && fact(evt.Content.AsMessage())
	})
}

// aliceSends begins the action: alice's client sends an event into a room.
func (s *scene) aliceSends(ctx context.Context, room id.RoomID, kind event.Type, content any) (id.EventID, error) {
	if room == "" {
		return "", missing("conversation")
	}
	s.begin()
	sent, err := s.alice.SendMessageEvent(ctx, room, kind, content)
	if err != nil {
		return "", fmt.Errorf("alice could not send: %w", err)
	}
	return sent.EventID, nil
}

// phoneShows waits until a customer's phone shows a message of the business's of which fact holds.
func (s *scene) phoneShows(ctx context.Context, who *customer, fact func(emulator.Message) bool) (emulator.Message, error) {
	var found emulator.Message
	err := s.phone(ctx, who, "the message", func(p emulator.Phone) bool {
		for _, m := range p.Messages {
			if m.FromBusiness && fact(m) {
				found = m
				return true
			}
		}
		return false
	})
	return found, err
}

// phone waits until a fact holds for a customer's phone. what completes "the phone did not show …".
func (s *scene) phone(ctx context.Context, who *customer, what string, fact func(emulator.Phone) bool) error {
	if _, err := s.w.emulator.Wait(ctx, who.UserID, fact); err != nil {
		return fmt.Errorf("the phone did not show %s %w%s", what, person.InTime(err), s.instead())
	}
	s.came = time.Now()
	return nil
}

// arrives sends as alice into Ana's room and waits until Ana's phone shows that very message as fact wants it.
func (s *scene) arrives(ctx context.Context, kind event.Type, content any, fact func(emulator.Message) bool) (said, error) {
	eventID, err := s.aliceSends(ctx, s.room, kind, content)
	if err != nil {
		return said{}, err
	}
	m, err := s.phoneShows(ctx, s.ana, func(m emulator.Message) bool { return m.Callback == eventID.String() && fact(m) })
	return said{event: eventID, wamid: m.ID}, err
}

// missing is what a step says whose earlier half failed.
func missing(what string) error {
	return fmt.Errorf("there is no %s to do it with: the step that makes it failed", what)
}
