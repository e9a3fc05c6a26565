package emulator_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/go-telegram/bot"

	"puente/bridges/bridgekit/phone"
	"puente/bridges/telegram/emulator"
	"puente/core/base/errs"
	"puente/core/testkit/sample"
)

// page is a customer's phone as the page of phones sees it.
type page struct {
	*world
	net      phone.Network
	customer phone.Customer
	main     string // ID of the chat with the bot
}

func newPage(t *testing.T) *page {
	t.Helper()
	p := &page{world: newWorld(t, nil)}
	p.net = p.e.Phones()
	c, err := p.net.AddCustomer(p.ctx, "Ana Ñandú", "@ana_nandu")
	p.ok(err)
	p.customer = c
	p.main = p.chats()[0].ID
	return p
}

func (p *page) chats() []phone.Chat {
	p.t.Helper()
	chats, err := p.net.Chats(p.customer.ID)
	p.ok(err)
	return chats
}

func (p *page) do(g phone.Gesture) {
	p.t.Helper()
	p.ok(p.net.Do(p.ctx, p.customer.ID, p.main, g))
}

// last is the newest message of the main chat.
func (p *page) last() phone.Message {
	p.t.Helper()
	list, err := p.net.Messages(p.customer.ID, p.main)
	p.ok(err)
	return list[len(list)-1]
}

func TestPhonesShowCustomers(t *testing.T) {
	p := newPage(t)
	p.want(p.customer.Address, "@ana_nandu")
	p.want(p.chats()[0].Name, "Lucky Shrub")
	p.want(len(p.net.Customers()), 1)
	_, err := p.net.AddCustomer(p.ctx, "Bea", "@ana_nandu")
	p.want(errors.Is(err, errs.ErrConflict) && errs.Message(err) != "", true)
	_, err = p.net.AddCustomer(p.ctx, "Bea", "two words")
	p.want(errors.Is(err, errs.ErrInvalid), true)
	made, err := p.net.AddCustomer(p.ctx, "Cy", "71234560429")
	p.ok(err)
	p.want(made.ID, "71234560429")
	_, err = p.net.AddCustomer(p.ctx, "Dora", "")
	p.ok(err)
	_, err = p.net.Chats("1")
	p.want(errors.Is(err, errs.ErrNotFound), true)
	p.want(len(p.net.Failures()), 8)
}

// TestPhonesDo does all that the page offers.
func TestPhonesDo(t *testing.T) {
	p := newPage(t)
	offered := map[string]bool{}
	for _, offer := range p.net.Gestures() {
		offered[offer.Kind] = true
	}
	p.do(phone.Gesture{Kind: phone.Text, Text: "hello <b>"})
	p.want(p.last().HTML, "hello &lt;b&gt;")
	first := p.last().ID
	p.want(p.last().CanEdit, true)
	for _, g := range []phone.Gesture{
		{Kind: phone.Text, Text: "reply", Message: first},
		{Kind: phone.SendFile, Text: "look"},
		{Kind: phone.SendFile, File: &phone.Upload{Name: "a.pdf", Mime: "application/pdf", Content: sample.PagePDF("x")}, Message: first},
		{Kind: phone.Voice}, {Kind: phone.Sticker}, {Kind: phone.Location}, {Kind: phone.Contact}, {Kind: phone.Contact, Text: "Cy"},
		{Kind: phone.PollStart, Text: "?", Choices: []string{"a", "b"}, On: true},
		{Kind: phone.React, Message: first, Text: "👍"}, {Kind: phone.Unreact, Message: first},
		{Kind: phone.Edit, Message: first, Text: "hullo"}, {Kind: phone.Odd}, {Kind: phone.Read},
	} {
		p.want(offered[g.Kind], true)
		p.do(g)
	}
	list, err := p.net.Messages(p.customer.ID, p.main)
	p.ok(err)
	p.want(list[0].Text, "hullo")
	p.want(list[1].Quote, first)
	p.want(list[2].File.Kind, "image")
	p.want(list[3].File.Name, "a.pdf")
	p.want(list[4].File.Kind, "voice")
	p.want(list[5].File.Mime, "image/webp")
	p.want(list[6].Place != nil, true)
	p.want(list[7].Cards[0].Name, "Ana Ñandú")
	p.do(phone.Gesture{Kind: phone.Vote, Message: list[9].ID, Choices: []string{"1", "0"}})
	list, err = p.net.Messages(p.customer.ID, p.main)
	p.ok(err)
	p.want(list[9].Poll.Options[1].Mine, true)
	p.do(phone.Gesture{Kind: phone.Delete, Message: first})
	list, err = p.net.Messages(p.customer.ID, p.main)
	p.ok(err)
	p.want(list[0].Deleted, true)

	data, file, err := p.net.Open(p.customer.ID, list[2].File.ID)
	p.ok(err)
	raw, err := io.ReadAll(data)
	p.ok(err)
	p.ok(data.Close())
	p.want(int64(len(raw)), file.Size)
	_, _, err = p.net.Open(p.customer.ID, "nobody")
	p.want(errors.Is(err, errs.ErrNotFound), true)
	err = p.net.Do(p.ctx, p.customer.ID, p.main, phone.Gesture{Kind: phone.Call})
	p.want(errs.Message(err) != "", true)
	err = p.net.Do(p.ctx, p.customer.ID, p.main, phone.Gesture{Kind: phone.React, Message: list[2].ID, Text: "🦖"})
	p.want(errs.Message(err) != "", true)
}

