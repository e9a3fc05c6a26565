package graph

import "encoding/json"

// Message is what a customer (or, for an echo, the business's own app) wrote. Type names the member
// that holds the content; a member may be nil although Type names it, since Meta has sent such.
// ref: whatsapp-cloud.md §4.1
type Message struct {
	ID               string    `json:"id"` // wamid…, opaque, can exceed 100 characters
	Type             string    `json:"type"`
	Timestamp        Seconds   `json:"timestamp"`
	From             string    `json:"from"`         // wa_id of the writer; "" when WhatsApp hides the number
	FromUserID       string    `json:"from_user_id"` // business-scoped user ID of the writer
	FromParentUserID string    `json:"from_parent_user_id"`
	To               string    `json:"to"` // echoes and history only
	ToUserID         string    `json:"to_user_id"`
	GroupID          string    `json:"group_id"`
	Context          *Context  `json:"context"`
	Referral         *Referral `json:"referral"`
	Identity         *Identity `json:"identity"`
	Errors           []Problem `json:"errors"`

	Text        *Text        `json:"text"`
	Image       *Media       `json:"image"`
	Video       *Media       `json:"video"`
	Audio       *Media       `json:"audio"`
	Document    *Media       `json:"document"`
	Sticker     *Media       `json:"sticker"`
	Location    *Location    `json:"location"`
	Contacts    []Card       `json:"contacts"`
	Reaction    *Reaction    `json:"reaction"`
	Interactive *Interactive `json:"interactive"`
	Button      *Button      `json:"button"`
	Order       *Order       `json:"order"`
	System      *System      `json:"system"`
	Edit        *Edit        `json:"edit"`
	Revoke      *Revoke      `json:"revoke"`
	Unsupported *Unsupported `json:"unsupported"`

	HistoryContext *HistoryContext `json:"history_context"` // history only
}

// Media returns the attachment, whatever its type; nil when there is none.
func (m Message) Media() *Media {
	switch m.Type {
	case "image":
		return m.Image
	case "video":
		return m.Video
	case "audio":
		return m.Audio
	case "document":
		return m.Document
	case "sticker":
		return m.Sticker
	}
	return nil
}

// Target is the ID of the message that this one is about: which it changes, takes back, reacts to or answers; "" for none.
func (m Message) Target() string {
	switch {
	case m.Type == "reaction" && m.Reaction != nil:
		return m.Reaction.MessageID
	case m.Type == "edit" && m.Edit != nil:
		return m.Edit.OriginalMessageID
	case m.Type == "revoke" && m.Revoke != nil:
		return m.Revoke.OriginalMessageID
	case m.Context != nil:
		return m.Context.ID
	}
	return ""
}

// Context ties a message to an earlier one.
type Context struct {
	From                string `json:"from"`
	ID                  string `json:"id"` // the quoted message; may be one that was never seen
	Forwarded           Flag   `json:"forwarded"`
	FrequentlyForwarded Flag   `json:"frequently_forwarded"`
	ReferredProduct     *struct {
		CatalogID         Literal `json:"catalog_id"`
		ProductRetailerID Literal `json:"product_retailer_id"`
	} `json:"referred_product"`
}

// Referral is the advertisement or post from which the customer came.
type Referral struct {
	SourceURL      string   `json:"source_url"`
	SourceID       Literal  `json:"source_id"`
	SourceType     string   `json:"source_type"` // ad, post
	Headline       string   `json:"headline"`
	Body           string   `json:"body"`
	MediaType      string   `json:"media_type"` // image, video
	ImageURL       string   `json:"image_url"`
	VideoURL       string   `json:"video_url"`
	ThumbnailURL   string   `json:"thumbnail_url"`
	ClickID        string   `json:"ctwa_clid"`
	WelcomeMessage *Welcome `json:"welcome_message"`
}

// Welcome is the greeting that the customer saw in the advertisement.
type Welcome struct {
	Text string `json:"text"`
}

// Identity tells that the customer's encryption key changed. ref: whatsapp-cloud.md §3, identity-change check
type Identity struct {
	Acknowledged     Flag    `json:"acknowledged"`
	CreatedTimestamp Literal `json:"created_timestamp"`
	Hash             string  `json:"hash"`
}

