package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"

	"maunium.net/go/mautrix/id"
)

// raw speaks to the homeserver without anything in between: the most that a bridge could reach.
type raw struct {
	base   string
	client *http.Client
	txn    *atomic.Int64
}

func newRaw(base string) raw {
	return raw{base: base, txn: &atomic.Int64{}, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

// as is who a request is made as.
type as struct {
	token string
	user  id.UserID // of an application service's token; empty otherwise
}

// call makes a request and decodes the answer into result, if not nil.
func (r raw) call(ctx context.Context, who as, method, path string, body, result any) error {
	var content io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encode a request: %w", err)
		}
		content = bytes.NewReader(data)
	}
	address := r.base + "/_matrix/client/v3/" + path
	if who.user != "" {
		address += "?user_id=" + url.QueryEscape(who.user.String())
	}
	req, err := http.NewRequestWithContext(ctx, method, address, content)
	if err != nil {
		return fmt.Errorf("make a request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+who.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("read an answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s was answered %s: %s", method, path, resp.Status, answer)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(answer, result)
}

// send puts a text into a room: the event that a bridge, or a client, puts there.
func (r raw) send(ctx context.Context, who as, room id.RoomID, text string) (id.EventID, error) {
	var sent struct {
		ID id.EventID `json:"event_id"`
	}
	path := "rooms/" + url.PathEscape(room.String()) + "/send/m.room.message/bench" + strconv.FormatInt(r.txn.Add(1), 10)
	err := r.call(ctx, who, http.MethodPut, path, map[string]any{"msgtype": "m.text", "body": text, "m.mentions": struct{}{}}, &sent)
	return sent.ID, err
}

func (r raw) join(ctx context.Context, who as, room id.RoomID) error {
	return r.call(ctx, who, http.MethodPost, "rooms/"+url.PathEscape(room.String())+"/join", struct{}{}, nil)
}

// atOnce does n things, as many at once as there are workers, and returns the first error.
func atOnce(ctx context.Context, workers, n int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var running sync.WaitGroup
	for range min(workers, n) {
		running.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}
