package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"puente/bridges/bridgekit/emulation"
	"puente/core/base/clock"
	"puente/core/base/errs"
)

// enqueue gives an event to the worker. The caller holds mu.
func (e *Emulator) enqueue(updates ...*update) {
	e.st.Queue = append(e.st.Queue, updates...)
	e.touch()
}

// Hold keeps back all events until Release.
func (e *Emulator) Hold() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.held = true
}

// Release lets held events go, in the order that the options say.
func (e *Emulator) Release() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.held = false
	if e.opt.Order == Reversed {
		slices.Reverse(e.st.Queue)
	}
	e.touch()
}

// WaitDelivered returns when no event waits any more, or the error of ctx.
func (e *Emulator) WaitDelivered(ctx context.Context) error {
	_, err := emulation.Wait(ctx, &e.mu, &e.changed, "wait for events to be delivered",
		func() (bool, error) { return len(e.st.Queue) == 0 && !e.sending, nil }, func(done bool) bool { return done })
	return err
}

// deliver is the one worker that posts events, in order, each again until Puente takes or refuses it.
func (e *Emulator) deliver(ctx context.Context) {
	tries := 0
	for ctx.Err() == nil {
		batch, changed := e.next()
		if len(batch) == 0 {
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		}
		err := e.send(ctx, batch)
		refused := errors.Is(err, errs.ErrInvalid)
		if refused {
			e.log.Error().Err(err).Int("events", len(batch)).Msg("Puente refuses events")
		}
		e.finish(batch, err == nil || refused)
		if err == nil || refused {
			tries = 0
			continue
		}
		delay := min(e.opt.RetryMin<<min(tries, 20), e.opt.RetryMax)
		tries++
		_ = clock.Sleep(ctx, e.clock, delay) // the loop sees that ctx has ended
	}
}

// next takes the events of the next post.
func (e *Emulator) next() (batch []*update, changed <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.held && e.opt.Token != "" && e.opt.PuenteURL != "" {
		batch = slices.Clone(e.st.Queue[:min(len(e.st.Queue), e.opt.BatchSize)])
	}
	e.sending = len(batch) > 0
	return batch, e.changed
}

// finish takes events that are done with off the queue.
func (e *Emulator) finish(batch []*update, done bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sending = false
	if done {
		e.st.Queue = slices.DeleteFunc(e.st.Queue, func(u *update) bool { return slices.Contains(batch, u) })
	}
	e.touch()
}

// send posts a batch, twice if duplicates were asked for.
func (e *Emulator) send(ctx context.Context, batch []*update) error {
	events := make([]object, len(batch))
	for i, one := range batch {
		ready, err := e.prepare(ctx, one)
		if err != nil {
			return err
		}
		events[i] = ready
	}
	var body any = events
	if len(events) == 1 {
		body = events[0]
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write events: %w", err)
	}
	e.mu.Lock()
	token, duplicate := e.opt.Token, e.opt.Duplicate
	e.mu.Unlock()
	for range 1 + map[bool]int{true: 1}[duplicate] {
		status, _, err := e.post(ctx, "events", "application/json", token, raw)
		switch {
		case err != nil:
			return err
		case status == http.StatusAccepted:
		case status == http.StatusBadRequest:
			return fmt.Errorf("post events: %w", errs.ErrInvalid)
		default:
			return fmt.Errorf("post events: status %d: %w", status, errs.ErrConflict)
		}
	}
	return nil
}

// prepare fills in where an event's files are, uploading those that go so.
func (e *Emulator) prepare(ctx context.Context, u *update) (object, error) {
	if len(u.Files) == 0 {
		return u.Event, nil
	}
	ready := maps.Clone(u.Event)
	said := maps.Clone(ready["message"].(object))
	var media []any
	for i, part := range said["media"].([]any) {
		part := maps.Clone(part.(object))
		if err := e.place(ctx, u.Files[i], part); err != nil {
			return nil, err
		}
		media = append(media, part)
	}
	said["media"], ready["message"] = media, said
	return ready, nil
}

func (e *Emulator) place(ctx context.Context, fileID string, part object) error {
	e.mu.Lock()
	kept, token := *e.st.Files[fileID], e.opt.Token
	e.mu.Unlock()
	if !kept.ByUpload {
		part["url"] = e.fileURL(fileID)
		return nil
	}
	if kept.UploadID == "" {
		status, answer, err := e.post(ctx, "uploads?name="+url.QueryEscape(kept.Name), kept.Mime, token, kept.Data)
		if err != nil {
			return err
		} else if status != http.StatusCreated {
			return fmt.Errorf("upload a file: status %d: %w", status, errs.ErrConflict)
		}
		var uploaded struct {
			ID string `json:"upload_id"`
		}
		if err = json.Unmarshal(answer, &uploaded); err != nil {
			return fmt.Errorf("read the answer to an upload: %w", err)
		}
		kept.UploadID = uploaded.ID
		e.mu.Lock()
		e.st.Files[fileID].UploadID = uploaded.ID
		e.mu.Unlock()
	}
	part["upload_id"] = kept.UploadID
	return nil
}

// post sends a body to one of the paths of this system's API.
func (e *Emulator) post(ctx context.Context, path, contentType, token string, body []byte) (status int, answer []byte, err error) {
	e.mu.Lock()
	address := fmt.Sprintf("%s/webhook/v1/systems/%s/%s", e.opt.PuenteURL, e.opt.System, path)
	e.mu.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("post to Puente: %w", err)
	}
	req.Header.Set("Content-Type", contentType)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := e.client.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("post to Puente: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err = io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return res.StatusCode, answer, err
}

// Raw posts any body as events at once, outside the queue and with any token, as a forger would; an empty token sends
// none. It returns the HTTP status.
func (e *Emulator) Raw(ctx context.Context, token string, body []byte) (int, error) {
	status, _, err := e.post(ctx, "events", "application/json", token, body)
	return status, err
}

// Post sends an event of any shape through the queue, for what the emulator has no method for.
func (e *Emulator) Post(event map[string]any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.enqueue(&update{Event: event})
}

// typingLasts is for how long the phone shows that the business types, if it does not say that it stopped.
const typingLasts = 20 * time.Second