// Text is a written message.
type Text struct {
	Body string `json:"body"`
}

// Media is an attachment that lies with Meta. The ID lives seven days, the URL five minutes; both need
// the token. ref: whatsapp-cloud.md §4.2
type Media struct {
	ID       Literal `json:"id"`
	MIMEType string  `json:"mime_type"` // may carry parameters: audio/ogg; codecs=opus
	SHA256   string  `json:"sha256"`    // base64 or hex; see HashMatches
	Caption  string  `json:"caption"`
	Filename string  `json:"filename"`
	URL      string  `json:"url"`
	Voice    Flag    `json:"voice"`    // audio: recorded in the app
	Animated Flag    `json:"animated"` // sticker
}

// Location is a place that the customer shared; live locations are not delivered.
type Location struct {
	Latitude  Decimal `json:"latitude"`
	Longitude Decimal `json:"longitude"`
	Name      string  `json:"name"`
	Address   string  `json:"address"`
	URL       string  `json:"url"`
}

// Reaction is an emoji on a message. An empty Emoji takes it back.
type Reaction struct {
	MessageID string `json:"message_id"`
	Emoji     string `json:"emoji"`
}

// Button is the press of a template's quick reply.
type Button struct {
	Payload string `json:"payload"`
	Text    string `json:"text"`
}

// Order is a shopping basket.
type Order struct {
	CatalogID Literal     `json:"catalog_id"`
	Text      string      `json:"text"`
	Items     []OrderItem `json:"product_items"`
}

// OrderItem is one line of an Order.
type OrderItem struct {
	ProductRetailerID Literal `json:"product_retailer_id"`
	Quantity          Number  `json:"quantity"`
	ItemPrice         Literal `json:"item_price"` // as written, to lose no digit
	Currency          string  `json:"currency"`
}

// System is a notice by WhatsApp. Type is user_changed_number, user_changed_user_id or
// customer_identity_changed. ref: whatsapp-cloud.md §3
type System struct {
	Type         string  `json:"type"`
	Body         string  `json:"body"`
	WaID         Literal `json:"wa_id"`     // the new number
	NewWaID      Literal `json:"new_wa_id"` // older spelling of the same
	UserID       string  `json:"user_id"`   // the new business-scoped user ID
	ParentUserID string  `json:"parent_user_id"`
	Identity     string  `json:"identity"`
	Customer     Literal `json:"customer"`
}

// Edit replaces an earlier message; only numbers that are also used in the Business app get it.
type Edit struct {
	OriginalMessageID string   `json:"original_message_id"`
	Message           *Message `json:"message"`
}

// Revoke takes an earlier message back; only numbers that are also used in the Business app get it.
type Revoke struct {
	OriginalMessageID string `json:"original_message_id"`
}

// Unsupported names what the customer sent although the API cannot carry it: edit, poll, button…
type Unsupported struct {
	Type string `json:"type"`
}

// Interactive is the customer's answer to something that can be pressed.
type Interactive struct {
	Type           string          `json:"type"`
	ButtonReply    *Choice         `json:"button_reply"`
	ListReply      *Choice         `json:"list_reply"`
	FormReply      *FormReply      `json:"nfm_reply"`
	CallPermission *CallPermission `json:"call_permission_reply"`
}

// Choice is the pressed button or the chosen row.
type Choice struct {
	ID          Literal `json:"id"`
	Title       string  `json:"title"`
	Description string  `json:"description"`
}

// FormReply is a filled-in form. Name is flow or address_message.
type FormReply struct {
	Name         string  `json:"name"`
	Body         string  `json:"body"`
	ResponseJSON Literal `json:"response_json"` // JSON within a string; see Answers
}

// Answers returns the fields of the form; nil when they cannot be read.
func (f FormReply) Answers() map[string]any {
	var answers map[string]any
	if json.Unmarshal([]byte(f.ResponseJSON), &answers) != nil {
		return nil
	}
	return answers
}

// CallPermission is the customer's answer to a request to be called.
type CallPermission struct {
	Response            string  `json:"response"` // accept, reject
	ExpirationTimestamp Seconds `json:"expiration_timestamp"`
	ResponseSource      string  `json:"response_source"`
}
