package emulator

import "slices"

// Reaction is one account's reaction to a message.
type Reaction struct {
	By    int64  `json:"by"` // user ID of a person or a bot
	Emoji string `json:"emoji"`
	// Custom is the ID of a custom emoji, instead of Emoji.
	Custom string `json:"custom,omitempty"`
}

// reactionEmoji are the only emoji that one can react with. ref: reference/data/telegram-bot-api.json, ReactionTypeEmoji
func reactionEmoji() []string {
	return []string{
		"❤", "👍", "👎", "🔥", "🥰", "👏", "😁", "🤔", "🤯", "😱", "🤬", "😢", "🎉", "🤩", "🤮", "💩", "🙏", "👌", "🕊", "🤡", "🥱", "🥴",
		"😍", "🐳", "❤\u200d🔥", "🌚", "🌭", "💯", "🤣", "⚡", "🍌", "🏆", "💔", "🤨", "😐", "🍓", "🍾", "💋", "🖕", "😈", "😴", "😭", "🤓",
		"👻", "👨\u200d💻", "👀", "🎃", "🙈", "😇", "😨", "🤝", "✍", "🤗", "🫡", "🎅", "🎄", "☃", "💅", "🤪", "🗿", "🆒", "💘", "🙉", "🦄",
		"😘", "💊", "🙊", "😎", "👾", "🤷\u200d♂", "🤷", "🤷\u200d♀", "😡",
	}
}

// setMessageReaction sets the bot's one reaction, or takes it away. ref: reference/telegram-bot.md §4
func (c *call) setMessageReaction() (any, *refusal) {
	one, r := c.where("chat_id")
	if r != nil {
		return nil, r
	}
	m := one.message(c.number("message_id"))
	if m == nil {
		return nil, bad("message to react not found")
	}
	wanted := c.list("reaction")
	if len(wanted) > 1 {
		return nil, bad("REACTIONS_TOO_MANY")
	}
	if m.Service {
		return nil, bad("REACTION_INVALID")
	}
	var set []Reaction
	for _, v := range wanted {
		given := v.(object)
		emoji, _ := given["emoji"].(string)
		custom, _ := given["custom_emoji_id"].(string)
		switch given["type"] {
		case "emoji":
			if !slices.Contains(reactionEmoji(), emoji) {
				return nil, bad("REACTION_INVALID")
			}
		case "custom_emoji": // only one that stands there already
			if !slices.ContainsFunc(m.Reactions, func(r Reaction) bool { return r.Custom == custom }) {
				return nil, bad("REACTION_INVALID")
			}
		default:
			return nil, bad("REACTION_INVALID")
		}
		set = append(set, Reaction{By: c.b.ID(), Emoji: emoji, Custom: custom})
	}
	m.react(c.b.ID(), set)
	m.Request = c.record()
	c.e.touch()
	return true, nil
}

// react replaces one account's reactions and returns those that it had.
func (m *message) react(by int64, now []Reaction) (old []Reaction) {
	var kept []Reaction
	for _, r := range m.Reactions {
		if r.By == by {
			old = append(old, r)
		} else {
			kept = append(kept, r)
		}
	}
	m.Reactions = append(kept, now...)
	return old
}

// tellReaction tells bots of a person's reaction: in private chats the bot, in groups those that are administrators. Of
// business chats nobody is told. The caller holds mu. ref: reference/telegram-bot.md §3, §5
func (e *Emulator) tellReaction(one *chat, m *message, by int64, old, now []Reaction) {
	defer e.touch()
	for _, b := range e.st.Bots {
		if !(one.Kind == kindPrivate && one.Bot == b.ID() && !one.Blocked || one.isGroup() && one.admin(b.ID())) {
			continue
		}
		body := object{"chat": e.wireChat(one), "message_id": m.ID, "date": e.clock.Now().Unix()}
		if mem := one.member(by); mem != nil && mem.Anonymous {
			if one.Kind != kindChannel {
				e.enqueue(b, one.Key, "message_reaction_count", e.counted(body, m))
				continue
			}
		}
		body["user"] = e.wireUser(by)
		body["old_reaction"], body["new_reaction"] = wireReactions(old), wireReactions(now)
		e.enqueue(b, one.Key, "message_reaction", body)
	}
}

// counted is how bots are told of reactions whose authors are anonymous.
func (e *Emulator) counted(body object, m *message) object {
	counts := map[Reaction]int{}
	for _, r := range m.Reactions {
		counts[Reaction{Emoji: r.Emoji, Custom: r.Custom}]++
	}
	list := []any{}
	for r, n := range counts {
		list = append(list, object{"type": r.wire(), "total_count": n})
	}
	body["reactions"] = list
	return body
}

func (r Reaction) wire() object {
	if r.Custom != "" {
		return object{"type": "custom_emoji", "custom_emoji_id": r.Custom}
	}
	return object{"type": "emoji", "emoji": r.Emoji}
}

func wireReactions(list []Reaction) []any {
	out := []any{}
	for _, r := range list {
		out = append(out, r.wire())
	}
	return out
}
