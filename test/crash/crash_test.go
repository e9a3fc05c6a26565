package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
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
	for _, name := range l.missed {
		t.Errorf("Puente never came to the marked point %q", name)
	}
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
	ctx, cancel := context.WithTimeout(l.w.ctx, l.w.opts.patience)
	defer cancel()
	if err := l.until(ctx, 0); err != nil { // so that there are rooms to write into
		return err
	}
	plan := l.plan()
	for i, next := range plan {
		count := l.w.opts.messages*(i+1)/len(plan) - l.w.opts.messages*i/len(plan)
		if err := l.round(count, next); err != nil {
			return fmt.Errorf("round %d, %s: %w", i+1, next.name, err)
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

// tellMissing says what the run still waits for.
func (l *load) tellMissing(a *audit) {
	if l.w.opts.progress {
		_, _ = fmt.Fprintf(os.Stderr, "%s  waiting for what is missing: %d, of which %d wait in Puente's journal, and %d have no final status\n",
			time.Now().Format(time.TimeOnly), a.missing(), a.waiting, a.silent)
	}
}

// random is the kill at no marked point.
func random() point { return point{name: "at a random moment"} }

// plan is the order of the kills, which is one of chance: in the short form one marked point of each kind and two random
// moments; in a longer one all marked points, then as many kills as are asked for, half of them at random moments.
func (l *load) plan() []point {
	marked := points()
	l.rng.Shuffle(len(marked), func(i, j int) { marked[i], marked[j] = marked[j], marked[i] })
	var list []point
	if l.w.opts.kills == 0 {
		list = onePerKind(marked)
		list = append(list, random(), random())
	} else {
		list = l.fill(marked)
	}
	l.rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

func onePerKind(marked []point) []point {
	var list []point
	for _, one := range marked {
		if !slices.ContainsFunc(list, func(p point) bool { return p.kind() == one.kind() }) {
			list = append(list, one)
		}
	}
	return list
}

func (l *load) fill(marked []point) []point {
	list := marked[:min(len(marked), l.w.opts.kills)]
	times := map[string]int{}
	for i := 0; len(list) < l.w.opts.kills; i++ {
		next := random()
		if one := marked[i/2%len(marked)]; i%2 == 1 && (one.most == 0 || times[one.name]+1 < one.most) {
			next = one
			times[one.name]++
		}
		list = append(list, next)
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
func (l *load) round(count int, next point) error {
	written := make(chan error, 1)
	go func() { written <- l.burst(count) }()
	_ = clock.Sleep(l.w.ctx, clock.System{}, rand.N(time.Second)) // #nosec G404 -- a random moment
	err := l.hit(next)
	if writeErr := <-written; err == nil {
		err = writeErr
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(l.w.ctx, l.w.opts.patience)
	defer cancel()
	if err = l.w.puente.ready(ctx); err != nil {
		return err
	}
	return l.until(ctx, l.w.opts.backlog)
}

// hit kills Puente at a point.
func (l *load) hit(next point) error {
	if next.lure == nil {
		l.w.puente.kill(next.name)
		return nil
	}
	fired, off, err := next.lure(l, next.name)
	if err != nil {
		return err
	}
	defer off()
	ctx, cancel := context.WithTimeout(l.w.ctx, hitPatience)
	defer cancel()
	select {
	case <-fired:
	case <-ctx.Done():
		l.missed = append(l.missed, next.name)
	}
	return nil
}

// until waits until no more than so many messages are on their way.
func (l *load) until(ctx context.Context, backlog int) error {
	for {
		l.look()
		if l.under() <= backlog {
			return nil
		}
		if err := clock.Sleep(ctx, clock.System{}, 4*lookAgain); err != nil {
			return fmt.Errorf("%d messages are still on their way: %w", l.under(), err)
		}
	}
}
