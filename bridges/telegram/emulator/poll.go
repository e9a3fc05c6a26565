package emulator

import (
	"slices"
	"unicode/utf8"
)

// poll is a question with options, and who chose what.
type poll struct {
	ID        string           `json:"id"`
	Question  string           `json:"question"`
	Entities  []any            `json:"entities"`
	Options   []object         `json:"options"` // text, text_entities, persistent_id
	Anonymous bool             `json:"anonymous"`
	Multiple  bool             `json:"multiple"`
	Revote    bool             `json:"revote"`
	Quiz      bool             `json:"quiz"`
	Closed    bool             `json:"closed"`
	Correct   []any            `json:"correct"`
	Bot       int64            `json:"bot"` // that sent it
	Votes     map[string][]int `json:"votes"`
}

// wire is a poll as bots see it.
func (p *poll) wire() object {
	counts := make([]int, len(p.Options))
	for _, chosen := range p.Votes {
		for _, i := range chosen {
			counts[i]++
		}
	}
	options := []any{}
	for i, o := range p.Options {
		option := copyObject(o)
		option["voter_count"] = counts[i]
		options = append(options, option)
	}
	kind := "regular"
	if p.Quiz {
		kind = "quiz"
	}
	out := object{
		"id": p.ID, "question": p.Question, "options": options, "total_voter_count": len(p.Votes), "is_closed": p.Closed,
		"is_anonymous": p.Anonymous, "type": kind, "allows_multiple_answers": p.Multiple, "allows_revoting": p.Revote,
		"members_only": false,
	}
	if len(p.Entities) > 0 {
		out["question_entities"] = p.Entities
	}
	if p.Quiz && (p.Closed || p.Bot != 0) && len(p.Correct) > 0 {
		out["correct_option_ids"] = p.Correct
	}
	return out
}

// newPoll makes a poll. The caller holds mu.
func (e *Emulator) newPoll(question string, options []string) *poll {
	p := &poll{ID: decimal(5_000_000_000_000_000_000 + e.st.next()), Question: question, Revote: true, Votes: map[string][]int{}}
	for _, text := range options {
		p.addOption(text, nil)
	}
	e.st.Polls[p.ID] = p
	return p
}

func (p *poll) addOption(text string, entities []any) {
	option := object{"text": text, "persistent_id": decimal(int64(len(p.Options)))}
	if len(entities) > 0 {
		option["text_entities"] = entities
	}
	p.Options = append(p.Options, option)
}

// sendPoll asks a question. ref: reference/telegram-bot.md §4
func (c *call) sendPoll() (any, *refusal) {
	question, options := c.text("question"), c.list("options")
	for _, name := range []string{"question_parse_mode", "explanation_parse_mode", "description_parse_mode"} {
		if c.text(name) != "" {
			return nil, noParseMode()
		}
	}
	switch {
	case utf8.RuneCountInString(question) > 300:
		return nil, bad("poll question length must not exceed 300")
	case len(options) == 0:
		return nil, bad("poll must have at least 1 option")
	case len(options) > 12:
		return nil, bad("poll can't have more than 12 options")
	case c.text("type") == "quiz" && len(c.list("correct_option_ids")) == 0:
		return nil, bad("quiz must have a correct option")
	}
	for _, v := range options {
		text, _ := v.(object)["text"].(string)
		if text == "" || utf8.RuneCountInString(text) > 100 {
			return nil, bad("poll options length must not exceed 100")
		}
	}
	if _, r := c.target(); r != nil {
		return nil, r
	}
	p := c.e.newPoll(question, nil)
	p.Entities, p.Multiple, p.Quiz = c.list("question_entities"), c.yes("allows_multiple_answers"), c.text("type") == "quiz"
	p.Closed, p.Bot, p.Correct = c.yes("is_closed"), c.b.ID(), c.list("correct_option_ids")
	p.Anonymous = !c.has("is_anonymous") || c.yes("is_anonymous")
	p.Revote = !p.Quiz
	if c.has("allows_revoting") {
		p.Revote = c.yes("allows_revoting")
	}
	for _, v := range options {
		o := v.(object)
		text, _ := o["text"].(string)
		entities, _ := o["text_entities"].([]any)
		p.addOption(text, entities)
	}
	return c.deliverContent(object{"poll": p.ID}, nil)
}

// stopPoll closes a poll of the bot's own.
func (c *call) stopPoll() (any, *refusal) {
	one, r := c.place()
	if r != nil {
		return nil, r
	}
	m := one.message(c.number("message_id"))
	switch {
	case m == nil:
		return nil, bad("message with poll to stop not found")
	case m.Poll == "" || m.From != c.b.ID() && m.Bot != c.b.ID():
		return nil, bad("poll can't be stopped")
	}
	p := c.e.st.Polls[m.Poll]
	if p.Closed {
		return nil, bad("poll has already been closed")
	}
	p.Closed = true
	c.e.tellPoll(p)
	return p.wire(), nil
}

// tellPoll gives a poll's state to the bot that sent it; others are told of polls that are stopped, if they see them.
// The caller holds mu.
func (e *Emulator) tellPoll(p *poll) {
	defer e.touch()
	if b := e.st.bot(p.Bot); b != nil {
		e.enqueue(b, "poll:"+p.ID, "poll", p.wire())
		return
	}
	if !p.Closed {
		return
	}
	for _, c := range e.st.Chats {
		if m := c.withPoll(p.ID); m != nil {
			for _, b := range e.st.Bots {
				if e.sees(b, c, m) {
					e.enqueue(b, "poll:"+p.ID, "poll", p.wire())
				}
			}
		}
	}
}

func (c *chat) withPoll(id string) *message {
	i := slices.IndexFunc(c.Messages, func(m *message) bool { return m.Poll == id && !m.Deleted })
	if i < 0 {
		return nil
	}
	return c.Messages[i]
}

// vote notes what somebody chose, nothing to take it back, and tells the bot. The caller holds mu.
func (e *Emulator) vote(p *poll, user int64, chosen []int) {
	key := decimal(user)
	delete(p.Votes, key)
	if len(chosen) > 0 {
		p.Votes[key] = chosen
	}
	if b := e.st.bot(p.Bot); b != nil && !p.Anonymous {
		ids, names := []any{}, []any{}
		for _, i := range chosen {
			ids, names = append(ids, i), append(names, p.Options[i]["persistent_id"])
		}
		e.enqueue(b, "poll:"+p.ID, "poll_answer", object{
			"poll_id": p.ID, "user": e.wireUser(user), "option_ids": ids, "option_persistent_ids": names,
		})
	}
	e.tellPoll(p)
}
