package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
	"puente/bridges/whatsapp/emulator"
	"puente/core/base/errs"
)

// customer is somebody with a phone who writes to the business.
type customer struct {
	n       int
	name    string
	network string
	account string // of the business
	phone   phone.Customer
	chat    string // on the phone
	room    id.RoomID
	con     string // the conversation's ID

	said    int
	before  int      // how much of the business's the phone shows from an earlier run
	answers []string // what it must show after that, in its order
	want    *want    // what must have become of the conversation; nil: whatever
}

// want is what a script has made of a conversation.
type want struct {
	assignee string // a user ID; empty: nobody's
	not      string // the one whose it must not be; then whose it is does not matter
	status   string
	label    string
}

// line is where a customer writes to, in the order of their coming: one in fifteen in the shop, one in four at the counter.
func line(n int) (network, account string) {
	switch {
	case n%15 == 14:
		return "webhook", "shop"
	case n%4 == 3:
		return "whatsapp", counterNumber
	}
	return "whatsapp", salesNumber
}

// newcomer makes a customer who has not written yet, at a line of the business.
func (o *office) newcomer(network, account string) (*customer, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := len(o.customers)
	c := &customer{n: n, name: fmt.Sprintf("Customer %d", n), network: network, account: account, chat: account}
	var err error
	if network == "webhook" {
		err = o.inShop(c)
	} else {
		var made emulator.Customer
		// The same one in each run, for one that goes on with what was kept. No ending of the number chooses a failure.
		made, err = o.provider.whatsapp.AddCustomer(emulator.Customer{
			UserID: fmt.Sprintf("US.%d", 13_000_000_000_000_000+10*n+2), WaID: fmt.Sprintf("165055%05d2", n), Name: c.name,
		})
		c.phone = phone.Customer{ID: made.UserID, Name: made.Name}
	}
	if err != nil {
		return nil, fmt.Errorf("a new customer: %w", err)
	}
	o.customers = append(o.customers, c)
	return c, nil
}

func (o *office) inShop(c *customer) error {
	phones := o.provider.shop.Phones()
	c.phone = phone.Customer{ID: fmt.Sprintf("load-%d-x", c.n), Name: c.name} // an ending of digits may choose a failure
	_, err := phones.AddCustomer(o.ctx, c.name, c.phone.ID)
	if err != nil && !errors.Is(err, errs.ErrConflict) { // who is there already was kept
		return err
	}
	chats, err := phones.Chats(c.phone.ID)
	if err != nil {
		return err
	}
	c.chat = chats[0].ID
	before, err := o.received(c)
	c.before = len(before)
	return err
}

// asks has a customer write something that nobody has written before, also not in an earlier run, and returns it.
func (o *office) asks(c *customer) (string, error) {
	c.said++
	text := fmt.Sprintf("Question %d of customer %d, %s", c.said, c.n, strconv.FormatInt(time.Now().UnixNano(), 36))
	err := o.provider.phones(c.network).Do(o.ctx, c.phone.ID, c.chat, phone.Gesture{Kind: phone.Text, Text: text})
	return text, err
}

// received is what the phone shows of the business's in this run, in its order.
func (o *office) received(c *customer) ([]string, error) {
	var texts []string
	if c.network == "whatsapp" {
		for _, m := range o.provider.whatsapp.Inbox(c.phone.ID) {
			if m.FromBusiness {
				texts = append(texts, m.Text)
			}
		}
		return texts, nil
	}
	shown, err := o.provider.shop.Phones().Messages(c.phone.ID, c.chat)
	for _, m := range shown {
		if !m.Mine {
			texts = append(texts, m.Text)
		}
	}
	return texts[min(c.before, len(texts)):], err
}

// shows waits until a customer's phone shows a text of the business's.
func (o *office) shows(ctx context.Context, c *customer, text string) error {
	phones := o.provider.phones(c.network)
	for {
		changed := phones.Changed()
		texts, err := o.received(c)
		if err != nil {
			return err
		} else if slices.Contains(texts, text) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("the phone of customer %d does not show %q but %s: %w", c.n, text, strings.Join(texts, " | "), ctx.Err())
		}
	}
}
