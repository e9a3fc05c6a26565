package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/rs/zerolog"
	"github.com/schollz/progressbar/v3"
	"go.mau.fi/util/dbutil"
	"golang.org/x/term"

	"puente/core/base/store"
)

// opener is store.Open or store.OpenReadOnly.
type opener func(ctx context.Context, cfg store.Config, log zerolog.Logger) (*dbutil.Database, error)

// counting shows how far something is: a bar at a terminal, a line now and then elsewhere.
type counting struct {
	out  io.Writer
	what string
	bar  *progressbar.ProgressBar // nil: no terminal, or nothing to show yet
	told time.Time
	done int64
}

func newCounting(out io.Writer, what string) *counting { return &counting{out: out, what: what} }

// tellEvery is how often a line is written where there is no terminal.
const tellEvery = 5 * time.Second

// show shows that so much of the whole is done.
func (c *counting) show(done, total int64) {
	c.done = done
	if c.bar == nil && isTerminal(c.out) {
		c.bar = newBar(c.out, total)
	}
	switch {
	case c.bar != nil:
		_ = c.bar.Set64(done) // a bar that cannot be drawn is no reason to stop
	case time.Since(c.told) >= tellEvery:
		c.told = time.Now()
		fmt.Fprintf(c.out, "%d of %d %s\n", done, total, c.what)
	}
}

func (c *counting) end() {
	if c.bar != nil {
		fmt.Fprintln(c.out)
	}
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) // #nosec G115 -- a file descriptor fits
}

func newBar(out io.Writer, total int64) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total, progressbar.OptionSetWriter(out), progressbar.OptionShowCount(),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionFullWidth(), progressbar.OptionSetPredictTime(true))
}
