package inbox

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

// keeps writes a canned response.
func (w *world) keeps(team, code, content string) {
	w.t.Helper()
	w.must(w.KeepCanned(w.ctx, Canned{Team: team, ShortCode: code, Content: content}, anna))
}

// sends has Anna say a canned response, and returns what the customer gets.
func (w *world) sends(c *Conversation, code string) string {
	w.t.Helper()
	w.done(c, "say "+code, "")
	msg, ok := w.rooms.said()[fmt.Sprintf("$cmd%d", w.count)] // under the command's ID
	if !ok || msg.By != anna || msg.Purpose != "" {
		w.t.Errorf("sent is %+v, %v", msg, ok)
	}
	return msg.Text
}

func TestCannedResponse(t *testing.T) {
	each(t, nil, func(w *world) {
		c := w.meets("whatsapp", "María José Ruiz")
		w.fact("ItsVariablesAreFilledIn", func(w *world) {
			w.must(w.Customers.SetAttribute(w.ctx, c.Customer, "order", "A-17", anna))
			w.must(w.Customers.SetLanguage(w.ctx, c.Customer, "es", anna))
			w.keeps("", "hi", "Hello {{customer.first_name}} ({{ customer.name }}, {{customer.language}}), your order {{customer.attribute.order}}.\n**{{agent.first_name}}**, {{agent.name}}")
			if got := w.sends(c, "HI"); got != `Hello María (María José Ruiz, es), your order A\-17.`+"\n**Anna**, Anna Martín" {
				w.t.Errorf("sent is %q", got)
			}
		})
		w.fact("WhatIsFilledInIsNoMarkdownAndNoVariable", func(w *world) {
			w.must(w.Customers.Rename(w.ctx, c.Customer, "{{agent.name}} *[x](y)*", anna))
			w.keeps("", "name", "{{customer.name}}")
			if got := w.sends(c, "name"); got != `\{\{agent\.name\}\} \*\[x\]\(y\)\*` {
				w.t.Errorf("sent is %q", got)
			}
		})
		w.fact("WhatIsNotKnownIsNamedAndNothingIsSent", func(w *world) {
			sent := len(w.rooms.said())
			w.keeps("", "due", "{{customer.attribute.amount}} until {{customer.attribute.date}}, {{customer.language}}")
			w.wrong(c, "say due", errs.ErrNotFound, "nothing is known for {{customer.attribute.amount}}, {{customer.attribute.date}}.")
			if len(w.rooms.said()) != sent {
				w.t.Error("something is sent")
			}
		})
		w.fact("InAGroupNobodyIsTheCustomer", func(w *world) {
			group := w.opens(channel.PortalOpened{
				Base: channel.Base{Ref: channel.Ref{Network: "signal", Account: "first", Chat: "group", Room: "!group"}}, Customer: channel.Party{Name: "Suppliers"}, Group: true,
			})
			if got := w.sends(group, "name"); got != "Suppliers" {
				w.t.Errorf("sent is %q", got)
			}
			w.wrong(group, "say hi", errs.ErrNotFound, "{{customer.language}}, {{customer.attribute.order}}")
		})
		w.fact("ATeamsOwnGoesBeforeEverybodys", func(w *world) {
			w.keeps("", "bye", "Bye")
			w.keeps("Sales", "bye", "Bye from sales")
			w.keeps("Support", "fix", "Fixed")
			if got := w.sends(c, "bye"); got != "Bye from sales" {
				w.t.Errorf("sent is %q", got)
			}
			if got := w.sends(w.meets("telegram", "Ana"), "bye"); got != "Bye" {
				w.t.Errorf("sent is %q", got)
			}
			w.wrong(c, "say fix", errs.ErrNotFound, "there is no such short code")
			w.wrong(c, "say", errs.ErrNotFound, "there is no such short code")
		})
		w.fact("ItIsSentOnce", func(w *world) {
			cmd := channel.Command{Ref: c.Ref, ID: "$again", By: channel.Party{ID: anna, Name: "Anna"}, Name: "say", Text: "bye"}
			for range 2 {
				_, err := w.Run(w.ctx, cmd)
				w.must(err)
			}
			if w.rooms.said()["$again"].Text != "Bye from sales" {
				w.t.Errorf("sent is %+v", w.rooms.said())
			}
		})
		w.fact("WhatTheRoomRefusesIsTold", func(w *world) {
			w.rooms.failWith(func(string, string) error { return errs.Tell(errNo, "the window is closed.") })
			defer w.rooms.failWith(nil)
			if _, err := w.command(c, "say bye"); !errors.Is(err, errNo) || errs.Message(err) != "the window is closed." {
				w.t.Errorf("the error is %v", err)
			}
		})
	})
}

