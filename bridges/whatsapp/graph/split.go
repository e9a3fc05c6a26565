package graph

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"puente/core/base/errs"
)

// change is one element of changes[] while it is being taken apart.
type change struct {
	field, waba string
	time        Seconds
	metadata    json.RawMessage
	meta        Metadata
	contacts    contactIndex
}

// part is a list in a value of which each element is an update of its own.
type part struct {
	key  string
	kind Kind
}

// partsOf returns the lists that the value of a field holds, or the kind of a value that stays whole.
// ref: whatsapp-cloud.md §2 "Fields", §4.4
func partsOf(field string) (parts []part, whole Kind) {
	switch field {
	case "messages":
		return []part{{"messages", KindMessage}, {"statuses", KindStatus}, {"errors", KindError}}, ""
	case "smb_message_echoes":
		return []part{{"message_echoes", KindEcho}, {"errors", KindError}}, ""
	case "history":
		return []part{{"history", KindHistory}, {"messages", KindHistoryMessage},
			{"message_echoes", KindHistoryMessage}, {"errors", KindError}}, ""
	case "smb_app_state_sync":
		return []part{{"state_sync", KindStateSync}, {"errors", KindError}}, ""
	case "calls":
		return []part{{"calls", KindCall}, {"statuses", KindCallStatus}, {"errors", KindError}}, ""
	case "user_preferences":
		return []part{{"user_preferences", KindUserPreferences}}, ""
	case "user_id_update":
		return []part{{"user_id_update", KindUserIDUpdate}}, ""
	case "group_lifecycle_update", "group_participants_update", "group_participant_update",
		"group_settings_update", "group_status_update":
		return []part{{"groups", KindGroup}, {"errors", KindError}}, ""
	}
	return nil, wholeKind(field)
}

// wholeKind names the kind of a field whose value is one piece of news.
func wholeKind(field string) Kind {
	switch field {
	case "message_template_status_update":
		return KindTemplateStatus
	case "message_template_quality_update":
		return KindTemplateQuality
	case "message_template_components_update":
		return KindTemplateComponents
	case "template_category_update":
		return KindTemplateCategory
	case "phone_number_quality_update":
		return KindPhoneQuality
	case "phone_number_name_update":
		return KindPhoneName
	case "business_capability_update":
		return KindCapability
	case "business_username_update", "business_username_updates": // Meta's pages spell it both ways
		return KindUsername
	case "account_update", "account_alerts", "account_review_update":
		return KindAccount
	}
	return KindUnknown
}

// parse makes the updates of one change.
func (c change) parse(raw json.RawMessage) []Update {
	parts, whole := partsOf(c.field)
	var value map[string]json.RawMessage
	if err := json.Unmarshal(raw, &value); err != nil || value == nil {
		if whole == "" {
			whole = KindUnknown
		}
		return []Update{c.update(whole, raw, fmt.Errorf("value of %s is not an object: %w", c.name(), errs.ErrInvalid))}
	}
	c.readHead(value)
	if parts == nil {
		return []Update{c.update(whole, raw, nil)}
	}
	left := maps.Clone(value)
	var updates []Update
	for _, p := range parts {
		delete(left, p.key)
		updates = append(updates, c.split(p, value[p.key])...)
	}
	if rest := c.rest(left); rest != nil {
		updates = append(updates, c.update(KindUnknown, rest, nil))
	}
	if len(updates) == 0 {
		updates = append(updates, c.update(KindUnknown, raw, nil))
	}
	return updates
}

// name is the field as an error may show it.
func (c change) name() string {
	if parts, whole := partsOf(c.field); parts == nil && whole == KindUnknown {
		return "an unknown field"
	}
	return c.field
}

// readHead reads what all elements of a value share. Malformed parts count as absent.
func (c *change) readHead(value map[string]json.RawMessage) {
	if json.Unmarshal(value["metadata"], &c.meta) == nil {
		c.metadata = value["metadata"]
	}
	c.contacts = indexContacts(value["contacts"])
}

// split makes one update per element of a list.
func (c change) split(p part, raw json.RawMessage) []Update {
	if raw == nil || string(raw) == "null" {
		return nil
	}
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return []Update{c.update(p.kind, raw, fmt.Errorf("%s is not a list: %w", p.key, errs.ErrInvalid))}
	}
	c.contacts.siblings = len(items)
	updates := make([]Update, 0, len(items))
	for i, item := range items {
		var broken error
		if len(item) == 0 || item[0] != '{' {
			broken = fmt.Errorf("%s[%d] is not an object: %w", p.key, i, errs.ErrInvalid)
		}
		updates = append(updates, c.update(p.kind, item, broken))
	}
	return updates
}

// rest returns what a value holds beside its lists and its head, nil if nothing: later versions of the
// API may add lists that this program does not know.
func (c change) rest(left map[string]json.RawMessage) json.RawMessage {
	maps.DeleteFunc(left, func(key string, _ json.RawMessage) bool {
		return slices.Contains([]string{"messaging_product", "metadata", "contacts"}, key)
	})
	if len(left) == 0 {
		return nil
	}
	raw, err := json.Marshal(left)
	if err != nil {
		return nil // cannot be: all members were parsed from valid JSON
	}
	return raw
}

// update makes the Update of one element.
func (c change) update(kind Kind, item json.RawMessage, broken error) Update {
	u := Update{Kind: kind, Field: c.field, WABAID: c.waba, PhoneNumberID: string(c.meta.PhoneNumberID), Err: broken}
	var p probe
	if broken == nil {
		if err := json.Unmarshal(item, &p); err != nil {
			u.Err = fmt.Errorf("element of %s: %w", c.name(), decodeError(err))
		}
	}
	u.UserID, u.WaID, u.GroupID = p.who(kind, c.meta)
	switch kind {
	case KindUserIDUpdate:
		u.NewUserID = p.UserID.now
	case KindMessage: // of type system: the customer has a new number or user ID
		u.NewUserID, u.NewWaID = string(p.System.UserID), string(p.System.WaID)
	}
	belonging := c.contacts.of(p)
	if len(belonging) == 1 && kind != KindUserIDUpdate {
		u.UserID, u.WaID = belonging[0].fill(u.UserID, u.WaID)
	}
	u.CustomerKey = firstOf(u.GroupID, u.UserID, u.WaID)
	if u.At = p.Timestamp.Time(); u.At.IsZero() {
		u.At = c.time.Time()
	}
	u.Key = c.key(kind, p, item)
	raw, err := json.Marshal(record{Field: c.field, WABAID: c.waba, Time: c.time, Metadata: c.metadata,
		Contacts: rawContacts(belonging), Item: item})
	if err != nil && u.Err == nil {
		u.Err = fmt.Errorf("keep element of %s: %w", c.name(), errs.ErrInvalid)
	}
	u.Raw = raw
	return u
}
