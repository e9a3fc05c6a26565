package emulation

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// closePatience is how long requests that are under way may take when their emulator stops.
const closePatience = 2 * time.Second

// Server is the Life of an emulator that is asked over HTTP. Its exported fields are set before it is used.
type Server struct {
	// PublicURL is its base URL as others know it, without a slash at the end. Empty: where it listens.
	PublicURL string
	Log       zerolog.Logger

	life Life
	at   atomic.Pointer[string] // base URL of where it listened last
}

// BaseURL is where it can be asked, without a slash at the end; empty if nobody knows. It may be called under any lock.
func (s *Server) BaseURL() string {
	if at := s.at.Load(); s.PublicURL == "" && at != nil {
		return *at
	}
	return s.PublicURL
}

// Start listens at address ("127.0.0.1:0" picks a port), lets handler answer there, starts the workers and keeps the
// state. An empty address listens nowhere. It returns the BaseURL, which handler and workers know already.
// See Life.Start for the rest.
func (s *Server) Start(
	ctx context.Context, address string, handler http.Handler, keeper *Keeper, workers ...func(context.Context),
) (baseURL string, err error) {
	err = s.life.Start(ctx, func(run *Run) error {
		for _, work := range workers {
			run.Go(work)
		}
		run.Keep(keeper)
		if address == "" {
			return nil
		}
		return s.listen(run, address, handler)
	})
	if err != nil {
		return "", err
	}
	return s.BaseURL(), nil
}

// Stop is Life.Stop. Whoever is being answered has a moment left.
func (s *Server) Stop() { s.life.Stop() }

func (s *Server) listen(run *Run, address string, handler http.Handler) error {
	listener, err := (&net.ListenConfig{}).Listen(run.ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen for the emulator: %w", err)
	}
	at := "http://" + listener.Addr().String()
	s.at.Store(&at)
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return run.ctx },
	}
	run.Go(func(context.Context) {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.Log.Err(err).Msg("Emulator stopped listening")
		}
	})
	run.closers = append(run.closers, func() {
		ctx, cancel := context.WithTimeout(context.Background(), closePatience)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	})
	return nil
}
