package signal_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	"puente/bridges/bridgetest"
	"puente/core/base/errs"
)

// relay stands between Puente and the daemon, and does what no daemon does by itself: it keeps notifications back,
// repeats and reorders them, spoils answers, and knows no account any more.
type relay struct {
	listener net.Listener
	daemon   string // host:port
	running  sync.WaitGroup

	mu       sync.Mutex
	pairs    map[*pair]bool
	holding  bool
	held     [][]byte
	refusing bool
	spoil    map[string]bool // recipients whose messages' first answers are spoilt
	spoilt   map[string]bool // parameters of requests whose answer was
	arrived  chan struct{}   // closed and replaced when a pair comes
	stopped  bool
}

// pair is one connection of Puente's with its own to the daemon.
type pair struct {
	puente, daemon net.Conn
	mu             sync.Mutex // one line to Puente at a time
	spoil          map[string]bool
}

func newRelay(daemon string) (*relay, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{
		listener: listener, daemon: strings.TrimPrefix(daemon, "tcp:"), pairs: map[*pair]bool{},
		spoil: map[string]bool{}, spoilt: map[string]bool{}, arrived: make(chan struct{}),
	}
	r.running.Go(r.accept)
	return r, nil
}

func (r *relay) address() string { return "tcp:" + r.listener.Addr().String() }

func (r *relay) stop() {
	r.mu.Lock()
	r.stopped = true
	r.mu.Unlock()
	_ = r.listener.Close()
	r.cut()
	r.running.Wait()
}

// cut breaks all connections.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for p := range r.pairs {
		p.close()
	}
}

func (p *pair) close() {
	_ = p.puente.Close()
	_ = p.daemon.Close()
}

func (r *relay) accept() {
	for {
		puente, err := r.listener.Accept()
		if err != nil {
			return
		}
		daemon, err := net.Dial("tcp", r.daemon)
		if err != nil {
			_ = puente.Close()
			continue
		}
		p := &pair{puente: puente, daemon: daemon, spoil: map[string]bool{}}
		r.mu.Lock()
		r.pairs[p] = true
		stopped := r.stopped
		close(r.arrived)
		r.arrived = make(chan struct{})
		r.mu.Unlock()
		if stopped {
			p.close()
		}
		r.running.Go(func() { r.pump(p, p.puente, r.request) })
		r.running.Go(func() { r.pump(p, p.daemon, r.answer) })
	}
}

// pump takes line after line of one side until it ends; then the other side ends too.
func (r *relay) pump(p *pair, from net.Conn, take func(*pair, []byte)) {
	in := bufio.NewReaderSize(from, 64<<10)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			break
		}
		take(p, line)
	}
	r.mu.Lock()
	delete(r.pairs, p)
	r.mu.Unlock()
	p.close()
}

// request is a line of Puente's.
func (r *relay) request(p *pair, line []byte) {
	var asked struct {
		ID     string          `json:"id"`
		Method string          `json:"method"`
		Params json.RawMessage `json:"params"`
	}
	var params struct {
		Recipient any    `json:"recipient"`
		Account   string `json:"account"`
	}
	if json.Unmarshal(line, &asked) == nil {
		_ = json.Unmarshal(asked.Params, &params)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refusing && params.Account != "" {
		p.tell(fmt.Appendf(nil, `{"jsonrpc":"2.0","error":{"code":-32602,"message":"Specified account does not exist","data":null},"id":%q}`+"\n", asked.ID))
		return
	} else if r.refusing && asked.Method == "listAccounts" {
		p.tell(fmt.Appendf(nil, `{"jsonrpc":"2.0","result":[],"id":%q}`+"\n", asked.ID))
		return
	}
	if key := asked.Method + string(asked.Params); asked.Method == "send" && r.spoil[name(params.Recipient)] && !r.spoilt[key] {
		r.spoilt[key] = true
		p.spoil[asked.ID] = true
	}
	_, _ = p.daemon.Write(line)
}

// name is whom a request is for.
func name(recipient any) string {
	if list, ok := recipient.([]any); ok && len(list) == 1 {
		recipient = list[0]
	}
	text, _ := recipient.(string)
	return text
}

// answer is a line of the daemon's.
func (r *relay) answer(p *pair, line []byte) {
	var told struct {
		ID     string `json:"id"`
		Method string `json:"method"`
	}
	_ = json.Unmarshal(line, &told)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case told.Method == "receive" && r.holding:
		r.held = append(r.held, line)
	case p.spoil[told.ID]:
		p.tell([]byte("<html><body>502 Bad Gateway</body></html>\n"))
	default:
		p.tell(line)
	}
}

func (p *pair) tell(line []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = p.puente.Write(line)
}

func (r *relay) garble(recipient string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spoil[recipient] = true
}

func (r *relay) hold() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.holding = true
}

// release writes what was held in one go, or line by line.
func (r *relay) release(ctx context.Context, way bridgetest.Delivery) error {
	p, err := r.connected(ctx)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	lines := r.held
	r.held, r.holding = nil, false
	if way.Reversed {
		slices.Reverse(lines)
	}
	if way.Twice {
		lines = append(lines, lines...)
	}
	if way.Together {
		lines = [][]byte{append(append([]byte("["), bytes.ReplaceAll(bytes.TrimSpace(bytes.Join(lines, nil)), []byte("\n"), []byte(","))...), "]\n"...)}
	}
	for _, line := range lines {
		p.tell(line)
	}
	return nil
}

// say writes a line of the relay's own to Puente.
func (r *relay) say(ctx context.Context, line string) error {
	p, err := r.connected(ctx)
	if err != nil {
		return err
	}
	p.tell([]byte(line + "\n"))
	return nil
}

// connected returns the connection of Puente's, as soon as there is one.
func (r *relay) connected(ctx context.Context) (*pair, error) {
	for {
		r.mu.Lock()
		arrived := r.arrived
		for p := range r.pairs {
			r.mu.Unlock()
			return p, nil
		}
		r.mu.Unlock()
		select {
		case <-arrived:
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), errs.ErrNotFound)
		}
	}
}

// refuse makes the daemon know no account, and what comes wait.
func (r *relay) refuse(on bool) {
	r.mu.Lock()
	r.refusing = on
	r.mu.Unlock()
	if on {
		r.cut() // the subscription ends with its connection
	}
}
