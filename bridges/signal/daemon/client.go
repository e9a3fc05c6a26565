package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"puente/core/base/clock"
	"puente/core/base/errs"
)

// Config is what a Client is made of.
type Config struct {
	// Address is where the daemon listens: "unix:/run/signal-cli/socket" or "tcp:127.0.0.1:7583".
	Address string
	Clock   clock.Clock
	Log     zerolog.Logger
	// MaxLine bounds one line in bytes, files in base64 included; 0 means 256 MB.
	MaxLine int64
	// TempDir is where large files stay while they are read; empty means the system's folder for them.
	TempDir string
	// Timeout is how long an ordinary request may take; 0 means 30 s. Sending and the like may take longer.
	Timeout time.Duration
	// SendTimeout is how long a message may take to be sent, with its files; 0 means three minutes.
	SendTimeout time.Duration

	// Receive is handed every notification, one after another; the next line is read when it has returned. ctx ends
	// with the client.
	Receive func(ctx context.Context, news News)
	// Up is called when a connection stands, so that it can subscribe; ctx ends with the connection.
	Up func(ctx context.Context)
	// Down is called when the daemon cannot be reached or a connection broke.
	Down func(err error)
}

// News is one notification of the method receive, or a line that cannot be read.
type News struct {
	// Raw is the object that holds account and envelope, as the daemon sent it.
	Raw []byte
	// Broken, if not nil, says why Raw, which is then a part of the line, could not be read.
	Broken error
}

// Client is a connection to a daemon, or the attempt to make one. Call Start before, and Stop after use.
type Client struct {
	cfg     Config
	network string
	address string

	mu       sync.Mutex
	conn     *connection
	standing chan struct{} // closed while conn is set
	why      error         // why there is no connection

	subscriptions *subscriptions
	cancel        context.CancelFunc
	running       sync.WaitGroup
}

const (
	defaultMaxLine     = 256 << 20
	defaultTimeout     = 30 * time.Second
	defaultSendTimeout = 3 * time.Minute
	dialTimeout        = 10 * time.Second
	firstWait          = 250 * time.Millisecond
	longestWait        = time.Minute
)

// New makes a client; nothing is connected yet. An address of no known form is an errs.ErrInvalid.
func New(cfg Config) (*Client, error) {
	network, address, err := ParseAddress(cfg.Address)
	if err != nil {
		return nil, err
	}
	if cfg.MaxLine <= 0 {
		cfg.MaxLine = defaultMaxLine
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.SendTimeout <= 0 {
		cfg.SendTimeout = defaultSendTimeout
	}
	return &Client{cfg: cfg, network: network, address: address, standing: make(chan struct{}), why: errNeverUp, subscriptions: newSubscriptions()}, nil
}

// errNeverUp is why there is no connection before the first was tried.
var errNeverUp = errors.New("no connection yet")

// ParseAddress takes a daemon's address apart: "unix:/run/signal-cli/socket" or "tcp:127.0.0.1:7583".
func ParseAddress(address string) (network, rest string, err error) {
	network, rest, _ = strings.Cut(address, ":")
	switch {
	case network == "unix" && strings.HasPrefix(rest, "/"):
		return network, rest, nil
	case network == "tcp":
		if host, port, err := net.SplitHostPort(rest); err == nil && host != "" && port != "" {
			return network, rest, nil
		}
	}
	return "", "", fmt.Errorf("address of the daemon: must look like unix:/run/signal-cli/socket or tcp:127.0.0.1:7583: %w", errs.ErrInvalid)
}

// Start connects in the background and keeps connecting until Stop.
func (c *Client) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	c.running.Go(func() { c.run(ctx) })
}

// Stop closes the connection and waits for all that Start began. Requests under way end with an error.
func (c *Client) Stop() {
	if c.cancel != nil {
		c.cancel()
	}
	c.running.Wait()
}

// Wait returns when a connection stands, or ctx's error together with why there is none.
func (c *Client) Wait(ctx context.Context) error {
	c.mu.Lock()
	standing := c.standing
	c.mu.Unlock()
	select {
	case <-standing:
		return nil
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		return fmt.Errorf("reach the signal-cli daemon: %w: %w", c.why, ctx.Err())
	}
}

// run makes one connection after another.
func (c *Client) run(ctx context.Context) {
	wait := firstWait
	for ctx.Err() == nil {
		served, err := c.connect(ctx)
		if ctx.Err() != nil {
			return
		}
		if served {
			wait = firstWait
		}
		c.down(err)
		if clock.Sleep(ctx, c.cfg.Clock, wait) != nil {
			return
		}
		wait = min(2*wait, longestWait)
	}
}

// connect serves one connection until it ends, and says why it did, and whether the daemon ever said something on it.
func (c *Client) connect(ctx context.Context) (served bool, err error) {
	dialer := net.Dialer{Timeout: dialTimeout}
	socket, err := dialer.DialContext(ctx, c.network, c.address)
	if err != nil {
		return false, fmt.Errorf("connect to the signal-cli daemon: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	conn := newConnection(c.cfg, socket)
	var beside sync.WaitGroup
	beside.Go(func() {
		<-ctx.Done()
		conn.close(errClosed)
	})
	c.setConn(conn)
	if c.cfg.Up != nil {
		beside.Go(func() { c.cfg.Up(ctx) })
	}
	err = conn.read(ctx)
	c.unsetConn(err)
	close(conn.ended)
	conn.close(err)
	cancel()
	beside.Wait()
	return conn.served, err
}

func (c *Client) setConn(conn *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn = conn
	close(c.standing)
}

// present is the connection that stands, or nil.
func (c *Client) present() *connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn
}

func (c *Client) unsetConn(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn, c.why = nil, why
	c.standing = make(chan struct{})
}

func (c *Client) down(err error) {
	c.mu.Lock()
	c.why = err
	c.mu.Unlock()
	if c.cfg.Down != nil {
		c.cfg.Down(err)
	}
}
