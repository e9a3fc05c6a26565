package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"puente/core/testkit/person"
)

const (
	// latencyChats is how many conversations the agents have meanwhile.
	latencyChats = 50
	// latencyTalks is how many of them talk, in turns: WhatsApp takes only so many messages for one customer at once.
	latencyTalks = 5
)

// latency measures a talk: a customer's message until the agent's client shows it, and the agent's answer until the
// provider has it. The peer is the same talk between people on the homeserver: sent by the ghost itself until the
// agent's client shows it, and the answer until a colleague's client shows that.
func (s *site) latency(ctx context.Context) error {
	if _, err := s.need(ctx, min(latencyChats, s.sizes[len(s.sizes)-1])); err != nil {
		return err
	}
	talking := s.chats[:min(latencyTalks, len(s.chats))]
	alice, bob, err := s.agents(ctx, talking)
	if err != nil {
		return err
	}
	defer alice.Stop()
	defer bob.Stop()
	bridged, direct := talk{s: s, alice: alice}, talk{s: s, alice: alice, bob: bob}
	for i := range s.exchanges + 1 {
		for _, t := range []*talk{&bridged, &direct} {
			t.chat = talking[i%len(talking)]
			if err = t.exchange(ctx, i); err != nil {
				return err
			}
		}
		if i%25 == 0 {
			s.progress.say("%s, latency, %d of %d: bridged %.0f + %.0f ms, direct %.0f + %.0f ms", s.databases.kind, i, s.exchanges,
				bridged.in[i], bridged.out[i], direct.in[i], direct.out[i])
		}
	}
	for _, p := range []int{50, 99} {
		s.addLatency("webhook → /sync", p, bridged.in[1:], direct.in[1:], "")
		s.addLatency("agent → provider", p, bridged.out[1:], direct.out[1:],
			fmt.Sprintf("after %.1f ms the homeserver has handed it over", percentile(bridged.pushed[1:], p)))
		s.addLatency("there and back", p, sums(bridged)[1:], sums(direct)[1:], "")
	}
	return nil
}

// agents are two people with their clients in some conversations' rooms.
func (s *site) agents(ctx context.Context, talking []chat) (alice, bob *person.Person, err error) {
	if bob, err = person.LogIn(ctx, s.server, bobID.Localpart(), password); err != nil {
		return nil, nil, err
	}
	bot := as{token: asToken, user: botID}
	for _, one := range talking {
		err = s.raw.call(ctx, bot, "POST", "rooms/"+one.room.String()+"/invite", object{"user_id": bobID}, nil)
		if err == nil {
			_, err = bob.JoinRoomByID(ctx, one.room)
		}
		if err != nil {
			bob.Stop()
			return nil, nil, err
		}
	}
	if alice, err = person.LogIn(ctx, s.server, aliceID.Localpart(), password); err != nil {
		bob.Stop()
		return nil, nil, err
	}
	alice.Follow(ctx)
	bob.Follow(ctx)
	return alice, bob, nil
}

// talk goes through Puente, or with a bob past it. Its times are in milliseconds.
type talk struct {
	s       *site
	chat    chat
	alice   *person.Person
	bob     *person.Person
	in, out []float64
	pushed  []float64 // until the homeserver has handed an answer over; not of a direct one
}

// exchange is one message and its answer.
func (t *talk) exchange(ctx context.Context, i int) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	question, answer := fmt.Sprintf("question %d, bridged: %v", i, t.bob == nil), fmt.Sprintf("answer %d, bridged: %v", i, t.bob == nil)
	mark := t.alice.Mark()
	began := time.Now()
	seen, err := t.ask(ctx, mark, question)
	if err != nil {
		return err
	}
	t.in = append(t.in, milliseconds(seen.At.Sub(began)))
	door := &doorkeeper{next: t.s.puente.handler, words: []byte(answer)}
	if t.bob == nil {
		t.s.front.to(door)
	}
	began = time.Now()
	arrived, err := t.answer(ctx, answer)
	if err != nil {
		return err
	}
	if t.bob == nil {
		t.pushed = append(t.pushed, milliseconds(time.UnixMicro(door.at.Load()).Sub(began)))
	}
	t.out = append(t.out, milliseconds(arrived.Sub(began)))
	return errors.Join(t.s.settle(ctx), t.s.disown(ctx))
}

func (t *talk) ask(ctx context.Context, mark int, question string) (person.Sighting, error) {
	sent := make(chan error, 1)
	go func() {
		if t.bob == nil {
			t.s.front.to(t.s.puente.handler)
			sent <- t.s.provider.post(ctx, t.chat.Customer, question)
			return
		}
		t.s.front.to(t.s.sink)
		_, err := t.s.raw.send(ctx, t.chat.ghost, t.chat.room, question)
		sent <- err
	}()
	seen, err := t.alice.Sees(ctx, mark, "the question", person.Text(question))
	return seen, errors.Join(err, <-sent)
}

func (t *talk) answer(ctx context.Context, answer string) (time.Time, error) {
	before := t.s.provider.count()
	var mark int
	if t.bob != nil {
		mark = t.bob.Mark()
	}
	sent := make(chan error, 1)
	go func() {
		said, err := t.alice.Say(ctx, t.chat.room, answer)
		t.s.note(said)
		sent <- err
	}()
	if t.bob != nil {
		seen, err := t.bob.Sees(ctx, mark, "the answer", person.Text(answer))
		if err = errors.Join(err, <-sent); err != nil {
			return time.Time{}, err
		}
		return seen.At, t.s.sink.waits(ctx, seen.ID) // it must not reach Puente, whose turn is next
	}
	err := t.s.provider.waits(ctx, before+1)
	return time.Now(), errors.Join(err, <-sent)
}

// doorkeeper notes when the homeserver hands over what somebody said.
type doorkeeper struct {
	next  http.Handler
	words []byte
	at    atomic.Int64 // microseconds since 1970
}

// ServeHTTP implements http.Handler.
func (d *doorkeeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil && bytes.Contains(body, d.words) {
		d.at.CompareAndSwap(0, time.Now().UnixMicro())
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	d.next.ServeHTTP(w, r)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func sums(t talk) []float64 {
	both := make([]float64, len(t.in))
	for i := range both {
		both[i] = t.in[i] + t.out[i]
	}
	return both
}

// addLatency compares a percentile of both; single talks differ too much for a ratio of each pair.
func (s *site) addLatency(what string, p int, bridged, direct []float64, note string) {
	puente, peer := percentile(bridged, p), percentile(direct, p)
	ratio := Ratio{Median: puente / peer}
	ratio.Low, ratio.High = ratio.Median, ratio.Median
	row := Row{
		Scenario: fmt.Sprintf("latency p%d, %s", p, what), Chats: 1, Database: s.databases.kind, Unit: "ms",
		Puente: puente, Raw: &peer, RawRatio: &ratio, Note: note,
	}
	row.goal("≤ 1.2 of direct", ratio.Median <= 1.2)
	s.add(row)
}
