package synapse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"puente/core/base/errs"
	"puente/core/testkit/ports"
)

// Server is a Synapse that this process started.
type Server struct {
	install Installation
	opts    Options
	state   state
	unlock  func()

	mu   sync.Mutex // guards proc, and lets one start or stop run at a time
	proc *process
}

// Start starts Synapse and returns when it answers. The error of a failed start carries the end of its log. Whoever
// starts it must Stop it.
func Start(ctx context.Context, install Installation, opts Options) (*Server, error) {
	opts, err := opts.complete()
	if err != nil {
		return nil, err
	}
	if err = os.MkdirAll(opts.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of Synapse's data: %w", err)
	}
	unlock, err := tryLock(filepath.Join(opts.Dir, "lock"))
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("%w: a Synapse runs in %s already", errs.ErrConflict, opts.Dir)
	} else if err != nil {
		return nil, err
	}
	server := &Server{install: install, opts: opts, unlock: unlock}
	if err = server.prepare(); err == nil {
		err = server.run(ctx)
	}
	if err != nil {
		unlock()
		return nil, fmt.Errorf("start Synapse: %w", err)
	}
	return server, nil
}

// prepare writes all that Synapse reads.
func (s *Server) prepare() error {
	st, err := loadState(s.opts.Dir, s.opts.ServerName)
	if err != nil {
		return err
	}
	if st.Port, err = choosePort(s.opts.Port, st.Port); err != nil {
		return err
	}
	s.state = st
	if err = st.save(s.opts.Dir); err != nil {
		return err
	}
	return writeConfig(s.opts, st)
}

// choosePort returns wanted if it is free, or without a wish the port of the last run if it is, or any free one.
func choosePort(wanted, last int) (int, error) {
	if wanted != 0 {
		if err := ports.Free(wanted); err != nil {
			return 0, fmt.Errorf("port %d is taken: %w", wanted, err)
		}
		return wanted, nil
	}
	if last != 0 && ports.Free(last) == nil {
		return last, nil
	}
	return ports.Take()
}

func baseURL(port int) string { return "http://127.0.0.1:" + strconv.Itoa(port) }

// URL is where clients reach the server, without a trailing slash. It stays over a Restart.
func (s *Server) URL() string { return baseURL(s.state.Port) }

// ServerName is the part of user IDs after the colon.
func (s *Server) ServerName() string { return s.state.ServerName }

// UserID is the full ID of a local user.
func (s *Server) UserID(localpart string) string { return "@" + localpart + ":" + s.state.ServerName }

// LogPath is the file with the server's log.
func (s *Server) LogPath() string { return filepath.Join(s.opts.Dir, "synapse.log") }

// PID is the process ID, or 0 if the server was stopped.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		return 0
	}
	return s.proc.cmd.Process.Pid
}

// Exited returns a channel that is closed when the process that runs now has ended, by Stop, Kill or by itself.
func (s *Server) Exited() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		ended := make(chan struct{})
		close(ended)
		return ended
	}
	return s.proc.done
}

// Stop ends the server and waits until it is gone; it asks first and kills after 15 s. Its data stays, and
// Restart brings it back. Stopping twice is fine.
func (s *Server) Stop() error {
	return s.end(func(proc *process) error { return proc.stop(stopLimit) })
}

// Kill ends the server at once, as a crash would, and waits until it is gone.
func (s *Server) Kill() error {
	return s.end((*process).kill)
}

func (s *Server) end(how func(*process) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		return nil
	}
	if err := how(s.proc); err != nil {
		return fmt.Errorf("stop Synapse: %w", err)
	}
	s.proc = nil
	s.unlock()
	return nil
}

// Restart stops the server if it runs, starts it again on the same port with the same data, and returns when it
// answers. Registrations are read anew.
func (s *Server) Restart(ctx context.Context) error {
	if err := s.Stop(); err != nil {
		return err
	}
	unlock, err := tryLock(filepath.Join(s.opts.Dir, "lock"))
	if err != nil {
		return fmt.Errorf("restart Synapse: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unlock = unlock
	if err = s.run(ctx); err != nil {
		unlock()
		return fmt.Errorf("restart Synapse: %w", err)
	}
	return nil
}
