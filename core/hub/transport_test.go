package hub

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

type recordingTripper struct{ urls []*url.URL }

func (r *recordingTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	r.urls = append(r.urls, req.URL)
	return answer(req, []byte(`{}`)), nil
}

func carried(t *testing.T, pings bool) (*mautrix.Client, *recordingTripper, *atomic.Int64) {
	t.Helper()
	client, err := mautrix.NewClient("https://hs.example/base", "@ana:example.org", "token")
	if err != nil {
		t.Fatal(err)
	}
	next, requests := &recordingTripper{}, &atomic.Int64{}
	client.Client = &http.Client{Transport: &transport{next: next, answerPings: pings, requests: requests, taken: new(atomic.Int64), doubts: newDoubts(Names{}), trouble: func() {}}}
	return client, next, requests
}

func TestPingsAreAnsweredWithoutARequest(t *testing.T) {
	client, next, requests := carried(t, true)
	if _, err := client.AppservicePing(context.Background(), "puente", "txn"); err != nil {
		t.Fatal(err)
	}
	if len(next.urls) != 0 || requests.Load() != 0 {
		t.Fatalf("the ping went out: %v", next.urls)
	}
	client, next, requests = carried(t, false)
	if _, err := client.AppservicePing(context.Background(), "puente", "txn"); err != nil {
		t.Fatal(err)
	}
	if len(next.urls) != 1 || requests.Load() != 1 {
		t.Fatal("the hub's own ping did not go out")
	}
}

func TestTransactionIDsAreRewrittenForSendsOnly(t *testing.T) {
	const room, target = id.RoomID("!a/send/b%2F:ex$ample!.org"), id.EventID("$x/redact/y%2F:z")
	ctx := withTxn(context.Background(), "a", "b")
	want := transactionID(ctx)
	for name, test := range map[string]struct {
		call    func(*mautrix.Client) error
		rewrite bool
	}{
		"Send": {rewrite: true, call: func(c *mautrix.Client) error {
			_, err := c.SendMessageEvent(ctx, room, event.EventMessage, object{"body": "x"})
			return err
		}},
		"Redact": {rewrite: true, call: func(c *mautrix.Client) error {
			_, err := c.RedactEvent(ctx, room, target)
			return err
		}},
		"State": {call: func(c *mautrix.Client) error {
			_, err := c.SendStateEvent(ctx, room, event.StateTopic, "/send/x", object{})
			return err
		}},
		"ToDevice": {call: func(c *mautrix.Client) error {
			_, err := c.SendToDevice(ctx, event.ToDeviceDummy, &mautrix.ReqSendToDevice{})
			return err
		}},
		"Typing": {call: func(c *mautrix.Client) error {
			_, err := c.UserTyping(ctx, room, true, 1)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			client, next, _ := carried(t, true)
			if err := test.call(client); err != nil {
				t.Fatal(err)
			}
			path := next.urls[0].EscapedPath()
			if got := strings.HasSuffix(path, "/"+want); got != test.rewrite {
				t.Errorf("path %s, transaction ID %s", path, want)
			}
			plain, err := url.Parse(path)
			if err != nil || plain.Path != next.urls[0].Path {
				t.Errorf("the path %s is not what it says: %s, %v", path, next.urls[0].Path, err)
			}
			if test.rewrite {
				segments := strings.Split(strings.TrimPrefix(path, "/base/_matrix/client/v3/rooms/"), "/")
				for i, want := range map[int]string{0: room.String(), len(segments) - 2: map[bool]string{true: target.String(), false: event.EventMessage.Type}[name == "Redact"]} {
					if got, err := url.PathUnescape(segments[i]); err != nil || got != want {
						t.Errorf("segment %d is %q, not %q", i, got, want)
					}
				}
			}
		})
	}
	t.Run("WithoutAnIDTheClientsOwnStays", func(t *testing.T) {
		client, next, _ := carried(t, true)
		if _, err := client.SendMessageEvent(context.Background(), room, event.EventMessage, object{}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(next.urls[0].Path, "/pu_") {
			t.Error("an ID came from nowhere")
		}
	})
	t.Run("PartsAreKeptApart", func(t *testing.T) {
		if transactionID(withTxn(context.Background(), "ab", "c")) == transactionID(withTxn(context.Background(), "a", "bc")) {
			t.Error("two different sends have one ID")
		}
	})
}
