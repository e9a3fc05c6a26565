package emulator

import (
	"encoding/json"
	"maps"
	"slices"
)

// record is what came in, for whoever inspects the emulator.
type record struct {
	last    map[string]json.RawMessage
	calls   map[string]int
	unknown map[string]bool
	ignored []string
	sending map[string]int // sends under way by chat
	overlap int
}

func newRecord() record {
	return record{last: map[string]json.RawMessage{}, calls: map[string]int{}, unknown: map[string]bool{}, sending: map[string]int{}}
}

func (r *record) note(method string, raw json.RawMessage, unknown []string) {
	r.last[method] = raw
	r.calls[method]++
	for _, key := range unknown {
		r.unknown[method+"."+key] = true
	}
}

// underWay counts a send as under way until the returned function is called. The real daemon reorders or loses sends to
// a chat that overlap; a bridge must not send them. ref: reference/signal-cli.md §2
func (e *Emulator) underWay(req request) (done func()) {
	var to struct{ Recipient, Recipients, GroupID, GroupIDs json.RawMessage }
	if req.Method != "send" || json.Unmarshal(req.Params, &to) != nil {
		return func() {}
	}
	chat := string(to.Recipient) + string(to.Recipients) + string(to.GroupID) + string(to.GroupIDs)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.record.sending[chat]++; e.record.sending[chat] > 1 {
		e.record.overlap++
	}
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.record.sending[chat]--; e.record.sending[chat] == 0 {
			delete(e.record.sending, chat)
		}
	}
}

// LastParams returns the parameters of the last request of a method, or nil.
func (e *Emulator) LastParams(method string) map[string]any {
	e.mu.Lock()
	raw := e.record.last[method]
	e.mu.Unlock()
	var out map[string]any
	if json.Unmarshal(raw, &out) != nil {
		return nil
	}
	return out
}

// Calls tells how often a method was called.
func (e *Emulator) Calls(method string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.record.calls[method]
}

// UnknownParams lists the parameters that clients gave and the daemon does not know, as "method.key", sorted.
func (e *Emulator) UnknownParams() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Sorted(maps.Keys(e.record.unknown))
}

// Ignored lists what was sent and had no effect on any phone, in order: an edit of a message that nobody has, say. The
// daemon answers SUCCESS to such requests.
func (e *Emulator) Ignored() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.record.ignored...)
}
