package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/util/dbutil"

	"puente/core/base/store"
)

// What a Puente with many conversations may take.
const (
	readyLimit  = time.Second
	memoryLimit = 100 << 20 // bytes
)

// crowd measures what it costs to have many conversations in the database: the start, the memory, and whether the few
// that talk are slower for it. The peer is Puente with few conversations, on a copy of the same database, in turns.
func (s *site) crowd(ctx context.Context) error {
	talking := min(50, s.few)
	if _, err := s.need(ctx, talking); err != nil {
		return err
	}
	original := s.database
	var few store.Config
	err := s.restart(ctx, func() (err error) {
		few, s.database, err = s.fill(ctx)
		return err
	})
	defer func() { s.database = original }()
	if err != nil {
		return err
	} else if err = s.startAgain(ctx); err != nil {
		return err
	}
	fewer, err := s.startPuente(ctx, few)
	if err != nil {
		return err
	}
	err = s.crowded(ctx, fewer, talking)
	if err = errors.Join(err, fewer.stop()); err != nil {
		return err
	}
	memory, err := s.puente.memory()
	if err != nil {
		return err
	}
	s.addMemory("memory after that", memory)
	return s.restart(ctx, func() error { s.database = original; return nil })
}

// crowded compares the site's Puente, which has many conversations in its database, with one that has few.
func (s *site) crowded(ctx context.Context, fewer *program, talking int) error {
	n := s.messages(talking)
	many, few := bridge{s.puente.handler, s.puente.messages}, bridge{fewer.handler, fewer.messages}
	for _, direction := range []struct {
		name   string
		rounds int
		of     func(to bridge) func(context.Context, int) (float64, error)
	}{
		{"provider → room", s.inRounds, func(to bridge) func(context.Context, int) (float64, error) { return s.inward(to, talking, n) }},
		{"room → provider", s.outRounds, func(to bridge) func(context.Context, int) (float64, error) { return s.outward(to, talking, n, nil) }},
	} {
		what := fmt.Sprintf("%s, %s with %d and %d conversations in the database, messages/s", s.databases.kind, direction.name, s.many, s.few)
		figures, err := s.compare(ctx, direction.rounds, what,
			peer{"many", direction.of(many)}, peer{"few", direction.of(few)})
		if err != nil {
			return err
		}
		row := Row{Scenario: fmt.Sprintf("%s, against %d in the database", direction.name, s.few), Chats: s.many, Database: s.databases.kind, Unit: "messages/s"}
		row.against(figures[0], figures[1], nil)
		row.goal(fmt.Sprintf("≥ 0.95 of that with %d", s.few), row.RawRatio.Median >= 0.95)
		s.add(row)
	}
	return nil
}

// fill makes two copies of the database, one with few and one with many conversations.
func (s *site) fill(ctx context.Context) (few, many store.Config, err error) {
	for _, copied := range []struct {
		to    *store.Config
		chats int
	}{{&few, s.few}, {&many, s.many}} {
		s.progress.say("%s: filling a database with %d conversations", s.databases.kind, copied.chats)
		if *copied.to, err = s.databases.copy(ctx, s.database); err != nil {
			return few, many, err
		}
		err = with(ctx, *copied.to, func(db *dbutil.Database) error { return multiply(ctx, db, copied.chats-len(s.chats)) })
		if err != nil {
			return few, many, err
		}
	}
	return few, many, nil
}

// startAgain measures the start with many conversations, and the memory when it is ready.
func (s *site) startAgain(ctx context.Context) error {
	var took []float64
	var memory int64
	for range s.starts {
		if err := s.restart(ctx, func() error { return nil }); err != nil {
			return err
		}
		took = append(took, milliseconds(s.puente.startup))
		used, err := s.puente.memory()
		if err != nil {
			return err
		}
		memory = max(memory, used)
	}
	row := Row{Scenario: "ready after the start", Chats: s.many, Database: s.databases.kind, Unit: "ms", Puente: median(took)}
	row.goal(fmt.Sprintf("≤ %d ms", readyLimit.Milliseconds()), row.Puente <= milliseconds(readyLimit))
	s.add(row)
	s.addMemory("memory when ready", memory)
	s.progress.say("%s: ready after %.0f ms, with %d MB", s.databases.kind, row.Puente, memory>>20)
	return nil
}

func (s *site) addMemory(what string, used int64) {
	row := Row{Scenario: what, Chats: s.many, Database: s.databases.kind, Unit: "MB", Puente: float64(used>>10) / 1024}
	row.goal(fmt.Sprintf("≤ %d MB", memoryLimit>>20), used <= memoryLimit)
	s.add(row)
}
