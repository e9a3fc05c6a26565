package webclient

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/testkit/person"
)

// Say sends a text into a room, encrypted if the room is.
func (c *Client) Say(ctx context.Context, room id.RoomID, text string) (id.EventID, error) {
	return c.Send(ctx, room, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: text})
}

// Send sends an event into a room, encrypted if the room is and the SDK encrypts its type: it does all but reactions.
func (c *Client) Send(ctx context.Context, room id.RoomID, kind event.Type, content any) (sent id.EventID, err error) {
	err = c.do(ctx, "send", map[string]any{"room": room, "type": kind.Type, "content": content}, &sent)
	return sent, err
}

// Seal encrypts what Send would, and returns the content of the m.room.encrypted event instead of sending it.
func (c *Client) Seal(ctx context.Context, room id.RoomID, kind event.Type, content any) (sealed map[string]any, err error) {
	err = c.do(ctx, "seal", map[string]any{"room": room, "type": kind.Type, "content": content}, &sealed)
	return sealed, err
}

// Hold keeps back the keys that the client gives to others, until Release: what it sends meanwhile comes before its key.
func (c *Client) Hold(ctx context.Context) error { return c.do(ctx, "hold", nil, nil) }

// Release sends the keys that were held back.
func (c *Client) Release(ctx context.Context) error { return c.do(ctx, "release", nil, nil) }

// Attach uploads a file, encrypted if the room is, and returns a message with it.
func (c *Client) Attach(ctx context.Context, room id.RoomID, kind event.MessageType, name, mime string, data []byte) (*event.MessageEventContent, error) {
	content := &event.MessageEventContent{}
	args := map[string]any{"room": room, "mime": mime, "name": name, "data": base64.StdEncoding.EncodeToString(data)}
	if err := c.do(ctx, "upload", args, content); err != nil {
		return nil, err
	}
	content.MsgType, content.Body, content.Info = kind, name, &event.FileInfo{MimeType: mime, Size: len(data)}
	return content, nil
}

// Download fetches the file of a message that the client read, decrypted.
func (c *Client) Download(ctx context.Context, evt *event.Event) ([]byte, error) {
	var encoded string
	if err := c.do(ctx, "download", map[string]any{"content": evt.Content.Raw}, &encoded); err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("read a file: %w", err)
	}
	return data, nil
}

// TakeBack redacts an event.
func (c *Client) TakeBack(ctx context.Context, room id.RoomID, target id.EventID) (sent id.EventID, err error) {
	err = c.do(ctx, "redact", map[string]any{"room": room, "event": target}, &sent)
	return sent, err
}

// Types shows that the user types.
func (c *Client) Types(ctx context.Context, room id.RoomID) error {
	return c.do(ctx, "typing", map[string]any{"room": room}, nil)
}

// Reads marks the room as read up to an event.
func (c *Client) Reads(ctx context.Context, room id.RoomID, target id.EventID) error {
	return c.do(ctx, "read", map[string]any{"room": room, "event": target}, nil)
}

// Join joins a room.
func (c *Client) Join(ctx context.Context, room id.RoomID) error {
	return c.do(ctx, "join", map[string]any{"room": room}, nil)
}

// Leave leaves a room.
func (c *Client) Leave(ctx context.Context, room id.RoomID) error {
	return c.do(ctx, "leave", map[string]any{"room": room}, nil)
}

// Discard has the next message in a room use a new key.
func (c *Client) Discard(ctx context.Context, room id.RoomID) error {
	return c.do(ctx, "discard", map[string]any{"room": room}, nil)
}

// Keys lists the room keys that the client has for a room.
func (c *Client) Keys(ctx context.Context, room id.RoomID) (sessions []id.SessionID, err error) {
	err = c.do(ctx, "keys", map[string]any{"room": room}, &sessions)
	return sessions, err
}

// Restart reloads the page: only the store of keys is left, everything else is read anew.
func (c *Client) Restart(ctx context.Context) error { return c.do(ctx, "restart", nil, nil) }

// Isolate takes or lifts the rule that only devices count which their owner vouches for.
func (c *Client) Isolate(ctx context.Context, on bool) error {
	return c.do(ctx, "isolate", map[string]any{"on": on}, nil)
}

// Knows waits until the client knows a user's device, and will encrypt for it.
func (c *Client) Knows(ctx context.Context, user id.UserID, device id.DeviceID) error {
	for {
		var known []id.DeviceID
		if err := c.do(ctx, "devices", map[string]any{"user": user}, &known); err != nil {
			return err
		} else if slices.Contains(known, device) {
			return nil
		}
		if err := clock.Sleep(ctx, clock.System{}, pollInterval); err != nil {
			return fmt.Errorf("%s did not learn of %s's device %w", c.UserID.Localpart(), user.Localpart(), person.InTime(err))
		}
	}
}

// pollInterval is how often the client is asked what it does not tell by itself.
const pollInterval = 50 * time.Millisecond

// Locked lists the events that the client could not decrypt, and has not since.
func (c *Client) Locked() []Locked {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]Locked, 0, len(c.locked))
	for _, one := range c.locked {
		list = append(list, one)
	}
	return list
}

// IsLocked tells whether an event has come that the client could not decrypt yet.
func (c *Client) IsLocked(target id.EventID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, locked := c.locked[target]
	return locked
}

// Look tells what the homeserver had of an event that the client read.
func (c *Client) Look(target id.EventID) Look {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.looks[target]
}

// Wire asks the homeserver for an event, as it has it.
func (c *Client) Wire(ctx context.Context, room id.RoomID, target id.EventID) (raw json.RawMessage, err error) {
	err = c.do(ctx, "wire", map[string]any{"room": room, "event": target}, &raw)
	return raw, err
}
