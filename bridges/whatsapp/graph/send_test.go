package graph_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
)

func graphError(code int, more string) string {
	return fmt.Sprintf(`{"error":{"message":"(#%d) about +16505551234","type":"OAuthException","code":%d,"error_data":{"messaging_product":"whatsapp","details":"secret words"},"fbtrace_id":"AbC_1-2"%s}}`, code, code, more)
}

func TestSend(t *testing.T) {
	t.Run("TakenMessage", func(t *testing.T) {
		s := serve(t, says(200, accepted))
		got, err := send(t, s.client(t), hello())
		if err != nil {
			t.Fatal(err)
		}
		is(t, got, graph.SendResult{MessageID: "wamid.OUT1", Status: "accepted", Input: "+16505551234", WaID: "16505551234", UserID: "US.1349"})
		r := s.last(t)
		is(t, []string{r.method, r.path, r.auth, r.contentType}, []string{"POST", "/v25.0/" + ourNumber + "/messages", "Bearer " + token, "application/json"})
		is(t, r.json(t), map[string]any{"messaging_product": "whatsapp", "recipient_type": "individual", "to": "+16505551234",
			"type": "text", "text": map[string]any{"body": "hello"}, "biz_opaque_callback_data": "$evt"})
	})
	t.Run("ToAUserIDAsReplyWithIdentity", func(t *testing.T) {
		s := serve(t, says(200, accepted))
		_, err := send(t, s.client(t), graph.OutgoingMessage{Recipient: "US.1349", ReplyTo: "wamid.IN1", IdentityKeyHash: "h",
			Content: graph.OutText{Body: "x", PreviewURL: true}})
		if err != nil {
			t.Fatal(err)
		}
		is(t, s.last(t).json(t), map[string]any{"messaging_product": "whatsapp", "recipient_type": "individual", "recipient": "US.1349",
			"type": "text", "text": map[string]any{"body": "x", "preview_url": true}, "context": map[string]any{"message_id": "wamid.IN1"},
			"recipient_identity_key_hash": "h"})
	})
	t.Run("ToAGroupKeepsItsID", func(t *testing.T) {
		s := serve(t, says(200, `{"messages":[{"id":"wamid.G","group_id":"Y2Fw"}]}`))
		got, err := send(t, s.client(t), graph.OutgoingMessage{To: "Y2Fw", Group: true, Content: graph.OutText{Body: "x"}})
		if err != nil {
			t.Fatal(err)
		}
		body := s.last(t).json(t)
		is(t, []any{got.GroupID, body["to"], body["recipient_type"]}, []any{"Y2Fw", "Y2Fw", "group"})
	})
	t.Run("VersionAndBaseAreConfiguration", func(t *testing.T) {
		s := serve(t, says(200, accepted))
		c := graph.New(graph.Config{BaseURL: s.URL + "/proxy/", Version: "v26.0", AccessToken: token, HTTPClient: s.Client()})
		if _, err := send(t, c, hello()); err != nil {
			t.Fatal(err)
		}
		is(t, s.last(t).path, "/proxy/v26.0/"+ourNumber+"/messages")
	})
	t.Run("BadBaseURLIsSaid", func(t *testing.T) {
		_, err := send(t, graph.New(graph.Config{BaseURL: "graph.facebook.com"}), hello())
		if !errors.Is(err, errs.ErrInvalid) {
			t.Fatal(err)
		}
	})
	t.Run("InvalidMessageIsNotSent", func(t *testing.T) {
		s := serve(t, says(200, accepted))
		_, err := send(t, s.client(t), graph.OutgoingMessage{To: "16505551234", Content: graph.OutText{}})
		if !errors.Is(err, errs.ErrInvalid) || len(s.all()) != 0 {
			t.Fatalf("%v after %d requests", err, len(s.all()))
		}
		is(t, errs.Message(err), "WhatsApp does not take this message: text.body is empty.")
	})
}

