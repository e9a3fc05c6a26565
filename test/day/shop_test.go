package day

import (
	"regexp"
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
	"puente/test/company"
)

// What the shop's customers read, in words of the config and of a template.
const (
	howWasIt    = "How was our help, from 1 (bad) to 5 (very good)?"
	springOffer = "Spring is here | Dear Ana Ruiz, this week everything in the garden shop is 20% off. | Reply STOP to hear no more offers. | [See the offer]"
)

// shop is a shop's day. Ana and Dora each have two apps; the stock system takes part as a customer of the webhook network.
type shop struct {
	day
	ana, anaWhatsApp   *company.Chat
	dora, doraWhatsApp *company.Chat
	stock, supplier    *company.Chat
}

func TestShop(t *testing.T) {
	t.Parallel()
	s := &shop{day: begins(t, company.Options{Config: map[string]string{
		"desk.fallback": "true", "desk.survey": howWasIt, "desk.closing.required": "true", "desk.closing.categories": "order, refund",
	}})}
	s.Sub(t, "AnOrderArrivesOnTelegramAndIsTaken", s.orders)
	s.Sub(t, "TheStockSystemGetsTheOrderAndConfirmsIt", s.confirms)
	s.Sub(t, "TheCustomerIsTheSamePersonOnWhatsApp", s.isTheSame)
	s.Sub(t, "AConfirmationGoesWhereTheCustomerPrefers", s.prefers)
	s.Sub(t, "WhatThePreferredChannelCannotDeliverGoesByTheOther", s.fallsBack)
	s.Sub(t, "NothingFallsBackToWhereTheCustomerSaidStop", s.fallsBackNoMore)
	s.Sub(t, "ASupplierOnSignalIsLinkedIn", s.asksTheSupplier)
	s.Sub(t, "AnOfferNeedsTheCustomersConsent", s.offers)
	s.Sub(t, "ThreeAgentsWriteAtOnce", s.writesAtOnce)
	s.Sub(t, "ACannedResponseHasTheCustomersName", s.thanks)
	s.Sub(t, "TheWorkEndsWithALabelACategoryAndAScore", s.resolves)
	s.Sub(t, "EverybodyGotWhatWasTheirsOnce", s.closes)
}

func (s *shop) orders(*testing.T) {
	s.ana = s.Opens("telegram", "Ana Ruiz", s.bob)
	s.alice.Presses(s.ana.Room, s.ana.Card(s.alice, "Ana Ruiz"), "✋")
	s.ana.Topic(s.bob, 0, "open · Alice Martín")
	s.alice.Writes(s.ana.Room, "Hello Ana, what may it be?")
	s.ana.Gets("Hello Ana, what may it be?")
}

func (s *shop) confirms(*testing.T) {
	s.stock = s.Opens("webhook", "Stock", s.alice)
	s.alice.Writes(s.ana.Room, "!puente link webhook Stock | Our stock reads with us now.")
	s.ana.Gets("Our stock reads with us now.")
	s.stock.Gets("Our stock reads with us now.")
	s.ana.Card(s.bob, "Linked: everything is also said to Stock on Webhook")
	s.ana.Writes("Two desk lamps, please")
	s.stock.Gets("Ana Ruiz:\nTwo desk lamps, please")
	s.alice.Writes(s.ana.Room, "!puente note She still has to pay for the last one")
	s.stock.Writes("Order A-1042: two desk lamps are reserved")
	s.ana.Gets("Stock:\nOrder A-1042: two desk lamps are reserved")
	reads(s.bob, s.ana, "Stock:\nOrder A-1042: two desk lamps are reserved")
	s.alice.Writes(s.ana.Room, "!puente unlink")
	s.ana.Gets("You are no longer connected with Stock.")
	s.stock.Gets("You are no longer connected with Ana Ruiz.")
}

var mergeCommand = regexp.MustCompile("`!puente (merge cus_[a-z0-9]+)`")

