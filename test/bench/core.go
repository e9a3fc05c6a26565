package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"
)

// core measures Puente itself: with a homeserver that answers at once, on one core, and what the time goes to.
func (b *bench) core(ctx context.Context, kind string) (err error) {
	b.progress.say("%s: one core, with a homeserver that answers at once", kind)
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	profiled := *b
	profiled.program = []string{self, serveCommand}
	s, err := profiled.newSite(ctx, kind)
	if s != nil {
		defer func() { err = errors.Join(err, s.close()) }()
	}
	if err != nil {
		return err
	}
	homeserver, err := startInstant()
	if err != nil {
		return err
	}
	defer homeserver.stop()
	s.homeserver, s.raw = homeserver.url, newRaw(homeserver.url)
	s.alice = as{token: asToken, user: aliceID}
	if err = s.open(ctx); err != nil {
		return err
	} else if err = s.grow(ctx, max(1, b.coreMessages/burst)); err != nil {
		return err
	}
	return b.coreOf(ctx, s, homeserver)
}

// coreOf measures both directions, each by a Puente of its own, so that each has its profile.
func (b *bench) coreOf(ctx context.Context, s *site, homeserver *instantHomeserver) error {
	n := b.coreMessages
	in := func(ctx context.Context) error {
		before := homeserver.sent.Load()
		err := atOnce(ctx, s.workers, n, func(ctx context.Context, i int) error {
			return s.provider.post(ctx, s.chats[i%len(s.chats)].Customer, words)
		})
		if err != nil {
			return err
		}
		return until(ctx, "messages", before+int64(n), func(context.Context) (int64, error) { return homeserver.sent.Load(), nil })
	}
	out := func(ctx context.Context) error {
		before, batch := s.provider.count(), 50
		for done := 0; done < n; done += batch {
			rooms := make([]id.RoomID, min(batch, n-done))
			for i := range rooms {
				rooms[i] = s.chats[(done+i)%len(s.chats)].room
			}
			if err := homeserver.push(ctx, s.puente.address, rooms); err != nil {
				return err
			}
		}
		return s.provider.waits(ctx, before+n)
	}
	for _, one := range []struct {
		name string
		work func(context.Context) error
	}{{"provider → room", in}, {"room → provider", out}} {
		if err := b.coreTurn(ctx, s, one.name, one.work); err != nil {
			return fmt.Errorf("one core, %s: %w", one.name, err)
		}
	}
	return nil
}

// coreTurn lets one direction run on one core and adds what it took.
func (b *bench) coreTurn(ctx context.Context, s *site, name string, work func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	profile := filepath.Join(s.dir, strings.ReplaceAll(name, " → ", "-")+".prof")
	err := s.restart(ctx, func() error { return nil }, "GOMAXPROCS=1", profileVariable+"="+profile)
	if err != nil {
		return err
	}
	idle, err := s.puente.processor()
	if err != nil {
		return err
	}
	began := time.Now()
	if err = work(ctx); err != nil {
		return err
	}
	elapsed := time.Since(began)
	if err = s.settle(ctx); err != nil {
		return err
	}
	busy, err := s.puente.processor()
	if err != nil {
		return err
	}
	if err = s.restart(ctx, func() error { return nil }); err != nil { // the profile is written at the end
		return err
	}
	costs, err := costsOf(profile)
	if err != nil {
		return err
	}
	b.add(Row{
		Scenario: "one core, instant homeserver, " + name, Chats: len(s.chats), Database: s.databases.kind, Unit: "messages/s",
		Puente: float64(b.coreMessages) / elapsed.Seconds(),
		Note:   fmt.Sprintf("%.2f ms of processor time each; the largest costs: %s", milliseconds(busy-idle)/float64(b.coreMessages), costs),
	})
	b.progress.say("%s: one core, %s: %.0f messages/s", s.databases.kind, name, float64(b.coreMessages)/elapsed.Seconds())
	return nil
}
