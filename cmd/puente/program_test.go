package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is Puente in a process of its own.
type program struct {
	*testing.T
	cmd *exec.Cmd

	mu      sync.Mutex
	printed bytes.Buffer
	more    chan struct{} // closed and made anew whenever something is printed

	ended chan struct{}
	code  int // once ended
}

// start runs a command line in a process of its own; it is killed with the test.
func start(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	p := &program{T: t, cmd: exec.CommandContext(ctx, os.Args[0], args...), more: make(chan struct{}), ended: make(chan struct{})}
	p.cmd.Env = append(append(os.Environ(), asProgram+"=1"), env...)
	p.cmd.Dir = t.TempDir()
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		var failed *exec.ExitError
		if err := p.cmd.Wait(); errors.As(err, &failed) {
			p.code = failed.ExitCode()
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-p.ended
	})
	return p
}

// Write implements io.Writer for what the program prints.
func (p *program) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.more)
	p.more = make(chan struct{})
	return p.printed.Write(text)
}

func (p *program) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.printed.String()
}

// waitFor waits until the program has printed a text so many times.
func (p *program) waitFor(text string, times int) {
	p.Helper()
	for {
		p.mu.Lock()
		found, more := strings.Count(p.printed.String(), text), p.more
		p.mu.Unlock()
		if found >= times {
			return
		}
		select {
		case <-more:
		case <-p.ended:
			if strings.Count(p.output(), text) >= times {
				return
			}
			p.Fatalf("it ended with %d before it printed %q:\n%s", p.code, text, p.output())
		}
	}
}

// exit waits for the program's end and returns its exit code.
func (p *program) exit() int {
	<-p.ended
	return p.code
}

// signal asks it to stop.
func (p *program) signal(which syscall.Signal) {
	p.Helper()
	if err := p.cmd.Process.Signal(which); err != nil {
		p.Fatal(err)
	}
}
