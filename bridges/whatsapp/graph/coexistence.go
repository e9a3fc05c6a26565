package graph

// History is one chunk of the past of a number that is also used in the Business app. Chunks come in any
// order; several threads stand in one. ref: whatsapp-cloud.md §4.4
type History struct {
	Metadata struct {
		Phase      Number `json:"phase"` // 0, 1, 2: day 0, days 1–90, days 91–180
		ChunkOrder Number `json:"chunk_order"`
		Progress   Number `json:"progress"` // 0–100
	} `json:"metadata"`
	Threads []Thread  `json:"threads"`
	Errors  []Problem `json:"errors"` // 2593109: the business refused to share its history
}

// Thread is the past of one chat.
type Thread struct {
	ID      Literal `json:"id"`
	Context *struct {
		WaID     Literal `json:"wa_id"`
		UserID   string  `json:"user_id"`
		Username string  `json:"username"`
	} `json:"context"`
	Messages []Message `json:"messages"` // Type media_placeholder stands for an attachment that may follow
}

// HistoryContext tells how far a message of the past got: DELIVERED, ERROR, PENDING, PLAYED, READ, SENT.
type HistoryContext struct {
	Status string `json:"status"`
}

// StateSync is a change to the address book of the Business app.
type StateSync struct {
	Type    string `json:"type"`   // contact
	Action  string `json:"action"` // add, remove
	Contact struct {
		FullName    string  `json:"full_name"`
		FirstName   string  `json:"first_name"`
		PhoneNumber Literal `json:"phone_number"`
	} `json:"contact"`
	Metadata struct {
		Timestamp Seconds `json:"timestamp"`
	} `json:"metadata"`
}