func TestPhonesShowWhatTheBotDoes(t *testing.T) {
	p := newPage(t)
	p.do(phone.Gesture{Kind: phone.Text, Text: "/start"})
	id := p.e.Customers()[0].ID
	_, err := p.bot.SendMessage(p.ctx, &bot.SendMessageParams{ChatID: id, Text: "Sure?", ReplyMarkup: buttons()})
	p.ok(err)
	p.want(p.last().Buttons[0].Text, "Yes")
	p.want(p.last().Buttons[1].URL, "https://example.com")
	p.want(p.chats()[0].Unread, 1)
	p.do(phone.Gesture{Kind: phone.Press, Message: p.last().ID, Choices: []string{p.last().Buttons[0].ID}})
	all := p.updates()
	query := at(all[len(all)-1], "callback_query", "id")
	p.result("answerCallbackQuery", object{"callback_query_id": query, "text": "Thanks"})
	p.want(strings.Contains(p.chats()[0].Note, "Thanks"), true)
	p.result("sendChatAction", object{"chat_id": id, "action": "typing"})
	p.want(p.chats()[0].Typing, true)
	p.do(phone.Gesture{Kind: phone.Read})
	p.want(p.chats()[0].Unread, 0)
}

func TestPhonesHaveSettings(t *testing.T) {
	p := newPage(t)
	p.do(phone.Gesture{Kind: phone.Text, Text: "/start"})
	p.do(phone.Gesture{Kind: phone.Set, Choices: []string{"blocked"}, On: true})
	p.want(p.chats()[0].Settings[0].On, true)
	p.want(p.net.Do(p.ctx, p.customer.ID, p.main, phone.Gesture{Kind: phone.Text, Text: "x"}) != nil, true)
	p.do(phone.Gesture{Kind: phone.Set, Choices: []string{"blocked"}})

	owner, err := p.e.AddCustomer(emulator.Customer{FirstName: "Olga", Business: true})
	p.ok(err)
	p.want(p.chats()[2].Name, "Olga") // after the two bots
	olga := p.net.Customers()[1].ID
	chats, err := p.net.Chats(olga)
	p.ok(err)
	connect := phone.Gesture{Kind: phone.Set, Choices: []string{"connected"}, On: true}
	p.ok(p.net.Do(p.ctx, olga, chats[0].ID, connect))
	chats, err = p.net.Chats(olga)
	p.ok(err)
	p.want(chats[0].Settings[1].On, true)
	connect.On = false
	p.ok(p.net.Do(p.ctx, olga, chats[0].ID, connect))

	group, err := p.e.AddGroup(emulator.Group{Title: "Gardeners", Members: []int64{owner.ID}, Bots: []int64{botID}})
	p.ok(err)
	chats, err = p.net.Chats(olga)
	p.ok(err)
	last := chats[len(chats)-1]
	p.want(last.Group, true)
	p.ok(p.net.Do(p.ctx, olga, last.ID, phone.Gesture{Kind: phone.Set, Choices: []string{"admin"}, On: true}))
	p.want(at(p.result("getChatMember", object{"chat_id": group.ID, "user_id": botID}), "status"), "administrator")
	list, err := p.net.Messages(olga, last.ID)
	p.ok(err)
	p.want(list[0].Line, "Olga added Lucky Shrub")
}

func TestChangesAreTold(t *testing.T) {
	p := newPage(t)
	changed := p.net.Changed()
	p.do(phone.Gesture{Kind: phone.Text, Text: "x"})
	<-changed
}
