package emulator

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
)

// maxLine bounds one request: an attachment of 100 MB in base64, and a bit. More is no client of ours.
const maxLine = 160 << 20

// conn is one client's connection. Lines to the client wait in out, so that a slow reader holds nobody else up.
type conn struct {
	socket net.Conn

	mu     sync.Mutex
	out    [][]byte
	ready  chan struct{} // has a value while out may be filled
	closed bool
	gone   chan struct{}

	handed []handed // the last notifications, for Options.Redeliver; guarded by Emulator.mu
}

// handed is a notification that a connection got.
type handed struct {
	account string
	letter  *letter
}

// open registers a connection, or closes it and returns nil if the daemon is stopping.
func (e *Emulator) open(ctx context.Context, socket net.Conn) *conn {
	c := &conn{socket: socket, ready: make(chan struct{}, 1), gone: make(chan struct{})}
	e.mu.Lock()
	defer e.mu.Unlock()
	if ctx.Err() != nil {
		_ = socket.Close() // nobody was served on it
		return nil
	}
	e.conns[c] = true
	e.accepted++
	if e.opt.ReceiveMode != Manual {
		e.subscribe(c, nil, true)
	}
	e.touch()
	return c
}

// serve reads requests until the client leaves or the connection is cut, and answers each on its own, as the daemon
// does: overlapping requests may overtake one another.
func (e *Emulator) serve(ctx context.Context, c *conn) {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { c.write() })
	reader := bufio.NewReaderSize(c.socket, 64<<10)
	for {
		line, err := readLine(reader)
		if errors.Is(err, errLineTooLong) {
			c.send(encode(failed(nil, rpcError{Code: codeParse, Message: "line too long"})))
			break
		}
		if err != nil {
			break // the client left, or the connection was cut: both are all in a day's work
		}
		work.Go(func() { e.handleLine(ctx, c, line) })
	}
	cancel()
	c.close()
	work.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.dropSubscriptions(c)
	delete(e.conns, c)
	e.touch()
}

var errLineTooLong = errors.New("line too long")

// readLine reads one line without its end. A last line without an end is not a request.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			return nil, errLineTooLong
		}
		line = append(line, part...)
		if err == nil {
			return bytes.TrimRight(line, "\r\n"), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, io.ErrUnexpectedEOF
		}
	}
}

// send queues a line for the client. After close it does nothing.
func (c *conn) send(line []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.out = append(c.out, append(line, '\n'))
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

// write brings queued lines to the client until the connection closes.
func (c *conn) write() {
	for {
		select {
		case <-c.ready:
		case <-c.gone:
			return
		}
		c.mu.Lock()
		lines := c.out
		c.out = nil
		c.mu.Unlock()
		for _, line := range lines {
			if _, err := c.socket.Write(line); err != nil {
				c.close()
				return
			}
		}
	}
}

func (c *conn) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed, c.out = true, nil
	close(c.gone)
	_ = c.socket.Close() // what was on its way is lost, as it is when a daemon dies
}
