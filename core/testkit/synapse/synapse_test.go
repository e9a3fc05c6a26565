package synapse_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/core/base/errs"
	"puente/core/testkit/synapse"
	"puente/core/testkit/synapse/synapsetest"
)

func start(ctx context.Context, opts synapse.Options) (*synapse.Server, error) {
	install, err := synapsetest.Install(ctx, nil)
	if err != nil {
		return nil, err
	}
	return synapse.Start(ctx, install, opts)
}

func mustStart(t *testing.T, opts synapse.Options) *synapse.Server {
	t.Helper()
	server, err := start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// login returns a client that leaves no connection open.
func login(t *testing.T, server *synapse.Server, localpart, password string) *mautrix.Client {
	t.Helper()
	token, device, err := server.Login(t.Context(), localpart, password)
	if err != nil {
		t.Fatal(err)
	}
	client, err := mautrix.NewClient(server.URL(), id.UserID(server.UserID(localpart)), token)
	if err != nil {
		t.Fatal(err)
	}
	client.DeviceID = id.DeviceID(device)
	client.Client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return client
}

func TestServerLife(t *testing.T) {
	ctx := t.Context()
	var log bytes.Buffer
	server := mustStart(t, synapse.Options{Dir: t.TempDir(), ServerName: "puente.test", LogLevel: "INFO", LogTo: &log})
	for range 2 { // the second time changes nothing
		if err := server.RegisterUser(ctx, "ana", "first password", "Ana", true); err != nil {
			t.Fatal(err)
		}
	}
	client := login(t, server, "ana", "first password")
	room, err := client.CreateRoom(ctx, &mautrix.ReqCreateRoom{Preset: "private_chat"})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := client.SendText(ctx, room.RoomID, "Good morning")
	if err != nil {
		t.Fatal(err)
	}

	t.Run("UserHasItsName", func(t *testing.T) {
		profile, err := client.GetDisplayName(t.Context(), "@ana:puente.test")
		if err != nil || profile.DisplayName != "Ana" {
			t.Fatalf("got %v, %v", profile, err)
		}
	})
	t.Run("WrongPasswordIsForbidden", func(t *testing.T) {
		if _, _, err := server.Login(t.Context(), "ana", "wrong"); !errors.Is(err, errs.ErrForbidden) {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("ManyMessagesInARowAreNotLimited", func(t *testing.T) {
		for i := range 30 {
			if _, err := client.SendText(t.Context(), room.RoomID, strconv.Itoa(i)); err != nil {
				t.Fatalf("message %d: %v", i, err)
			}
		}
	})
	t.Run("SecondServerInTheSameFolderIsRefused", func(t *testing.T) {
		_, err := start(t.Context(), synapse.Options{Dir: filepath.Dir(server.LogPath()), ServerName: "puente.test"})
		if !errors.Is(err, errs.ErrConflict) {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("RestartKeepsAddressSessionsAndMessages", func(t *testing.T) {
		url, pid := server.URL(), server.PID()
		if err := server.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		if server.URL() != url || server.PID() == pid {
			t.Fatalf("was %s as %d, is %s as %d", url, pid, server.URL(), server.PID())
		}
		assertText(t, client, room.RoomID, sent.EventID, "Good morning")
	})
	t.Run("KilledServerComesBack", func(t *testing.T) {
		exited := server.Exited()
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		<-exited
		if err := server.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		assertText(t, client, room.RoomID, sent.EventID, "Good morning")
	})
	t.Run("StopLeavesNoProcess", func(t *testing.T) {
		pid := server.PID()
		for range 2 {
			if err := server.Stop(); err != nil {
				t.Fatal(err)
			}
		}
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) || server.PID() != 0 {
			t.Fatalf("process %d is still there: %v", pid, err)
		}
	})
	t.Run("LaterStartFindsTheSameServer", func(t *testing.T) {
		dir := filepath.Dir(server.LogPath())
		again := mustStart(t, synapse.Options{Dir: dir, ServerName: "puente.test"})
		assertText(t, client, room.RoomID, sent.EventID, "Good morning")
		if again.URL() != server.URL() {
			t.Errorf("the address changed from %s to %s", server.URL(), again.URL())
		}
	})
	t.Run("OtherNameForTheSameFolderIsRefused", func(t *testing.T) {
		_, err := start(t.Context(), synapse.Options{Dir: filepath.Dir(server.LogPath()), ServerName: "other.test"})
		if !errors.Is(err, errs.ErrConflict) || !strings.Contains(err.Error(), "puente.test") {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("LogIsCopied", func(t *testing.T) {
		if !strings.Contains(log.String(), "/_matrix/client/v3/login") {
			t.Fatalf("no login in the log: %q", log.String())
		}
	})
}

func assertText(t *testing.T, client *mautrix.Client, room id.RoomID, eventID id.EventID, want string) {
	t.Helper()
	evt, err := client.GetEvent(t.Context(), room, eventID)
	if err != nil {
		t.Fatal(err)
	}
	if err = evt.Content.ParseRaw(event.EventMessage); err != nil {
		t.Fatal(err)
	}
	if got := evt.Content.AsMessage().Body; got != want {
		t.Fatalf("the room has %q, want %q", got, want)
	}
}

func TestAppservice(t *testing.T) {
	dir := t.TempDir()
	registration := filepath.Join(dir, "registration.yaml")
	writeFile(t, registration, `
id: test
url: null
as_token: as_secret
hs_token: hs_secret
sender_localpart: puente
rate_limited: false
io.element.msc4190: true
org.matrix.msc3202: true
de.sorunome.msc2409.push_ephemeral: true
namespaces: {users: [{exclusive: true, regex: "@puente_.*:puente\\.test"}]}
`)
	server := mustStart(t, synapse.Options{
		Dir: filepath.Join(dir, "data"), ServerName: "puente.test", Registrations: []string{registration},
		AutoAcceptInvites: true, ExperimentalFeatures: true,
	})
	bot, err := mautrix.NewClient(server.URL(), "@puente:puente.test", "as_secret")
	if err != nil {
		t.Fatal(err)
	}
	bot.Client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

	t.Run("BotIsKnown", func(t *testing.T) {
		whoami, err := bot.Whoami(t.Context())
		if err != nil || whoami.UserID != "@puente:puente.test" {
			t.Fatalf("got %v, %v", whoami, err)
		}
	})
	t.Run("FeaturesForEncryptionAreOn", func(t *testing.T) {
		config, err := os.ReadFile(filepath.Join(dir, "data", "homeserver.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{
			"msc2409_to_device_messages_enabled: true", "msc3202_device_masquerading: true", "msc3202_transaction_extensions: true",
		} {
			if !strings.Contains(string(config), name) {
				t.Errorf("homeserver.yaml lacks %q", name)
			}
		}
	})
	t.Run("InvitedUsersJoinByThemselves", func(t *testing.T) {
		if err := server.RegisterUser(t.Context(), "ana", "first password", "", false); err != nil {
			t.Fatal(err)
		}
		client := login(t, server, "ana", "first password")
		room, err := bot.CreateRoom(t.Context(), &mautrix.ReqCreateRoom{Invite: []id.UserID{client.UserID}})
		if err != nil {
			t.Fatal(err)
		}
		awaitJoined(t, client, room.RoomID)
	})
}

// awaitJoined asks until the user is in the room; the test's own deadline ends the wait.
func awaitJoined(t *testing.T, client *mautrix.Client, room id.RoomID) {
	t.Helper()
	for {
		rooms, err := client.JoinedRooms(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, joined := range rooms.JoinedRooms {
			if joined == room {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestStartTellsWhyItFailed(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.yaml")
	writeFile(t, broken, "id: no-tokens\n")
	taken := mustStart(t, synapse.Options{Dir: filepath.Join(dir, "first")})
	port, err := strconv.Atoi(taken.URL()[strings.LastIndex(taken.URL(), ":")+1:])
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		opts synapse.Options
		want string
	}{
		"BrokenRegistrationShowsTheLog": {synapse.Options{Registrations: []string{broken}}, "broken.yaml"},
		"TakenPortIsNamed":              {synapse.Options{Port: port}, fmt.Sprintf("port %d is taken", port)},
		"BadExtraKeyShowsTheLog":        {synapse.Options{Extra: map[string]any{"rc_message": 7}}, "rc_message"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.opts.Dir = t.TempDir()
			_, err := start(t.Context(), test.opts)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("want an error with %q, got %v", test.want, err)
			}
		})
	}
	t.Run("MissingFolderNameIsInvalid", func(t *testing.T) {
		if _, err := start(t.Context(), synapse.Options{}); !errors.Is(err, errs.ErrInvalid) {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("CancelledStartLeavesNothingRunning", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		data := t.TempDir()
		install, err := synapsetest.Install(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if _, err = synapse.Start(ctx, install, synapse.Options{Dir: data}); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
		mustStart(t, synapse.Options{Dir: data}) // the folder is free again
	})
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
