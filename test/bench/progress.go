package main

import (
	"fmt"
	"io"
	"time"
)

// progress tells whoever waits at the terminal what is going on.
type progress struct {
	out   io.Writer
	start time.Time
}

func newProgress(out io.Writer) *progress { return &progress{out: out, start: time.Now()} }

func (p *progress) say(format string, args ...any) {
	elapsed := time.Since(p.start).Truncate(time.Second)
	fmt.Fprintf(p.out, "%7s  %s\n", elapsed, fmt.Sprintf(format, args...))
}
