package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"puente/core/base/clock"
)

var (
	sizes = declareFlags()
	built = &binary{}
)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := built.remove(); err != nil {
		fmt.Fprintln(os.Stderr, "remove the built Puente:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// TestNothingIsLostWhenPuenteIsKilled lets customers and agents of all four channels write while Puente is killed again
// and again, and looks at what has arrived.
func TestNothingIsLostWhenPuenteIsKilled(t *testing.T) {
	opts := sizes.read()
	t.Logf("seed %d", opts.seed)
	w := build(t, opts)
	began := time.Now()
	l, err := newLoad(w)
	if err != nil {
		t.Fatal(err)
	}
	if err = l.play(); err != nil {
		t.Errorf("the run broke off: %v", err)
	}
	a, err := l.settle(w.ctx)
	if err != nil {
		t.Fatalf("look at what has arrived: %v", err)
	}
	r := l.report(a, began)
	fmt.Println(r)
	w.complain(a)
	if opts.results != "" {
		if err = r.save(opts.results); err != nil {
			t.Error(err)
		}
	}
}

// play is the whole run: bursts of messages, with one kill in each.
func (l *load) play() error {
	if err := l.open(); err != nil {
		return err
	}
	plan := l.plan()
	for i, next := range plan {
		count := l.w.opts.messages*(i+1)/len(plan) - l.w.opts.messages*i/len(plan)
		if err := l.round(count, next); err != nil {
			return fmt.Errorf("round %d, %s: %w", i+1, next, err)
		}
		if err := l.join(i, len(plan)); err != nil {
			return err
		}
		l.tell(i+1, len(plan))
	}
	return nil
}

func (l *load) tell(round, rounds int) {
	if l.w.opts.progress {
		_, _ = fmt.Fprintf(os.Stderr, "%s  round %d of %d, %d kills, %d chats, %d messages on their way\n",
			time.Now().Format(time.TimeOnly), round, rounds, len(l.w.puente.killed()), len(l.all()), l.under())
	}
}

// random is the kill at no marked point.
const random = "at a random moment"

// plan is the order of the kills.
func (l *load) plan() []string {
	var list []string
	for len(list) < max(l.w.opts.kills, 15) {
		list = append(list, random)
	}
	return list
}

// open begins the first conversations.
func (l *load) open() error {
	for _, p := range l.w.providers {
		c, err := l.meet(p)
		if err != nil {
			return err
		}
		if err = l.write(c, in, ""); err != nil {
			return err
		}
		if p.group != nil {
			if c, err = l.gather(p); err != nil {
				return err
			}
			if err = l.write(c, in, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// join lets new customers come in the course of the run.
func (l *load) join(round, rounds int) error {
	for _, p := range l.w.providers {
		have := 0
		for _, c := range l.all() {
			if c.provider == p && len(c.members) == 1 {
				have++
			}
		}
		if have >= l.w.opts.customers || have > l.w.opts.customers*(round+1)/rounds {
			continue
		}
		c, err := l.meet(p)
		if err != nil {
			return err
		}
		if err = l.write(c, in, ""); err != nil {
			return err
		}
	}
	return nil
}

// round lets people write, kills Puente meanwhile, and waits until it is up again and most has arrived.
func (l *load) round(count int, point string) error {
	written := make(chan error, 1)
	go func() { written <- l.burst(count) }()
	_ = clock.Sleep(l.w.ctx, clock.System{}, rand.N(1500*time.Millisecond)) // #nosec G404 -- a random moment
	l.w.puente.kill(point)
	if err := <-written; err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(l.w.ctx, l.w.opts.patience)
	defer cancel()
	if err := l.w.puente.ready(ctx); err != nil {
		return err
	}
	for {
		l.look()
		if l.under() <= l.w.opts.backlog {
			return nil
		}
		if err := clock.Sleep(ctx, clock.System{}, 4*lookAgain); err != nil {
			return fmt.Errorf("%d messages are still on their way: %w", l.under(), err)
		}
	}
}
