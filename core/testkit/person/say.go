package person

import (
	"context"
	"fmt"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// typingFor is how long it is shown that somebody types.
const typingFor = 20 * time.Second

// Say sends a text into a room.
func (p *Person) Say(ctx context.Context, room id.RoomID, text string) (id.EventID, error) {
	return p.Send(ctx, room, event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: text})
}

// Send sends an event of any type into a room, encrypted if the room is and the client can.
func (p *Person) Send(ctx context.Context, room id.RoomID, kind event.Type, content any) (id.EventID, error) {
	sent, err := p.SendMessageEvent(ctx, room, kind, content)
	if err != nil {
		return "", fmt.Errorf("%s could not send: %w", p.UserID.Localpart(), err)
	}
	return sent.EventID, nil
}

// Upload puts a file on the homeserver and returns a message with it, not encrypted, that Send can send.
func (p *Person) Upload(ctx context.Context, kind event.MessageType, name, mime string, data []byte) (*event.MessageEventContent, error) {
	uploaded, err := p.UploadMedia(ctx, mautrix.ReqUploadMedia{ContentBytes: data, ContentType: mime, FileName: name})
	if err != nil {
		return nil, fmt.Errorf("%s could not upload: %w", p.UserID.Localpart(), err)
	}
	return &event.MessageEventContent{
		MsgType: kind, Body: name, URL: uploaded.ContentURI.CUString(), Info: &event.FileInfo{MimeType: mime, Size: len(data)},
	}, nil
}

// Download fetches the file of a message that is not encrypted.
func (p *Person) Download(ctx context.Context, msg *event.MessageEventContent) ([]byte, error) {
	uri, err := msg.URL.Parse()
	if err != nil {
		return nil, fmt.Errorf("read a file's address: %w", err)
	}
	data, err := p.DownloadBytes(ctx, uri)
	if err != nil {
		return nil, fmt.Errorf("%s could not download: %w", p.UserID.Localpart(), err)
	}
	return data, nil
}

// Attach uploads a file as a room wants it, and returns a message with it. A Person's rooms are not encrypted.
func (p *Person) Attach(ctx context.Context, _ id.RoomID, kind event.MessageType, name, mime string, data []byte) (*event.MessageEventContent, error) {
	return p.Upload(ctx, kind, name, mime, data)
}

// TakeBack redacts an event.
func (p *Person) TakeBack(ctx context.Context, room id.RoomID, target id.EventID) (id.EventID, error) {
	sent, err := p.RedactEvent(ctx, room, target)
	if err != nil {
		return "", fmt.Errorf("%s could not delete: %w", p.UserID.Localpart(), err)
	}
	return sent.EventID, nil
}

// Types shows that the person types.
func (p *Person) Types(ctx context.Context, room id.RoomID) error {
	if _, err := p.UserTyping(ctx, room, true, typingFor); err != nil {
		return fmt.Errorf("%s could not type: %w", p.UserID.Localpart(), err)
	}
	return nil
}

// Reads marks the room as read up to an event.
func (p *Person) Reads(ctx context.Context, room id.RoomID, target id.EventID) error {
	if err := p.MarkRead(ctx, room, target); err != nil {
		return fmt.Errorf("%s could not mark as read: %w", p.UserID.Localpart(), err)
	}
	return nil
}
