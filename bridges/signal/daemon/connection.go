package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// errClosed is why requests end that were under way when the client was stopped.
var errClosed = errors.New("the client was stopped")

// connection is one connection with the requests that wait for their answers on it.
type connection struct {
	cfg    Config
	socket net.Conn

	writing sync.Mutex    // one line at a time
	served  bool          // something was read; only read sets it
	lines   atomic.Int64  // that were read
	ended   chan struct{} // closed when all that was read has been dealt with

	mu      sync.Mutex
	pending map[string]*waiting
	lastID  int
	broken  error // why nothing comes any more
}

// waiting is a request without its answer yet.
type waiting struct {
	method string
	answer chan answer // holds one
	// late is called if the answer comes after nobody waits for it any more.
	late func(answer)
}

// answer is what came for a request.
type answer struct {
	result json.RawMessage
	blobs  blobs
	err    error
}

func newConnection(cfg Config, socket net.Conn) *connection {
	return &connection{cfg: cfg, socket: socket, ended: make(chan struct{}), pending: map[string]*waiting{}}
}

// close ends the connection and all that waits on it. Calling it again does nothing.
func (c *connection) close(why error) {
	c.mu.Lock()
	if c.broken != nil {
		c.mu.Unlock()
		return
	}
	c.broken = why
	pending := c.pending
	c.pending = nil
	c.mu.Unlock()
	_ = c.socket.Close() // whatever it says, the connection is gone
	for _, w := range pending {
		w.answer <- answer{err: &lostError{method: w.method, cause: why}}
	}
}

// frame is a line as the daemon writes it: an answer or a notification.
type frame struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
}

// read takes line after line until the connection ends. A line that cannot be read is reported, and ends the
// connection: nobody knows whose answer it was.
func (c *connection) read(ctx context.Context) error {
	lines := newLineReader(c.socket, c.cfg.MaxLine, c.cfg.TempDir)
	for {
		l, err := lines.next()
		if errors.Is(err, errLine) {
			c.receive(ctx, News{Raw: l.text, Broken: err})
			return err
		} else if err != nil {
			return fmt.Errorf("read from the signal-cli daemon: %w", err)
		}
		c.lines.Add(1)
		if err = c.take(ctx, l); err != nil {
			return err
		}
		c.served = true
	}
}

// progress returns a function that tells whether more lines were read since it was asked last.
func (c *connection) progress() func() bool {
	before := c.lines.Load()
	return func() bool {
		last := before
		before = c.lines.Load()
		return before != last
	}
}

// take deals with one line, which may be a batch.
func (c *connection) take(ctx context.Context, l line) error {
	text := bytes.TrimSpace(l.text)
	if len(text) == 0 {
		return nil
	}
	var frames []frame
	var err error
	if text[0] == '[' {
		err = json.Unmarshal(text, &frames)
	} else {
		frames = make([]frame, 1)
		err = json.Unmarshal(text, &frames[0])
	}
	if err != nil {
		l.blobs.close()
		err = fmt.Errorf("%w: no JSON-RPC", errLine)
		c.receive(ctx, News{Raw: text, Broken: err})
		return err
	}
	for i, f := range frames {
		files := blobs(nil)
		if i == len(frames)-1 {
			files = l.blobs // the daemon answers a batch only to whoever sends one, and we do not
		}
		c.dispatch(ctx, f, files)
	}
	return nil
}

func (c *connection) dispatch(ctx context.Context, f frame, files blobs) {
	switch {
	case f.Method == "receive":
		defer files.close()
		news := News{Raw: unwrap(f.Params)}
		if len(files) > 0 {
			news.Broken = fmt.Errorf("%w: a text in it is too long", errLine)
		}
		c.receive(ctx, news)
	case f.Method != "":
		files.close()
		c.cfg.Log.Debug().Int("bytes", len(f.Params)).Msg("The signal-cli daemon told something of a kind that Puente does not use")
	default:
		c.answer(f, files)
	}
}

func (c *connection) receive(ctx context.Context, news News) {
	if c.cfg.Receive != nil {
		c.cfg.Receive(ctx, news)
	}
}

// unwrap takes what subscribeReceive puts around a notification away. ref: reference/signal-cli.md §5
func unwrap(params json.RawMessage) []byte {
	var wrapped struct {
		Result json.RawMessage `json:"result"`
	}
	if json.Unmarshal(params, &wrapped) == nil && len(wrapped.Result) > 0 {
		return wrapped.Result
	}
	return params
}

// answer hands an answer to whoever waits for it, or did.
func (c *connection) answer(f frame, files blobs) {
	w, waits := c.handOver(f, files)
	switch {
	case waits:
		return
	case w == nil:
		c.cfg.Log.Warn().Bool("error", len(f.Error) > 0).Msg("The signal-cli daemon answered what nobody asked")
	default:
		w.late(read(w.method, f, nil))
	}
	files.close()
}

// handOver finds the request of an answer, and gives it the answer if somebody still waits.
func (c *connection) handOver(f frame, files blobs) (w *waiting, waits bool) {
	id := string(bytes.Trim(f.ID, `"`))
	c.mu.Lock()
	defer c.mu.Unlock()
	w = c.pending[id]
	delete(c.pending, id)
	if w == nil || w.late != nil {
		return w, false
	}
	w.answer <- read(w.method, f, files) // has room
	return w, true
}

func read(method string, f frame, files blobs) answer {
	got := answer{result: f.Result, blobs: files}
	if len(f.Error) > 0 && string(f.Error) != "null" {
		got.err = readError(method, f.Error)
	}
	return got
}

// begin registers a request and returns its ID.
func (c *connection) begin(method string) (string, *waiting, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return "", nil, c.broken
	}
	c.lastID++
	id := strconv.Itoa(c.lastID)
	w := &waiting{method: method, answer: make(chan answer, 1)}
	c.pending[id] = w
	return id, w, nil
}

// forget ends the waiting for a request. With late, an answer that comes after all is handed to it; what came in the
// meantime is returned.
func (c *connection) forget(id string, w *waiting, late func(answer)) (answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case got := <-w.answer:
		return got, true
	default:
	}
	if late != nil {
		w.late = late
	} else {
		delete(c.pending, id)
	}
	return answer{}, false
}

// write sends one request. The line is not complete if it returns an error, and the connection of no more use.
func (c *connection) write(r request, timeout time.Duration) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.socket.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
		return fmt.Errorf("write to the signal-cli daemon: %w", err)
	}
	if err := r.writeTo(c.socket); err != nil {
		return fmt.Errorf("write to the signal-cli daemon: %w", err)
	}
	return nil
}
