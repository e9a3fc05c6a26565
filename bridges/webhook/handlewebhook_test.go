package webhook

import (
	"errors"
	"strings"
	"testing"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"

	"puente/core/base/errs"
)

// Matrix lets only its author change an event, and bridgev2 passes over the edit of anybody else.
func TestWhoChangesWhat(t *testing.T) {
	w, _ := bridged(t)
	business, customer := businessID("shop"), networkid.UserID("ana")
	agents := &database.Message{ID: "out", MXID: "$out", SenderID: business, SenderMXID: "@alice:example.com"}
	anas := &database.Message{ID: "in", MXID: "$in", SenderID: customer, SenderMXID: "@ghost_ana"}
	for name, test := range map[string]struct {
		sender  bridgev2.EventSender
		target  *database.Message
		changed bool // its own event is changed
		removed bool
		bot     bool // by the bridge's bot, or by whoever sent it
	}{
		"TheCustomersOwn":           {bridgev2.EventSender{Sender: customer}, anas, true, true, false},
		"AnAgentsByTheBusiness":     {bridgev2.EventSender{IsFromMe: true, Sender: business}, agents, false, true, true},
		"TheCustomersByTheBusiness": {bridgev2.EventSender{IsFromMe: true, Sender: business}, anas, false, true, true},
		"AnAgentsByTheCustomer":     {bridgev2.EventSender{Sender: customer}, agents, false, false, false},
		"AnothersByACustomer":       {bridgev2.EventSender{Sender: "bert"}, anas, false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			in := &incoming{client: w.shop, sender: test.sender, evt: Event{ID: "e9", Type: typeMessageEdited, Message: &Message{ID: "m", Text: "now"}}}
			meta := simplevent.EventMeta{Sender: test.sender}
			edit := in.edit(meta, test.target)
			if test.changed && (edit.Type != bridgev2.RemoteEventEdit || edit.TargetMessage != test.target.ID) {
				t.Errorf("the edit is a %s of %q", edit.Type, edit.TargetMessage)
			} else if !test.changed && (edit.Type != bridgev2.RemoteEventMessage || !strings.HasPrefix(string(edit.ID), ownPrefix)) {
				t.Errorf("what it says now is a %s named %q", edit.Type, edit.ID)
			}
			if !test.changed {
				shown, err := edit.ConvertMessageFunc(t.Context(), &bridgev2.Portal{Portal: &database.Portal{}}, nil, edit.Data)
				if err != nil || shown.ReplyTo == nil || shown.ReplyTo.MessageID != test.target.ID || !strings.Contains(shown.Parts[0].Content.Body, "now") {
					t.Errorf("it is shown as %+v, %v", shown, err)
				}
			}
			removal, err := in.removal(meta, test.target)
			if !test.removed && !errors.Is(err, errs.ErrForbidden) || test.removed && err != nil {
				t.Fatalf("the deletion gives %v", err)
			}
			if test.removed && (removal.TargetMessage != test.target.ID || (removal.Sender == bridgev2.EventSender{}) != test.bot) {
				t.Errorf("deleted: %+v", removal)
			}
		})
	}
}
