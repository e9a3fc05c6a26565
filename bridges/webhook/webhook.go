package webhook

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"puente/bridges/bridgekit/message"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

//go:embed openapi.yaml
var openAPI string

// maxBody is how large a request with events may be, in bytes.
const maxBody = 8 << 20

// Webhooks implements network.Connector: the API that openapi.yaml describes.
func (c *Connector) Webhooks() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/systems/{system}/events", c.asSystem(c.takeEvents))
	mux.HandleFunc("POST /v1/systems/{system}/uploads", c.asSystem(c.takeUpload))
	mux.HandleFunc("GET /v1/systems/{system}/media/{media}", c.asSystem(c.serveMedia))
	mux.HandleFunc("GET /v1/openapi.yaml", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = io.WriteString(w, openAPI)
	})
	return mux
}

// asSystem lets through who shows the system's token, before anything that it sent is read. Nobody learns which systems
// there are.
func (c *Connector) asSystem(next func(http.ResponseWriter, *http.Request, *Client)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		system := r.PathValue("system")
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		var client *Client
		err := error(errs.ErrNotFound)
		if token != "" && systemName.MatchString(system) {
			client, err = c.client(r.Context(), system)
		}
		_, again := errs.IsTemporary(err)
		switch {
		case again:
			w.Header().Set("Retry-After", "5")
			refuse(w, http.StatusServiceUnavailable, "Puente is starting, or its database does not answer: try again")
		case err != nil || !client.knows(token):
			c.log.Warn().Msg("Request to the webhook API with a wrong token refused")
			w.Header().Set("WWW-Authenticate", "Bearer")
			refuse(w, http.StatusUnauthorized, "show the API token of this system as Authorization: Bearer …; `login webhook` makes a new one")
		default:
			next(w, r, client)
		}
	}
}

// takeEvents commits what a system posts, all or nothing, and only then answers 202.
func (c *Connector) takeEvents(w http.ResponseWriter, r *http.Request, cl *Client) {
	if contentType := r.Header.Get("Content-Type"); !strings.HasPrefix(contentType, "application/json") {
		refuse(w, http.StatusUnsupportedMediaType, "send Content-Type: application/json")
		return
	}
	body, ok := readAll(w, r)
	if !ok {
		return
	}
	events, found := parse(body)
	var err error
	if len(found) == 0 {
		found, err = c.claim(cl, events)
	}
	if err != nil {
		c.log.Error().Err(err).Str("login_id", string(cl.system)).Msg("Uploads not kept for their events, the system has to send them again")
		nothingTaken(w)
		return
	} else if len(found) > 0 {
		refuse(w, http.StatusBadRequest, "nothing was taken: mend what errors names and send all of it again", found...)
		return
	}
	if !cl.mayPost(w, len(events)) {
		return
	}
	var entries []network.Entry
	accepted := make([]string, len(events))
	for i, evt := range events {
		accepted[i] = evt.ID
		entries = append(entries, cl.entries(evt)...)
	}
	if err = c.env.Intake.Take(r.Context(), entries...); err != nil {
		c.log.Error().Err(err).Str("login_id", string(cl.system)).Msg("Events not committed, the system has to send them again")
		nothingTaken(w)
		return
	}
	answer(w, "application/json", http.StatusAccepted, map[string][]string{"accepted": accepted})
}

// nothingTaken refuses events for a reason that passes and is not theirs.
func nothingTaken(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "5")
	refuse(w, http.StatusServiceUnavailable, "nothing was taken: send all of it again")
}

func readAll(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		refuse(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is over %d bytes: send fewer events at once, and files as uploads", maxBody))
	case err != nil:
		refuse(w, http.StatusBadRequest, "the body could not be read")
	default:
		return body, true
	}
	return nil, false
}

// mayPost keeps one system from drowning the others.
func (cl *Client) mayPost(w http.ResponseWriter, events int) bool {
	now := cl.connector.clock.Now()
	reserved := cl.limit.ReserveN(now, events)
	wait := reserved.DelayFrom(now)
	if wait == 0 {
		return true
	}
	reserved.CancelAt(now)
	w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
	refuse(w, http.StatusTooManyRequests, "too many events: nothing was taken; wait as long as Retry-After says, and send all of it again")
	return false
}

