package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"puente/bridges/bridgekit/delivery"
	"puente/core/base/errs"
)

// maxAnswer is the largest JSON answer that is read, in bytes; a page of templates is the largest known.
const maxAnswer = 8 << 20

// What an agent reads when no answer of Meta says more.
const (
	tellUnreachable = "WhatsApp cannot be reached at the moment. " + willRetry
	tellAmbiguous   = "The connection to WhatsApp broke off, so it is not known whether the message went out. " +
		"Wait for its delivery mark before you send it again."
	tellBadAnswer = "WhatsApp answered in a way that Puente does not understand. " + askAdmin
)

// call is one request to the Graph API.
type call struct {
	op     string // what is being done, for errors: "send message"
	method string
	path   string // behind the version, escaped
	query  url.Values
	json   any // the body, or
	stream *stream
	// once tells that repeating the request could do the thing twice: an unclear end is then ambiguous.
	once bool
	// complete checks the decoded answer; an error counts as an unreadable one.
	complete func() error
}

// do makes the call and decodes the answer into out (nil to pass it over).
func (c *Client) do(ctx context.Context, k call, out any) error {
	if c.invalid != nil {
		return fmt.Errorf("%s: %w", k.op, c.invalid)
	}
	trace := &delivery.Progress{}
	req, err := c.request(trace.Watch(ctx), k)
	if err != nil {
		return fmt.Errorf("%s: %w", k.op, err)
	}
	started := c.clock.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		return k.broken(ctx, err, trace.MayHaveArrived(ctx, err))
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	c.log.Debug().Str("op", k.op).Str("method", k.method).Int("http_status", resp.StatusCode).
		Dur("took", c.clock.Now().Sub(started)).Msg("Graph API answered")
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return k.refused(readError(resp.StatusCode, resp.Header, body, c.clock.Now()))
	}
	if err != nil {
		return k.broken(ctx, err, true)
	}
	return k.decode(body, out)
}

// request builds the HTTP request with the token.
func (c *Client) request(ctx context.Context, k call) (*http.Request, error) {
	var body io.Reader
	var contentType string
	switch {
	case k.stream != nil:
		body, contentType = k.stream, k.stream.contentType
	case k.json != nil:
		raw, err := json.Marshal(k.json)
		if err != nil {
			return nil, fmt.Errorf("encode request: %w", err)
		}
		body, contentType = bytes.NewReader(raw), "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, k.method, c.address(k.path, k.query), body)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", bare(err))
	}
	if k.stream != nil {
		req.ContentLength = k.stream.length
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("Authorization", "Bearer "+c.token())
	req.Header.Set("User-Agent", defaultUserAgent)
	return req, nil
}

// broken makes the error of a call that got no answer, or only a part of one.
func (k call) broken(ctx context.Context, err error, arrived bool) error {
	wrapped := fmt.Errorf("%s: %w", k.op, bare(err))
	switch {
	case k.once && arrived:
		return errs.Tell(&ambiguous{wrapped}, tellAmbiguous)
	case errors.Is(ctx.Err(), context.Canceled):
		return wrapped // whoever asked has gone
	}
	return errs.Tell(errs.Temporary(wrapped, 0), tellUnreachable)
}

// refused makes the error of a call that was answered with an error.
func (k call) refused(e *Error) error {
	err := fmt.Errorf("%s: %w", k.op, e)
	if k.once && e.Code == NoCode && e.HTTPStatus >= 500 {
		// Some proxy gave up; what stands behind it may have worked on.
		return errs.Tell(&ambiguous{err}, tellAmbiguous)
	}
	x := e.Explain()
	if x.Temporary() {
		err = errs.Temporary(err, e.RetryAfter)
	}
	return errs.Tell(err, x.Message())
}

// decode reads an answer of success.
func (k call) decode(body []byte, out any) error {
	if out == nil {
		return nil
	}
	err := json.Unmarshal(body, out)
	if err != nil || len(body) > maxAnswer {
		err = errors.New("the answer is not the expected JSON")
	} else if k.complete != nil {
		err = k.complete()
	}
	if err == nil {
		return nil
	}
	wrapped := fmt.Errorf("%s: %w", k.op, err)
	if k.once {
		return errs.Tell(&ambiguous{wrapped}, tellAmbiguous)
	}
	return errs.Tell(errs.Temporary(wrapped, 0), tellBadAnswer)
}

// bare takes the address off an error of net/http: addresses of media are secrets.
func bare(err error) error {
	var with *url.Error
	if errors.As(err, &with) {
		return with.Err
	}
	return err
}
