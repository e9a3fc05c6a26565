package emulator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"puente/core/base/errs"
)

// callback is an event as Puente sends it.
type callback struct {
	ID           string
	Type         string
	Conversation struct{ ID string }
	Message      struct {
		ID, Text, HTML string
		ReplyTo        string `json:"reply_to"`
		Media          []struct {
			Kind, URL, Mime, Name string
			Size                  int64
		}
		Location *Location
		Choices  *struct {
			Body, Header, Footer, Open string
			Choices                    []Choice
		}
	}
	MessageID string `json:"message_id"`
	Emoji     string
	Typing    bool
}

// maxCallback is how large a callback may be, in bytes.
const maxCallback = 4 << 20

// serveCallback takes what agents do: it verifies the signature, passes over what it has taken before, and fails at will.
func (e *Emulator) serveCallback(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCallback))
	if err != nil {
		fail(w, http.StatusRequestEntityTooLarge, "the body is too large")
		return
	}
	e.mu.Lock()
	secret, revoked := e.opt.Secret, e.revoked
	e.mu.Unlock()
	if revoked {
		fail(w, http.StatusGone, "this callback is gone")
		return
	}
	signer, err := standardwebhooks.NewWebhook(secret)
	if secret == "" || err != nil || signer.Verify(body, r.Header) != nil {
		fail(w, http.StatusUnauthorized, "the signature does not match")
		return
	}
	var evt callback
	if err = json.Unmarshal(body, &evt); err != nil || evt.ID != r.Header.Get(standardwebhooks.HeaderWebhookID) {
		fail(w, http.StatusBadRequest, "the body is no event, or its id is not the webhook-id")
		return
	}
	files, err := e.fetchMedia(r, evt)
	if err != nil {
		e.log.Warn().Err(err).Msg("A file of an agent's could not be fetched")
		fail(w, http.StatusServiceUnavailable, "the file could not be fetched")
		return
	}
	e.take(w, evt, files)
}

// take applies an event, or fails as FailNext or the customer's ID want.
func (e *Emulator) take(w http.ResponseWriter, evt callback, files []*file) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.failNext) > 0 {
		status := e.failNext[0]
		e.failNext = e.failNext[1:]
		fail(w, status, "as asked for")
		return
	}
	if evt.Type == "ping" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	in, err := e.st.chat(evt.Conversation.ID)
	if err != nil {
		fail(w, http.StatusNotFound, "there is no such conversation")
		return
	}
	magic := ""
	if !in.group() && evt.Type != "typing" && evt.Type != "read" {
		magic = magicOf(in.Members[0])
	}
	if e.fails(w, magic, evt.ID) {
		return
	}
	if before := e.st.Seen[evt.ID]; before != nil {
		before.Repeats++
		accept(w, before.Answer)
		return
	}
	answer, err := e.apply(in, evt, files)
	if errors.Is(err, errs.ErrUnsupported) {
		fail(w, http.StatusUnprocessableEntity, "the widget does not know this type of event")
		return
	} else if err != nil {
		fail(w, http.StatusNotFound, "there is no such message")
		return
	}
	e.st.Seen[evt.ID] = &taken{Answer: answer}
	e.touch()
	switch {
	case magic == "0408" && e.first(magic, evt.ID):
		cut(w, "")
	case magic == "0299" && e.first(magic, evt.ID):
		cut(w, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"id\": \"ms")
	default:
		accept(w, answer)
	}
}

// fails answers with a failure if the customer's ID wants it. The caller holds mu.
func (e *Emulator) fails(w http.ResponseWriter, magic, webhookID string) bool {
	switch magic {
	case "0400":
		fail(w, http.StatusBadRequest, "the customer has blocked the shop; call them instead")
	case "0410":
		fail(w, http.StatusGone, "this callback is gone")
	case "0429":
		if !e.first(magic, webhookID) {
			return false
		}
		w.Header().Set("Retry-After", strconv.Itoa(int(e.opt.RetryAfter.Seconds())))
		fail(w, http.StatusTooManyRequests, "too fast")
	case "0500":
		fail(w, http.StatusInternalServerError, "a fault that stays")
	case "0501":
		if !e.first(magic, webhookID) {
			return false
		}
		fail(w, http.StatusInternalServerError, "a fault that passes")
	default:
		return false
	}
	return true
}

// first tells whether a callback meets its failure for the first time. The caller holds mu.
func (e *Emulator) first(magic, webhookID string) bool {
	e.hits[magic+webhookID]++
	return e.hits[magic+webhookID] == 1
}

// cut ends the connection, after what is left of an answer.
func cut(w http.ResponseWriter, rest string) {
	conn, buffer, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = buffer.WriteString(rest)
	_ = buffer.Flush()
	_ = conn.Close()
}

func accept(w http.ResponseWriter, answer object) {
	if answer == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// fail answers with problem details (RFC 9457).
func fail(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(object{"status": status, "title": http.StatusText(status), "detail": detail})
}
