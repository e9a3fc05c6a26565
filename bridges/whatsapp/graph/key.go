package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
)

// key names an element so that a repetition is known. Meta repeats for seven days, to all subscribed
// apps. ref: whatsapp-cloud.md §2, retries
func (c change) key(kind Kind, p probe, item json.RawMessage) string {
	number := string(c.meta.PhoneNumberID)
	switch kind {
	case KindMessage, KindEcho, KindHistoryMessage:
		if p.ID != "" {
			return join(string(kind), number, string(p.ID))
		}
	case KindStatus, KindCallStatus:
		if p.ID != "" && p.Status != "" {
			return join(string(kind), number, string(p.ID), string(p.Status), p.participant())
		}
	case KindCall:
		if p.ID != "" && p.Event != "" {
			return join(string(kind), number, string(p.ID), string(p.Event))
		}
	}
	return join(string(kind), number, c.hash(item))
}

// participant tells the statuses of one group message apart: by who it is about, else by when.
func (p probe) participant() string {
	if who := firstOf(string(p.ParticipantUserID), string(p.ParticipantID)); who != "" {
		return who
	}
	if p.RecipientType == "group" || p.GroupID != "" {
		return strconv.FormatInt(int64(p.Timestamp), 10)
	}
	return ""
}

// hash digests an element with all that makes it different from a like one: its account, field and the
// time of its entry. The order of members does not matter. Number-level errors carry no time at all, so
// the same one tomorrow has the same key.
func (c change) hash(item json.RawMessage) string {
	canonical := []byte(item)
	decoder := json.NewDecoder(bytes.NewReader(item))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) == nil {
		if sorted, err := json.Marshal(value); err == nil {
			canonical = sorted
		}
	}
	h := sha256.New()
	h.Write([]byte(join(c.waba, c.field, strconv.FormatInt(int64(c.time), 10)) + "\n"))
	h.Write(canonical)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// join puts the parts of a key together.
func join(parts ...string) string { return strings.Join(parts, ":") }
