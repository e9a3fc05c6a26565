package signal

import (
	"context"
	"sync"

	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"

	"puente/core/hub/network"
)

// attempts are the messages that were given to the daemon and whose answer has not come, or never will.
type attempts struct {
	mu   sync.Mutex
	open map[id.EventID]*attempt
}

// attempt is one of them.
type attempt struct {
	chat   networkid.PortalKey
	text   string
	began  int64 // when it was given to the daemon, in milliseconds
	waits  bool  // its answer may still come
	signed []sign
}

// sign is a receipt that came before the answer did: the answer will say whether it is about this message.
type sign struct {
	timestamp int64
	report    network.Report
}

// begin notes that a message is being given to the daemon.
func (a *attempts) begin(eventID id.EventID, chat networkid.PortalKey, text string, began int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open == nil {
		a.open = map[id.EventID]*attempt{}
	}
	a.open[eventID] = &attempt{chat: chat, text: text, began: began, waits: true}
}

// end notes that the answer came, and returns the receipts that came before it.
func (a *attempts) end(eventID id.EventID) []sign {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.open[eventID]
	delete(a.open, eventID)
	if one == nil {
		return nil
	}
	return one.signed
}

// lose notes that no answer will come, and returns the receipts that came: the message may be theirs.
func (a *attempts) lose(eventID id.EventID) []sign {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.open[eventID]
	if one == nil {
		return nil
	}
	one.waits = false
	signed := one.signed
	one.signed = nil
	return signed
}

// keep keeps a receipt until the answer of a message that it may be about; false if there is none.
func (a *attempts) keep(chat networkid.PortalKey, timestamp int64, report network.Report) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, one := range a.open {
		if one.waits && one.chat == chat && one.began <= timestamp {
			one.signed = append(one.signed, sign{timestamp, report})
			return true
		}
	}
	return false
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

// reportSigned passes on what receipts said before the message was known to be sent.
func (cl *Client) reportSigned(ctx context.Context, signed []sign, timestamp int64) {
	for _, one := range signed {
		if one.timestamp != timestamp {
			continue
		}
		if err := cl.connector.env.Outcomes.Report(ctx, one.report); err != nil {
			cl.connector.log.Warn().Err(err).Str("network_message_id", one.report.NetworkMessageID).Msg("Could not note that a message arrived")
		}
	}
}
