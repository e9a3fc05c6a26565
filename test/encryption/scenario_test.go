package encryption

import (
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/bridgekit/phone"
	"puente/core/desk/channel"
	"puente/core/hub"
	"puente/core/hub/network"
	"puente/core/testkit/sample"
	"puente/test/company"
)

// TestTheDeskMissesNothing plays the same in plain and in encrypted rooms, and compares what the desk was told, field
// by field, with the files' bytes.
func TestTheDeskMissesNothing(t *testing.T) {
	t.Parallel()
	told := map[hub.Encryption]map[string][]string{}
	for _, mode := range []hub.Encryption{hub.EncryptionOff, hub.EncryptionDefault} {
		told[mode] = map[string][]string{}
		t.Run(string(mode), func(t *testing.T) {
			w := build(t, mode)
			for _, n := range company.Networks() {
				w.sub(n.DisplayName, func() { told[mode][n.ID] = w.scenario(n) })
			}
			if encrypted := len(w.encryptedRooms()) > 0; encrypted != (mode != hub.EncryptionOff) {
				t.Errorf("there are encrypted rooms: %v", encrypted)
			}
		})
	}
	for _, n := range company.Networks() {
		plain, secret := told[hub.EncryptionOff][n.ID], told[hub.EncryptionDefault][n.ID]
		if len(plain) < 10 || !slices.Equal(plain, secret) {
			t.Errorf("on %s the desk was told\n%s\nand in an encrypted room\n%s", n.DisplayName, strings.Join(plain, "\n"), strings.Join(secret, "\n"))
		}
	}
}

// scenario lets a customer and Alice do what the network has, and returns what the desk was told of each step.
func (w *world) scenario(n network.Network) []string {
	w.Helper()
	c := &hearing{conversation: w.opens(n.ID), names: map[string]string{}}
	first := c.customers("their text", phone.Gesture{})
	ours := c.agents("our text", event.EventMessage, &event.MessageEventContent{MsgType: event.MsgText, Body: "It is blue"})
	c.agents("our reply", event.EventMessage, &event.MessageEventContent{
		MsgType: event.MsgText, Body: "I mean the lamp", RelatesTo: (&event.RelatesTo{}).SetReplyTo(first),
	})
	photo, err := sample.PhotoJPEG()
	w.must(err)
	content, err := w.alice.Attach(w.ctx, c.room, event.MsgImage, "shop.jpg", "image/jpeg", photo)
	w.must(err)
	content.FileName, content.Body = content.Body, "our shop"
	c.agents("our picture", event.EventMessage, content)
	c.agents("what is not possible", event.EventMessage, map[string]any{"msgtype": "com.example.hologram", "body": "x"})
	c.agents("our reaction", event.EventReaction, &event.ReactionEventContent{
		RelatesTo: event.RelatesTo{Type: event.RelAnnotation, EventID: first, Key: "👍"},
	})
	if n.Capabilities.Chats[0].Features.Edit > 0 {
		edit := &event.MessageEventContent{MsgType: event.MsgText, Body: "It is green"}
		edit.SetEdit(ours)
		c.agents("our edit", event.EventMessage, edit)
	}
	receives := func(feature network.Feature) bool { return slices.Contains(n.Capabilities.Receives, feature) }
	mine := func() string { return c.mine() }
	c.customers("their picture", phone.Gesture{Kind: phone.SendFile, Text: "like this", File: &phone.Upload{Name: "lamp.jpg", Mime: "image/jpeg", Content: photo}})
	if receives(network.FeatureVoice) {
		c.customers("their voice", phone.Gesture{Kind: phone.Voice, File: &phone.Upload{Name: "voice.ogg", Mime: "audio/ogg", Content: sample.VoiceOpus()}})
	}
	if receives(network.FeatureLocation) {
		c.customers("their place", phone.Gesture{Kind: phone.Location, Place: &phone.Place{Latitude: 40.5, Longitude: -3.5}})
	}
	if receives(network.FeatureEdit) {
		c.customers("a text to edit", phone.Gesture{Kind: phone.Text, Text: "I want tow"})
		c.customers("their edit", phone.Gesture{Kind: phone.Edit, Message: mine(), Text: "I want two"})
	}
	if receives(network.FeatureDelete) {
		c.customers("a text to delete", phone.Gesture{Kind: phone.Text, Text: "no, sorry"})
		c.customers("their deletion", phone.Gesture{Kind: phone.Delete, Message: mine()})
	}
	return c.heard
}

