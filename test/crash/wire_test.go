package crash

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"puente/core/base/clock"
)

// wire is what gate is, for the lines of a signal-cli daemon: a proxy that can stop a line.
type wire struct {
	kill   func(point string) bool
	spread func() time.Duration

	listener net.Listener
	ctx      context.Context
	cancel   context.CancelFunc
	work     sync.WaitGroup

	mu     sync.Mutex
	target string
	traps  []*lineTrap
	handed []handed
}

// lineTrap is set on one line: of Puente's, before or after the daemon has answered it; or of the daemon's.
type lineTrap struct {
	point string
	at    moment // beforeForward or answerLost
	news  bool   // a line that the daemon sends by itself
	match func(line []byte) bool
	fired chan struct{}
}

// handed is a notification that the daemon handed over. It keeps no copy: whether Puente has it, its journal says.
type handed struct {
	line []byte
	at   time.Time
}

func newWire(kill func(string) bool) (*wire, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the proxy of the daemon: %w", err)
	}
	w := &wire{kill: kill, listener: listener}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	w.work.Go(w.accept)
	return w, nil
}

// address is where Puente finds it, as its config writes it.
func (w *wire) address() string { return "tcp:" + w.listener.Addr().String() }

func (w *wire) close() {
	w.cancel()
	_ = w.listener.Close()
	w.work.Wait()
}

// moveTo makes new connections go to another address, and returns the one before.
func (w *wire) moveTo(target string) (before string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before, w.target = w.target, target
	return before
}

func (w *wire) set(t *lineTrap) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.traps = append(w.traps, t)
}

func (w *wire) unset(t *lineTrap) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, one := range w.traps {
		if one == t {
			w.traps = append(w.traps[:i:i], w.traps[i+1:]...)
			return
		}
	}
}

// take returns the trap that a line goes into.
func (w *wire) take(line []byte, news bool) *lineTrap {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, t := range w.traps {
		if t.news == news && (t.match == nil || t.match(line)) {
			w.traps = append(w.traps[:i:i], w.traps[i+1:]...)
			return t
		}
	}
	return nil
}

func (w *wire) accept() {
	for {
		conn, err := w.listener.Accept()
		if err != nil {
			return
		}
		w.work.Go(func() { w.serve(conn) })
	}
}

// pair is one connection of Puente's and the one to the daemon that belongs to it.
type pair struct {
	w      *wire
	puente net.Conn
	daemon net.Conn
	ctx    context.Context
	cancel context.CancelFunc

	mu    sync.Mutex
	traps map[string]*lineTrap // of Puente's requests that have no answer yet, by ID
}

func (w *wire) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	w.mu.Lock()
	target := w.target
	w.mu.Unlock()
	daemon, err := (&net.Dialer{}).DialContext(w.ctx, "tcp", target)
	if err != nil {
		return
	}
	defer func() { _ = daemon.Close() }()
	p := &pair{w: w, puente: conn, daemon: daemon, traps: map[string]*lineTrap{}}
	p.ctx, p.cancel = context.WithCancel(w.ctx)
	var both sync.WaitGroup
	both.Go(func() { p.cancelAfter(p.up()) })
	both.Go(func() { p.cancelAfter(p.down()) })
	<-p.ctx.Done()
	_, _ = conn.Close(), daemon.Close()
	both.Wait()
}

func (p *pair) cancelAfter(error) { p.cancel() }

// id is what a request and its answer share.
func lineID(line []byte) string {
	var only struct{ ID json.RawMessage }
	if json.Unmarshal(line, &only) != nil {
		return ""
	}
	return string(only.ID)
}

var errDead = errors.New("the program is dead")

// up passes Puente's lines on to the daemon.
func (p *pair) up() error {
	return eachLine(p.puente, func(line []byte) error {
		if p.w.spread != nil && clock.Sleep(p.ctx, clock.System{}, p.w.spread()/2) != nil {
			return p.ctx.Err()
		}
		t := p.w.take(line, false)
		if t != nil && t.at == beforeForward {
			p.w.kill(t.point)
			close(t.fired)
			return errDead
		}
		if t != nil {
			p.mu.Lock()
			p.traps[lineID(line)] = t
			p.mu.Unlock()
		}
		_, err := p.daemon.Write(append(line, '\n'))
		return err
	})
}

// down passes the daemon's lines on to Puente.
func (p *pair) down() error {
	return eachLine(p.daemon, func(line []byte) error {
		var t *lineTrap
		if bytes.Contains(line, []byte(`"method":"receive"`)) {
			p.w.mu.Lock()
			p.w.handed = append(p.w.handed, handed{line: line, at: time.Now()})
			p.w.mu.Unlock()
			t = p.w.take(line, true)
		} else if id := lineID(line); id != "" {
			p.mu.Lock()
			t = p.traps[id]
			delete(p.traps, id)
			p.mu.Unlock()
			if p.w.spread != nil && clock.Sleep(p.ctx, clock.System{}, p.w.spread()/2) != nil {
				return p.ctx.Err()
			}
		}
		if t != nil {
			p.w.kill(t.point)
			close(t.fired)
			return errDead
		}
		_, err := p.puente.Write(append(line, '\n'))
		return err
	})
}

func eachLine(from io.Reader, pass func([]byte) error) error {
	reader := bufio.NewReaderSize(from, 1<<20)
	for {
		line, err := reader.ReadBytes('\n')
		if err != nil {
			return err
		}
		if err = pass(bytes.TrimSuffix(line, []byte("\n"))); err != nil {
			return err
		}
	}
}

// notifications returns what the daemon has handed over so far.
func (w *wire) notifications() []handed {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]handed(nil), w.handed...)
}
