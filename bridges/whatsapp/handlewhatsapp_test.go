package whatsapp

import (
	"testing"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/simplevent"

	"puente/bridges/whatsapp/graph"
)

func TestAnEdit(t *testing.T) {
	in := incoming{msg: graph.Message{ID: "wamid.EDIT", Type: "edit", Edit: &graph.Edit{
		OriginalMessageID: "wamid.FIRST", Message: &graph.Message{Type: "text", Text: &graph.Text{Body: "what it says now"}},
	}}}
	t.Run("ChangesAMessageThatTheRoomHas", func(t *testing.T) {
		evt, ok := in.event(true).(*simplevent.Message[graph.Message])
		if !ok || evt.GetType() != bridgev2.RemoteEventEdit || evt.TargetMessage != "wamid.FIRST" {
			t.Errorf("got %+v", evt)
		}
	})
	t.Run("OfAMessageThatItHasNotIsAMessage", func(t *testing.T) {
		evt, ok := in.event(false).(*simplevent.Message[graph.Message])
		if !ok || evt.GetType() != bridgev2.RemoteEventMessage || evt.ID != "wamid.FIRST" || evt.Data.Text.Body != "what it says now" {
			t.Errorf("got %+v", evt)
		}
	})
}