// hearing writes down what the desk is told of a conversation, with names instead of IDs that differ from run to run.
type hearing struct {
	*conversation
	heard []string
	names map[string]string // what a message's ID is called
}

// mine is the phone's ID of the customer's last message.
func (c *hearing) mine() string {
	c.w.Helper()
	messages, err := c.line.Phones.Messages(c.customer.ID, c.chat)
	c.w.must(err)
	for _, m := range slices.Backward(messages) {
		if m.Mine {
			return m.ID
		}
	}
	c.w.Fatal("the customer has written nothing")
	return ""
}

// customers has the customer do something, unless opens has already, and waits until the desk was told.
func (c *hearing) customers(name string, what phone.Gesture) id.EventID {
	c.w.Helper()
	if what.Kind != "" {
		c.does(what)
	}
	var found channel.MessageIn
	c.w.desk.waits(c.w, "of "+name, func(events []channel.Event) bool {
		for _, evt := range events {
			if in, ok := evt.(channel.MessageIn); ok && in.Ref.Room == c.room.String() && c.names[in.ID] == "" {
				found = in
				return true
			}
		}
		return false
	})
	c.names[found.ID] = name
	c.note("in", name, found.From, found.Content)
	return id.EventID(found.ID)
}

// agents has Alice send an event, and waits until the desk was told of it and of its fate.
func (c *hearing) agents(name string, kind event.Type, content any) id.EventID {
	c.w.Helper()
	sent, err := c.w.alice.Send(c.w.ctx, c.room, kind, content)
	c.w.must(err)
	c.names[sent.String()] = name
	var found *channel.MessageOut
	var fate string
	c.w.desk.waits(c.w, "of "+name+" and its fate", func(events []channel.Event) bool {
		for _, evt := range events {
			switch evt := evt.(type) {
			case channel.MessageOut:
				if evt.ID == sent.String() {
					found = &evt
				}
			case channel.StatusChanged:
				if evt.ID == sent.String() && evt.State == channel.Failed {
					fate = "failed: " + evt.Reason
				} else if evt.ID == sent.String() && evt.State != channel.Pending {
					fate = "arrived" // a network may report a later state at once
				}
			}
		}
		return fate != ""
	})
	if found == nil {
		c.heard = append(c.heard, fmt.Sprintf("out %s: untold, %s", name, fate))
	} else {
		c.note("out", name, found.From, found.Content)
		c.heard[len(c.heard)-1] += ", " + fate
	}
	return sent
}

// note writes an event down.
func (c *hearing) note(way, name string, from channel.Party, said channel.Content) {
	c.w.Helper()
	text := strings.ReplaceAll(said.Text, c.customer.ID, "the customer")
	target := c.names[said.Target]
	if target == "" && said.Target != "" {
		target = "something else"
	}
	file := ""
	if said.File != "" {
		opened, err := c.w.app.Hub.OpenFile(c.w.ctx, said.File)
		c.w.must(err)
		data, err := io.ReadAll(opened)
		c.w.must(err)
		c.w.must(opened.Close())
		file = fmt.Sprintf("%d bytes, %x", len(data), sha256.Sum256(data))
	}
	c.heard = append(c.heard, fmt.Sprintf("%s %s: by %q, %s %q, about %q, file %q, %v", way, name, from.Name, said.Kind, text, target, file, said.Payload))
}
