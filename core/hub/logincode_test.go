package hub

import (
	"testing"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"
)

func TestAQRCodeIsShownAndTakenAway(t *testing.T) {
	alone(t, nil, func(w *world) {
		s := w.script(&scripted{start: &bridgev2.LoginStep{
			Type: bridgev2.LoginStepTypeDisplayAndWait, StepID: "qr", Instructions: "Scan this",
			DisplayAndWaitParams: &bridgev2.LoginDisplayAndWaitParams{Type: bridgev2.LoginDisplayTypeQR, Data: "sgnl://linkdevice?uuid=x"},
		}})
		room := w.talk()
		w.says(room, operator, "login red code")
		var picture sentEvent
		for _, evt := range w.hs.sent(room, event.EventMessage) {
			if evt.Content["msgtype"] == "m.image" {
				picture = evt
			}
		}
		if picture.Content["url"] != "mxc://example.org/file1" {
			t.Fatalf("no picture was shown: %+v", w.hs.sent(room, event.EventMessage))
		}
		if got := w.notices(room); got[len(got)-1] != "Scan this\n\nsgnl://linkdevice?uuid=x" {
			t.Errorf("said was %q", got[len(got)-1])
		}
		close(s.waiting)
		w.until("the picture is gone", func() bool {
			for _, evt := range w.hs.sent(room, event.EventRedaction) {
				if evt.Content["redacts"] == picture.ID.String() {
					return true
				}
			}
			return false
		})
		w.until("the end of the login", func() bool { got := w.notices(room); return got[len(got)-1] == "Connected: Second. Well done." })
	})
}
