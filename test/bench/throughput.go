package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
)

const words = "Good morning, is my order ready to be picked up today?"

// bridge is what two of the peers are: they take what customers write and what agents write.
type bridge struct {
	handler  http.Handler
	messages func(context.Context) (int64, error)
}

func (s *site) bridges() (puente, plain bridge) {
	return bridge{s.puente.handler, s.puente.messages}, bridge{s.plain.handler, s.plain.messages}
}

// throughput measures how many messages a second go through, in both directions.
func (s *site) throughput(ctx context.Context, chats int) error {
	grown, err := s.need(ctx, s.customers(chats))
	if err != nil {
		return err
	} else if grown || s.plain == nil {
		if err = s.fork(ctx); err != nil {
			return err
		}
	}
	puente, plain := s.bridges()
	n := s.messages(chats)
	in, err := s.compare(ctx, s.inRounds, fmt.Sprintf("%s, provider → room, %d chats, messages/s", s.databases.kind, chats),
		peer{"Puente", s.inward(puente, chats, n)}, peer{"raw", s.rawInward(chats, n)}, peer{"plain", s.inward(plain, chats, n)})
	if err != nil {
		return err
	}
	s.addThroughput("provider → room", chats, in, "")
	var complete []float64
	out, err := s.compare(ctx, s.outRounds, fmt.Sprintf("%s, room → provider, %d chats, messages/s", s.databases.kind, chats),
		peer{"Puente", s.outward(puente, chats, n, &complete)}, peer{"raw", s.rawOutward(chats, n)}, peer{"plain", s.outward(plain, chats, n, nil)})
	if err != nil {
		return err
	}
	note := fmt.Sprintf("with %d chats, until the rooms showed every message as delivered, and what the desk made of it: %.1f messages/s", chats, median(complete))
	s.addThroughput("room → provider", chats, out, note)
	return nil
}

func (s *site) addThroughput(scenario string, chats int, figures [][]float64, note string) {
	row := Row{Scenario: scenario, Chats: chats, Database: s.databases.kind, Unit: "messages/s", Note: note}
	row.against(figures[0], figures[1], figures[2])
	row.goal("≥ 0.95 of raw, ≥ 1 of plain", row.RawRatio.Median >= 0.95 && row.PlainRatio.Median >= 1)
	s.add(row)
}

// turn is the conversation of a round's i-th message.
func (s *site) turn(round, chats, n, i int) chat {
	if chats == 1 {
		return s.chats[(round*s.bursts()+i/burst)%len(s.chats)]
	}
	return s.chats[(round*n+i)%chats]
}

// inward lets customers write n messages and returns the rate, from the first webhook until the last stands in its room.
func (s *site) inward(to bridge, chats, n int) func(context.Context, int) (float64, error) {
	return func(ctx context.Context, round int) (float64, error) {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		s.front.to(to.handler)
		before, err := to.messages(ctx)
		if err != nil {
			return 0, err
		}
		began := time.Now()
		err = atOnce(ctx, min(chats, s.workers), n, func(ctx context.Context, i int) error {
			return s.provider.post(ctx, s.turn(round, chats, n, i).Customer, words)
		})
		if err == nil {
			err = until(ctx, "messages in rooms", before+int64(n), to.messages)
		}
		elapsed := time.Since(began)
		if err != nil {
			return 0, err
		}
		return float64(n) / elapsed.Seconds(), s.settle(ctx)
	}
}

// until waits until a count has come to n.
func until(ctx context.Context, what string, n int64, count func(context.Context) (int64, error)) error {
	for {
		have, err := count(ctx)
		if err != nil {
			return err
		} else if have >= n {
			return nil
		}
		if err = clock.Sleep(ctx, clock.System{}, poll); err != nil {
			return fmt.Errorf("%d more %s: %w", n-have, what, err)
		}
	}
}

// rawInward has the same ghosts send the same words into the same rooms themselves.
func (s *site) rawInward(chats, n int) func(context.Context, int) (float64, error) {
	return s.rawSends(chats, n, func(ctx context.Context, one chat) (id.EventID, error) {
		return s.raw.send(ctx, one.ghost, one.room, words)
	})
}

func (s *site) rawOutward(chats, n int) func(context.Context, int) (float64, error) {
	return s.rawSends(chats, n, s.say)
}

func (s *site) rawSends(chats, n int, send func(context.Context, chat) (id.EventID, error)) func(context.Context, int) (float64, error) {
	return func(ctx context.Context, round int) (float64, error) {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		s.front.to(s.sink)
		sent := make([]id.EventID, n)
		began := time.Now()
		err := atOnce(ctx, min(chats, s.workers), n, func(ctx context.Context, i int) (err error) {
			sent[i], err = send(ctx, s.turn(round, chats, n, i))
			return err
		})
		elapsed := time.Since(began)
		for _, eventID := range sent {
			if err == nil {
				err = s.sink.waits(ctx, eventID)
			}
		}
		return float64(n) / elapsed.Seconds(), errors.Join(err, s.disown(ctx))
	}
}

// outward has an agent write n messages and returns the rate, from the first until the provider has the last. complete,
// if not nil, gets the rate until nothing is under way any more.
func (s *site) outward(to bridge, chats, n int, complete *[]float64) func(context.Context, int) (float64, error) {
	return func(ctx context.Context, round int) (float64, error) {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		s.front.to(to.handler)
		before := s.provider.count()
		began := time.Now()
		err := atOnce(ctx, min(chats, s.workers), n, func(ctx context.Context, i int) error {
			_, err := s.say(ctx, s.turn(round, chats, n, i))
			return err
		})
		if err == nil {
			err = s.provider.waits(ctx, before+n)
		}
		elapsed := time.Since(began)
		if err != nil {
			return 0, err
		}
		err = s.settle(ctx)
		if complete != nil {
			*complete = append(*complete, float64(n)/time.Since(began).Seconds())
		}
		return float64(n) / elapsed.Seconds(), errors.Join(err, s.disown(ctx))
	}
}
