package emulator

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// update is one change that a webhook will carry.
type update struct {
	Field  string    `json:"field"`
	Number string    `json:"number"` // phone number ID; empty for what concerns the account
	Kind   string    `json:"kind"`   // messages or statuses, within the field messages
	Value  object    `json:"value"`
	Made   time.Time `json:"made"`
	Due    time.Time `json:"due"`
}

// messageField is the one field whose entries carry no time and may have a callback of their own.
const messageField = "messages"

// metadata names the business number in a value. ref: reference/whatsapp-cloud.md §3
func metadata(n Number) object {
	return object{"display_phone_number": n.digits(), "phone_number_id": n.PhoneNumberID}
}

func (e *Emulator) baseValue(n Number) object {
	return object{"messaging_product": "whatsapp", "metadata": metadata(n)}
}

func unixString(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// showsNumber tells whether webhooks of a business number may name a customer's phone number.
// ref: reference/whatsapp-cloud.md §3, usernames. The caller holds mu.
func (e *Emulator) showsNumber(p *person, pnid string) bool {
	return p.WaID != "" && (!p.HidesNumber || e.st.chat(p.UserID, pnid).KnownUntil.After(e.clock.Now()))
}

// contact is a customer in a value's contacts. The caller holds mu.
func (e *Emulator) contact(p *person, pnid string, withUsername bool) object {
	profile := object{"name": p.Name}
	if p.Username != "" && withUsername {
		profile["username"] = "@" + p.Username
	}
	c := object{"profile": profile, "user_id": p.UserID}
	if p.ParentUserID != "" {
		c["parent_user_id"] = p.ParentUserID
	}
	if e.showsNumber(p, pnid) {
		c["wa_id"] = p.WaID
	}
	return c
}

// messageUpdate wraps one message of a customer. The caller holds mu.
func (e *Emulator) messageUpdate(p *person, n Number, message object) *update {
	value := e.baseValue(n)
	value["contacts"] = []any{e.contact(p, n.PhoneNumberID, true)}
	value["messages"] = []any{message}
	return &update{Field: messageField, Kind: "messages", Number: n.PhoneNumberID, Value: value}
}

// inbound begins a message of a customer with what all of them carry. The caller holds mu.
func (e *Emulator) inbound(p *person, n Number, id, kind string, content any) object {
	message := object{"id": id, "timestamp": unixString(e.clock.Now()), "type": kind, "from_user_id": p.UserID}
	if content != nil {
		message[kind] = content
	}
	if p.ParentUserID != "" {
		message["from_parent_user_id"] = p.ParentUserID
	}
	if e.showsNumber(p, n.PhoneNumberID) {
		message["from"] = p.WaID
	}
	return message
}

// statusUpdate wraps one status of a message. ref: reference/whatsapp-cloud.md §4.3. The caller holds mu.
func (e *Emulator) statusUpdate(m *Message, to party, status string, late *graphError) *update {
	n, _ := e.number(m.Number)
	value := e.baseValue(n)
	s := object{"id": m.ID, "status": status, "timestamp": unixString(e.clock.Now())}
	if m.Callback != "" {
		s["biz_opaque_callback_data"] = m.Callback
	}
	switch {
	case to.group != nil:
		s["recipient_type"], s["recipient_id"] = "group", to.group.ID
		if to.person != nil {
			s["recipient_participant_user_id"] = to.person.UserID
			if e.showsNumber(to.person, m.Number) {
				s["recipient_participant_id"] = to.person.WaID
			}
		}
	case status == Failed:
		if !m.ByUserID {
			s["recipient_id"] = to.person.WaID // recipient_user_id is left out when sent to a number
		} else {
			s["recipient_user_id"] = to.person.UserID
		}
	default:
		s["recipient_user_id"] = to.person.UserID
		if to.person.ParentUserID != "" {
			s["recipient_parent_user_id"] = to.person.ParentUserID
		}
		if !m.ByUserID || e.showsNumber(to.person, m.Number) {
			s["recipient_id"] = to.person.WaID
		}
	}
	if late != nil {
		s["errors"] = []any{late.statusError()}
	}
	if to.person != nil && status != Failed {
		value["contacts"] = []any{e.contact(to.person, m.Number, status == Delivered || status == Read)}
	}
	if status == Sent || status == Delivered {
		s["pricing"] = e.pricing(m, to)
	}
	value["statuses"] = []any{s}
	return &update{Field: messageField, Kind: "statuses", Number: m.Number, Value: value}
}

// pricing says what a message costs: what is sent freely inside the window is free, so are utility templates there.
func (e *Emulator) pricing(m *Message, to party) object {
	category := "service"
	if m.Category != "" {
		category = m.Category
	}
	free := category == "service"
	if category == "utility" && to.person != nil {
		n, _ := e.number(m.Number)
		free = e.windowOpen(to.person.UserID, n)
	}
	if to.group != nil {
		category = "group_" + category
	}
	kind := "regular"
	if free {
		kind = "free_customer_service"
	}
	return object{"billable": !free, "pricing_model": "PMP", "type": kind, "category": category}
}

// envelope puts waiting updates into one POST body. Neighbours of one kind and number share a value; changes of
// neighbours whose entries look alike share an entry. ref: reference/whatsapp-cloud.md §3
func (e *Emulator) envelope(updates []*update) ([]byte, error) {
	var entries []object
	var changes []any
	var last *update
	var value object
	for _, u := range updates {
		if last != nil && u.Kind != "" && u.Field == last.Field && u.Kind == last.Kind && u.Number == last.Number {
			merge(value, u.Value)
			continue
		}
		value = merge(object{}, u.Value)
		change := object{"field": u.Field, "value": value}
		if last != nil && (u.Field == messageField) == (last.Field == messageField) {
			changes = append(changes, change)
		} else {
			changes = []any{change}
			entry := object{"id": e.opt.WABAID}
			if u.Field != messageField {
				entry["time"] = u.Made.Unix()
			}
			entries = append(entries, entry)
		}
		entries[len(entries)-1]["changes"] = changes
		last = u
	}
	var raw bytes.Buffer
	encoder := json.NewEncoder(&raw)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(object{"object": "whatsapp_business_account", "entry": entries}); err != nil {
		return nil, fmt.Errorf("write a webhook: %w", err)
	}
	return escapeAsMeta(bytes.TrimSpace(raw.Bytes())), nil
}

// merge adds the arrays of from to those of into and takes over the rest; a contact is named once.
func merge(into, from object) object {
	for key, v := range from {
		more, isArray := v.([]any)
		have, has := into[key].([]any)
		switch {
		case !isArray || !has:
			into[key] = v
		case key == "contacts":
			into[key] = addContacts(have, more)
		default:
			into[key] = append(append([]any(nil), have...), more...)
		}
	}
	return into
}

func addContacts(have, more []any) []any {
	out := append([]any(nil), have...)
	for _, c := range more {
		known := false
		for _, h := range out {
			a, b := h.(object), c.(object)
			known = known || a["user_id"] == b["user_id"]
		}
		if !known {
			out = append(out, c)
		}
	}
	return out
}

// escapeAsMeta writes JSON as Meta does: everything beyond ASCII as \uXXXX in lower case, and / as \/. The signature
// is over these bytes. ref: reference/whatsapp-cloud.md §2
func escapeAsMeta(raw []byte) []byte {
	var out bytes.Buffer
	for len(raw) > 0 {
		r, size := utf8.DecodeRune(raw)
		raw = raw[size:]
		switch {
		case r == '/':
			out.WriteString(`\/`)
		case r < utf8.RuneSelf:
			out.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.Bytes()
}

// sign makes the value of X-Hub-Signature-256.
func (e *Emulator) sign(body []byte) string {
	mac := hmac.New(sha256.New, []byte(e.opt.AppSecret))
	_, _ = mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}
