package graph

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"puente/core/base/errs"
)

// OutgoingMessage is one message to a customer or a group. ref: whatsapp-cloud.md §5
type OutgoingMessage struct {
	// To is a phone number with its country code (written with +, which is added when missing), or with
	// Group a group ID. It wins over Recipient.
	To        string
	Recipient string // business-scoped user ID, when the number is hidden
	Group     bool
	ReplyTo   string // the quoted message's ID, "" for none
	// CallbackData comes back in the statuses: the key by which an unclear send is found again. At most
	// 512 characters.
	CallbackData    string
	IdentityKeyHash string // refuse (137000) when the customer's identity is another one
	Content         Content
}

// Content is what an OutgoingMessage says: OutText, OutImage, OutVideo, OutAudio, OutDocument, OutSticker,
// OutLocation, OutContacts, OutReaction, OutButtons, OutList, OutLink, OutLocationRequest,
// OutContactRequest, OutTemplate.
type Content interface {
	// kind is the message type, under which the content also stands.
	kind() string
	// wire is the JSON form.
	wire() any
	// check adds what is wrong.
	check(p *problems)
}

// MarshalJSON writes the body of POST /{phone_number_id}/messages.
func (m OutgoingMessage) MarshalJSON() ([]byte, error) {
	if m.Content == nil {
		return nil, fmt.Errorf("message without content: %w", errs.ErrInvalid)
	}
	body := map[string]any{"messaging_product": product, "recipient_type": "individual",
		"type": m.Content.kind(), m.Content.kind(): m.Content.wire()}
	if m.Group {
		body["recipient_type"] = "group"
	}
	if m.To != "" {
		body["to"] = m.to()
	} else {
		body["recipient"] = m.Recipient
	}
	if m.ReplyTo != "" {
		body["context"] = map[string]string{"message_id": m.ReplyTo}
	}
	if m.CallbackData != "" {
		body["biz_opaque_callback_data"] = m.CallbackData
	}
	if m.IdentityKeyHash != "" {
		body["recipient_identity_key_hash"] = m.IdentityKeyHash
	}
	return json.Marshal(body)
}

// to is the recipient as Meta wants it: without + the business's own country code would be put before
// the number. ref: whatsapp-cloud.md §5
func (m OutgoingMessage) to() string {
	if m.Group {
		return m.To
	}
	return "+" + digits(m.To)
}

// pair names the recipient for pacing; "" for groups, to which the pair limit does not apply.
func (m OutgoingMessage) pair() string {
	switch {
	case m.Group:
		return ""
	case m.To != "":
		return digits(m.To)
	}
	return m.Recipient
}

// Check tells whether the message keeps WhatsApp's limits: errs.ErrInvalid or errs.ErrTooLarge with the
// member's name, and for the agent errs.Message.
func (m OutgoingMessage) Check() error {
	p := &problems{}
	switch {
	case m.To == "" && m.Recipient == "":
		p.invalid("to", "is empty, and so is recipient")
	case m.To == "" && m.Group:
		p.invalid("to", "must be the group's ID")
	case m.To != "" && !m.Group:
		p.phone("to", m.To)
	case m.To == "" && !isUserID(m.Recipient):
		p.invalid("recipient", "is not a business-scoped user ID")
	}
	p.atMost("biz_opaque_callback_data", m.CallbackData, 512)
	if m.Content == nil {
		p.invalid("type", "is missing")
		return p.err()
	}
	if _, isReaction := m.Content.(OutReaction); isReaction && m.ReplyTo != "" {
		p.invalid("context", "does not go with a reaction")
	}
	if m.Group && m.Content.kind() == "interactive" {
		p.invalid("interactive", "cannot be sent to a group") // ref: whatsapp-cloud.md §8, groups
	}
	m.Content.check(p)
	return p.err()
}

// isUserID tells whether s looks like US.1349… or US.ENT.1349…
func isUserID(s string) bool {
	country, rest, found := strings.Cut(s, ".")
	if !found || len(country) != 2 || rest == "" || len(rest) > 136 {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != '.' && !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z')
	})
}

// problems keeps the first thing that is wrong with a message.
type problems struct {
	what string
	kind error
}

// err returns the problem, with a text for the agent.
func (p *problems) err() error {
	if p.kind == nil {
		return nil
	}
	return errs.Tell(fmt.Errorf("%s: %w", p.what, p.kind), "WhatsApp does not take this message: "+p.what+".")
}

func (p *problems) add(kind error, what string) {
	if p.kind == nil {
		p.what, p.kind = what, kind
	}
}

func (p *problems) invalid(member, what string) { p.add(errs.ErrInvalid, member+" "+what) }

// atMost checks a text's length in characters.
func (p *problems) atMost(member, text string, limit int) {
	if n := utf8.RuneCountInString(text); n > limit {
		p.add(errs.ErrTooLarge, fmt.Sprintf("%s has %d characters, at most %d are allowed", member, n, limit))
	}
}

// filled checks that a text is there and not too long.
func (p *problems) filled(member, text string, limit int) {
	if strings.TrimSpace(text) == "" {
		p.invalid(member, "is empty")
	}
	p.atMost(member, text, limit)
}

// count checks the length of a list.
func (p *problems) count(member string, n, least, most int) {
	if n < least || n > most {
		p.invalid(member, fmt.Sprintf("has %d elements, %d to %d are allowed", n, least, most))
	}
}

// phone checks a number: a country code is 1 to 3 digits long, a whole number at most 15 (E.164).
func (p *problems) phone(member, number string) {
	n := len(digits(number))
	stray := strings.Trim(number, "+0123456789 -().") != ""
	if n < 6 || n > 17 || stray {
		p.invalid(member, "is not a phone number with its country code")
	}
}

// webURL checks an address.
func (p *problems) webURL(member, address string) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		p.invalid(member, "is not an http or https address")
	}
}
