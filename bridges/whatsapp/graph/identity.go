package graph

import (
	"encoding/json"
	"strings"
)

// probe reads of an element only what names it and its customer, so tolerantly that a message with
// broken content still finds its chat.
type probe struct {
	ID                Literal `json:"id"`
	Status            Literal `json:"status"`
	Event             Literal `json:"event"`
	Timestamp         Seconds `json:"timestamp"`
	From              Literal `json:"from"`
	FromUserID        Literal `json:"from_user_id"`
	To                Literal `json:"to"`
	ToUserID          Literal `json:"to_user_id"`
	GroupID           Literal `json:"group_id"`
	RecipientType     Literal `json:"recipient_type"`
	RecipientID       Literal `json:"recipient_id"`
	RecipientUserID   Literal `json:"recipient_user_id"`
	ParticipantID     Literal `json:"recipient_participant_id"`
	ParticipantUserID Literal `json:"recipient_participant_user_id"`
	WaID              Literal `json:"wa_id"`
	UserID            changed `json:"user_id"`
	System            struct {
		WaID   Literal `json:"wa_id"`
		UserID Literal `json:"user_id"`
	} `json:"system"`
}

// changed is user_id: a string in most places, {previous, current} in user_id_update.
type changed struct{ now, before string }

// UnmarshalJSON reads both forms.
func (c *changed) UnmarshalJSON(b []byte) error {
	var both struct {
		Previous Literal `json:"previous"`
		Current  Literal `json:"current"`
	}
	c.now = string(literal(b))
	if json.Unmarshal(b, &both) == nil {
		c.now, c.before = string(both.Current), string(both.Previous)
	}
	return nil
}

// who tells whose chat an element belongs to.
func (p probe) who(kind Kind, meta Metadata) (user, wa, group string) {
	switch kind {
	case KindStatus, KindCallStatus:
		if p.RecipientType == "group" || p.GroupID != "" {
			return string(p.ParticipantUserID), string(p.ParticipantID), firstOf(string(p.GroupID), string(p.RecipientID))
		}
		return string(p.RecipientUserID), string(p.RecipientID), ""
	case KindMessage:
		return string(p.FromUserID), string(p.From), string(p.GroupID)
	case KindEcho:
		return string(p.ToUserID), string(p.To), string(p.GroupID)
	case KindHistoryMessage, KindCall:
		if isOwn(string(p.From), meta) {
			return string(p.ToUserID), string(p.To), string(p.GroupID)
		}
		return string(p.FromUserID), string(p.From), string(p.GroupID)
	case KindUserIDUpdate:
		return firstOf(p.UserID.before, p.UserID.now), string(p.WaID), ""
	case KindUserPreferences:
		return p.UserID.now, string(p.WaID), ""
	case KindGroup:
		return "", "", string(p.GroupID)
	}
	return "", "", ""
}

// isOwn tells whether a number is the business's own. Meta formats the displayed one ("+1 555-0100").
func isOwn(number string, meta Metadata) bool {
	return number != "" && digits(number) == digits(string(meta.DisplayPhoneNumber))
}

// digits keeps the decimal digits of s.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// contactIndex finds in contacts[] what belongs to an element.
type contactIndex struct {
	all      []indexedContact
	byID     map[string]int
	siblings int // how many elements share the contacts
}

type indexedContact struct {
	raw    json.RawMessage
	userID string
	waID   string
}

// fill completes the IDs of an element from its contact.
func (c indexedContact) fill(user, wa string) (string, string) {
	return firstOf(user, c.userID), firstOf(wa, c.waID)
}

// indexContacts reads contacts[]. Elements that are no objects are passed over.
func indexContacts(raw json.RawMessage) contactIndex {
	index := contactIndex{byID: map[string]int{}}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return index
	}
	for _, one := range list {
		var ids struct {
			WaID         Literal `json:"wa_id"`
			UserID       Literal `json:"user_id"`
			ParentUserID Literal `json:"parent_user_id"`
		}
		if json.Unmarshal(one, &ids) != nil || len(one) == 0 || one[0] != '{' {
			continue
		}
		for _, id := range []Literal{ids.WaID, ids.UserID, ids.ParentUserID} {
			if _, taken := index.byID[string(id)]; id != "" && !taken {
				index.byID[string(id)] = len(index.all)
			}
		}
		index.all = append(index.all, indexedContact{raw: one, userID: string(ids.UserID), waID: string(ids.WaID)})
	}
	return index
}

// of returns the contacts that an element names. A single contact beside a single element belongs to it
// even when the IDs differ, as they do for Brazilian and Mexican numbers. ref: whatsapp-cloud.md §3
func (x contactIndex) of(p probe) []indexedContact {
	var found []indexedContact
	seen := map[int]bool{}
	for _, id := range p.names() {
		if i, ok := x.byID[string(id)]; ok && id != "" && !seen[i] {
			seen[i] = true
			found = append(found, x.all[i])
		}
	}
	if len(found) == 0 && len(x.all) == 1 && x.siblings == 1 {
		return x.all
	}
	return found
}

// names are the IDs by which an element may name a contact.
func (p probe) names() []Literal {
	return []Literal{p.FromUserID, p.From, p.ToUserID, p.To, p.RecipientUserID, p.RecipientID,
		p.ParticipantUserID, p.ParticipantID, p.WaID, Literal(p.UserID.now), p.System.UserID, p.System.WaID}
}

func rawContacts(list []indexedContact) []json.RawMessage {
	var raw []json.RawMessage
	for _, c := range list {
		raw = append(raw, c.raw)
	}
	return raw
}

// firstOf returns the first string that is not empty.
func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
