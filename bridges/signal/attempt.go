package signal

import (
	"context"
	"fmt"
	"sync"

	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"
)

// attempts are the messages that were given to the daemon and whose answer has not come, or never will.
type attempts struct {
	mu   sync.Mutex
	open map[id.EventID]*attempt
}

// attempt is one of them.
type attempt struct {
	chat  networkid.PortalKey
	text  string
	began int64         // when it was given to the daemon, in milliseconds
	known chan struct{} // closed when it is known what the answer says, or that none will come
	waits bool          // known is not closed
}

// begin notes that a message is being given to the daemon.
func (a *attempts) begin(eventID id.EventID, chat networkid.PortalKey, text string, began int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open == nil {
		a.open = map[id.EventID]*attempt{}
	}
	if earlier := a.open[eventID]; earlier != nil {
		earlier.settle()
	}
	a.open[eventID] = &attempt{chat: chat, text: text, began: began, known: make(chan struct{}), waits: true}
}

// end notes that the answer came, and that what it says is noted.
func (a *attempts) end(eventID id.EventID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if one := a.open[eventID]; one != nil {
		one.settle()
	}
	delete(a.open, eventID)
}

// lose notes that no answer will come.
func (a *attempts) lose(eventID id.EventID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if one := a.open[eventID]; one != nil {
		one.settle()
	}
}

// settle lets go whoever waits. The caller holds the lock.
func (one *attempt) settle() {
	if one.waits {
		one.waits = false
		close(one.known)
	}
}

// await returns when no message waits for its answer that a timestamp of ours in a chat may be that of: a receipt may be
// quicker than the daemon's answer. Its error is ctx's.
func (a *attempts) await(ctx context.Context, chat networkid.PortalKey, timestamp int64) error {
	for {
		known := a.waiting(chat, timestamp)
		if known == nil {
			return nil
		}
		select {
		case <-known:
		case <-ctx.Done():
			return fmt.Errorf("wait for the daemon's answer: %w", ctx.Err())
		}
	}
}

func (a *attempts) waiting(chat networkid.PortalKey, timestamp int64) <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, one := range a.open {
		if one.waits && one.chat == chat && one.began <= timestamp {
			return one.known
		}
	}
	return nil
}

// any tells whether there are any.
func (a *attempts) any() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.open) > 0
}

// waits tells whether a message's answer may still come.
func (a *attempts) waits(eventID id.EventID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.open[eventID]
	return one != nil && one.waits
}

// is tells whether a message said this.
func (a *attempts) is(eventID id.EventID, text string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.open[eventID]
	return one != nil && one.text == text
}
