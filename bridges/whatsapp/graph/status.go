package graph

import "encoding/json"

// The values of Status.Status. They form a lattice: sent < delivered < read < played, and failed at any
// time; steps can be missing and come in any order. ref: whatsapp-cloud.md §2
const (
	StatusSent      = "sent"
	StatusDelivered = "delivered"
	StatusRead      = "read"
	StatusPlayed    = "played" // a voice message was listened to
	StatusFailed    = "failed"
)

// Status tells how far a message of ours got. ref: whatsapp-cloud.md §4.3
type Status struct {
	ID                       string        `json:"id"` // the message that it is about
	Type                     string        `json:"type"`
	Status                   string        `json:"status"`
	Timestamp                Seconds       `json:"timestamp"`
	RecipientID              Literal       `json:"recipient_id"`
	RecipientUserID          string        `json:"recipient_user_id"`
	RecipientParentUserID    string        `json:"recipient_parent_user_id"`
	RecipientType            string        `json:"recipient_type"` // group: RecipientID is the group
	GroupID                  string        `json:"group_id"`
	ParticipantID            Literal       `json:"recipient_participant_id"`
	ParticipantUserID        string        `json:"recipient_participant_user_id"`
	RecipientIdentityKeyHash string        `json:"recipient_identity_key_hash"`
	CallbackData             string        `json:"biz_opaque_callback_data"` // what OutgoingMessage.CallbackData was
	Conversation             *Conversation `json:"conversation"`             // absent in v24.0 and later, mostly
	Pricing                  *Pricing      `json:"pricing"`
	Errors                   []Problem     `json:"errors"`
}

// Conversation is Meta's old unit of billing.
type Conversation struct {
	ID         string  `json:"id"`
	Expiration Seconds `json:"expiration_timestamp"`
	Origin     struct {
		Type string `json:"type"`
	} `json:"origin"`
}

// Pricing tells what a message costs. Category and Type are the truth; Billable will go.
type Pricing struct {
	Billable Flag   `json:"billable"`
	Model    string `json:"pricing_model"` // CBP, PMP
	Type     string `json:"type"`          // regular, free_customer_service, free_entry_point
	Category string `json:"category"`      // authentication, marketing, utility, service…
}

// Problem is an error that came in a webhook: on a message, on a status or alone. Explain(Code) says
// what it means. Details may quote what was sent: do not log it.
type Problem struct {
	Code    Number    `json:"code"`
	Title   string    `json:"title"`
	Message string    `json:"message"`
	Data    ErrorData `json:"error_data"`
	Href    string    `json:"href"`
}

// ObjectionIn is what the customer objects to, if one of the problems says so: "marketing".
func ObjectionIn(problems []Problem) string {
	for _, problem := range problems {
		if found := objection(int(problem.Code)); found != "" {
			return found
		}
	}
	return ""
}

// Explain says what the problem means and what to do next. A missing code must not read as code 0,
// which is a bad token.
func (p Problem) Explain() Explanation {
	if p.Code == 0 {
		return Explain(NoCode)
	}
	return Explain(int(p.Code))
}

// ErrorData is error_data: mostly an object, at times just a text.
type ErrorData struct {
	Details string
}

// UnmarshalJSON reads {"details": "…"} and "…".
func (d *ErrorData) UnmarshalJSON(b []byte) error {
	var object struct {
		Details Literal `json:"details"`
	}
	if json.Unmarshal(b, &object) == nil {
		d.Details = string(object.Details)
		return nil
	}
	d.Details = string(literal(b))
	return nil
}