func TestKeepingCannedResponses(t *testing.T) {
	each(t, nil, func(w *world) {
		w.fact("TheyAreWrittenListedAndDeleted", func(w *world) {
			if answer, err := w.command(nil, "canned"); err != nil || !strings.Contains(answer, "no canned responses yet") || !strings.Contains(answer, "{{customer.name}}") {
				w.t.Errorf("the answer is %q, %v", answer, err)
			}
			w.done(nil, "canned add Hi Hello  there", "Kept. Send it with `!puente say hi`.")
			w.done(nil, "canned add sales/hi Hello from sales", "Kept. Send it with `!puente say hi`.")
			w.done(nil, "canned add bye\nGood bye,\nyour shop", "Kept. Send it with `!puente say bye`.")
			w.done(nil, "canned add hi Hello again", "Kept. Send it with `!puente say hi`.")
			w.done(nil, "canned", "bye – Good bye, your shop\nhi – Hello again\nSales/hi – Hello from sales")
			w.done(nil, "canned remove SALES/HI", "Deleted.")
			w.done(nil, "canned", "bye – Good bye, your shop\nhi – Hello again")
			w.wrong(nil, "canned remove sales/hi", errs.ErrNotFound, "there is no such short code")
			list, err := w.Audit.Of(w.ctx, "canned_response", "hi", 10)
			if w.must(err); len(list) != 4 || list[0].Action != "canned_response.deleted" || list[0].Actor != anna || list[0].After["team"] != "Sales" || list[3].Action != "canned_response.written" {
				w.t.Errorf("noted is %+v", list)
			}
		})
		w.fact("WhatIsWrongIsRefused", func(w *world) {
			for text, test := range map[string]struct {
				kind  error
				words string
			}{
				"list":                                  {errs.ErrInvalid, "`!puente canned add <short code> <text>`"},
				"add":                                   {errs.ErrInvalid, "a short code is up to 32"},
				"add hi":                                {errs.ErrInvalid, "write the text behind the short code"},
				"add h!i Hello":                         {errs.ErrInvalid, "a short code is up to 32"},
				"add " + strings.Repeat("x", 33) + " y": {errs.ErrInvalid, "a short code is up to 32"},
				"add zoo/hi Hello":                      {errs.ErrNotFound, "There are: Sales, Support."},
				"add hi " + strings.Repeat("x", mostCanned+1): {errs.ErrTooLarge, "4000 bytes are the most"},
				"add hi {{customer.phone}}":                   {errs.ErrInvalid, "there is no variable {{customer.phone}}. There are {{customer.name}}"},
				"add hi {{customer.attribute.}}":              {errs.ErrInvalid, "there is no variable {{customer.attribute.}}"},
				"remove nothing":                              {errs.ErrNotFound, "there is no such short code"},
			} {
				w.wrong(nil, "canned "+text, test.kind, test.words)
			}
			if w.reads(`SELECT COUNT(*) FROM pu_canned_response`) != 2 {
				w.t.Error("something is kept")
			}
		})
		w.fact("ATextMayBeAsLongAsItSays", func(w *world) { w.keeps("", "long", strings.Repeat("x", mostCanned)) })
	})
}
