package emulator

import (
	"time"
	"unicode/utf8"
)

// answerTime is how long a pressed button waits for its answer. ref: reference/telegram-bot.md §4
const answerTime = 30 * time.Second

// pressed is a button that somebody pressed.
type pressed struct {
	Chat     string    `json:"chat"` // key
	By       int64     `json:"by"`
	Bot      int64     `json:"bot"`
	Message  int64     `json:"message"`
	At       time.Time `json:"at"`
	Answered bool      `json:"answered"`
}

// Answer is what a phone shows after a button was pressed.
type Answer struct {
	Query   string `json:"query"`   // callback_query id
	By      int64  `json:"by"`      // who pressed
	Message int64  `json:"message"` // whose button
	Text    string `json:"text"`
	Alert   bool   `json:"alert"`
	URL     string `json:"url,omitempty"`
}

// answerCallbackQuery ends the waiting of whoever pressed a button.
func (c *call) answerCallbackQuery() (any, *refusal) {
	id := c.text("callback_query_id")
	q := c.e.st.Queries[id]
	if q == nil || q.Bot != c.b.ID() || q.Answered || c.e.clock.Now().Sub(q.At) > answerTime {
		return nil, bad("query is too old and response timeout expired or query ID is invalid")
	}
	if utf8.RuneCountInString(c.text("text")) > 200 {
		return nil, bad("MESSAGE_TOO_LONG")
	}
	q.Answered = true
	if one := c.e.st.chat(q.Chat); one != nil {
		one.Answers = append(one.Answers, Answer{
			Query: id, By: q.By, Message: q.Message, Text: c.text("text"), Alert: c.yes("show_alert"), URL: c.text("url"),
		})
	}
	c.e.touch()
	return true, nil
}
