// Package demo is `puente demo`: a whole world on one machine. It installs and starts a real Synapse, an emulator
// of each network and Puente, connects them, and tells a person what to open; or it plays a conversation by itself and
// tells what arrived at its far end.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

// Options say what to demonstrate, and where.
type Options struct {
	// Dir is the folder for all that the demo installs and keeps.
	Dir string
	// Script plays the conversation in a world of its own that is thrown away; only the installed Synapse is shared.
	Script bool
	// Reset throws away what Dir keeps, but not the installed Synapse.
	Reset bool
	// PortBase is the first of three ports in a row; 0 takes those of the last run, or 8008. One that is taken is
	// replaced by any free one.
	PortBase int
	// Networks are those of this program; the demo needs whatsapp among them.
	Networks []network.Network
	// Out is where a person reads.
	Out io.Writer
}

const (
	firstPort = 8008 // where Matrix clients look for a homeserver on this machine
	highest   = 65535
)

// Run demonstrates until ctx ends, or with Script until the conversation is over; then it ends all that it started.
// A script of which something did not arrive is an error.
func Run(ctx context.Context, opts Options) (err error) {
	if opts.PortBase < 0 || opts.PortBase > highest-partCount {
		return fmt.Errorf("--port-base must be from 1 to %d: %w", highest-partCount, errs.ErrInvalid)
	}
	if opts.Dir, err = filepath.Abs(opts.Dir); err != nil {
		return fmt.Errorf("find --dir: %w", err)
	}
	if err = os.MkdirAll(opts.Dir, 0o700); err != nil {
		return fmt.Errorf("make --dir: %w", err)
	}
	if opts.Script {
		return runScript(ctx, opts)
	}
	err = runForPerson(ctx, opts)
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		_, err = fmt.Fprintln(opts.Out, "Stopped.")
	}
	return err
}

// runForPerson keeps a world up for somebody to look at.
func runForPerson(ctx context.Context, opts Options) (err error) {
	unlock, err := lock(opts.Dir)
	if err != nil {
		return err
	}
	defer unlock()
	if opts.Reset {
		if err = reset(opts.Dir); err != nil {
			return err
		}
	}
	w := &world{opts: opts, dir: opts.Dir, progress: newProgress(opts.Out, setupSteps+1)}
	defer func() { err = errors.Join(err, w.stop()) }()
	if err = w.start(ctx); err != nil {
		return err
	}
	if err = w.progress.step("Opening the first conversation", func() error { return w.open(ctx) }); err != nil {
		return err
	}
	w.welcome(opts.Out)
	select {
	case <-ctx.Done():
		_, err = fmt.Fprintln(opts.Out, "\nStopping …")
		return err
	case <-w.server.Exited():
		return fmt.Errorf("synapse ended by itself; its log is %s", w.server.LogPath())
	}
}

// runScript plays the conversation in a folder of its own, which stays only if something went wrong.
func runScript(ctx context.Context, opts Options) (err error) {
	dir, err := os.MkdirTemp("", "puente-demo-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	w := &world{opts: opts, dir: dir, anyPorts: true, progress: newProgress(opts.Out, setupSteps)}
	failed := true
	defer func() {
		err = errors.Join(err, w.stop())
		if !failed || ctx.Err() != nil || w.config == nil {
			err = errors.Join(err, os.RemoveAll(dir))
		} else {
			_, _ = fmt.Fprintf(opts.Out, "Logs: %s\n", w.logs())
		}
	}()
	if err = w.start(ctx); err != nil {
		return err
	}
	if err = w.play(ctx); err != nil {
		return err
	}
	failed = false
	return nil
}
