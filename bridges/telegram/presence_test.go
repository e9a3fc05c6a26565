package telegram

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"puente/bridges/telegram/botapi"
	"puente/core/base/clock"
)

func TestTypingIsSaidAgain(t *testing.T) {
	said := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"ok":true,"result":true}`)
		select {
		case said <- struct{}{}:
		case <-r.Context().Done(): // nobody waits any more
		}
	}))
	defer server.Close()
	moved := clock.NewManual(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	transport := botapi.NewTransport(false)
	defer transport.CloseIdleConnections()
	api, err := botapi.New(botapi.Config{
		BaseURL: server.URL, Token: "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", HTTP: &http.Client{Transport: transport}, Clock: moved, Log: zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	cl := &Client{connector: &Connector{clock: moved, log: zerolog.Nop()}}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cl.keepTyping(ctx, api, address{chat: 5})
	}()
	for range 3 {
		<-said // at once, and each time that it would go out
		for moved.Waiting() == 0 {
			time.Sleep(time.Millisecond)
		}
		moved.Advance(typingEvery)
	}
	cancel()
	select {
	case <-said: // the last one was on its way
		<-ended
	case <-ended:
	}
}
