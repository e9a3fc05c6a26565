package hub

import (
	"errors"
	"net/http"
	"testing"

	"maunium.net/go/mautrix/event"

	"puente/core/base/errs"
	"puente/core/desk/channel"
)

func TestACopyThatIsRefusedHoldsNothingUp(t *testing.T) {
	alone(t, nil, func(w *world) {
		w.seal()
		from, to := w.customer(w.red, "c1", "hello"), w.customer(w.red, "c2", "hello")
		for name, test := range map[string]struct {
			status int
			want   error
		}{"DuplicateReaction": {400, errs.ErrUnsupported}, "Forbidden": {403, errs.ErrNotFound}, "Limited": {429, nil}, "Down": {418, nil}} {
			w.fact(t, name, func(w *world) {
				eventID := w.hs.says(from, ana, words("an answer"))
				w.hs.failWith(func(_ *http.Request, parts []string) int {
					if len(parts) > 5 && parts[4] == "send" {
						return test.status
					}
					return 0
				})
				defer w.hs.failWith(nil)
				_, err := w.hub.Copy(w.ctx, refOf("c2", to), channel.Copy{Key: name, From: refOf("c1", from), ID: eventID.String(), Kind: "text"})
				_, again := errs.IsTemporary(err)
				if err == nil || again != (test.want == nil) || test.want != nil && !errors.Is(err, test.want) {
					w.Errorf("got %v, to be tried again: %v", err, again)
				}
			})
		}
		w.fact(t, "AnEncryptedEventTakenBack", func(w *world) {
			w.hs.mu.Lock()
			w.hs.events = append(w.hs.events,
				sentEvent{ID: "$gone", Room: from, Sender: ana, Type: event.EventEncrypted.Type, Content: object{}},
				sentEvent{ID: "$why", Room: from, Sender: ana, Type: event.EventRedaction.Type, Content: object{"redacts": "$gone"}})
			w.hs.mu.Unlock()
			_, err := w.hub.Copy(w.ctx, refOf("c2", to), channel.Copy{Key: "gone", From: refOf("c1", from), ID: "$gone", Kind: "text"})
			if !errors.Is(err, errs.ErrNotFound) {
				w.Errorf("got %v", err)
			}
		})
	})
}
