package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"

	"puente/bridges/bridgekit/emulation"
	"puente/core/base/errs"
)

// Start begins to listen at address, "unix:/path/to/socket" or "tcp:127.0.0.1:0", and returns the address in the same
// form with the port that it got. The daemon runs until Stop, or until ctx ends, after which Stop must still be
// called. After Stop it can be started again, at the same address: accounts, messages and phones stay.
func (e *Emulator) Start(ctx context.Context, address string) (bound string, err error) {
	if e.bad != nil {
		return "", e.bad
	}
	err = e.life.Start(ctx, func(run *emulation.Run) error {
		listener, place, err := listen(run.Context(), address)
		if err != nil {
			return err
		}
		bound = place
		run.Go(func(ctx context.Context) { e.accept(ctx, listener) })
		run.Go(e.pump)
		run.Go(func(ctx context.Context) {
			<-ctx.Done()
			_ = listener.Close() // ends accept; nothing was written to it
			e.CutConnections()
		})
		run.Keep(&e.keeper)
		return nil
	})
	return bound, err
}

// Stop ends the daemon and waits for all that Start began. Connections break, and messages wait on Signal's server.
// It may be called more than once.
func (e *Emulator) Stop() { e.life.Stop() }

// listen opens the socket of an address and tells the address that it really has.
func listen(ctx context.Context, address string) (net.Listener, string, error) {
	network, place, ok := strings.Cut(address, ":")
	if !ok || place == "" || network != "unix" && network != "tcp" {
		return nil, "", fmt.Errorf("address of the emulator: it needs the form unix:/path or tcp:host:port: %w", errs.ErrInvalid)
	}
	if network == "unix" {
		// A socket that a crash left behind would make the address taken for ever.
		if err := os.Remove(place); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, "", fmt.Errorf("remove the emulator's old socket: %w", err)
		}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, network, place)
	if err != nil {
		return nil, "", fmt.Errorf("listen for the emulator: %w", err)
	}
	return listener, network + ":" + listener.Addr().String(), nil
}

// accept serves connections until the listener closes.
func (e *Emulator) accept(ctx context.Context, listener net.Listener) {
	var serving sync.WaitGroup
	defer serving.Wait()
	for {
		socket, err := listener.Accept()
		if err != nil {
			if ctx.Err() == nil {
				e.log.Err(err).Msg("Emulator stopped listening")
			}
			return
		}
		c := e.open(ctx, socket)
		if c == nil {
			return
		}
		serving.Go(func() { e.serve(ctx, c) })
	}
}

// CutConnections breaks all connections, as a crash of the daemon or of the network does. Notifications that were
// handed over but not yet read by the client are gone, unless Options.Redeliver says otherwise.
func (e *Emulator) CutConnections() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for c := range e.conns {
		c.close()
		e.dropSubscriptions(c)
	}
}
