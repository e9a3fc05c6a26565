package graph

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"puente/core/base/errs"
)

// Kind says what an Update is about, and so which Decode function reads its Raw.
type Kind string

// The kinds. Those without a Decode function of their own are read with Decode[T].
const (
	KindMessage            Kind = "message"             // DecodeMessage
	KindStatus             Kind = "status"              // DecodeStatus
	KindEcho               Kind = "echo"                // DecodeMessage; typed in the WhatsApp Business app
	KindError              Kind = "error"               // DecodeProblem
	KindHistory            Kind = "history"             // DecodeHistory; one chunk
	KindHistoryMessage     Kind = "history_message"     // DecodeMessage; the media of an earlier history message
	KindStateSync          Kind = "state_sync"          // DecodeStateSync
	KindUserPreferences    Kind = "user_preferences"    // DecodeUserPreference
	KindUserIDUpdate       Kind = "user_id_update"      // DecodeUserIDUpdate
	KindCall               Kind = "calls"               // DecodeCall
	KindCallStatus         Kind = "call_status"         // DecodeStatus
	KindGroup              Kind = "groups"              // DecodeGroup
	KindTemplateStatus     Kind = "template_status"     // DecodeTemplateStatus
	KindTemplateQuality    Kind = "template_quality"    // DecodeTemplateQuality
	KindTemplateCategory   Kind = "template_category"   // DecodeTemplateCategory
	KindTemplateComponents Kind = "template_components" // no typed form
	KindPhoneQuality       Kind = "phone_quality"       // DecodePhoneQuality
	KindPhoneName          Kind = "phone_name"          // no typed form
	KindCapability         Kind = "capability"          // DecodeCapability
	KindUsername           Kind = "username"            // DecodeUsername
	KindAccount            Kind = "account"             // DecodeAccount
	KindUnknown            Kind = "unknown"             // kept as it came
)

// Update is one thing that a webhook reports. One POST holds up to about a thousand of them.
type Update struct {
	Kind          Kind
	Field         string // changes[].field as Meta names it
	WABAID        string // the WhatsApp Business Account: entry[].id
	PhoneNumberID string // the business's own number, "" for account-wide news
	// Key is the same whenever Meta repeats the same news. ref: whatsapp-cloud.md §2, retries. A KindError
	// carries no time, so the same trouble on another day has the same key too.
	Key string
	// CustomerKey names the chat by the best ID that this update has: GroupID, else UserID, else WaID.
	// The same customer may come by WaID first and by UserID later, so lanes need all three.
	CustomerKey string
	UserID      string // business-scoped user ID; for user_id_update the previous one
	NewUserID   string // when the customer gets another one: the ID from now on
	WaID        string // phone number in WhatsApp's spelling, without +; "" when WhatsApp hides it
	NewWaID     string // when the customer gets another one: the number from now on
	GroupID     string
	At          time.Time // when it happened as Meta dates it; zero when it does not say
	// Raw is a self-contained JSON object: store it, and read it with the Decode function of Kind.
	Raw json.RawMessage
	// Err tells that this element is malformed; Raw still holds it. It wraps errs.ErrInvalid.
	Err error
}

// ParseWebhook takes the body of one POST apart. What it does not know is kept as KindUnknown, and a
// broken element becomes an Update with Err while its siblings stay whole. Only a body that is no
// JSON at all is an error (errs.ErrInvalid).
func ParseWebhook(body []byte) ([]Update, error) {
	// JSON is UTF-8; a stray byte must not make the row impossible to store.
	body = bytes.ToValidUTF8(body, []byte("\uFFFD"))
	if !json.Valid(body) {
		return nil, fmt.Errorf("webhook body is not JSON: %w", errs.ErrInvalid)
	}
	var hook map[string]json.RawMessage
	var entries []json.RawMessage
	if json.Unmarshal(body, &hook) != nil || json.Unmarshal(hook["entry"], &entries) != nil {
		return []Update{change{}.update(KindUnknown, body, fmt.Errorf("webhook has no list of entries: %w", errs.ErrInvalid))}, nil
	}
	var updates []Update
	for i, entry := range entries {
		updates = append(updates, parseEntry(i, entry)...)
	}
	return updates, nil
}

// parseEntry takes one element of entry[] apart.
func parseEntry(i int, raw json.RawMessage) []Update {
	var entry struct {
		ID      Literal           `json:"id"`
		Time    Seconds           `json:"time"`
		Changes []json.RawMessage `json:"changes"`
	}
	if err := json.Unmarshal(raw, &entry); err != nil || entry.Changes == nil {
		broken := fmt.Errorf("entry[%d] has no list of changes: %w", i, errs.ErrInvalid)
		return []Update{change{waba: string(entry.ID), time: entry.Time}.update(KindUnknown, raw, broken)}
	}
	var updates []Update
	for j, one := range entry.Changes {
		var c struct {
			Field Literal         `json:"field"`
			Value json.RawMessage `json:"value"`
		}
		where := change{waba: string(entry.ID), time: entry.Time}
		if err := json.Unmarshal(one, &c); err != nil || c.Value == nil {
			broken := fmt.Errorf("entry[%d].changes[%d] has no value: %w", i, j, errs.ErrInvalid)
			updates = append(updates, where.update(KindUnknown, one, broken))
			continue
		}
		where.field = string(c.Field)
		updates = append(updates, where.parse(c.Value)...)
	}
	return updates
}
