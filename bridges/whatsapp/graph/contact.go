package graph

// Contact is the customer of a webhook. ref: whatsapp-cloud.md §3
type Contact struct {
	Profile         Profile `json:"profile"`
	WaID            Literal `json:"wa_id"`   // "" when WhatsApp hides the number
	UserID          string  `json:"user_id"` // business-scoped user ID, the customer's identity
	ParentUserID    string  `json:"parent_user_id"`
	IdentityKeyHash string  `json:"identity_key_hash"`
}

// Profile is what a customer shows of himself.
type Profile struct {
	Name     string `json:"name"`
	Username string `json:"username"` // with @; can change while the user ID stays
}

// Card is an address card, in a message of either direction. When sending, Origin and VCard stay empty.
type Card struct {
	Name      *CardName     `json:"name,omitempty"` // nil is possible in what customers send
	Phones    []CardPhone   `json:"phones,omitempty"`
	Emails    []CardEmail   `json:"emails,omitempty"`
	Addresses []CardAddress `json:"addresses,omitempty"`
	Org       *CardOrg      `json:"org,omitempty"`
	URLs      []CardURL     `json:"urls,omitempty"`
	Birthday  string        `json:"birthday,omitempty"` // YYYY-MM-DD
	Origin    string        `json:"origin,omitempty"`   // contact_request: the answer to OutContactRequest
	VCard     string        `json:"vcard,omitempty"`
}

// CardName is the name on a card.
type CardName struct {
	FormattedName string `json:"formatted_name"`
	FirstName     string `json:"first_name,omitempty"`
	LastName      string `json:"last_name,omitempty"`
	MiddleName    string `json:"middle_name,omitempty"`
	Prefix        string `json:"prefix,omitempty"`
	Suffix        string `json:"suffix,omitempty"`
}

// CardPhone is a number on a card.
type CardPhone struct {
	Phone string  `json:"phone"`
	WaID  Literal `json:"wa_id,omitempty"`
	Type  string  `json:"type,omitempty"`
}

// CardEmail is a mail address on a card.
type CardEmail struct {
	Email string `json:"email"`
	Type  string `json:"type,omitempty"`
}

// CardAddress is a postal address on a card.
type CardAddress struct {
	Street      string  `json:"street,omitempty"`
	City        string  `json:"city,omitempty"`
	State       string  `json:"state,omitempty"`
	Zip         Literal `json:"zip,omitempty"`
	Country     string  `json:"country,omitempty"`
	CountryCode string  `json:"country_code,omitempty"`
	Type        string  `json:"type,omitempty"`
}

// CardOrg is the employer on a card.
type CardOrg struct {
	Company    string `json:"company,omitempty"`
	Department string `json:"department,omitempty"`
	Title      string `json:"title,omitempty"`
}

// CardURL is a web address on a card.
type CardURL struct {
	URL  string `json:"url"`
	Type string `json:"type,omitempty"`
}
