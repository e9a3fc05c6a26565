package crash

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"puente/bridges/bridgekit/phone"
)

// signalID is a message on Signal's phone as the journal's keys name it: "author:timestamp".
func signalID(phoneID string) string {
	id, _, _ := strings.Cut(phoneID, "#")
	return strings.ToLower(id)
}

// fell tells whether a customer's message on Signal was never in Puente's hands: its journal does not have it. The daemon
// gives each message to the socket once and forgets it, whether or not anybody reads it.
//
// Of messages that were deleted the room shows only how many there were. So which of them is missing is not known; it is
// one that fell if any did.
func (j *judge) fell(c *chat, t token) bool {
	t.part = 0
	if found := c.onPhone(t); found != "" {
		return !j.seen.signal.said[signalID(found)]
	}
	for _, one := range c.lines(in) {
		if one.erased != "" && !j.seen.signal.said[signalID(one.erased)] && !j.excused[one.erased] {
			j.excused[one.erased] = true
			return true
		}
	}
	return false
}

// onlyChanged tells whether a customer's message on Signal's phone was never in Puente's hands itself.
func (j *judge) onlyChanged(phoneID string) bool {
	return phoneID != "" && !j.seen.signal.said[signalID(phoneID)]
}

// changeFell is fell, for an edit, a reaction or a deletion: none of those that the daemon handed over for the message is
// in the journal, or the message itself is not.
func (j *judge) changeFell(c *chat, one change) bool {
	found := c.phoneID(one.target)
	if found == "" {
		return false
	}
	if one.target.dir == in && !j.seen.signal.said[signalID(found)] {
		return true
	}
	return !slices.ContainsFunc(j.handedChanges(found, one.kind), func(id string) bool { return j.seen.signal.said[id] })
}

// handedChanges are the edits, reactions or deletions of a message that the daemon handed over, as the journal's keys name
// them.
func (j *judge) handedChanges(phoneID, kind string) (ids []string) {
	_, timestamp, _ := strings.Cut(signalID(phoneID), ":")
	word := map[string]string{edited: `"editMessage"`, reacted: `"reaction"`, removed: `"remoteDelete"`}[kind]
	for _, h := range j.handed {
		if strings.Contains(string(h.line), timestamp) && strings.Contains(string(h.line), word) {
			ids = append(ids, envelopeID(h.line))
		}
	}
	return ids
}

// envelopeID is a notification as the journal's keys name it.
func envelopeID(line []byte) string {
	var only struct {
		Params struct {
			Result struct {
				Envelope struct {
					SourceUUID string `json:"sourceUuid"`
					Timestamp  int64  `json:"timestamp"`
				} `json:"envelope"`
			} `json:"result"`
		} `json:"params"`
	}
	if json.Unmarshal(line, &only) != nil {
		return ""
	}
	e := only.Params.Result.Envelope
	return strings.ToLower(e.SourceUUID) + ":" + strconv.FormatInt(e.Timestamp, 10)
}

// unavoidable says why a message had to be sent twice, or "" if it had not. A bot on Telegram gets no sign of what it
// sent, so one whose answer was cut off by a kill is sent again. On Signal the only sign is the customer's receipt, which
// the daemon hands over once: if that fell too, nobody can know. Each such double must have a kill between its copies.
func (j *judge) unavoidable(c *chat, t token) string {
	if c.provider.id == "telegram" && j.l.wasCut(t) {
		return "its answer was cut off, and a bot has no means to ask"
	}
	copies, err := c.copies(t)
	if err != nil || len(copies) < 2 || !j.killedBetween(copies) {
		return ""
	}
	switch {
	case c.provider.id == "telegram":
		return "a kill was between Telegram's taking it and Puente's noting it, and a bot has no means to ask"
	case c.provider.id == "signal" && !j.receiptCame(copies[0]):
		return "a kill was between Signal's taking it and Puente's noting it, and the daemon's one word of its receipt never reached the journal"
	}
	return ""
}

// copies are all that the customer's phone has of a message, the oldest first.
func (c *chat) copies(t token) (list []phone.Message, err error) {
	messages, err := c.messages()
	for _, m := range messages {
		if found, ok := findToken(m.Text); ok && found == t {
			list = append(list, m)
		}
	}
	return list, err
}

func (j *judge) killedBetween(copies []phone.Message) bool {
	for i := 1; i < len(copies); i++ {
		// Telegram's times are whole seconds.
		between := slices.ContainsFunc(j.l.w.puente.killed(), func(k kill) bool {
			return k.At.After(copies[i-1].At.Truncate(time.Second)) && k.At.Before(copies[i].At.Add(time.Second))
		})
		if !between {
			return false
		}
	}
	return true
}

// receiptCame tells whether a receipt of a message on Signal is in the journal.
func (j *judge) receiptCame(m phone.Message) bool {
	_, timestamp, _ := strings.Cut(signalID(m.ID), ":")
	return slices.ContainsFunc(j.handed, func(h handed) bool {
		return strings.Contains(string(h.line), `"receiptMessage"`) && strings.Contains(string(h.line), timestamp) && j.seen.signal.receipts[envelopeID(h.line)]
	})
}
