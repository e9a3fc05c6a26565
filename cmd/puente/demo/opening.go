package demo

import (
	"context"
	"fmt"
	"time"

	"maunium.net/go/mautrix/event"

	"puente/bridges/whatsapp/emulator"
)

const (
	greeting     = "Hello! Is the blue lamp in your window still there?"
	openingLimit = time.Minute
)

// open lets Ana say hello, so that there is something to see, and waits until the agents have it in their room
// lists. If she has said something before, the conversation goes on where it was.
func (w *world) open(ctx context.Context) error {
	ana, err := w.customer("Ana", "16505550101")
	if err != nil {
		return err
	}
	if len(w.emulator.Inbox(ana.UserID)) > 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, openingLimit)
	defer cancel()
	if _, err = ana.SendText(greeting); err != nil {
		return fmt.Errorf("say hello: %w", err)
	}
	for _, agent := range agents() {
		if err = w.greets(ctx, agent[0]); err != nil {
			return err
		}
	}
	return nil
}

// greets waits until an agent's client shows the greeting.
func (w *world) greets(ctx context.Context, agent string) error {
	who, err := w.logIn(ctx, agent)
	if err != nil {
		return err
	}
	defer who.Stop()
	_, err = who.Sees(ctx, 0, "the first message", func(evt *event.Event) bool {
		return evt.Type == event.EventMessage && evt.Content.AsMessage().Body == greeting
	})
	return err
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
