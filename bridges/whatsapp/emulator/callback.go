package emulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"puente/core/base/errs"
)

// errCut stands for an answer that was lost on its way.
var errCut = errors.New("the answer was cut")

// callbackOf returns where an update goes: number before account before app, the first two for messages only.
// ref: reference/whatsapp-cloud.md §2. The caller holds mu.
func (e *Emulator) callbackOf(u *update) string {
	c := e.st.Callbacks
	if u.Field == messageField {
		if c.ByNumber[u.Number] != "" {
			return c.ByNumber[u.Number]
		}
		if c.Account != "" {
			return c.Account
		}
	}
	if c.App != "" {
		return c.App
	}
	return e.opt.CallbackURL
}

// SetCallback changes where webhooks go; those that wait go there too.
func (e *Emulator) SetCallback(callbackURL string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.st.Callbacks.App = ""
	e.opt.CallbackURL = callbackURL
	e.touch()
}

// send posts one body to target, twice if duplicates were asked for.
func (e *Emulator) send(ctx context.Context, target string, batch []*update) error {
	body, err := e.envelope(batch)
	if err != nil {
		return err
	}
	times := 1
	if e.opt.Duplicate {
		times = 2
	}
	for range times {
		status, err := e.post(ctx, target, body, e.sign(body))
		if err != nil {
			return err
		}
		if status != http.StatusOK {
			return fmt.Errorf("post a webhook: status %d: %w", status, errs.ErrConflict)
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cut > 0 {
		e.cut--
		return errCut
	}
	return nil
}

// post sends a body and returns the HTTP status; an empty signature sends none.
func (e *Emulator) post(ctx context.Context, target string, body []byte, signature string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("post a webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "facebookexternalua")
	if signature != "" {
		req.Header.Set("X-Hub-Signature-256", signature)
	}
	res, err := e.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("post a webhook: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20))
	return res.StatusCode, nil
}

// Raw posts any body to the callback at once, outside the queue, and returns the HTTP status. signed says whether it
// carries a right signature.
func (e *Emulator) Raw(ctx context.Context, body []byte, signed bool) (int, error) {
	e.mu.Lock()
	target := e.callbackOf(&update{Field: messageField})
	e.mu.Unlock()
	signature := ""
	if signed {
		signature = e.sign(body)
	}
	return e.post(ctx, target, body, signature)
}

// RawSigned posts any body with any signature header, as a forger would.
func (e *Emulator) RawSigned(ctx context.Context, body []byte, signature string) (int, error) {
	e.mu.Lock()
	target := e.callbackOf(&update{Field: messageField})
	e.mu.Unlock()
	return e.post(ctx, target, body, signature)
}

// Enqueue sends any value of any field as a webhook through the queue, for what the emulator has no method for.
func (e *Emulator) Enqueue(field string, value map[string]any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.enqueue(&update{Field: field, Value: value})
}

// VerifyCallback asks the callback to prove itself, as Meta does when its URL or token is set.
// ref: reference/whatsapp-cloud.md §2
func (e *Emulator) VerifyCallback(ctx context.Context) error {
	e.mu.Lock()
	target := e.callbackOf(&update{})
	e.mu.Unlock()
	return e.verify(ctx, target, e.opt.VerifyToken)
}

func (e *Emulator) verify(ctx context.Context, target, token string) error {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return fmt.Errorf("verify the callback: no usable URL: %w", errs.ErrInvalid)
	}
	challenge := newDecimalID()
	query := u.Query()
	query.Set("hub.mode", "subscribe")
	query.Set("hub.challenge", challenge)
	query.Set("hub.verify_token", token)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return fmt.Errorf("verify the callback: %w", err)
	}
	res, err := e.client.Do(req)
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err // without the URL, which holds the token
	}
	if err != nil {
		return fmt.Errorf("verify the callback: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1024))
	switch {
	case err != nil:
		return fmt.Errorf("verify the callback: %w", err)
	case res.StatusCode != http.StatusOK:
		return fmt.Errorf("verify the callback: status %d: %w", res.StatusCode, errs.ErrForbidden)
	case string(body) != challenge:
		return fmt.Errorf("verify the callback: the answer is not the challenge: %w", errs.ErrInvalid)
	}
	return nil
}