func (s *shop) isTheSame(t *testing.T) {
	s.anaWhatsApp = s.Opens("whatsapp", "Ana Ruiz", s.bob)
	suggested := s.commands(s.bob, s.anaWhatsApp.Room, "same", "Ana Ruiz")
	command := mergeCommand.FindStringSubmatch(suggested)
	if command == nil || !strings.Contains(suggested, "same name") {
		t.Fatalf("suggested is %q", suggested)
	}
	s.commands(s.bob, s.anaWhatsApp.Room, command[1], "They are one customer now.")
	s.ana.Card(s.carol, "Also on WhatsApp")
	s.anaWhatsApp.Card(s.carol, "Also on Telegram")
	var space id.RoomID
	s.Until("the customer's space", func() bool {
		return s.App.DB.QueryRow(s.Ctx, `SELECT room_id FROM pu_view WHERE key LIKE 'customer:%'`).Scan(&space) == nil
	})
	_, err := s.carol.JoinRoomByID(s.Ctx, space)
	s.Must(err)
	s.Until("both rooms in the customer's space", func() bool {
		return len(s.carol.Spaces()["Ana Ruiz"]) == 2 && inSpace(s.carol, "Ana Ruiz", s.ana) && inSpace(s.carol, "Ana Ruiz", s.anaWhatsApp)
	})
}

func (s *shop) prefers(*testing.T) {
	s.commands(s.carol, s.ana.Room, "prefer whatsapp", "Done.")
	s.ana.Card(s.bob, "prefers WhatsApp")
	s.anaWhatsApp.Card(s.bob, "prefers WhatsApp")
	s.commands(s.carol, s.ana.Room, "via whatsapp Order A-1042 is on its way", "Written on WhatsApp: https://matrix.to/#/"+s.anaWhatsApp.Room.String())
	s.anaWhatsApp.Gets("Order A-1042 is on its way")
	reads(s.bob, s.anaWhatsApp, "Order A-1042 is on its way")
}

func (s *shop) fallsBack(*testing.T) {
	// WhatsApp takes what is sent to this number, and says afterwards that it cannot be delivered.
	s.doraWhatsApp = s.OpensAt("whatsapp", "Dora Lind", "16505550026", s.bob)
	s.dora = s.Opens("telegram", "Dorothea Lind", s.bob)
	s.commands(s.bob, s.dora.Room, "merge Dora Lind", "They are one customer now.")
	s.commands(s.bob, s.dora.Room, "prefer whatsapp", "Done.")
	s.commands(s.bob, s.dora.Room, "via whatsapp Your lamp is repaired", "Written on WhatsApp")
	s.dora.Gets("Your lamp is repaired")
	told(s.alice, s.doraWhatsApp, "↪️ Sent on Telegram instead: https://matrix.to/#/"+s.dora.Room.String())
	told(s.alice, s.dora, "↩️ WhatsApp could not deliver this: https://matrix.to/#/"+s.doraWhatsApp.Room.String())
}

func (s *shop) fallsBackNoMore(*testing.T) {
	s.dora.Writes("STOP")
	s.dora.Shows("a confirmation", func(m phone.Message) bool { return !m.Mine && strings.Contains(m.Text, "START") })
	s.refused(s.bob, s.doraWhatsApp, "And a new one is half the price")
	s.bob.Writes(s.dora.Room, "As you wish") // an answer may go
	s.dora.Gets("As you wish")
}

func (s *shop) asksTheSupplier(*testing.T) {
	s.supplier = s.Opens("signal", "Lamp Works", s.carol)
	s.carol.Writes(s.anaWhatsApp.Room, "!puente link signal Lamp Works")
	s.supplier.Gets("You are connected with Ana Ruiz now: what you write here, both of you read.")
	s.supplier.Writes("The second lamp comes on Friday")
	s.anaWhatsApp.Gets("*Lamp Works:*\nThe second lamp comes on Friday")
	s.anaWhatsApp.Writes("Friday is fine")
	s.supplier.Gets("Ana Ruiz:\nFriday is fine")
	s.carol.Writes(s.anaWhatsApp.Room, "I watch over it")
	s.anaWhatsApp.Gets("I watch over it")
	s.supplier.Gets("Carol Ito:\nI watch over it")
	s.carol.Writes(s.supplier.Room, "!puente unlink")
	s.anaWhatsApp.Gets("You are no longer connected with Lamp Works.")
	s.supplier.Gets("You are no longer connected with Ana Ruiz.")
}

