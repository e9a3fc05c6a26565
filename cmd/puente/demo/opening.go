package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"puente/bridges/bridgekit/phone"
	"puente/bridges/whatsapp/emulator"
	"puente/core/testkit/person"
)

const (
	greeting     = "Hello! Is the blue lamp in your window still there?"
	openingLimit = time.Minute
)

// opener is who says hello on a network at the first start, so that there is something to see.
type opener struct{ network, name, words string }

func openers() []opener {
	return []opener{
		{"telegram", "Ben", "Hi, do you repair lamps too?"},
		{"signal", "Cleo", "Good morning, is my order on its way?"},
		{"webhook", "Dora", "Hello, I am on your page and cannot find the large lamps."},
	}
}

// open lets a customer of each network say hello and waits until the agents have it in their room lists. Where somebody
// has said something before, the conversation goes on where it was.
func (w *world) open(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, openingLimit)
	defer cancel()
	ana, err := w.customer("Ana", "16505550101")
	if err != nil {
		return err
	}
	var said []string
	if len(w.emulator.Inbox(ana.UserID)) == 0 {
		if _, err = ana.SendText(greeting); err != nil {
			return fmt.Errorf("say hello: %w", err)
		}
		said = append(said, greeting)
	}
	for _, p := range w.providers {
		words, err := sayHello(ctx, p)
		if err != nil {
			return fmt.Errorf("say hello on %s: %w", p.id(), err)
		}
		said = append(said, words...)
	}
	for _, agent := range agents() {
		if err = w.greets(ctx, agent[0], said); err != nil {
			return err
		}
	}
	return nil
}

// sayHello has the network's opener write, unless the network has customers already; it returns what was said.
func sayHello(ctx context.Context, p provider) ([]string, error) {
	for _, o := range openers() {
		if o.network != p.id() || slices.ContainsFunc(p.phones().Customers(), func(c phone.Customer) bool { return c.Name == o.name }) {
			continue
		}
		who, err := p.phones().AddCustomer(ctx, o.name, "")
		if err != nil {
			return nil, err
		}
		chats, err := p.phones().Chats(who.ID)
		if err != nil {
			return nil, err
		}
		return []string{o.words}, p.phones().Do(ctx, who.ID, chats[0].ID, phone.Gesture{Kind: phone.Text, Text: o.words})
	}
	return nil, nil
}

// greets waits until an agent's client shows what was said.
func (w *world) greets(ctx context.Context, agent string, said []string) error {
	if len(said) == 0 {
		return nil
	}
	who, err := w.logIn(ctx, agent)
	if err != nil {
		return err
	}
	defer who.Stop()
	for _, words := range said {
		if _, err = who.Sees(ctx, 0, "the first message", person.Text(words)); err != nil {
			return err
		}
	}
	return nil
}

// customer is somebody with WhatsApp; who is there from an earlier run is found again.
type customer struct {
	emulator.Customer
	*emulator.Chat
}

func (w *world) customer(name, waID string) (*customer, error) {
	for _, known := range w.emulator.Customers() {
		if known.WaID == waID {
			return w.chat(known)
		}
	}
	added, err := w.emulator.AddCustomer(emulator.Customer{Name: name, WaID: waID})
	if err != nil {
		return nil, fmt.Errorf("add the customer %s: %w", name, err)
	}
	return w.chat(added)
}

func (w *world) chat(who emulator.Customer) (*customer, error) {
	chat, err := w.emulator.Chat(who.UserID, phoneNumberID)
	if err != nil {
		return nil, fmt.Errorf("open the chat of %s: %w", who.Name, err)
	}
	return &customer{Customer: who, Chat: chat}, nil
}
