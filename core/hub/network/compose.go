package network

import (
	"context"

	"maunium.net/go/mautrix/bridgev2"

	"puente/core/desk/channel"
)

// Some messages say more than Matrix has words for: a template, buttons, a list. They are ordinary messages whose
// text every client shows, with one of these keys beside it for the bridge.
const (
	TemplateKey = "dev.puente.template" // a TemplateContent
	ChoicesKey  = "dev.puente.choices"  // a ChoicesContent
	// AuthorKey names, in what the desk's user sends, the person who asked for it (a Matrix user ID).
	AuthorKey = "dev.puente.author"
	// PurposeKey says, in what the desk's user sends, what it is for; see channel.Message.
	PurposeKey = "dev.puente.purpose"
	// AnswerKey holds, in what a customer sends, which choice was made: the ID that the button or row was sent with.
	AnswerKey = "dev.puente.answer"
	// PreferenceKey holds, in a customer's notice, what the customer decided: "category" ("marketing_messages") and
	// "value" ("stop", "resume", "signup").
	PreferenceKey = "dev.puente.preference"
)

// TemplateContent is an approved template with its variables filled in.
type TemplateContent struct {
	Name      string   `json:"name"`
	Language  string   `json:"language"`
	Header    []string `json:"header,omitempty"`    // the variables of a text header, in order; a media header is the message's own file
	Place     *Place   `json:"place,omitempty"`     // what a location header shows
	Variables []string `json:"variables,omitempty"` // the variables of the body, in order
	Buttons   []string `json:"buttons,omitempty"`   // per button: the URL's variable or the quick reply's payload; "" for none
}

// Place is a spot on the map, as a Matrix location message has it.
type Place struct {
	GeoURI string `json:"geo_uri"` // "geo:40.4168,-3.7038". ref: RFC 5870
	Body   string `json:"body"`    // its name and its address, a line each, as far as it has them
}

// ChoicesContent is a question with answers to pick from: up to three buttons, or a list.
type ChoicesContent struct {
	Body   string   `json:"body"`
	Header string   `json:"header,omitempty"`
	Footer string   `json:"footer,omitempty"`
	Open   string   `json:"open,omitempty"` // the words on the button that opens the list; empty: buttons
	Choice []Choice `json:"choices"`
}

// Choice is one answer.
type Choice struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

// Templater is implemented by a connector whose network has approved templates.
type Templater interface {
	// Templates lists the templates of the business's account, newest knowledge first; it may answer from a cache.
	Templates(ctx context.Context, login *bridgev2.UserLogin) ([]channel.Template, error)
}
