package hub

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
)

// seals is a cryptography in which the ciphertext is the key under which the words lie.
type seals struct {
	matrix.Crypto
	mu    sync.Mutex
	inner map[string]sample
}

// keep lets what is under a key be read from now on, and returns the key.
func (s *seals) keep(key string, inner sample) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inner[key] = inner
	return key
}

func (s *seals) Decrypt(_ context.Context, evt *event.Event) (*event.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.inner[string(evt.Content.AsEncrypted().MegolmCiphertext)]
	switch {
	case !ok:
		return nil, matrix.NoSessionFound
	case found.name == "broken":
		return nil, errToy
	}
	raw, err := json.Marshal(found.content)
	if err != nil {
		return nil, err
	}
	opened := *evt
	opened.Type, opened.Content = found.kind, event.Content{}
	if err = json.Unmarshal(raw, &opened.Content); err == nil {
		_ = opened.Content.ParseRaw(found.kind)
	}
	return &opened, err
}

func (s *seals) WaitForSession(context.Context, id.RoomID, id.SenderKey, id.SessionID, time.Duration) bool {
	return false
}

func (s *seals) RequestSession(context.Context, id.RoomID, id.SenderKey, id.SessionID, id.UserID, id.DeviceID) {
}

func (s *seals) HandleMemberEvent(context.Context, *event.Event) {}

func (s *seals) Stop() {}

// sealed is an event as others see it; about is what it says outside of its encryption.
func sealed(key string, about object) object {
	return with(object{"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": key, "session_id": "s", "sender_key": "k"}, about)
}

func (w *world) seal() *seals {
	s := &seals{inner: map[string]sample{}}
	w.hub.byID["red"].matrix.Connector.Crypto = s
	return s
}

// TestEncryptedNotesStay, whether the relation stands outside of the encryption, inside, or on both sides.
func TestEncryptedNotesStay(t *testing.T) {
	alone(t, nil, func(w *world) {
		p := w.furnish("c1")
		keys := w.seal()
		for _, how := range waysInto(p) {
			if how.redacts != "" || strings.Contains(how.name, " ") && !strings.HasSuffix(how.name, "the card") {
				continue // deletions are not encrypted; and what is not about the card is like it
			}
			w.fact(t, how.name, func(w *world) {
				var list []sample
				for _, one := range samples() {
					plain := keys.keep(one.name+" "+how.name, one)
					about := keys.keep(how.name+" with "+one.name, sample{one.name, one.kind, with(one.content, how.content)})
					for _, content := range []object{sealed(plain, how.content), sealed(about, object{}), sealed(about, how.content)} {
						list = append(list, sample{one.name, event.EventEncrypted, content})
					}
				}
				w.pushAll(p.room, ana, list, nil, nil)
				if rest := w.outwardAfter(p.room); len(rest) > 0 {
					w.Errorf("the network got %q", rest)
				}
			})
		}
	})
}

// leaping is the machine's clock, ahead by as much as the test wants.
type leaping struct {
	clock.System
	ahead atomic.Int64
}

// Now implements clock.Clock.
func (l *leaping) Now() time.Time { return l.System.Now().Add(time.Duration(l.ahead.Load())) }

// TestWhatCannotBeRead may be a note: what is about it stays among the team.
func TestWhatCannotBeRead(t *testing.T) {
	at := &leaping{}
	each(t, func(w *world) { w.opts.Clock = at }, func(w *world) {
		t := w.TB.(*testing.T)
		p := w.furnish("c1")
		keys := w.seal()
		keys.keep("broken", sample{name: "broken"})
		stays := func(w *world, target id.EventID) {
			w.Helper()
			reply := w.evt(p.room, berta, event.EventMessage, with(words("he must not know"), replyTo(target)))
			if rest := w.outwardAfter(p.room); len(rest) > 0 || w.locks(p.room, reply) != 1 {
				w.Errorf("the network got %q; the reply has %d locks", rest, w.locks(p.room, reply))
			}
			if kept, err := w.hub.notes.has(w.ctx, target); err != nil || !kept {
				w.Errorf("that it may be a note is not noted: %v", err)
			}
		}
		w.fact(t, "Broken", func(w *world) {
			broken := w.evt(p.room, ana, event.EventEncrypted, sealed("broken", object{}))
			w.handled()
			stays(w, broken)
		})
		w.fact(t, "WithoutAKey", func(w *world) {
			at.ahead.Store(int64(keyPatience)) // after which it is not waited for
			lost := w.evt(p.room, ana, event.EventEncrypted, sealed("lost", object{}))
			w.handled()
			at.ahead.Store(0)
			stays(w, lost)
			keys.keep("lost", sample{"text", event.EventMessage, words("for the customer after all")})
			w.retry(lost)
			if got := one(w, w.red, "message"); got.Text != "for the customer after all" {
				w.Errorf("the network got %+v", got)
			}
			w.red.forget()
			w.evt(p.room, ana, event.EventMessage, with(words("and"), replyTo(lost)))
			w.handled()
			if got := one(w, w.red, "message"); got.Target != "of-"+lost.String() {
				w.Errorf("the network got %+v", got)
			}
			w.red.forget()
		})
		w.fact(t, "WithoutAKeyBelowTheCard", func(w *world) {
			below := w.evt(p.room, ana, event.EventEncrypted, sealed("never", threadOf(p.card)))
			w.handled()
			if got := w.statuses(p.room, below); len(got) > 0 {
				w.Errorf("of a note the room was shown %v", got)
			}
			stays(w, below)
		})
		w.fact(t, "UnencryptedWhereThatIsRefused", func(w *world) {
			w.hub.Encryption = EncryptionRequired
			plain := w.evt(p.room, ana, event.EventMessage, words("!puente note x"))
			w.handled()
			w.hub.Encryption = EncryptionOff
			stays(w, plain)
		})
	})
}
