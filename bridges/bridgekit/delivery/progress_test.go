package delivery

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestProgress(t *testing.T) {
	// try makes a request that fails, and tells whether it may have arrived.
	try := func(t *testing.T, ctx context.Context, address string) bool {
		t.Helper()
		var p Progress
		req, err := http.NewRequestWithContext(p.Watch(ctx), http.MethodPost, address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		resp, err := transport.RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
			t.Fatal("the request succeeded")
		}
		return p.MayHaveArrived(ctx, err)
	}
	t.Run("NotWhereNobodyListens", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_ = listener.Close()
		if try(t, t.Context(), "http://"+listener.Addr().String()) {
			t.Error("what found nobody may have arrived")
		}
	})
	t.Run("NotWhenItEndedBeforeItBegan", func(t *testing.T) {
		server := httptest.NewServer(http.NotFoundHandler())
		defer server.Close()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if try(t, ctx, server.URL) {
			t.Error("what was never connected may have arrived")
		}
	})
	t.Run("YesWhenTheAnswerIsCut", func(t *testing.T) {
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
		defer server.Close()
		if !try(t, t.Context(), server.URL) {
			t.Error("what was written cannot have arrived")
		}
	})
}
