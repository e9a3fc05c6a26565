package hub

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/journal"
)

// sourceMatrix is the journal's name for the homeserver.
const sourceMatrix = "matrix"

// The kinds of what the homeserver sends.
const (
	kindEvent     = "event"
	kindEphemeral = "ephemeral"
	kindEncrypted = "to_device"
)

// transaction is what the homeserver pushes, with the elements as it sent them.
// ref: Matrix application service API, PUT /_matrix/app/v1/transactions/{txnId}
type transaction struct {
	Events            []json.RawMessage `json:"events"`
	Ephemeral         []json.RawMessage `json:"ephemeral"`
	UnstableEphemeral []json.RawMessage `json:"de.sorunome.msc2409.ephemeral"`
	ToDevice          []json.RawMessage `json:"to_device"`
	UnstableToDevice  []json.RawMessage `json:"de.sorunome.msc2409.to_device"`
}

// head is what of an event decides where it stands in the journal.
type head struct {
	ID       id.EventID `json:"event_id"`
	RoomID   id.RoomID  `json:"room_id"`
	Sender   id.UserID  `json:"sender"`
	StateKey *string    `json:"state_key"`
	Type     string     `json:"type"`
	ToUser   id.UserID  `json:"to_user_id"`
}

// splitTransaction makes one journal entry of each element. Events are known by their event ID, whatever
// transaction they come in; what has no ID by the transaction, its place and its content. What Puente's own users said
// comes back from the homeserver and is left out: nobody acts on it. Their changes of a room's state are kept.
func (n Names) splitTransaction(txnID string, body []byte) ([]journal.Entry, error) {
	var txn transaction
	if err := json.Unmarshal(body, &txn); err != nil {
		return nil, fmt.Errorf("parse transaction: %w", err)
	}
	var entries []journal.Entry
	for _, raw := range txn.Events {
		if entry, news := n.eventEntry(raw); news {
			entries = append(entries, entry)
		}
	}
	for i, raw := range either(txn.Ephemeral, txn.UnstableEphemeral) {
		if entry, news := n.passingEntry(kindEphemeral, txnID, i, raw); news {
			entries = append(entries, entry)
		}
	}
	for i, raw := range either(txn.ToDevice, txn.UnstableToDevice) {
		if entry, news := n.passingEntry(kindEncrypted, txnID, i, raw); news {
			entries = append(entries, entry)
		}
	}
	return entries, nil
}

// either takes the stable field if it is there: Synapse sends the same content under both names.
func either(stable, unstable []json.RawMessage) []json.RawMessage {
	if stable != nil {
		return stable
	}
	return unstable
}

// eventEntry is an event of a room; it is no news if it is the echo of what Puente's own users said.
func (n Names) eventEntry(raw json.RawMessage) (entry journal.Entry, news bool) {
	entry = journal.Entry{Source: sourceMatrix, Kind: kindEvent, Payload: raw}
	var h head
	if err := json.Unmarshal(raw, &h); err != nil {
		entry.Reason = "not a Matrix event: " + err.Error()
	} else if h.ID == "" || h.RoomID == "" {
		entry.Reason = "not a Matrix event: event_id or room_id is missing"
	}
	entry.Key, entry.Lane = h.ID.String(), h.RoomID.String()
	return entry, entry.Reason != "" || h.StateKey != nil || !n.IsPuppet(h.Sender)
}

// passingEntry is for what has no event ID. Receipts and typing go in a lane beside their room's, so that they
// do not wait behind a message that is being retried; a person's presence has one too. Whether Puente's own users are there
// is no news.
func (n Names) passingEntry(kind, txnID string, place int, raw json.RawMessage) (entry journal.Entry, news bool) {
	sum := sha256.Sum256(raw)
	entry = journal.Entry{
		Source: sourceMatrix, Kind: kind, Payload: raw,
		Key: fmt.Sprintf("%s:%s:%d:%s", kind, txnID, place, hex.EncodeToString(sum[:8])),
	}
	var h head
	if err := json.Unmarshal(raw, &h); err != nil {
		entry.Reason = "not a Matrix event: " + err.Error()
	}
	entry.Lane = kind + ":" + h.RoomID.String() + h.ToUser.String()
	if h.Type == event.EphemeralEventPresence.Type {
		entry.Lane = kind + ":" + h.Sender.String()
		return entry, !n.IsOurs(h.Sender)
	}
	return entry, true
}

// parseEvent makes an event of what the journal kept.
func parseEvent(kind string, payload []byte) (*event.Event, error) {
	var evt event.Event
	if err := json.Unmarshal(payload, &evt); err != nil {
		return nil, fmt.Errorf("parse event: %w", err)
	}
	switch {
	case kind == kindEphemeral:
		evt.Type.Class, evt.Mautrix.EventSource = event.EphemeralEventType, event.SourceEphemeral
	case kind == kindEncrypted:
		evt.Type.Class, evt.Mautrix.EventSource = event.ToDeviceEventType, event.SourceToDevice
	case evt.StateKey != nil:
		evt.Type.Class, evt.Mautrix.EventSource = event.StateEventType, event.SourceTimeline
	default:
		evt.Type.Class, evt.Mautrix.EventSource = event.MessageEventType, event.SourceTimeline
	}
	return &evt, nil
}
