package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
	"unicode/utf8"
)

// progress tells a person what is being done: one line per step, which at a terminal moves while the step lasts.
type progress struct {
	out   io.Writer
	live  bool // out is a terminal
	total int
	now   int

	mu      sync.Mutex
	name    string
	last    string // detail
	started time.Time
}

func newProgress(out io.Writer, total int) *progress {
	return &progress{out: out, live: isTerminal(out), total: total}
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// step does one step and tells how it went.
func (p *progress) step(name string, do func() error) error {
	p.mu.Lock()
	p.now++
	p.name, p.last, p.started = name, "", time.Now()
	p.mu.Unlock()
	if !p.live {
		p.print("[%d/%d] %s\n", p.now, p.total, name)
	}
	ended := make(chan struct{})
	var moving sync.WaitGroup
	if p.live {
		moving.Go(func() { p.move(ended) })
	}
	err := do()
	close(ended)
	moving.Wait()
	word := "done"
	if errors.Is(err, context.Canceled) {
		word = "stopped"
	} else if err != nil {
		word = "failed"
	}
	elapsed := time.Since(p.started).Round(100 * time.Millisecond)
	if p.live {
		p.print("\r\x1b[K[%d/%d] %s: %s (%s)\n", p.now, p.total, name, word, elapsed)
	} else {
		p.print("      %s (%s)\n", word, elapsed)
	}
	return err
}

// detail tells what a step does just now.
func (p *progress) detail(line string) {
	p.mu.Lock()
	p.last = line
	started := p.started
	p.mu.Unlock()
	if !p.live {
		p.print("      %s (%s)\n", line, time.Since(started).Round(time.Second))
	}
}

// move draws the line anew until the step ends.
func (p *progress) move(ended <-chan struct{}) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		p.mu.Lock()
		line := fmt.Sprintf("[%d/%d] %s … %s  %s", p.now, p.total, p.name, time.Since(p.started).Round(time.Second), p.last)
		p.mu.Unlock()
		p.print("\r\x1b[K%s", shorten(line, 79))
		select {
		case <-tick.C:
		case <-ended:
			return
		}
	}
}

func (p *progress) print(format string, args ...any) {
	_, _ = fmt.Fprintf(p.out, format, args...) // nobody reads: then nobody misses it
}

// shorten cuts a text to so many letters.
func shorten(text string, letters int) string {
	if utf8.RuneCountInString(text) <= letters {
		return text
	}
	return string([]rune(text)[:letters-1]) + "…"
}