func TestSendRefused(t *testing.T) {
	for name, c := range map[string]struct {
		status    int
		body      string
		header    string
		class     graph.Class
		temporary bool
		ambiguous bool
		after     time.Duration
		kind      error
	}{
		"ExpiredToken":        {401, graphError(190, `,"error_subcode":463`), "", graph.AccountStopped, false, false, 0, errs.ErrForbidden},
		"WindowClosed":        {400, graphError(131047, ""), "", graph.Final, false, false, 0, errs.ErrForbidden},
		"PairLimit":           {400, graphError(131056, ""), "", graph.PairLimited, true, false, time.Second, nil},
		"UnknownServerFault":  {500, graphError(131000, ""), "", graph.Retry, true, false, 5 * time.Second, nil},
		"UnknownCodeWith500":  {500, graphError(987654, ""), "", graph.Retry, true, false, 5 * time.Second, nil},
		"UnknownCodeWith400":  {400, graphError(987654, ""), "", graph.Final, false, false, 0, nil},
		"TransientByMetasOwn": {400, graphError(987654, `,"is_transient":true`), "", graph.Retry, true, false, 5 * time.Second, nil},
		"WrongParameter":      {400, graphError(100, ""), "", graph.Final, false, false, 0, errs.ErrInvalid},
		"AccountLimit":        {400, graphError(80007, ""), "", graph.Retry, true, false, 2 * time.Minute, nil},
		"HeaderAsksForLonger": {400, graphError(80007, ""), "300", graph.Retry, true, false, 5 * time.Minute, nil},
		"DateAsksForLonger":   {503, graphError(131016, ""), "Sun, 22 Nov 2026 12:01:00 GMT", graph.Retry, true, false, time.Minute, nil},
		"TooManyWithoutBody":  {429, "", "7", graph.Retry, true, false, 7 * time.Second, nil},
		"UnavailableNoBody":   {503, "", "", graph.Retry, false, true, 0, nil},
		"ProxyPage":           {502, "<html>bad gateway</html>", "", graph.Retry, false, true, 0, nil},
		"ErrorThatIsAText":    {500, `{"error":"boom"}`, "", graph.Retry, false, true, 0, nil},
		"UnauthorizedNoBody":  {401, "", "", graph.AccountStopped, false, false, 0, errs.ErrForbidden},
		"MissingNoBody":       {404, "", "", graph.Final, false, false, 0, errs.ErrNotFound},
		"Redirect":            {302, "", "", graph.Final, false, false, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if c.header != "" {
					w.Header().Set("Retry-After", c.header)
				}
				says(c.status, c.body)(w, r)
			})
			_, err := send(t, s.client(t), hello())
			var e *graph.Error
			if !errors.As(err, &e) {
				t.Fatalf("%v is no Graph error", err)
			}
			after, temporary := errs.IsTemporary(err)
			is(t, []any{e.HTTPStatus, e.Explain().Class, temporary, graph.IsAmbiguous(err), after},
				[]any{c.status, c.class, c.temporary, c.ambiguous, c.after})
			if c.kind != nil && !errors.Is(err, c.kind) {
				t.Errorf("%v is not %v", err, c.kind)
			}
			if errs.Message(err) == "" || len(s.all()) != 1 {
				t.Errorf("message %q after %d requests", errs.Message(err), len(s.all()))
			}
			quiet(t, err)
		})
	}
	t.Run("FieldsKeepWhatTheTextLeavesOut", func(t *testing.T) {
		s := serve(t, says(400, graphError(131047, "")))
		_, err := send(t, s.client(t), hello())
		var e *graph.Error
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		is(t, []any{e.Code, e.Details, e.FBTraceID}, []any{131047, "secret words", "AbC_1-2"})
		is(t, err.Error(), "send message: graph error 131047, HTTP 400, trace AbC_1-2")
	})
	t.Run("DetailsAsPlainText", func(t *testing.T) {
		s := serve(t, says(400, `{"error":{"message":"m","code":"100","error_data":"plain"}}`))
		_, err := send(t, s.client(t), hello())
		var e *graph.Error
		if !errors.As(err, &e) || e.Code != 100 || e.Details != "plain" {
			t.Fatalf("%+v", e)
		}
	})
	t.Run("TriesAreLimitedWhereTheTableSaysSo", func(t *testing.T) {
		s := serve(t, says(400, graphError(1, "")))
		_, err := send(t, s.client(t), hello())
		is(t, graph.Tries(err), 1)
	})
}

// quiet fails when an error shows what it must not.
func quiet(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{token, "16505551234", "secret words", "hello"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q shows %q", err, secret)
		}
	}
}

