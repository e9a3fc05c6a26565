package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"
)

// doubts knows of which sends nobody knows whether the homeserver has them already: those whose answer was lost, those
// that a process before this one may have made, and those that are made again because what followed them failed, such as
// their note in a database that is full. The homeserver knows a transaction ID only until it restarts; what it has kept
// is the event, which shows its sender the transaction ID for ever. So a send in doubt looks for its event first.
// ref: Matrix specification, UnsignedData, transaction_id
type doubts struct {
	names   Names
	earlier atomic.Int32 // entries of the journal that are being handled and that an earlier process may have begun

	mu      sync.Mutex
	lost    map[string]bool // transaction IDs of sends whose answer was lost
	settled map[seat]bool   // where nothing of an earlier process is in doubt any more
	made    recent          // transaction IDs of sends that the homeserver has
}

// seat is a sender in a room. The journal hands over a chat's entries one after another: once a ghost's send turns out
// not to have been made before, neither was what follows it. Bots speak for several lanes at once: theirs are never settled.
type seat struct{ room, sender string }

// mostSettled bounds what is remembered; whoever is forgotten looks once more.
const mostSettled = 50_000

func newDoubts(names Names) *doubts {
	return &doubts{names: names, lost: map[string]bool{}, settled: map[seat]bool{}}
}

// begin notes that an entry is being handled that an earlier process may have begun, until the returned func is called.
func (d *doubts) begin() (end func()) {
	d.earlier.Add(1)
	return func() { d.earlier.Add(-1) }
}

// about tells whether a send is in doubt.
func (d *doubts) about(txnID string, at seat) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lost[txnID] || d.made.has(txnID) || (d.earlier.Load() > 0 && !d.settled[at])
}

// found notes that a send in doubt had been made. Its seat is not settled: what follows may have been sent, too.
func (d *doubts) found(txnID string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.lost, txnID)
	d.made.add(txnID)
}

// ending is how a send ended.
type ending int

const (
	unanswered ending = iota // the homeserver may have the event
	refused
	kept
)

// sent notes how a send ended. One that was answered settles its seat; one that was not is in doubt from now on, and so is
// one that was kept and is made again.
func (d *doubts) sent(txnID string, at seat, end ending) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if end == unanswered {
		d.lost[txnID] = true
		return
	}
	delete(d.lost, txnID)
	if end == kept {
		d.made.add(txnID)
	}
	if d.earlier.Load() == 0 || !d.names.IsGhost(id.UserID(at.sender)) {
		return
	}
	if len(d.settled) >= mostSettled {
		clear(d.settled)
	}
	d.settled[at] = true
}

// endingOf is what the homeserver's answer says of a send: a gateway before it, or a failure inside it, may answer although
// the event was kept.
func endingOf(resp *http.Response, err error) ending {
	switch {
	case err != nil || resp.StatusCode >= http.StatusInternalServerError:
		return unanswered
	case resp.StatusCode < http.StatusMultipleChoices:
		return kept
	}
	return refused
}

// mostRecent bounds what is remembered of sends. Those that are made again are made by entries that fail, and while a
// database is full all do: little else is sent meanwhile.
const mostRecent = 20_000

// recent remembers the last of many texts, at least mostRecent and at most twice as many.
type recent struct{ newer, older map[string]bool }

func (r *recent) has(text string) bool { return r.newer[text] || r.older[text] }

func (r *recent) add(text string) {
	if len(r.newer) >= mostRecent {
		r.older, r.newer = r.newer, nil
	}
	if r.newer == nil {
		r.newer = map[string]bool{}
	}
	r.newer[text] = true
}

// seatOf is where a send's event goes, and from whom. The sender is empty for the appservice's own bot.
func seatOf(req *http.Request) seat {
	_, rest, _ := strings.Cut(req.URL.EscapedPath(), "/rooms/")
	room, _, _ := strings.Cut(rest, "/")
	if plain, err := url.PathUnescape(room); err == nil {
		room = plain
	}
	return seat{room: room, sender: req.URL.Query().Get("user_id")}
}

// lookBack is how many of the sender's latest events are looked at.
const lookBack = 50

// find asks the homeserver, as the sender, whether the room has the event of a transaction ID already; empty if it has not.
func (t *transport) find(send *http.Request, txnID string, at seat) (id.EventID, error) {
	req, err := http.NewRequestWithContext(send.Context(), http.MethodGet, lookURL(send, at), http.NoBody)
	if err != nil {
		return "", fmt.Errorf("look for an earlier send: %w", err)
	}
	req.Header.Set("Authorization", send.Header.Get("Authorization"))
	req.Header.Set("User-Agent", send.Header.Get("User-Agent"))
	resp, err := t.pass(req)
	if err != nil {
		return "", fmt.Errorf("look for an earlier send: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusForbidden || resp.StatusCode == http.StatusNotFound {
		return "", nil // not in the room: nothing was sent
	} else if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("look for an earlier send: %w (HTTP %d)", errNotLooked, resp.StatusCode)
	}
	return eventOf(resp.Body, txnID)
}

var errNotLooked = errors.New("the homeserver did not show the room")

func lookURL(send *http.Request, at seat) string {
	look := *send.URL
	base, _, _ := strings.Cut(send.URL.Path, "/rooms/")
	look.Path = base + "/rooms/" + at.room + "/messages"
	look.RawPath = base + "/rooms/" + url.PathEscape(at.room) + "/messages"
	filter := mautrix.FilterPart{}
	query := url.Values{"dir": {"b"}, "limit": {fmt.Sprint(lookBack)}}
	if at.sender != "" {
		filter.Senders = []id.UserID{id.UserID(at.sender)}
		query.Set("user_id", at.sender)
	}
	encoded, _ := json.Marshal(filter) // of strings only
	query.Set("filter", string(encoded))
	look.RawQuery = query.Encode()
	return look.String()
}

func eventOf(body io.Reader, txnID string) (id.EventID, error) {
	var page struct {
		Chunk []struct {
			ID       id.EventID `json:"event_id"`
			Unsigned struct {
				TransactionID string `json:"transaction_id"`
			} `json:"unsigned"`
		} `json:"chunk"`
	}
	if err := json.NewDecoder(body).Decode(&page); err != nil {
		return "", fmt.Errorf("look for an earlier send: read the room: %w", err)
	}
	for _, evt := range page.Chunk {
		if evt.Unsigned.TransactionID == txnID {
			return evt.ID, nil
		}
	}
	return "", nil
}