// claim keeps the uploads that events name from being deleted as forgotten. Its error is the disk's: the events may be
// as they should.
func (c *Connector) claim(cl *Client, events []posted) ([]fault, error) {
	found := &faults{}
	for _, evt := range events {
		if evt.Message == nil {
			continue
		}
		for n, file := range evt.Message.Media {
			if file.UploadID == "" {
				continue
			}
			err := c.uploads.claim(cl.system, file.UploadID)
			if errors.Is(err, errs.ErrNotFound) {
				found.add(fmt.Sprintf("%s/message/media/%d/upload_id", evt.at, n), "is no upload of this system's: upload the file first; it is kept for a day")
			} else if err != nil {
				return nil, err
			}
		}
	}
	return found.list, nil
}

// entries makes of an event what the journal takes. Each further file of a message is an entry of its own, so that a
// crash between two files loses none.
func (cl *Client) entries(evt posted) []network.Entry {
	first := cl.entry(evt.Event, evt.ID, evt.raw)
	if evt.Type != typeMessageCreated || len(evt.Message.Media) < 2 {
		return []network.Entry{first}
	}
	entries := []network.Entry{first}
	for n := 1; n < len(evt.Message.Media); n++ {
		one, said := evt.Event, *evt.Message
		said.ID, said.Media = furtherFile(said.ID, n), said.Media[n:n+1]
		said.Text, said.HTML = said.Media[0].Caption, ""
		one.Message = &said
		raw, err := json.Marshal(one)
		if err != nil {
			return []network.Entry{first} // cannot be: it was just read
		}
		entries = append(entries, cl.entry(one, fmt.Sprintf("%s\n%d", evt.ID, n), raw)) // no ID has a line break
	}
	return entries
}

// entry is one thing in the journal. Keys and lanes stand in logs, and systems may make IDs of phone numbers.
func (cl *Client) entry(evt Event, eventID string, raw []byte) network.Entry {
	lane := "account"
	switch {
	case evt.Type == typeMessageStatus || evt.Type == typeRead:
		lane = fingerprint(evt.MessageID) // waits for that message if it must, and holds up no other
	case evt.Conversation != nil:
		lane = fingerprint(evt.Conversation.ID)
	}
	return network.Entry{
		Key: scoped(cl.system, fingerprint(eventID)), Lane: scoped(cl.system, lane), Kind: plainType(evt.Type), Payload: raw,
	}
}

// plainType is a type of event as it may stand in logs and in words of ours: whoever posts may call one anything.
func plainType(eventType string) string {
	if _, known := needs[eventType]; known {
		return eventType
	}
	return message.CleanWord(strings.ReplaceAll(eventType, ".", "_"))
}

// takeUpload keeps a file for a message to come.
func (c *Connector) takeUpload(w http.ResponseWriter, r *http.Request, cl *Client) {
	if !cl.mayPost(w, 1) {
		return
	}
	about := upload{Mime: r.Header.Get("Content-Type"), Name: r.URL.Query().Get("name")}
	found := &faults{}
	found.line("#/name", about.Name, maxLine)
	if found.line("#/content-type", about.Mime, maxID); len(found.list) > 0 {
		refuse(w, http.StatusBadRequest, "the file was not kept", found.list...)
		return
	}
	most := c.config.MaxUploadBytes
	uploadID, err := c.uploads.put(cl.system, http.MaxBytesReader(w, r.Body, most), about)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		refuse(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the file is over %d bytes (networks.webhook.max_upload_bytes)", most))
	case err != nil:
		c.log.Error().Err(err).Str("login_id", string(cl.system)).Msg("Could not keep an upload")
		refuse(w, http.StatusServiceUnavailable, "the file was not kept: send it again")
	default:
		answer(w, "application/json", http.StatusCreated, map[string]string{"upload_id": uploadID})
	}
}