func (s *shop) offers(*testing.T) {
	s.bob.Writes(s.anaWhatsApp.Room, "!puente template spring_offer Ana")
	told(s.bob, s.anaWhatsApp, "this customer has not agreed to marketing on WhatsApp. `!puente consent in marketing` notes that they did")
	s.commands(s.bob, s.anaWhatsApp.Room, "consent in marketing", "Noted, with your message as its proof.")
	s.bob.Writes(s.anaWhatsApp.Room, "!puente template spring_offer Ana Ruiz")
	s.anaWhatsApp.Shows("the offer", func(m phone.Message) bool { return shown(m) == springOffer })
}

func (s *shop) writesAtOnce(*testing.T) {
	s.atOnce(
		s.saying(s.alice, s.ana.Room, "To which address?", "Elm Street 5, as last time?", "With a receipt?"),
		s.saying(s.bob, s.stock.Room, "How many lamps are left?", "And bulbs?", "Thank you, stock"),
		s.saying(s.carol, s.supplier.Room, "Ten more, please", "By Monday", "Thank you, supplier"),
	)
	s.ana.Gets("With a receipt?")
	s.stock.Gets("Thank you, stock")
	s.supplier.Gets("Thank you, supplier")
}

func (s *shop) thanks(*testing.T) {
	s.commands(s.alice, s.ana.Room, "canned add thanks Thank you, {{customer.first_name}}, says {{agent.first_name}}.", "Kept.")
	s.alice.Writes(s.ana.Room, "!puente say thanks")
	s.ana.Gets("Thank you, Ana, says Alice.")
	reads(s.bob, s.ana, "Thank you, Ana, says Alice.")
}

func (s *shop) resolves(*testing.T) {
	s.alice.Writes(s.ana.Room, "!puente label lamps")
	s.ana.Card(s.bob, "labels: lamps")
	s.commands(s.alice, s.ana.Room, "resolve lamps", "Nothing was sent: there is no such category. Write one of: order, refund.")
	mark := s.bob.Mark()
	s.alice.Writes(s.ana.Room, "!puente resolve order | two lamps sent")
	s.ana.Topic(s.bob, mark, "resolved")
	s.ana.Gets(howWasIt)
	s.ana.Writes("5")
	s.Until("the score", func() bool {
		var score int
		var category, summary string
		err := s.App.DB.QueryRow(s.Ctx, `SELECT COALESCE(score, 0), category, summary FROM pu_closing`).Scan(&score, &category, &summary)
		return err == nil && score == 5 && category == "order" && summary == "two lamps sent"
	})
}

func (s *shop) closes(*testing.T) {
	s.ends(story{
		s.ana: {
			"Hello Ana, what may it be?", "Our stock reads with us now.", "Stock:\nOrder A-1042: two desk lamps are reserved",
			"You are no longer connected with Stock.", "To which address?", "Elm Street 5, as last time?", "With a receipt?",
			"Thank you, Ana, says Alice.", howWasIt,
		},
		s.anaWhatsApp: {
			"Order A-1042 is on its way", "You are connected with Lamp Works now: what you write here, both of you read.",
			"*Lamp Works:*\nThe second lamp comes on Friday", "I watch over it", "You are no longer connected with Lamp Works.",
			springOffer,
		},
		s.stock: {
			"Our stock reads with us now.", "Ana Ruiz:\nTwo desk lamps, please", "You are no longer connected with Ana Ruiz.",
			"How many lamps are left?", "And bulbs?", "Thank you, stock",
		},
		s.supplier: {
			"You are connected with Ana Ruiz now: what you write here, both of you read.", "Ana Ruiz:\nFriday is fine",
			"Carol Ito:\nI watch over it", "You are no longer connected with Ana Ruiz.", "Ten more, please", "By Monday", "Thank you, supplier",
		},
		s.dora: {
			"Your lamp is repaired",
			"You will get no more messages from us, except answers to what you write. To get them again, reply START.",
			"As you wish",
		},
		s.doraWhatsApp: nil,
	}, 1)
}
