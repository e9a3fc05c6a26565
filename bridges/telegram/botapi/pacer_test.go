package botapi_test

import (
	"context"
	"testing"
	"time"

	"puente/bridges/telegram/botapi"
	"puente/core/base/clock"
)

const (
	someBot = 110201543
	ana     = 7_000_000_001
	group   = -1001234567890
)

// waited is how long the clock had to be moved until a message could go.
func waited(t *testing.T, p *botapi.Pacer, c *clock.Manual, chat int64) time.Duration {
	t.Helper()
	start := c.Now()
	done := make(chan error, 1)
	go func() { done <- p.Wait(context.Background(), someBot, chat) }()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			return c.Now().Sub(start)
		default:
			if c.Waiting() > 0 {
				c.Advance(100 * time.Millisecond)
			}
		}
	}
}

func newPacer() (*botapi.Pacer, *clock.Manual) {
	c := clock.NewManual(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	return botapi.NewPacer(botapi.PacerConfig{}, c), c
}

func TestPacerSpreadsMessages(t *testing.T) {
	t.Run("OfOneChatAfterABurst", func(t *testing.T) {
		p, c := newPacer()
		for range 5 {
			if d := waited(t, p, c, ana); d != 0 {
				t.Fatalf("a message of the burst waited %s", d)
			}
		}
		if d := waited(t, p, c, ana); d < 900*time.Millisecond || d > 1200*time.Millisecond {
			t.Errorf("the sixth waited %s", d)
		}
		if d := waited(t, p, c, ana+1); d != 0 {
			t.Errorf("another chat waited %s", d)
		}
	})
	t.Run("OfAGroupByTheMinute", func(t *testing.T) {
		p, c := newPacer()
		start := c.Now()
		for range 31 {
			waited(t, p, c, group)
		}
		if took := c.Now().Sub(start); took < time.Minute {
			t.Errorf("31 messages into a group took %s", took)
		}
	})
}

func TestPacerHoldsWhatTelegramComplainsAbout(t *testing.T) {
	p, c := newPacer()
	_, err := send(client(t, refusal(429, "Too Many Requests: retry after 7")))
	p.Learn(someBot, ana, err)
	if d := waited(t, p, c, ana); d < 7*time.Second {
		t.Errorf("the chat waited %s", d)
	}
	p.Learn(someBot, ana, nil)
	if d := waited(t, p, c, ana); d > time.Second {
		t.Errorf("after the wait it waited %s more", d)
	}
}

func TestPacerEndsWithItsContext(t *testing.T) {
	p, _ := newPacer()
	ctx, cancel := context.WithCancel(context.Background())
	for range 5 {
		if err := p.Wait(ctx, someBot, ana); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := p.Wait(ctx, someBot, ana); err == nil {
		t.Error("a wait outlived its context")
	}
}
