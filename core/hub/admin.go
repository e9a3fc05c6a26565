package hub

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

// The paths where the running Puente answers its own command line, which cannot open a SQLite database beside it. Who
// asks shows the as_token, which stands in the same config.
const (
	AdminRetryPath  = "/_puente/journal/retry"
	AdminVerifyPath = "/_puente/journal/verify" // ?hours=24
	AdminCheckPath  = "/_puente/check"
)

// maxAdmin bounds what the command line may send, in bytes.
const maxAdmin = 1 << 20

// RetryRequest asks to try entries again; RetryAnswer says how many will be.
type RetryRequest struct {
	Entries []int64 `json:"entries"`
}

// RetryAnswer is the answer to a RetryRequest.
type RetryAnswer struct {
	Retried int `json:"retried"`
}

// VerifyLine is one line of the answer at AdminVerifyPath: how far it is, or at the end what was found, or why nothing could be.
type VerifyLine struct {
	Done   int           `json:"done,omitempty"` // rooms
	Of     int           `json:"of,omitempty"`
	Result *Verification `json:"result,omitempty"`
	Error  string        `json:"error,omitempty"`
}

func (l *listener) mountAdmin(mux *http.ServeMux) {
	mux.HandleFunc("POST "+AdminVerifyPath, l.fromAdmin(l.verify))
	mux.HandleFunc("POST "+AdminRetryPath, l.fromAdmin(l.retry))
	mux.HandleFunc("GET "+AdminCheckPath, l.fromAdmin(l.check))
}

func (l *listener) fromAdmin(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !sameSecret(token, l.hub.ASToken) {
			http.Error(w, "wrong as_token", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

func (l *listener) retry(w http.ResponseWriter, r *http.Request) {
	var request RetryRequest
	var tooLarge *http.MaxBytesError
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAdmin))
	if errors.As(err, &tooLarge) {
		http.Error(w, "too many entries at once", http.StatusRequestEntityTooLarge)
		return
	} else if err != nil || json.Unmarshal(body, &request) != nil {
		http.Error(w, "not a list of entries", http.StatusBadRequest)
		return
	}
	retried, err := l.hub.Journal.Retry(r.Context(), request.Entries...)
	if err != nil {
		l.hub.Log.Error().Err(err).Msg("Could not retry entries")
		http.Error(w, "the journal could not be written", http.StatusInternalServerError)
		return
	}
	writeJSON(w, RetryAnswer{Retried: retried})
}

// verify answers line by line, since many rooms take a while.
func (l *listener) verify(w http.ResponseWriter, r *http.Request) {
	hours, err := strconv.Atoi(r.URL.Query().Get("hours"))
	if err != nil || hours < 1 {
		http.Error(w, "hours must be a whole number from 1 on", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	lines, flush := json.NewEncoder(w), http.NewResponseController(w)
	say := func(line VerifyLine) {
		_ = lines.Encode(line) // the client has gone if this fails
		_ = flush.Flush()
	}
	since := l.hub.Clock.Now().Add(-time.Duration(hours) * time.Hour)
	result, err := l.hub.Verify(r.Context(), since, func(done, of int) { say(VerifyLine{Done: done, Of: of}) })
	if err != nil {
		say(VerifyLine{Error: errText(err)})
		return
	}
	say(VerifyLine{Result: &result})
}

func (l *listener) check(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, l.hub.Check(r.Context()))
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value) // the client has gone if this fails
}

// Check asks each bridge whether its set-up works.
func (h *Hub) Check(ctx context.Context) []network.Finding {
	findings := []network.Finding{}
	for _, b := range h.bridges {
		checker, ok := b.connector.(network.Checker)
		if !ok {
			continue
		}
		if _, err := b.owner(ctx); err != nil {
			findings = append(findings, network.Finding{About: b.network.ID, Mend: "its accounts cannot be read from the database: " + errText(err)})
			continue
		}
		findings = append(findings, checker.Check(ctx)...)
	}
	return findings
}

func errText(err error) string {
	if message := errs.Message(err); message != "" {
		return message
	}
	return err.Error()
}
