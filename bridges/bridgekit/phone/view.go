package phone

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// shownMessages is how many messages of a chat a phone shows unless it is asked for all.
const shownMessages = 200

// pageView is what the templates show.
type pageView struct {
	Title     string
	Phones    []*phoneView
	MaxUpload int64
	MaxText   string // MaxUpload for people
}

// phoneView is one network's phone.
type phoneView struct {
	ID, Name, Class string
	Shown           bool // in a narrow window
	Customers       []customerView
	Customer        *customerView // nil: there is none yet
	Elsewhere       int           // unread messages of the other customers and chats
	Chats           []chatView
	Chat            *chatView // nil: the customer has none
	Bubbles         []bubble
	Earlier         int // messages that are not shown
	Reply, Edit     *quoteView
	Draft           string // what the person had written, so that a mistake costs no work
	Adding          *Customer
	Offers          []Offer
	Failures        []Failure
	Address         string // what one looks like
	Problem         string

	state state
	place place
}

type customerView struct {
	Customer
	Initial  string
	Tint     int // one of six colours
	Selected bool
	Unread   int
	Last     string
	Link     string
}

type chatView struct {
	Chat
	Initial  string
	Selected bool
	Link     string
}

// view collects what the page shows in a state.
func (s *server) view(st state, t trouble) pageView {
	out := pageView{Title: s.Title, MaxUpload: s.MaxUpload, MaxText: sizeText(s.MaxUpload)}
	for i, n := range s.networks {
		if st.only != "" && st.only != n.ID() {
			continue
		}
		v := s.phone(n, i, st)
		if t.network == v.ID {
			v.Problem, v.Adding = t.words, t.adding
			if t.draft != "" {
				v.Draft = t.draft
			}
		}
		out.Phones = append(out.Phones, v)
	}
	return out
}

func (s *server) phone(n Network, index int, st state) *phoneView {
	id, look := n.ID(), lookOf(n, index)
	v := &phoneView{
		ID: id, Name: n.Name(), Class: "n" + strconv.Itoa(index), Shown: st.shown == id, Offers: n.Gestures(),
		Failures: n.Failures(), Address: look.Address, state: st, place: st.places[id],
	}
	v.findCustomer(n)
	if v.Customer == nil {
		return v
	}
	v.findChat(n)
	if v.Chat == nil {
		return v
	}
	messages, err := n.Messages(v.Customer.ID, v.Chat.ID)
	if err != nil {
		v.Problem = words(err)
		return v
	}
	s.fill(v, messages)
	return v
}

// findCustomer lists the customers and finds the one whose phone it is: the one asked for, or else the first.
func (v *phoneView) findCustomer(n Network) {
	selected := 0
	for i, c := range n.Customers() {
		if c.ID == v.place.Customer {
			selected = i
		}
		cv := customerView{Customer: c, Tint: i % 6, Initial: initial(c.Name), Link: v.address(place{Customer: c.ID})}
		chats, err := n.Chats(c.ID)
		for _, chat := range chats {
			cv.Unread += chat.Unread
		}
		if err == nil && len(chats) > 0 {
			cv.Last = last(n, c.ID, chats[0].ID)
		}
		v.Customers = append(v.Customers, cv)
	}
	if len(v.Customers) == 0 {
		return
	}
	if asked := v.place.Customer; asked != "" && v.Customers[selected].ID != asked {
		v.Problem, v.place = "That customer is not here any more; this is the first one.", place{}
	}
	v.Customers[selected].Selected = true
	v.Customer = &v.Customers[selected]
	v.place.Customer = v.Customer.ID
}

// findChat lists the customer's chats and finds the one that is open: the one asked for, or else the first.
func (v *phoneView) findChat(n Network) {
	chats, err := n.Chats(v.Customer.ID)
	if err != nil {
		v.Problem = words(err)
		return
	}
	selected := 0
	for i, c := range chats {
		if c.ID == v.place.Chat {
			selected = i
		}
		v.Chats = append(v.Chats, chatView{Chat: c, Initial: initial(c.Name), Link: v.address(place{Customer: v.Customer.ID, Chat: c.ID})})
	}
	if len(chats) == 0 {
		return
	}
	if asked := v.place.Chat; asked != "" && chats[selected].ID != asked {
		v.Problem, v.place = "That chat is not here any more; this is the first one.", place{Customer: v.Customer.ID}
	}
	v.Chats[selected].Selected = true
	v.Chat = &v.Chats[selected]
	v.place.Chat = v.Chat.ID
	v.Elsewhere = -v.Chat.Unread
	for _, c := range v.Customers {
		v.Elsewhere += c.Unread
	}
}

// last is the newest message of a chat in one short line.
func last(n Network, customerID, chatID string) string {
	messages, err := n.Messages(customerID, chatID)
	if err != nil || len(messages) == 0 {
		return ""
	}
	return summary(messages[len(messages)-1])
}

// initial is what stands in the circle beside a name.
func initial(name string) string {
	r, _ := utf8.DecodeRuneInString(strings.TrimSpace(name))
	if r == utf8.RuneError {
		return "?"
	}
	return strings.ToUpper(string(r))
}

// The addresses that the templates need.

func (v *phoneView) address(p place) string { return v.state.with(v.ID, p).address("/") }

// Here is the phone where it is, without what the next message answers or changes.
func (v *phoneView) Here() string { return v.address(v.here()) }

func (v *phoneView) here() place {
	p := v.place
	p.Reply, p.Edit = "", ""
	return p
}

// Everything is the phone with its oldest messages.
func (v *phoneView) Everything() string {
	p := v.here()
	p.All = true
	return v.address(p)
}

// ReplyTo is the phone while the next message answers one.
func (v *phoneView) ReplyTo(messageID string) string {
	p := v.here()
	p.Reply = messageID
	return v.address(p)
}

// EditOf is the phone while the next message replaces one.
func (v *phoneView) EditOf(messageID string) string {
	p := v.here()
	p.Edit = messageID
	return v.address(p)
}

// Do is where a form for a gesture leads.
func (v *phoneView) Do(kind string) string {
	return v.state.with(v.ID, v.place).address("/phone/do/" + v.ID + "/" + kind)
}

// Add is where the form for another customer leads.
func (v *phoneView) Add() string { return v.state.address("/phone/add/" + v.ID) }

// Offer returns the offer of a kind of gesture, or nil.
func (v *phoneView) Offer(kind string) *Offer {
	for i := range v.Offers {
		if v.Offers[i].Kind == kind {
			return &v.Offers[i]
		}
	}
	return nil
}
