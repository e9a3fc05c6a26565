package telegram

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"puente/bridges/bridgekit/message"
	"puente/core/hub/network"
)

// entry is an update as the journal keeps it. What is broken or unknown is kept too, as failed.
func (c *Connector) entry(botID int64, raw json.RawMessage) network.Entry {
	sum := sha256.Sum256(compact(raw))
	digest := hex.EncodeToString(sum[:6])
	made := network.Entry{Kind: "broken", Payload: raw}
	var members map[string]json.RawMessage
	var id int64
	err := json.Unmarshal(raw, &members)
	if err == nil {
		err = json.Unmarshal(members["update_id"], &id)
	}
	if err != nil {
		made.Key, made.Failed = entryKey(botID, "broken", digest), "this is no update of Telegram's"
		return made
	}
	// Telegram begins with other numbers after a week of silence: the digest keeps two updates of one number apart.
	made.Key = entryKey(botID, strconv.FormatInt(id, 10), digest)
	delete(members, "update_id")
	made.Kind = kindOf(members)
	if made.Lane = c.lane(botID, made.Kind, members[made.Kind]); !slices.Contains(allowedUpdates(), made.Kind) {
		made.Failed = fmt.Sprintf("Telegram sent an update of a kind that Puente does not know (%s)", made.Kind)
	}
	return made
}

// updateIDOf is an update's number; 0 if it has none.
func updateIDOf(raw json.RawMessage) int64 {
	var u struct {
		ID int64 `json:"update_id"`
	}
	_ = json.Unmarshal(raw, &u) // an update without a number cannot be confirmed, and 0 confirms nothing
	return u.ID
}

func entryKey(botID int64, number, digest string) string {
	return strconv.FormatInt(botID, 10) + ":" + number + ":" + digest
}

// botOf is the bot of an entry.
func botOf(entry network.Entry) int64 {
	first, _, _ := strings.Cut(entry.Key, ":")
	id, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return 0
	}
	return id
}

func compact(raw json.RawMessage) []byte {
	var out bytes.Buffer
	if json.Compact(&out, raw) != nil {
		return raw
	}
	return out.Bytes()
}

// kindOf is which of its kinds an update is; there is exactly one. ref: reference/telegram-bot.md §3
func kindOf(members map[string]json.RawMessage) string {
	known := allowedUpdates()
	other := "empty"
	for kind := range members {
		if slices.Contains(known, kind) {
			return kind
		}
		other = message.CleanWord(kind)
	}
	return other
}

// lane is what must stay in order: one chat, whatever happens in it. A business account's chats are apart from the
// bot's own with the same person.
func (c *Connector) lane(botID int64, kind string, raw json.RawMessage) string {
	var about struct {
		ID           string  `json:"id"`
		Chat         *chatID `json:"chat"`
		ConnectionID string  `json:"business_connection_id"`
		From         *chatID `json:"from"`
		User         *chatID `json:"user"`
		PollID       string  `json:"poll_id"`
		Message      *struct {
			Chat         *chatID `json:"chat"`
			ConnectionID string  `json:"business_connection_id"`
		} `json:"message"`
	}
	_ = json.Unmarshal(raw, &about) // what cannot be read has the bot's own lane
	lane := strconv.FormatInt(botID, 10)
	connection, chat := about.ConnectionID, about.Chat
	if about.Message != nil && chat == nil {
		connection, chat = about.Message.ConnectionID, about.Message.Chat
	}
	if kind == "business_connection" {
		if about.User != nil {
			c.owners.Store(about.ID, about.User.ID)
		}
		return lane + ":connection:" + message.CleanWord(about.ID)
	}
	if connection != "" {
		lane += ":" + c.ownerOf(botID, connection)
	}
	switch {
	case chat != nil:
		return lane + ":" + strconv.FormatInt(chat.ID, 10)
	case kind == "poll" || kind == "poll_answer":
		return lane + ":poll:" + message.CleanWord(about.PollID+about.ID)
	case about.From != nil:
		return lane + ":" + strconv.FormatInt(about.From.ID, 10)
	}
	return lane
}

type chatID struct {
	ID int64 `json:"id"`
}

// ownerOf names the business account of a connection, or the connection if the account is not known yet. The update that
// makes it known counts as soon as it comes: a chat must not change its lane when that has been dealt with.
func (c *Connector) ownerOf(botID int64, connection string) string {
	if owner, told := c.owners.Load(connection); told {
		return strconv.FormatInt(owner.(int64), 10)
	}
	if cl := c.connected(botID, connection); cl != nil {
		return strconv.FormatInt(cl.business().Owner, 10)
	}
	return message.CleanWord(connection)
}
