package emulator

import (
	"fmt"
	"time"

	"puente/core/base/errs"
)

// Place is a spot on the map, in degrees; with a Name it is a venue.
type Place struct {
	Latitude, Longitude float64
	Name, Address       string
	// Live is how long the place moves; MoveLocation moves it.
	Live time.Duration
}

func (p Place) wire() object {
	out := object{"latitude": p.Latitude, "longitude": p.Longitude}
	if p.Live > 0 {
		out["live_period"], out["horizontal_accuracy"] = int64(p.Live.Seconds()), 12.5
	}
	return out
}

// SendLocation shares a place. A venue fills location too. ref: reference/telegram-bot.md §3
func (c *Chat) SendLocation(p Place, options ...Option) (int64, error) {
	content := object{"location": p.wire()}
	if p.Name != "" {
		content["venue"] = object{"location": p.wire(), "title": p.Name, "address": p.Address}
	}
	return c.say(content, options)
}

// SendContact shares somebody's contact; userID is 0 if they have no Telegram.
func (c *Chat) SendContact(phone, first, last string, userID int64, options ...Option) (int64, error) {
	card := object{"phone_number": phone, "first_name": first}
	put(card, "last_name", last)
	if userID != 0 {
		card["user_id"] = userID
	}
	return c.say(object{"contact": card}, options)
}

// ShareContact shares the person's own contact, as the button of a reply keyboard that asks for it does; the keyboard
// goes away if it is for one time.
func (c *Chat) ShareContact() (int64, error) {
	c.e.mu.Lock()
	p := c.e.st.person(c.user)
	one := c.here()
	if one.Keyboard["one_time_keyboard"] == true {
		one.Keyboard = nil
	}
	c.e.mu.Unlock()
	return c.SendContact(p.Phone, p.FirstName, p.LastName, p.ID)
}

// Ask is a poll that a person starts.
type Ask struct {
	Question string
	Options  []string
	Multiple bool
	Public   bool // not anonymous
}

// SendPoll starts a poll.
func (c *Chat) SendPoll(ask Ask, options ...Option) (int64, error) {
	if ask.Question == "" || len(ask.Options) == 0 || len(ask.Options) > 12 {
		return 0, fmt.Errorf("start a poll: a question and 1 to 12 options: %w", errs.ErrInvalid)
	}
	c.e.mu.Lock()
	p := c.e.newPoll(ask.Question, ask.Options)
	p.Multiple, p.Anonymous = ask.Multiple, !ask.Public
	c.e.mu.Unlock()
	return c.say(object{"poll": p.ID}, options)
}

// SendDice rolls a die.
func (c *Chat) SendDice(emoji string, value int, options ...Option) (int64, error) {
	return c.say(object{"dice": object{"emoji": emoji, "value": value}}, options)
}

// SendStory forwards a story of the person's own.
func (c *Chat) SendStory(storyID int64, options ...Option) (int64, error) {
	c.e.mu.Lock()
	poster := c.e.wireChat(&chat{User: c.user})
	c.e.mu.Unlock()
	return c.say(object{"story": object{"chat": poster, "id": storyID}}, options)
}

// SendPaidMedia sends a photo that costs stars, as one sees it who has paid.
func (c *Chat) SendPaidMedia(stars int64, options ...Option) (int64, error) {
	still, err := c.e.fileMessage(Photo, File{})
	if err != nil {
		return 0, err
	}
	return c.say(object{"paid_media": object{
		"star_count": stars, "paid_media": []any{object{"type": "photo", "photo": still["photo"]}},
	}}, options)
}

// SendChecklist sends a list of tasks; those at the indexes in done are done.
func (c *Chat) SendChecklist(title string, tasks []string, done ...int) (int64, error) {
	c.e.mu.Lock()
	me := c.e.wireUser(c.user)
	c.e.mu.Unlock()
	list := []any{}
	for i, text := range tasks {
		task := object{"id": i + 1, "text": text}
		for _, d := range done {
			if d == i {
				task["completed_by_user"], task["completion_date"] = me, c.e.clock.Now().Unix()
			}
		}
		list = append(list, task)
	}
	return c.say(object{"checklist": object{"title": title, "tasks": list}}, nil)
}

// SendGame sends a game.
func (c *Chat) SendGame(title string) (int64, error) {
	still, err := c.e.fileMessage(Photo, File{})
	if err != nil {
		return 0, err
	}
	return c.say(object{"game": object{"title": title, "description": "A game", "photo": still["photo"]}}, nil)
}

// SendInvoice sends an invoice; total is in the currency's smallest unit.
func (c *Chat) SendInvoice(title, currency string, total int64) (int64, error) {
	return c.say(object{"invoice": object{
		"title": title, "description": "An invoice", "start_parameter": "pay", "currency": currency, "total_amount": total,
	}}, nil)
}

// SendGiveaway announces a giveaway of a channel.
func (c *Chat) SendGiveaway(winners int) (int64, error) {
	return c.say(object{"giveaway": object{
		"chats":                            []any{object{"id": -1_001_700_000_001, "type": kindChannel, "title": "News"}},
		"winners_selection_date":           c.e.clock.Now().Add(48 * time.Hour).Unix(),
		"winner_count":                     winners,
		"premium_subscription_month_count": 3,
	}}, nil)
}

// SendRich sends a rich message: a heading and paragraphs. ref: reference/telegram-bot.md §3, rich_message
func (c *Chat) SendRich(heading string, paragraphs ...string) (int64, error) {
	blocks := []any{object{"type": "heading", "text": heading, "size": 1}}
	for _, text := range paragraphs {
		blocks = append(blocks, object{"type": "paragraph", "text": []any{object{"type": "bold", "text": "• "}, text}})
	}
	return c.say(object{"rich_message": object{"blocks": blocks}}, nil)
}

// SendOdd sends something that no client of the Bot API knows yet.
func (c *Chat) SendOdd() (int64, error) {
	return c.say(object{"hologram": object{"file": "none", "depth": 3}}, nil)
}

// SendRaw sends a message whose fields are made by hand; files in it are named by keys that Keep gave.
func (c *Chat) SendRaw(content map[string]any, options ...Option) (int64, error) {
	return c.say(copyObject(content), options)
}

// Keep stores a file and returns what a message of a kind says of it, for SendRaw.
func (e *Emulator) Keep(kind string, f File) (map[string]any, error) { return e.fileMessage(kind, f) }
