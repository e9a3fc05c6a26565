package emulator

import (
	"encoding/json"
	"fmt"

	"puente/core/base/errs"
)

// Press presses a button of a message, or chooses a row of its list, by ID, payload or title. Buttons that only open
// something on the phone (url, phone_number, copy_code) tell the business nothing and return no ID.
func (c *Chat) Press(wamid, choice string) (string, error) {
	var button Button
	var row *Row
	var kind string
	err := c.locked(func(*person) error {
		m, err := c.message(wamid)
		if err != nil {
			return err
		}
		kind = m.Kind
		button, row = m.choice(choice)
		if button.Title == "" && row == nil {
			return fmt.Errorf("button of a message in the emulator: %w", errs.ErrNotFound)
		}
		m.Chosen = choice
		c.e.touch()
		return nil
	})
	switch {
	case err != nil:
		return "", err
	case row != nil:
		return c.pressRow(wamid, *row)
	case button.Kind == "quick_reply":
		return c.send(&Message{Kind: "button", Text: button.Title}, object{"payload": button.ID, "text": button.Title},
			[]SendOption{ReplyTo(wamid)})
	case button.Kind == "reply":
		return c.send(&Message{Kind: "interactive", Subtype: "button_reply", Text: button.Title},
			object{"type": "button_reply", "button_reply": object{"id": button.ID, "title": button.Title}},
			[]SendOption{ReplyTo(wamid)})
	case button.Kind == "location":
		return c.SendLocation(Location{Latitude: 40.4168, Longitude: -3.7038, Name: "Puerta del Sol"}, ReplyTo(wamid))
	case button.Kind == "contact":
		return c.shareNumber(wamid)
	case kind == "":
		return "", fmt.Errorf("button of a message in the emulator: %w", errs.ErrNotFound)
	}
	return "", nil
}

func (c *Chat) pressRow(wamid string, row Row) (string, error) {
	reply := object{"id": row.ID, "title": row.Title}
	if row.Description != "" {
		reply["description"] = row.Description
	}
	return c.send(&Message{Kind: "interactive", Subtype: "list_reply", Text: row.Title},
		object{"type": "list_reply", "list_reply": reply}, []SendOption{ReplyTo(wamid)})
}

// choice finds a button or row by ID, payload or title.
func (m *Message) choice(choice string) (Button, *Row) {
	for _, b := range m.Buttons {
		if choice == b.ID || choice == b.Title {
			return b, nil
		}
	}
	if m.List == nil {
		return Button{}, nil
	}
	for _, s := range m.List.Sections {
		for _, r := range s.Rows {
			if choice == r.ID || choice == r.Title {
				return Button{}, &r
			}
		}
	}
	return Button{}, nil
}

// shareNumber answers a request for contact information; from then on webhooks name the phone number.
// ref: reference/whatsapp-cloud.md §3
func (c *Chat) shareNumber(wamid string) (string, error) {
	var own Contact
	err := c.locked(func(p *person) error {
		own = Contact{Name: p.Name, Phones: []string{"+" + p.WaID}}
		p.HidesNumber = false
		return nil
	})
	if err != nil {
		return "", err
	}
	card := own.wire()
	card["origin"] = "contact_request"
	return c.send(&Message{Kind: "contacts", Contacts: []Contact{own}}, []any{card}, []SendOption{ReplyTo(wamid)})
}

// FlowReply sends a filled-in form. name is flow or address_message; answers becomes response_json.
func (c *Chat) FlowReply(wamid, name string, answers map[string]any) (string, error) {
	raw, err := json.Marshal(answers)
	if err != nil {
		return "", fmt.Errorf("answer a flow: %w", err)
	}
	var opts []SendOption
	if wamid != "" {
		opts = append(opts, ReplyTo(wamid))
	}
	return c.send(&Message{Kind: "interactive", Subtype: "nfm_reply", Text: "Sent"}, object{
		"type": "nfm_reply", "nfm_reply": object{"name": name, "body": "Sent", "response_json": string(raw)},
	}, opts)
}

// CallPermission answers a request for permission to call.
func (c *Chat) CallPermission(wamid string, accept bool) (string, error) {
	response := "reject"
	if accept {
		response = "accept"
	}
	return c.send(&Message{Kind: "interactive", Subtype: "call_permission_reply", Text: response}, object{
		"type": "call_permission_reply", "call_permission_reply": object{"response": response, "response_source": "user_action"},
	}, []SendOption{ReplyTo(wamid)})
}

// Purchase is an order from the catalogue.
type Purchase struct {
	CatalogID string         `json:"catalog_id"`
	Text      string         `json:"text"`
	Items     []PurchaseItem `json:"items"`
}

// PurchaseItem is one line of a Purchase.
type PurchaseItem struct {
	ProductID string  `json:"product_id"`
	Quantity  int     `json:"quantity"`
	Price     float64 `json:"price"`    // per item
	Currency  string  `json:"currency"` // ISO 4217
}

// SendOrder orders products.
func (c *Chat) SendOrder(order Purchase, opts ...SendOption) (string, error) {
	var items []any
	for _, i := range order.Items {
		items = append(items, object{
			"product_retailer_id": i.ProductID, "quantity": i.Quantity, "item_price": i.Price, "currency": i.Currency,
		})
	}
	content := object{"catalog_id": order.CatalogID, "text": order.Text, "product_items": items}
	return c.send(&Message{Kind: "order", Text: order.Text, Order: &order}, content, opts)
}
