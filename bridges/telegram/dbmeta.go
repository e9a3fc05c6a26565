package telegram

import (
	"strings"
	"sync"
	"time"

	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
)

// LoginMeta is what is kept of a bot, or of a business account that a bot is connected to. All but BotID changes, under
// mu; what is behind a pointer or in a list is replaced, never changed in place.
type LoginMeta struct {
	mu sync.Mutex

	BotID    int64  `json:"bot_id"`
	Token    string `json:"token,omitzero"` // of a bot
	Name     string `json:"name"`
	Username string `json:"username,omitzero"`
	// ReadsGroups tells that privacy mode is off: the bot sees all that is written in its groups.
	ReadsGroups bool `json:"reads_groups,omitzero"`
	// Business is set for a business account.
	Business *BusinessMeta `json:"business,omitzero"`
	// Moved are groups that became supergroups: old ID → new ID.
	Moved map[int64]int64 `json:"moved,omitzero"`
	// Polls are the newest polls that the bot sent, oldest first: Telegram tells of votes by the poll's ID alone.
	Polls []SentPoll `json:"polls,omitzero"`
}

// CopyFrom implements database.MetaMerger, for a bot that logs in again: what was learnt since stays.
func (m *LoginMeta) CopyFrom(other any) {
	fresh, ok := other.(*LoginMeta)
	if !ok {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Token, m.Name, m.Username, m.ReadsGroups = fresh.Token, fresh.Name, fresh.Username, fresh.ReadsGroups
}

// know keeps what Telegram says of a bot, and tells whether it is news.
func (m *LoginMeta) know(me *models.User) (changed bool) {
	name := fullName(me.FirstName, me.LastName)
	if m.Name == name && m.Username == me.Username && m.ReadsGroups == me.CanReadAllGroupMessages {
		return false
	}
	m.Name, m.Username, m.ReadsGroups = name, me.Username, me.CanReadAllGroupMessages
	return true
}

// heading is what operators and rooms call the account. The caller holds mu.
func (m *LoginMeta) heading() string {
	if m.Username == "" {
		return m.Name
	}
	return strings.TrimSpace(m.Name + " @" + m.Username)
}

// SentPoll is a poll of ours.
type SentPoll struct {
	ID      string                `json:"id"`
	Message networkid.MessageID   `json:"message"`
	Login   networkid.UserLoginID `json:"login"` // the bot's own or that of a business account
}

// BusinessMeta is a connection to a business account. ref: reference/telegram-bot.md §5
type BusinessMeta struct {
	Owner        int64                    `json:"owner"` // the account's user ID
	ConnectionID string                   `json:"connection_id"`
	Enabled      bool                     `json:"enabled"`
	Rights       models.BusinessBotRights `json:"rights"`
	Since        time.Time                `json:"since,omitzero"` // of the connection's last change
}

// PortalMeta is what is kept of a chat.
type PortalMeta struct {
	// LastInbound is when the customer last wrote: a business account's right to answer counts from there.
	LastInbound   time.Time `json:"last_inbound,omitzero"`
	LastInboundID int       `json:"last_inbound_id,omitzero"` // that message
	LastReadID    int       `json:"last_read_id,omitzero"`    // up to which message we said that we have read
	// Start is the payload of the link that the customer last came by (t.me/<bot>?start=…).
	Start string `json:"start,omitzero"`
	// Topic is a forum topic's name, or the thread of a private chat that has topics.
	Topic   string `json:"topic,omitzero"`
	Thread  int    `json:"thread,omitzero"`
	Blocked bool   `json:"blocked,omitzero"` // the customer has blocked the bot
}

// MessageMeta is what is kept of a message.
type MessageMeta struct {
	// Said is a digest of what the message said last, by which an edit that changes nothing visible is known.
	Said string `json:"said,omitzero"`
	// Words is a digest of the text alone, of messages of ours.
	Words string `json:"words,omitzero"`
	// Caption tells that the text of our message is a caption.
	Caption bool `json:"caption,omitzero"`
	// Wordless tells that our message has neither text nor caption that could be changed.
	Wordless bool `json:"wordless,omitzero"`
	// Choices are the buttons of a question of ours, in their order.
	Choices []Choice `json:"choices,omitzero"`
	// Column tells that the buttons stand one below another.
	Column bool `json:"column,omitzero"`
	// Answers are the IDs of the answers of a poll of ours, as the room knows them, in their order.
	Answers []string `json:"answers,omitzero"`
}

// Choice is one button.
type Choice struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// GhostMeta is what is kept of a person.
type GhostMeta struct {
	// Looked is when the person's picture was last asked for.
	Looked time.Time `json:"looked,omitzero"`
}

// metaTypes tells bridgev2 what to put into its metadata columns.
func metaTypes() database.MetaTypes {
	return database.MetaTypes{
		UserLogin: func() any { return &LoginMeta{} },
		Portal:    func() any { return &PortalMeta{} },
		Message:   func() any { return &MessageMeta{} },
		Ghost:     func() any { return &GhostMeta{} },
	}
}