func TestSendBroken(t *testing.T) {
	t.Run("CutAfterTheRequestWasWritten", func(t *testing.T) {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		})
		_, err := send(t, s.client(t), hello())
		if _, temporary := errs.IsTemporary(err); !graph.IsAmbiguous(err) || temporary {
			t.Fatalf("%v: ambiguous %v, temporary %v", err, graph.IsAmbiguous(err), temporary)
		}
		is(t, len(s.all()), 1)
		quiet(t, err)
	})
	t.Run("CutWithinTheAnswer", func(t *testing.T) {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "500")
			says(200, `{"messages":[`)(w, r)
		})
		_, err := send(t, s.client(t), hello())
		is(t, graph.IsAmbiguous(err), true)
	})
	t.Run("SlowAnswerBeyondTheContext", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		release := make(chan struct{})
		s := serve(t, func(http.ResponseWriter, *http.Request) {
			cancel() // the caller's time ends while the server works
			<-release
		})
		_, err := s.client(t).Send(ctx, ourNumber, hello())
		close(release)
		if !graph.IsAmbiguous(err) || !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if errs.Message(err) == "" {
			t.Error("the agent is told nothing")
		}
	})
	for name, body := range map[string]string{"MalformedJSON": `{"messages":[`, "EmptyBody": "", "NoMessageNamed": `{"messages":[]}`, "Page": "<html>"} {
		t.Run(name+"With200", func(t *testing.T) {
			s := serve(t, says(200, body))
			_, err := send(t, s.client(t), hello())
			if _, temporary := errs.IsTemporary(err); !graph.IsAmbiguous(err) || temporary {
				t.Fatalf("%v: ambiguous %v, temporary %v", err, graph.IsAmbiguous(err), temporary)
			}
		})
	}
	t.Run("NobodyListens", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		_ = l.Close()
		_, err = send(t, graph.New(graph.Config{BaseURL: "http://" + address, AccessToken: token}), hello())
		if _, temporary := errs.IsTemporary(err); !temporary || graph.IsAmbiguous(err) {
			t.Fatalf("%v: temporary %v, ambiguous %v", err, temporary, graph.IsAmbiguous(err))
		}
		quiet(t, err)
	})
	t.Run("CallerGaveUpBefore", func(t *testing.T) {
		s := serve(t, says(200, accepted))
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := s.client(t).Send(ctx, ourNumber, hello())
		if !errors.Is(err, context.Canceled) || graph.IsAmbiguous(err) || len(s.all()) != 0 {
			t.Fatalf("%v after %d requests", err, len(s.all()))
		}
	})
	t.Run("RepeatableCallIsTemporaryInstead", func(t *testing.T) {
		s := serve(t, says(503, ""))
		err := s.client(t).MarkRead(context.Background(), ourNumber, "wamid.IN1")
		if _, temporary := errs.IsTemporary(err); !temporary || graph.IsAmbiguous(err) {
			t.Fatalf("%v: temporary %v, ambiguous %v", err, temporary, graph.IsAmbiguous(err))
		}
	})
}

func TestSecretsStayInside(t *testing.T) {
	s := serve(t, says(200, accepted))
	var logged bytes.Buffer
	c := graph.New(graph.Config{BaseURL: s.URL, AccessToken: token, HTTPClient: s.Client(), Log: zerolog.New(&logged)})
	if _, err := send(t, c, hello()); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{logged.String(), fmt.Sprintf("%v %+v %#v", c, c, c)} {
		for _, secret := range []string{token, "16505551234", "hello"} {
			if strings.Contains(out, secret) {
				t.Errorf("%q shows up", secret)
			}
		}
	}
	if !strings.Contains(logged.String(), `"op":"send message"`) {
		t.Errorf("nothing was logged: %s", logged.String())
	}
}

func TestMarkRead(t *testing.T) {
	s := serve(t, says(200, `{"success":true}`))
	c := s.client(t)
	if err := c.MarkRead(context.Background(), ourNumber, "wamid.IN1"); err != nil {
		t.Fatal(err)
	}
	is(t, s.last(t).json(t), map[string]any{"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN1"})
	if err := c.MarkReadTyping(context.Background(), ourNumber, "wamid.IN1"); err != nil {
		t.Fatal(err)
	}
	is(t, s.last(t).json(t)["typing_indicator"], any(map[string]any{"type": "text"}))
	if err := c.MarkRead(context.Background(), ourNumber, ""); !errors.Is(err, errs.ErrInvalid) {
		t.Fatal(err)
	}
	t.Run("AnswerWithoutSuccessIsAnError", func(t *testing.T) {
		s := serve(t, says(200, `{"success":false}`))
		if err := s.client(t).MarkRead(context.Background(), ourNumber, "wamid.IN1"); err == nil {
			t.Fatal("no error")
		}
	})
}
