package webclient

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
	"puente/core/testkit/synapse"
)

// Client is one user's client on a device of its own. What it read is in its Memory, decrypted. All methods may be
// called at once from several goroutines.
type Client struct {
	*person.Memory
	UserID   id.UserID
	DeviceID id.DeviceID

	cmd    *exec.Cmd
	stdin  io.WriteCloser
	errors *tail
	done   chan struct{} // closed when the process has ended

	mu      sync.Mutex
	last    int
	waiting map[int]chan answer
	locked  map[id.EventID]Locked
	looks   map[id.EventID]Look
}

// Locked is an event that the client could not decrypt.
type Locked struct {
	EventID id.EventID `json:"event_id"`
	RoomID  id.RoomID  `json:"room_id"`
	Code    string     `json:"code"` // the SDK's reason
}

// Look is what the homeserver has of an event, what the encryption says of its sender, and how it is brought to the
// user's notice.
type Look struct {
	WireType string       `json:"wire_type"`
	Session  id.SessionID `json:"session"` // empty if it came unencrypted
	Shield   *Shield      `json:"shield"`
	// Highlight tells whether the user is told of it as of something that concerns them: a mention.
	Highlight bool `json:"highlight"`
}

// Shield is how the SDK has clients warn of who sent an event.
type Shield struct {
	Colour int  `json:"colour"`
	Reason *int `json:"reason"` // nil: none
}

// Some of the SDK's EventShieldColour and EventShieldReason.
const (
	Red = 2

	DeviceWithoutOwner = 2 // "Encrypted by a device not verified by its owner."
	OthersDevice       = 8 // "The sender of the event does not match the owner of the device that sent it."
)

type answer struct {
	ID     int             `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *string         `json:"error"`
}

// LogIn starts a client for a user of the homeserver, on a new device. Stop ends it.
func LogIn(ctx context.Context, install Installation, server *synapse.Server, localpart, password string) (*Client, error) {
	token, device, err := server.Login(ctx, localpart, password)
	if err != nil {
		return nil, err
	}
	user := id.NewUserID(localpart, server.ServerName())
	c := &Client{
		Memory: person.NewMemory(user), UserID: user, DeviceID: id.DeviceID(device), errors: &tail{}, done: make(chan struct{}),
		waiting: map[int]chan answer{}, locked: map[id.EventID]Locked{}, looks: map[id.EventID]Look{},
	}
	if err = c.run(ctx, install); err != nil {
		return nil, err
	}
	err = c.do(ctx, "start", map[string]any{"homeserver": server.URL(), "user": user, "token": token, "device": device}, nil)
	if err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

// run starts the process. It ends with its standard input, so also when we are killed.
func (c *Client) run(ctx context.Context, install Installation) error {
	c.cmd = exec.CommandContext(context.WithoutCancel(ctx), install.node, install.script) //nolint:gosec // G204: what Install laid out
	c.cmd.Stderr = c.errors
	var err error
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		return fmt.Errorf("start the web client: %w", err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start the web client: %w", err)
	}
	if err = c.cmd.Start(); err != nil {
		return fmt.Errorf("start the web client: %w", err)
	}
	go func() {
		defer close(c.done)
		c.read(out)
		c.End(errors.Join(c.cmd.Wait(), errors.New("the web client ended")))
	}()
	return nil
}

// Stop ends the process and waits for it; its keys are gone, its device stays.
func (c *Client) Stop() {
	_ = c.stdin.Close()
	select {
	case <-c.done:
	case <-time.After(stopLimit):
		_ = c.cmd.Process.Kill()
		<-c.done
	}
}

// stopLimit bounds how long Stop waits before it kills the process.
const stopLimit = 10 * time.Second

// read takes what the process says until it ends.
func (c *Client) read(out io.Reader) {
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			_, _ = io.Copy(io.Discard, lines)
			return
		}
		var said struct {
			answer
			Event  json.RawMessage `json:"event"`
			Locked *Locked         `json:"locked"`
		}
		if err = json.Unmarshal(line, &said); err != nil {
			_, _ = fmt.Fprintf(c.errors, "no JSON: %s", line)
			continue
		}
		switch {
		case said.Event != nil:
			c.take(said.Event)
		case said.Locked != nil:
			c.mu.Lock()
			c.locked[said.Locked.EventID] = *said.Locked
			c.mu.Unlock()
		default:
			c.mu.Lock()
			waiting := c.waiting[said.ID]
			delete(c.waiting, said.ID)
			c.mu.Unlock()
			if waiting != nil {
				waiting <- said.answer
			}
		}
	}
}

// take remembers an event that the client could read.
func (c *Client) take(raw json.RawMessage) {
	var look Look
	evt := &event.Event{}
	if json.Unmarshal(raw, &look) != nil || json.Unmarshal(raw, evt) != nil {
		_, _ = fmt.Fprintf(c.errors, "no event: %s", raw)
		return
	}
	evt.Type.Class = evt.Type.GuessClass()
	if evt.StateKey != nil {
		evt.Type.Class = event.StateEventType
	}
	_ = evt.Content.ParseRaw(evt.Type) // what is not known stays raw
	c.mu.Lock()
	delete(c.locked, evt.ID)
	c.looks[evt.ID] = look
	c.mu.Unlock()
	c.Take(evt)
}

// do has the process do something and decodes what comes of it into result, if not nil.
func (c *Client) do(ctx context.Context, verb string, args map[string]any, result any) error {
	c.mu.Lock()
	c.last++
	number, came := c.last, make(chan answer, 1)
	c.waiting[number] = came
	c.mu.Unlock()
	request := map[string]any{"id": number, "verb": verb}
	for key, value := range args {
		request[key] = value
	}
	line, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("%s, %s: %w", c.UserID.Localpart(), verb, err)
	}
	if _, err = c.stdin.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("%s, %s: %w: %s", c.UserID.Localpart(), verb, err, c.errors)
	}
	select {
	case got := <-came:
		if got.Error != nil {
			return fmt.Errorf("%s, %s: %w", c.UserID.Localpart(), verb, errors.New(*got.Error))
		} else if result == nil {
			return nil
		}
		return json.Unmarshal(got.Result, result)
	case <-c.done:
		return fmt.Errorf("%s, %s: the web client ended: %w: %s", c.UserID.Localpart(), verb, os.ErrProcessDone, c.errors)
	case <-ctx.Done():
		return fmt.Errorf("%s did not %s %w", c.UserID.Localpart(), verb, person.InTime(ctx.Err()))
	}
}

// tail keeps the end of what the process complains about.
type tail struct {
	mu   sync.Mutex
	text string
}

// Write implements io.Writer.
func (t *tail) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text += string(text)
	t.text = t.text[max(0, len(t.text)-4096):]
	return len(text), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(t.text)
}
