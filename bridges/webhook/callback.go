package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"puente/bridges/bridgekit/delivery"
	"puente/bridges/bridgekit/guard"
	"puente/core/base/errs"
)

const (
	maxAnswer   = 64 << 10
	maxReason   = 200
	mostPatient = time.Hour // a Retry-After that is longer counts as this
)

// refusal is an answer of a system's other than 2xx.
type refusal struct {
	status int
	reason string // from the answer's problem details, cleaned; it may hold anything, so it is only ever told, not logged
	after  time.Duration
}

func (r *refusal) Error() string { return fmt.Sprintf("callback answers %d", r.status) }

// verdict is what a call says about the callback as a whole.
type verdict int

const (
	callbackAnswers verdict = iota
	callbackAway
	callbackGone
	callbackForbids
)

// refusedBy reads off the error of a call how the callback is.
func refusedBy(err error) verdict {
	var refused *refusal
	switch {
	case err == nil:
		return callbackAnswers
	case !errors.As(err, &refused):
		return callbackAway
	case refused.status == http.StatusGone:
		return callbackGone
	case refused.status == http.StatusUnauthorized:
		return callbackForbids
	case refused.status == http.StatusBadGateway, refused.status == http.StatusServiceUnavailable, refused.status == http.StatusGatewayTimeout:
		return callbackAway
	}
	return callbackAnswers
}

// passes tells whether another try may help after a status.
func passes(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooEarly || status == http.StatusTooManyRequests || status >= 500
}

// faultTries is how often a system may fail over one message before its author is told that it will not arrive. With
// the journal's growing pauses that is half an hour.
const faultTries = 12

// tries implements delivery.Courier.Tries: a fault that comes with each try is the message's, or will not pass.
func tries(err error) int {
	var refused *refusal
	if errors.As(err, &refused) && refused.status >= 500 {
		return faultTries
	}
	return 0
}

// call posts one event, signed, and returns the ID by which the system knows the message, if it says so. Its error is
// what delivery.Send wants. ref: https://www.standardwebhooks.com, "Webhook headers" and "Delivery"
func (cl *Client) call(ctx context.Context, evt *Event) (messageID string, err error) {
	body, err := json.Marshal(evt)
	if err != nil {
		return "", fmt.Errorf("write a webhook: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, cl.connector.config.CallbackTimeout)
	defer cancel()
	messageID, err = cl.post(ctx, evt.ID, body)
	cl.noteCallback(refusedBy(err), evt.Type == typePing)
	return messageID, cl.explain(err)
}

func (cl *Client) post(ctx context.Context, webhookID string, body []byte) (messageID string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, cl.meta.CallbackURL, bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("make a webhook: %w", errs.ErrInvalid) // the error would name the address
	}
	signer, err := standardwebhooks.NewWebhook(cl.meta.Secret)
	if err != nil {
		return "", fmt.Errorf("read the signing secret: %w", errs.ErrInvalid)
	}
	now := cl.connector.clock.Now()
	signature, err := signer.Sign(webhookID, now, body)
	if err != nil {
		return "", fmt.Errorf("sign a webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Puente")
	req.Header.Set(standardwebhooks.HeaderWebhookID, webhookID)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	resp, err := cl.connector.http.Do(req)
	if err != nil {
		return "", fmt.Errorf("call a system: %w", withoutURL(err))
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return givenID(text), nil // what stands in the body, and whether it came whole, does not matter: it was taken
	} else if err != nil {
		text = nil
	}
	return "", &refusal{status: resp.StatusCode, reason: reasonIn(text), after: retryAfter(resp.Header.Get("Retry-After"), now)}
}

// explain says what became of a call, for delivery and for whoever wrote the message.
func (cl *Client) explain(err error) error {
	var refused *refusal
	var dialling *net.OpError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, guard.ErrPrivate), errors.Is(err, errs.ErrInvalid):
		return errs.Final(explainPrivate(err))
	case errors.As(err, &refused) && passes(refused.status):
		return errs.Temporary(errs.Tell(err, fmt.Sprintf("%s has a fault (%d) or too much to do.", cl.meta.DisplayName, refused.status)), refused.after)
	case errors.As(err, &refused):
		return errs.Final(errs.Tell(err, cl.refusalWords(refused)))
	case errors.As(err, &dialling) && dialling.Op == "dial":
		return errs.Temporary(errs.Tell(err, cl.meta.DisplayName+" cannot be reached."), 0)
	}
	return delivery.Unclear(err)
}

func (cl *Client) refusalWords(r *refusal) string {
	switch {
	case r.status == http.StatusGone:
		return cl.meta.DisplayName + " says that its callback is gone (410). An operator logs it in again with `login webhook`."
	case r.status == http.StatusUnauthorized:
		return cl.meta.DisplayName + " does not accept Puente's signature (401). An operator logs it in again with `login webhook`."
	case r.status < 400:
		return fmt.Sprintf("%s redirects (%d), which Puente does not follow. An operator logs it in again with the right callback URL.", cl.meta.DisplayName, r.status)
	case r.reason == "":
		return fmt.Sprintf("%s refused it without a reason (%d).", cl.meta.DisplayName, r.status)
	}
	return fmt.Sprintf("%s refused it: %s", cl.meta.DisplayName, r.reason)
}

// givenID is the system's own ID of a message; empty if it gave none that can be used.
func givenID(body []byte) string {
	var given struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(body, &given) != nil || strings.HasPrefix(given.ID, ownPrefix) {
		return ""
	}
	f := &faults{}
	if f.word("#/id", given.ID); len(f.list) > 0 {
		return ""
	}
	return given.ID
}

// reasonIn reads why a system refused, from problem details (RFC 9457), for people: one line, not too long.
func reasonIn(body []byte) string {
	var told problem
	if json.Unmarshal(body, &told) != nil {
		return ""
	}
	return oneLine(either(told.Detail, told.Title))
}

func oneLine(reason string) string {
	reason = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		} else if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, reason)
	if utf8.RuneCountInString(reason) > maxReason {
		reason = string([]rune(reason)[:maxReason]) + "…"
	}
	return strings.TrimSpace(reason)
}

// retryAfter reads the header of the same name: seconds or a date. 0 if it says nothing.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(strings.TrimSpace(header)); err == nil {
		return min(max(time.Duration(min(seconds, 1<<20))*time.Second, 0), mostPatient)
	} else if date, err := http.ParseTime(header); err == nil {
		return min(max(date.Sub(now), 0), mostPatient)
	}
	return 0
}

// explainPrivate gives the refusal of a private address its mend.
func explainPrivate(err error) error {
	if !errors.Is(err, guard.ErrPrivate) {
		return err
	}
	return errs.Tell(err, "The address is in a private network, which Puente does not call. If it is meant to, an operator lists it under networks.webhook.allow_private_addresses.")
}

// withoutURL takes the address off an error of net/http: callback URLs may hold secrets.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
