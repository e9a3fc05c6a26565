package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"maunium.net/go/mautrix/bridgev2"

	"puente/bridges/bridgekit/guard"
	"puente/bridges/bridgekit/media"
	"puente/bridges/bridgekit/message"
	"puente/core/base/errs"
)

// kinds are the API's words for files, and ours.
var kinds = map[string]media.Kind{
	"image": media.Image, "video": media.Video, "audio": media.Audio, "voice": media.Voice, "file": media.Document, "sticker": media.Sticker,
}

// media brings a message's first file to the homeserver, and makes the event that shows it.
func (in *incoming) media(ctx context.Context, portal *bridgev2.Portal, intent bridgev2.MatrixAPI, said *Message) (*bridgev2.ConvertedMessagePart, error) {
	file := said.Media[0]
	arriving := message.Infile{Kind: kinds[file.Kind], Name: file.Name, Mime: file.Mime}
	if said.Text == "" && said.HTML == "" {
		said.Text = file.Caption
	}
	arriving.Caption, arriving.CaptionHTML = clean(said.Text, said.HTML)
	if file.UploadID != "" {
		if about, err := in.client.connector.uploads.about(in.client.system, file.UploadID); err == nil {
			arriving.Name, arriving.Mime = either(file.Name, about.Name), either(file.Mime, about.Mime)
		}
	}
	arriving.Open = func(ctx context.Context) (io.ReadCloser, int64, error) { return in.openFile(ctx, file) }
	part, err := arriving.Part(ctx, portal.MXID, intent)
	if errors.Is(err, guard.ErrPrivate) {
		return message.Notice("The customer sent a file that Puente may not fetch. " + errs.Message(explainPrivate(guard.ErrPrivate))), nil
	}
	return part, err
}

func (in *incoming) openFile(ctx context.Context, file Media) (io.ReadCloser, int64, error) {
	if file.UploadID == "" {
		return in.client.connector.fetch(ctx, file.URL, in.receivedAt)
	}
	opened, _, err := in.client.connector.uploads.open(in.client.system, file.UploadID)
	if err != nil {
		return nil, 0, err
	}
	info, err := opened.Stat()
	if err != nil {
		_ = opened.Close()
		return nil, 0, errs.Temporary(fmt.Errorf("look at an upload: %w", err), 0)
	}
	return opened, info.Size(), nil
}

// How long a file by address may take, and for how long it is asked for again while its server does not answer: the
// conversation waits meanwhile.
const (
	fetchTimeout  = 5 * time.Minute
	fetchPatience = 5 * time.Minute
)

// fetch brings a file to a temporary one, so that its size is known before the homeserver hears of it. It deletes
// itself when it is closed. A server that has not got it, now or after fetchPatience, is an errs.ErrNotFound. What
// Puente's own disk does not take is an errs.Temporary for as long as that lasts.
func (c *Connector) fetch(ctx context.Context, address string, since time.Time) (io.ReadCloser, int64, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	body, err := c.get(ctx, address)
	if err != nil {
		return nil, 0, c.patient(err, since)
	}
	defer func() { _ = body.Close() }()
	file, err := os.CreateTemp("", "puente-fetch-*")
	if err != nil {
		return nil, 0, errs.Temporary(fmt.Errorf("make a temporary file: %w", err), 0)
	}
	kept := &temporary{file}
	size, err := io.Copy(file, io.LimitReader(download{body}, c.config.MaxUploadBytes+1))
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	var broken *interruption
	switch {
	case errors.As(err, &broken):
		err = c.patient(fmt.Errorf("read a file from its address: %w", err), since)
	case err != nil:
		err = errs.Temporary(fmt.Errorf("keep a file from its address: %w", err), 0)
	case size > c.config.MaxUploadBytes:
		err = c.tooLarge()
	default:
		return kept, size, nil
	}
	_ = kept.Close()
	return nil, 0, err
}

// download is what a server hands over. That it does not come to its end is an *interruption.
type download struct{ io.Reader }

// Read implements io.Reader.
func (d download) Read(p []byte) (int, error) {
	n, err := d.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &interruption{err}
	}
	return n, err
}

// interruption ends a download; unlike a full disk it is its server's.
type interruption struct{ cause error }

func (i *interruption) Error() string { return "interrupted: " + i.cause.Error() }
func (i *interruption) Unwrap() error { return i.cause }

// temporary is a file that is deleted when it is closed.
type temporary struct{ *os.File }

// Close implements io.Closer.
func (t *temporary) Close() error { return errors.Join(t.File.Close(), os.Remove(t.Name())) }

func (c *Connector) get(ctx context.Context, address string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("address of a file: %w", errs.ErrNotFound)
	}
	req.Header.Set("User-Agent", "Puente")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch a file: %w", withoutURL(err))
	}
	switch {
	case resp.StatusCode == http.StatusOK && resp.ContentLength > c.config.MaxUploadBytes:
		err = c.tooLarge()
	case resp.StatusCode == http.StatusOK:
		return resp.Body, nil
	case passes(resp.StatusCode):
		err = &refusal{status: resp.StatusCode, after: retryAfter(resp.Header.Get("Retry-After"), c.clock.Now())}
	default:
		err = fmt.Errorf("fetch a file: answer %d: %w", resp.StatusCode, errs.ErrNotFound)
	}
	_ = resp.Body.Close()
	return nil, err
}

func (c *Connector) tooLarge() error {
	return errs.Tell(fmt.Errorf("file at an address: %w", errs.ErrTooLarge),
		fmt.Sprintf("The customer sent a file that is larger than %d bytes (networks.webhook.max_upload_bytes).", c.config.MaxUploadBytes))
}

// patient has what may pass tried again, but not for ever: after as long as the server asks for, if there is time left.
func (c *Connector) patient(err error, since time.Time) error {
	left := fetchPatience - c.clock.Now().Sub(since)
	var refused *refusal
	switch {
	case errors.Is(err, errs.ErrNotFound), errors.Is(err, errs.ErrTooLarge), errors.Is(err, guard.ErrPrivate):
		return err
	case left < 0:
		return fmt.Errorf("%w: %w", errs.ErrNotFound, err)
	case errors.As(err, &refused):
		return errs.Temporary(err, min(refused.after, left))
	}
	return errs.Temporary(err, 0)
}

// avatar is a picture at an address; nil if there is none.
func (c *Connector) avatar(address string) *bridgev2.Avatar {
	if address == "" {
		return nil
	}
	return &bridgev2.Avatar{ID: avatarID(address), Get: func(ctx context.Context) ([]byte, error) {
		body, err := c.get(ctx, address)
		if err != nil {
			return nil, err
		}
		defer func() { _ = body.Close() }()
		return io.ReadAll(io.LimitReader(body, maxAvatar))
	}}
}

func either(first, second string) string {
	if first != "" {
		return first
	}
	return second
}
