package botapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"puente/bridges/bridgekit/delivery"
	"puente/core/base/errs"
)

// maxAnswer is the largest answer that is read, in bytes; a hundred updates are far below.
const maxAnswer = 32 << 20

// caller is the Client as the library's HTTP client: it turns every answer that is no success into an error of ours.
type caller Client

// answer is the envelope of every answer. ref: reference/telegram-bot.md §2
type answer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// Do makes a call of the Bot API. Its errors hold neither the token nor what the answer quotes.
func (c *caller) Do(req *http.Request) (*http.Response, error) {
	method := path.Base(req.URL.Path)
	watch := &delivery.Progress{}
	started := c.clock.Now()
	resp, err := c.http.Do(req.WithContext(watch.Watch(req.Context())))
	if err != nil {
		return nil, broken(req.Context(), method, err, watch.MayHaveArrived(req.Context(), err))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	_ = resp.Body.Close()
	c.log.Trace().Str("method", method).Int("http_status", resp.StatusCode).Dur("took", c.clock.Now().Sub(started)).Msg("Bot API answered")
	if err != nil {
		return nil, broken(req.Context(), method, err, true)
	}
	result, err := read(method, resp.StatusCode, resp.Header, body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(result))
	return resp, nil
}

// read takes an answer apart and returns what the library is to decode.
func read(method string, status int, header http.Header, body []byte) ([]byte, error) {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil || (!a.OK && a.Code == 0) {
		return nil, unreadable(method, status)
	}
	if !a.OK {
		after := time.Duration(a.Parameters.RetryAfter) * time.Second
		if after == 0 {
			after = headerSeconds(header)
		}
		return nil, (&Error{
			Method: method, Code: a.Code, Description: a.Description, RetryAfter: after, MigrateTo: a.Parameters.MigrateTo,
		}).told()
	}
	if !strings.HasPrefix(strings.ToLower(method), "send") {
		return body, nil
	}
	return bare(body, a.Result), nil
}

// bare leaves of a sent message what the bridge reads: a kind of content that the library does not know must not make
// a message that went out look as if it had not.
func bare(body, result []byte) []byte {
	var sent struct {
		ID   int `json:"message_id"`
		Date int `json:"date"`
		Chat struct {
			ID   int64  `json:"id"`
			Type string `json:"type"`
		} `json:"chat"`
		Poll *struct {
			ID string `json:"id"`
		} `json:"poll,omitempty"`
	}
	if json.Unmarshal(result, &sent) != nil || sent.ID == 0 {
		return body
	}
	made, err := json.Marshal(map[string]any{"ok": true, "result": sent})
	if err != nil {
		return body
	}
	return made
}

// What an agent reads when no answer of Telegram's says more.
const (
	tellUnreachable = "Telegram cannot be reached at the moment. It is tried again."
	tellBroken      = "the connection to Telegram broke while sending, so it is not known whether the message went out. It is tried again."
	tellUnreadable  = "Telegram answered something that Puente cannot read. If it goes on, ask whoever runs Puente to look at the log."
)

// errUnreadable is an answer that is no Bot API answer; errNobodyBehind is that of a proxy which reached no Bot API.
var (
	errUnreadable   = errors.New("the answer is none of the Bot API")
	errNobodyBehind = errors.New("the proxy before the Bot API reached nobody")
)

// broken makes the error of a call that got no answer, or only a part of one.
func broken(ctx context.Context, method string, err error, arrived bool) error {
	var with *url.Error // it holds the address, and that the token
	if errors.As(err, &with) {
		err = with.Err
	}
	wrapped := fmt.Errorf("telegram %s: %w", method, err)
	switch {
	case arrived:
		return errs.Tell(delivery.Unclear(errs.Temporary(wrapped, 0)), tellBroken)
	case errors.Is(ctx.Err(), context.Canceled):
		return wrapped // whoever asked has gone
	}
	return errs.Tell(errs.Temporary(wrapped, 0), tellUnreachable)
}

// unreadable makes the error of an answer that is no JSON of the Bot API's: a proxy's page, half of an answer. What
// stands behind the proxy may have done its work.
func unreadable(method string, status int) error {
	cause := errUnreadable
	if status == http.StatusBadGateway || status == http.StatusServiceUnavailable {
		cause = errNobodyBehind
	}
	err := fmt.Errorf("telegram %s: HTTP %d: %w", method, status, cause)
	return errs.Tell(delivery.Unclear(errs.Temporary(err, 0)), tellUnreadable)
}

// IsUnreadable tells whether an answer was no Bot API answer.
func IsUnreadable(err error) bool { return errors.Is(err, errUnreadable) }

func headerSeconds(header http.Header) time.Duration {
	var seconds int
	if _, err := fmt.Sscanf(header.Get("Retry-After"), "%d", &seconds); err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(min(seconds, 3600)) * time.Second
}
