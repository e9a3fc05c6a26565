package webclient_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
	"puente/core/testkit/sample"
	"puente/core/testkit/synapse/synapsetest"
	"puente/core/testkit/webclient"
)

const password = "web-client-password"

var homeserver = &synapsetest.Shared{}

func TestMain(m *testing.M) { os.Exit(homeserver.Main(m)) }

func TestClients(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	server := homeserver.Server(t)
	install, err := synapsetest.WebClient(ctx, func(line string) { t.Log(line) })
	must(err)
	logIn := func(name string) *webclient.Client {
		t.Helper()
		must(server.RegisterUser(ctx, name, password, name, false))
		client, err := webclient.LogIn(ctx, install, server, name, password)
		must(err)
		t.Cleanup(client.Stop)
		return client
	}
	ada, bea := logIn("ada"), logIn("bea")
	host, err := person.LogIn(ctx, server, "ada", password)
	must(err)
	defer host.Stop()
	created, err := host.CreateRoom(ctx, &mautrix.ReqCreateRoom{
		Invite:       []id.UserID{bea.UserID},
		InitialState: []*event.Event{{Type: event.StateEncryption, Content: event.Content{Parsed: &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1}}}},
	})
	must(err)
	room := created.RoomID
	must(bea.Join(ctx, room))
	for _, one := range []*webclient.Client{ada, bea} {
		_, err = one.Sees(ctx, 0, "Bea's coming", func(evt *event.Event) bool {
			return evt.Type == event.StateMember && evt.GetStateKey() == bea.UserID.String() && evt.Content.AsMember().Membership == event.MembershipJoin
		})
		must(err)
	}
	reads := func(t *testing.T, client *webclient.Client, sent id.EventID) *event.Event {
		t.Helper()
		seen, err := client.Sees(ctx, 0, "the message", func(evt *event.Event) bool { return evt.ID == sent })
		must(err)
		return seen.Event
	}

	t.Run("WhatIsSaidIsEncryptedOnTheWay", func(t *testing.T) {
		sent, err := ada.Say(ctx, room, "a secret")
		must(err)
		if got := reads(t, bea, sent); got.Content.AsMessage().Body != "a secret" || got.Type != event.EventMessage {
			t.Errorf("it was read as %s %q", got.Type.Type, got.Content.AsMessage().Body)
		}
		if look := bea.Look(sent); look.WireType != event.EventEncrypted.Type || look.Session == "" {
			t.Errorf("on the way it was %+v", look)
		}
		raw, err := bea.Wire(ctx, room, sent)
		must(err)
		if !bytes.Contains(raw, []byte("m.room.encrypted")) || bytes.Contains(raw, []byte("secret")) {
			t.Errorf("the homeserver has %s", raw)
		}
	})
	t.Run("AFileComesBackAsItWas", func(t *testing.T) {
		photo, err := sample.PhotoPNG()
		must(err)
		content, err := bea.Attach(ctx, room, event.MsgImage, "photo.png", "image/png", photo)
		must(err)
		sent, err := bea.Send(ctx, room, event.EventMessage, content)
		must(err)
		got, err := ada.Download(ctx, reads(t, ada, sent))
		must(err)
		if content.File == nil || content.URL != "" || !bytes.Equal(got, photo) {
			t.Errorf("%d of %d bytes came; the content is %+v", len(got), len(photo), content)
		}
	})
	t.Run("KeysOutliveARestart", func(t *testing.T) {
		before, err := ada.Say(ctx, room, "before it")
		must(err)
		reads(t, bea, before)
		mark := bea.Mark()
		must(bea.Restart(ctx))
		_, err = bea.Sees(ctx, mark, "the old message, read anew", person.Text("before it"))
		must(err)
		if locked := bea.Locked(); len(locked) != 0 {
			t.Errorf("locked are %+v", locked)
		}
	})
	t.Run("AnotherDeviceHasNotTheOldKeys", func(t *testing.T) {
		other, err := webclient.LogIn(ctx, install, server, "bea", password)
		must(err)
		defer other.Stop()
		must(ada.Knows(ctx, bea.UserID, other.DeviceID))
		sent, err := ada.Say(ctx, room, "after the login")
		must(err)
		reads(t, other, sent)
		if locked := other.Locked(); len(locked) == 0 {
			t.Error("what was said before the login can be read")
		}
	})
	t.Run("WhatFailsIsSaid", func(t *testing.T) {
		if _, err := ada.Say(ctx, "!nowhere:localhost", "hello"); err == nil {
			t.Error("a message to a room that is not there was sent")
		}
		short, cancel := context.WithCancel(ctx)
		cancel()
		if err := ada.Restart(short); !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
	})
}
