package daemon

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"puente/core/base/clock"
)

// fake is the other end of a client's connections: a test reads requests off it and writes lines to it.
type fake struct {
	t        *testing.T
	listener net.Listener
	conns    chan net.Conn
	running  sync.WaitGroup
}

func newFake(t *testing.T, network, address string) *fake {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{t: t, listener: listener, conns: make(chan net.Conn)}
	stopped := make(chan struct{})
	f.running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			select {
			case f.conns <- conn:
			case <-stopped:
				_ = conn.Close()
			}
		}
	})
	t.Cleanup(func() {
		close(stopped)
		_ = listener.Close()
		f.running.Wait()
	})
	return f
}

func (f *fake) address() string {
	return f.listener.Addr().Network() + ":" + f.listener.Addr().String()
}

// peer is one connection of the client's.
type peer struct {
	t  *testing.T
	c  net.Conn
	in *bufio.Reader
}

// accept waits for the client's next connection.
func (f *fake) accept() *peer {
	f.t.Helper()
	select {
	case conn := <-f.conns:
		f.t.Cleanup(func() { _ = conn.Close() })
		return &peer{t: f.t, c: conn, in: bufio.NewReader(conn)}
	case <-time.After(patience):
		f.t.Fatal("the client does not connect")
		return nil
	}
}

const patience = time.Minute

// asked is a request as it came.
type asked struct {
	ID     string         `json:"id"`
	Method string         `json:"method"`
	Params map[string]any `json:"params"`
}

func (p *peer) read() asked {
	p.t.Helper()
	line, err := p.in.ReadBytes('\n')
	if err != nil {
		p.t.Fatal(err)
	}
	var got asked
	if err = json.Unmarshal(line, &got); err != nil {
		p.t.Fatalf("a request cannot be read: %v", err)
	}
	return got
}

func (p *peer) write(line string) {
	p.t.Helper()
	if _, err := p.c.Write([]byte(line + "\n")); err != nil {
		p.t.Fatal(err)
	}
}

// answer answers a request with a result in JSON.
func (p *peer) answer(to asked, result string) {
	p.t.Helper()
	p.write(`{"jsonrpc":"2.0","result":` + result + `,"id":"` + to.ID + `"}`)
}

// started is a client that runs until the test ends, and leaves nothing behind.
func started(t *testing.T, cfg Config) *Client {
	t.Helper()
	leaks := goleak.IgnoreCurrent()
	cfg.Log = zerolog.Nop()
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	client, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	client.Start()
	t.Cleanup(func() {
		client.Stop()
		goleak.VerifyNone(t, leaks)
	})
	return client
}

// connected is a client and the other end of its connection.
func connected(t *testing.T, cfg Config) (*Client, *peer) {
	t.Helper()
	f := newFake(t, "tcp", "127.0.0.1:0")
	cfg.Address = f.address()
	client := started(t, cfg)
	other := f.accept()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := client.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	return client, other
}

func long(n int) string { return strings.Repeat("x", n) }
