package hub

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
)

// transport carries every request that a bridge or the hub makes to the homeserver. It does two things that
// bridgev2 has no setting for: it answers the bridges' own pings (the hub pings once for all of them, and a ping
// while Synapse recovers would end the bridge; ref: reference/bridgev2-hosting.md), and it puts the transaction ID
// that the context carries into the send, after encryption, so that a repeated send is the same send; if it is in
// doubt whether the homeserver has it already, it looks first.
type transport struct {
	next        http.RoundTripper
	answerPings bool
	requests    *atomic.Int64 // how many went to the homeserver
	taken       *atomic.Int64 // how many events it took from us
	doubts      *doubts
	trouble     func() // called when a request did not get through
}

var _ http.RoundTripper = (*transport)(nil)

func (h *Hub) newTransport(answerPings bool) *transport {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.MaxIdleConnsPerHost = 64
	return &transport{next: base, answerPings: answerPings, requests: &h.requests, taken: &h.progress, doubts: h.doubts, trouble: h.reconciler.troubled}
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.answerPings && req.Method == http.MethodPost && isPing(req.URL.Path) {
		return answer(req, []byte(`{"duration_ms":0}`)), nil
	}
	if txnID := transactionID(req.Context()); txnID != "" && isSend(req) {
		return t.sendOnce(req, txnID)
	}
	return t.pass(req)
}

// pass makes a request, and notes when it does not get through.
func (t *transport) pass(req *http.Request) (*http.Response, error) {
	t.requests.Add(1)
	resp, err := t.next.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusOK && isSend(req) {
		t.taken.Add(1)
	}
	if (err != nil && req.Context().Err() == nil) || (err == nil && resp.StatusCode >= http.StatusBadGateway) {
		t.trouble()
	}
	return resp, err
}

// sendOnce sends an event into a room unless it is found to be there already.
func (t *transport) sendOnce(req *http.Request, txnID string) (*http.Response, error) {
	at := seatOf(req)
	if t.doubts.about(txnID, at) {
		eventID, err := t.find(req, txnID, at)
		if err == nil && eventID != "" {
			t.doubts.found(txnID)
			return answer(req, fmt.Appendf(nil, `{"event_id":%q}`, eventID)), nil
		} else if err != nil {
			closeBody(req)
			return nil, err
		}
	}
	resp, err := t.pass(withTransactionID(req, txnID))
	t.doubts.sent(txnID, at, endingOf(resp, err))
	return resp, err
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the pool.
func (t *transport) CloseIdleConnections() {
	if closer, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

func isPing(path string) bool {
	return strings.Contains(path, "/appservice/") && strings.HasSuffix(path, "/ping")
}

// answer is the homeserver's answer to a request that was never made.
func answer(req *http.Request, body []byte) *http.Response {
	closeBody(req)
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", Proto: req.Proto, ProtoMajor: req.ProtoMajor, ProtoMinor: req.ProtoMinor,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)), Request: req,
	}
}

// closeBody does what a RoundTripper must do with a request that it does not pass on.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// isSend tells whether the request puts an event into a room. Device messages, which encryption sends within the
// same context, have transaction IDs of their own and must keep them.
func isSend(req *http.Request) bool {
	path := req.URL.EscapedPath()
	return req.Method == http.MethodPut && strings.Contains(path, "/rooms/") &&
		(strings.Contains(path, "/send/") || strings.Contains(path, "/redact/"))
}

func withTransactionID(req *http.Request, txnID string) *http.Request {
	clone := req.Clone(req.Context())
	clone.URL.Path = replaceLast(clone.URL.Path, txnID)
	if clone.URL.RawPath != "" {
		clone.URL.RawPath = replaceLast(clone.URL.RawPath, txnID)
	}
	return clone
}

func replaceLast(path, segment string) string {
	return path[:strings.LastIndexByte(path, '/')+1] + segment
}

type txnKey struct{}

// withTxn makes the send that follows in ctx one that can be repeated: whoever sends the same parts again gets
// the first event's ID back, by the homeserver as long as it remembers (Synapse: until its restart, at least 30 min),
// and by doubts after that.
func withTxn(ctx context.Context, parts ...string) context.Context {
	hash := sha256.New()
	for _, part := range parts {
		_, _ = hash.Write([]byte(part))
		_, _ = hash.Write([]byte{0})
	}
	return context.WithValue(ctx, txnKey{}, "pu_"+base64.RawURLEncoding.EncodeToString(hash.Sum(nil)[:24]))
}

func transactionID(ctx context.Context) string {
	txnID, _ := ctx.Value(txnKey{}).(string)
	return txnID
}
