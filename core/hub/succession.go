package hub

import (
	"context"
	"strconv"
	"sync"
	"time"

	"puente/core/base/clock"
)

// succession watches the numbers that Synapse gives to its transactions. When Synapse ends recovering from an outage it
// may keep one back that came in that moment, and go on with the next: the messages in it would come late, after those
// that answer them. A number that leaves a gap is therefore sent back once, for Synapse then begins again with the oldest
// that it has. Numbers need not be without gaps: Synapse counts for all its application services together, and other
// homeservers do as they like. So if nothing older came after all, gaps mean nothing until the next trouble.
type succession struct {
	mu       sync.Mutex
	last     int64 // the transaction that was taken last; 0: none since the start
	sentBack int64 // the one that was sent back last; 0: none
	older    bool  // one before it has come since
	ignored  bool  // gaps mean nothing
}

// admits tells whether a transaction may be taken now; else it is to be sent back.
func (s *succession) admits(txnID string) bool {
	number, err := strconv.ParseInt(txnID, 10, 64)
	if err != nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case number <= s.last+1, number < s.sentBack:
		return true
	case number == s.sentBack:
		s.ignored = s.ignored || (!s.older && s.last != 0)
		return true
	case s.ignored:
		return true
	}
	s.sentBack, s.older = number, false
	return false
}

// took notes that a transaction is in the journal. It tells whether the numbering began anew: the homeserver was
// restarted.
func (s *succession) took(txnID string) (anew bool) {
	number, err := strconv.ParseInt(txnID, 10, 64)
	if err != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	anew = number < s.last
	s.last = number
	switch {
	case anew:
		s.sentBack = 0
	case number < s.sentBack:
		s.older = true
	}
	return anew
}

// trust has gaps mean something again: after trouble one may be kept back.
func (s *succession) trust() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ignored = false
}

// callBackAfter is how long Synapse has to note that a transaction was sent back, before it is asked for what it has.
const callBackAfter = 250 * time.Millisecond

// callBack asks the homeserver, which has just had a transaction sent back, to hand over what it has at once: by itself
// it would wait for two seconds and more. ref: Synapse, a ping makes it try again
func (h *Hub) callBack(ctx context.Context) {
	if clock.Sleep(ctx, h.Clock, callBackAfter) != nil {
		return
	}
	if _, err := h.bot.AppservicePing(onceAndQuietly(ctx, h.Log), h.ID, ""); err != nil && ctx.Err() == nil {
		h.Log.Debug().Err(err).Msg("The homeserver could not be pinged for what it keeps back")
	}
}
