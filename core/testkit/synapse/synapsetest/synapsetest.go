// Package synapsetest gives the tests of one binary a Synapse to share, since a start takes seconds.
package synapsetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"puente/core/testkit/synapse"
	"puente/core/testkit/webclient"
)

// Shared is one Synapse for all tests of a binary. It starts when the first test asks for it, so that a run of
// other tests does not wait. A test package declares one and runs its tests through Main:
//
//	var homeserver = &synapsetest.Shared{}
//
//	func TestMain(m *testing.M) { os.Exit(homeserver.Main(m)) }
//
//	func TestSomething(t *testing.T) { server := homeserver.Server(t) … }
type Shared struct {
	// Options, if not nil, is asked once for the options. dir is an empty folder that lives as long as the server,
	// for registration files, say. Dir may be left empty.
	Options func(dir string) (synapse.Options, error)

	once   sync.Once
	dir    string
	server *synapse.Server
	err    error
}

// Main runs the tests, then stops the server and removes its data. It returns the exit code.
func (s *Shared) Main(m *testing.M) (code int) {
	defer func() {
		if err := s.close(); err != nil {
			fmt.Fprintln(os.Stderr, "end the shared Synapse:", err)
			code = max(code, 1)
		}
	}()
	return m.Run()
}

// Server returns the running server; it starts with the first call. The test fails if it cannot.
func (s *Shared) Server(tb testing.TB) *synapse.Server {
	tb.Helper()
	s.once.Do(func() { s.err = s.start(tb.Logf) })
	if s.err != nil {
		tb.Fatalf("start the shared Synapse: %v", s.err)
	}
	return s.server
}

func (s *Shared) start(logf func(string, ...any)) error {
	ctx := context.Background() // the server outlives the test that happens to start it
	install, err := Install(ctx, func(line string) { logf("%s", line) })
	if err != nil {
		return err
	}
	if s.dir, err = os.MkdirTemp("", "puente-synapse-"); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	var opts synapse.Options
	if s.Options != nil {
		if opts, err = s.Options(s.dir); err != nil {
			return fmt.Errorf("choose the options: %w", err)
		}
	}
	if opts.Dir == "" {
		opts.Dir = filepath.Join(s.dir, "synapse")
	}
	s.server, err = synapse.Start(ctx, install, opts)
	return err
}

func (s *Shared) close() error {
	var err error
	if s.server != nil {
		err = s.server.Stop()
	}
	if s.dir != "" {
		err = errors.Join(err, os.RemoveAll(s.dir))
	}
	return err
}

// Install returns the Synapse that the tests use: .cache/synapse beside go.mod, installed there if it is not yet.
func Install(ctx context.Context, progress func(line string)) (synapse.Installation, error) {
	root, err := moduleRoot()
	if err != nil {
		return synapse.Installation{}, err
	}
	return synapse.Install(ctx, filepath.Join(root, ".cache", "synapse"), progress)
}

// WebClient returns the web client that the tests use: .cache/webclient beside go.mod, installed there if it is not yet.
func WebClient(ctx context.Context, progress func(line string)) (webclient.Installation, error) {
	root, err := moduleRoot()
	if err != nil {
		return webclient.Installation{}, err
	}
	return webclient.Install(ctx, filepath.Join(root, ".cache", "webclient"), progress)
}

// Element returns Element Web, which is installed beside the web client.
func Element(ctx context.Context, progress func(line string)) (webclient.Element, error) {
	root, err := moduleRoot()
	if err != nil {
		return webclient.Element{}, err
	}
	return webclient.InstallElement(ctx, filepath.Join(root, ".cache", "webclient"), progress)
}

// moduleRoot is the nearest folder with a go.mod, from the working folder upwards.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	for {
		if _, err = os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("find the module: no go.mod in this folder or above it")
		}
		dir = parent
	}
}
