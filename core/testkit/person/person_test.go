package person_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/testkit/person"
	"puente/core/testkit/synapse/synapsetest"
)

const password = "person-password"

var homeserver = &synapsetest.Shared{}

func TestMain(m *testing.M) { os.Exit(homeserver.Main(m)) }

func TestPerson(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	server := homeserver.Server(t)
	before := goleak.IgnoreCurrent()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(server.RegisterUser(ctx, "ada", password, "Ada", false))
	ada, err := person.LogIn(ctx, server, "ada", password)
	must(err)
	created, err := ada.CreateRoom(ctx, &mautrix.ReqCreateRoom{Name: "Hall"})
	must(err)
	room := created.RoomID
	ada.Follow(ctx)

	t.Run("WhatIsSaidIsSeenInOrder", func(t *testing.T) {
		mark := ada.Mark()
		var last id.EventID
		for n := range 3 {
			last, err = ada.Say(ctx, room, fmt.Sprintf("line %d", n))
			must(err)
		}
		seen, err := ada.Sees(ctx, mark, "the last line", person.Text("line 2"))
		must(err)
		if seen.ID != last || seen.At.IsZero() {
			t.Errorf("seen was %s at %s", seen.ID, seen.At)
		}
		lines := ada.Seen(mark, person.Message(func(*event.Event, *event.MessageEventContent) bool { return true }))
		if len(lines) != 3 || lines[0].Content.AsMessage().Body != "line 0" || len(ada.Since(mark)) < 3 {
			t.Errorf("%d lines were seen", len(lines))
		}
		if len(ada.Seen(ada.Mark(), person.Text("line 2"))) != 0 {
			t.Error("what came before the mark was seen behind it")
		}
	})
	t.Run("AFileComesBackAsItWas", func(t *testing.T) {
		data := []byte("a file")
		content, err := ada.Upload(t.Context(), event.MsgFile, "a.txt", "text/plain", data)
		must(err)
		mark := ada.Mark()
		_, err = ada.Send(t.Context(), room, event.EventMessage, content)
		must(err)
		seen, err := ada.Sees(t.Context(), mark, "the file", person.Text("a.txt"))
		must(err)
		got, err := ada.Download(t.Context(), seen.Content.AsMessage())
		must(err)
		if !bytes.Equal(got, data) {
			t.Errorf("the file came as %q", got)
		}
	})
	t.Run("WhatFollowsAMessageIsKnown", func(t *testing.T) {
		said, err := ada.Say(t.Context(), room, "react to this")
		must(err)
		mark := ada.Mark()
		reaction, err := ada.SendReaction(t.Context(), room, said, "❤️")
		must(err)
		_, err = ada.Sees(t.Context(), mark, "the reaction", person.Reaction(said, "❤"))
		must(err)
		_, err = ada.RedactEvent(t.Context(), room, reaction.EventID)
		must(err)
		_, err = ada.Sees(t.Context(), mark, "its end", person.Redaction(reaction.EventID))
		must(err)
	})
	t.Run("WhatNeverComesIsSaidInWords", func(t *testing.T) {
		short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := ada.Sees(short, 0, "a unicorn", func(*event.Event) bool { return false })
		if err == nil || !strings.Contains(err.Error(), "ada did not see a unicorn in time") {
			t.Errorf("the error is %v", err)
		}
		if other := errors.New("other"); !errors.Is(person.InTime(other), other) {
			t.Error("another end than the time's was changed")
		}
	})
	t.Run("StopLeavesNothing", func(t *testing.T) {
		ada.Stop()
		if err := goleak.Find(before); err != nil {
			t.Error(err)
		}
		if _, err := ada.Whoami(t.Context()); !errors.Is(err, mautrix.MUnknownToken) {
			t.Errorf("after the stop the session is answered %v", err)
		}
	})
}
