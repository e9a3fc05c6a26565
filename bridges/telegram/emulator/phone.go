package emulator

import (
	"context"
	"io"
	"slices"
	"time"

	"puente/bridges/bridgekit/emulation"
)

// Message is one message as a phone shows it.
type Message struct {
	ID     int64
	Kind   string    // text, photo, location, …, the first of the wire's fields that it has; unknown if none is known
	From   int64     // user ID of a person or a bot; 0 in channels
	Bot    int64     // the bot that wrote it on behalf of a business account
	At     time.Time // when it was sent
	Edited time.Time // zero if never
	Text   string    // text or caption
	// Entities are those of the text or caption.
	Entities []Entity
	// Content holds the wire's fields of the kind. Files are named by keys: OpenFile opens them.
	Content   map[string]any
	Buttons   []string // texts of the inline buttons, row by row
	ReplyTo   int64
	Thread    int64
	Reactions []Reaction
	Deleted   bool
	Pinned    bool
	Read      bool // a business message that the bot marked as read
	Service   bool
	Poll      *Results
	// Request holds the fields of the last call that made or changed it; nil if no bot did.
	Request map[string]any

	markup object
}

// Results is how a poll stands.
type Results struct {
	Question string
	Options  []string
	Votes    []int // by option
	Mine     []int // indexes that the phone's owner chose
	Closed   bool
	Multiple bool
}

// View is one chat as a phone shows it.
type View struct {
	Key      string
	ID       int64  // chat_id
	Kind     string // private, business, group, supergroup, channel
	Name     string
	Messages []Message // the oldest first; deleted ones stay, marked
	Typing   string    // the chat action that a bot shows, or empty
	Blocked  bool      // the person blocked the bot
	Keyboard map[string]any
	Answers  []Answer // of pressed buttons
	Topics   map[int64]string
	Unread   int // messages of others since the person last wrote or called MarkRead
}

// Phone is what a person sees at one moment.
type Phone struct {
	Customer Customer
	Chats    []View
}

// Chat returns the view of a chat.
func (p Phone) Chat(key string) (View, bool) {
	i := slices.IndexFunc(p.Chats, func(v View) bool { return v.Key == key })
	if i < 0 {
		return View{}, false
	}
	return p.Chats[i], true
}

// Message returns the message with an ID, or false.
func (v View) Message(id int64) (Message, bool) {
	i := slices.IndexFunc(v.Messages, func(m Message) bool { return m.ID == id })
	if i < 0 {
		return Message{}, false
	}
	return v.Messages[i], true
}

// Last returns the newest message that is not deleted, or false.
func (v View) Last() (Message, bool) {
	for _, m := range slices.Backward(v.Messages) {
		if !m.Deleted {
			return m, true
		}
	}
	return Message{}, false
}

// Phone returns what a person's phone shows now.
func (e *Emulator) Phone(userID int64) (Phone, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.phone(userID)
}

// Wait returns a person's phone as soon as fact holds for it, or the error of ctx.
func (e *Emulator) Wait(ctx context.Context, userID int64, fact func(Phone) bool) (Phone, error) {
	return emulation.Wait(ctx, &e.mu, &e.changed, "wait for a customer's phone",
		func() (Phone, error) { return e.phone(userID) }, fact)
}

// Wait returns the view of this chat as soon as fact holds for it, or the error of ctx.
func (c *Chat) Wait(ctx context.Context, fact func(View) bool) (View, error) {
	var view View
	_, err := c.e.Wait(ctx, c.user, func(p Phone) bool {
		view, _ = p.Chat(c.currentKey())
		return fact(view)
	})
	return view, err
}

// View returns what the chat shows now.
func (c *Chat) View() View {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	return c.e.view(c.here(), c.user)
}

func (c *Chat) currentKey() string {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	return c.here().Key
}

// kindOf names what a message is, by the order in which one must look. ref: reference/telegram-bot.md §3
func kindOf(content object) string {
	for _, kind := range []string{
		"text", "rich_message", "live_photo", "photo", "animation", "video", "video_note", "voice", "audio", "document",
		"sticker", "venue", "location", "contact", "poll", "dice", "story", "paid_media", "checklist", "game", "invoice",
		"giveaway", "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo",
		"group_chat_created", "supergroup_chat_created", "migrate_to_chat_id", "migrate_from_chat_id", "pinned_message",
		"message_auto_delete_timer_changed", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
		"forum_topic_reopened", "video_chat_scheduled", "video_chat_started", "video_chat_ended",
		"video_chat_participants_invited", "write_access_allowed",
	} {
		if content[kind] != nil {
			return kind
		}
	}
	return "unknown"
}

// OpenFile opens a file by the key that stands in the Content of a Message.
func (e *Emulator) OpenFile(key string) (io.ReadSeekCloser, error) { return e.files.Open(key) }
