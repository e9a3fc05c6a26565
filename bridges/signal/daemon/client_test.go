package daemon

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"puente/core/base/errs"
)

func TestParseAddress(t *testing.T) {
	for address, good := range map[string]bool{
		"unix:/run/signal-cli/socket": true, "tcp:127.0.0.1:7583": true, "tcp:[::1]:7583": true, "tcp:daemon:7583": true,
		"": false, "unix:": false, "unix:relative": false, "tcp:": false, "tcp:localhost": false, "tcp::7583": false, "tcp:host:": false,
		"http://127.0.0.1:8080": false, "/run/socket": false,
	} {
		if _, _, err := ParseAddress(address); (err == nil) != good || (err != nil && !errors.Is(err, errs.ErrInvalid)) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestRequestsOverASocket(t *testing.T) {
	f := newFake(t, "unix", filepath.Join(t.TempDir(), "socket"))
	client := started(t, Config{Address: f.address()})
	other := f.accept()
	done := make(chan error, 1)
	var version Version
	go func() {
		var err error
		version, err = client.Version(waited(t, client))
		done <- err
	}()
	req := other.read()
	if req.Method != "version" || req.ID == "" {
		t.Errorf("asked %+v", req)
	}
	other.answer(req, `{"version":"0.14.10"}`)
	if err := <-done; err != nil || version != (Version{0, 14, 10}) {
		t.Errorf("%v, %v", version, err)
	}
}

// waited is a context that ends before the test does, once the client is connected.
func waited(t *testing.T, client *Client) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	if err := client.Wait(ctx); err != nil {
		t.Error(err)
	}
	return ctx
}

func TestAnswersFindTheirRequests(t *testing.T) {
	client, other := connected(t, Config{})
	type got struct {
		aci string
		err error
	}
	results := make(chan got)
	for n := range 10 {
		go func() {
			aci, err := client.ACI(t.Context(), "+1", fmt.Sprint(n))
			if err == nil && aci != fmt.Sprintf("[%d]", n) {
				err = fmt.Errorf("%d got %s", n, aci)
			}
			results <- got{aci, err}
		}()
	}
	var reqs []asked
	for range 10 {
		reqs = append(reqs, other.read())
	}
	for i := len(reqs) - 1; i >= 0; i-- {
		other.answer(reqs[i], fmt.Sprintf(`[{"uuid":%q}]`, fmt.Sprint(reqs[i].Params["recipient"])))
	}
	for range 10 {
		if r := <-results; r.err != nil {
			t.Error(r.err)
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		answer string
		code   Code
		failed ResultType
		lost   bool
	}{
		"UserError":     {`"error":{"code":-1,"message":"The user +4930 is not registered."}`, CodeUser, "", false},
		"NoResponse":    {`"error":{"code":-3,"message":"x","data":null}`, CodeIO, "", false},
		"AllFailed":     {`"error":{"code":-4,"message":"x","data":{"response":{"timestamp":5,"results":[{"type":"IDENTITY_FAILURE"}]}}}`, CodeUntrusted, IdentityFail, false},
		"OddError":      {`"error":"oh"`, 0, "", true},
		"OddResult":     {`"result":"oh"`, 0, "", true},
		"NoTimestamp":   {`"result":{}`, 0, "", true},
		"NothingAtAll":  {`"a":1`, 0, "", true},
		"NullErrorIsOK": {`"error":null,"result":{"timestamp":7}`, 0, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			client, other := connected(t, Config{})
			result := make(chan error, 1)
			go func() {
				_, err := client.Send(t.Context(), "+1", To{Recipient: "aci"}, Message{Text: "hello"}, nil)
				result <- err
			}()
			req := other.read()
			other.write(`{"jsonrpc":"2.0","id":"` + req.ID + `",` + test.answer + `}`)
			err := <-result
			var refused *Error
			if IsLost(err) != test.lost || errors.As(err, &refused) != (test.code != 0) {
				t.Fatalf("%v", err)
			}
			if refused != nil && (refused.Code != test.code || (refused.Response != nil) != (test.failed != "")) {
				t.Errorf("%+v", refused)
			}
			if refused != nil && test.failed != "" && refused.Response.Results[0].Type != test.failed {
				t.Errorf("%+v", refused.Response)
			}
		})
	}
}

func TestErrorsHoldNoNumbers(t *testing.T) {
	err := readError("send", []byte(`{"code":-1,"message":"The user +49305550123 is not registered."}`))
	if text := err.Error(); text != "send: the signal-cli daemon refused it with code -1" {
		t.Error(text)
	}
}

func TestABrokenConnectionLosesTheAnswer(t *testing.T) {
	f := newFake(t, "tcp", "127.0.0.1:0")
	client := started(t, Config{Address: f.address()})
	other := f.accept()
	ctx := waited(t, client)
	result := make(chan error, 1)
	go func() {
		_, err := client.Send(ctx, "+1", To{GroupID: "group"}, Message{Text: "hello"}, nil)
		result <- err
	}()
	if req := other.read(); req.Params["groupId"] != "group" {
		t.Errorf("%v", req.Params)
	}
	_ = other.c.Close()
	if err := <-result; !IsLost(err) {
		t.Errorf("%v", err)
	}
	again := f.accept() // by itself
	ctx = waited(t, client)
	go func() {
		_, err := client.Send(ctx, "+1", To{GroupID: "group"}, Message{Text: "hello"}, nil)
		result <- err
	}()
	again.answer(again.read(), `{"timestamp":3,"results":[]}`)
	if err := <-result; err != nil {
		t.Error(err)
	}
}

func TestWithoutDaemonNothingIsLost(t *testing.T) {
	client := started(t, Config{Address: "unix:" + filepath.Join(t.TempDir(), "nobody")})
	_, err := client.Send(t.Context(), "+1", To{Recipient: "aci"}, Message{Text: "hello"}, nil)
	if _, again := errs.IsTemporary(err); !again || IsLost(err) || errs.Message(err) == "" {
		t.Errorf("%v", err)
	}
}

func TestNonsenseEndsTheConnectionAndIsKept(t *testing.T) {
	for name, line := range map[string]string{
		"HTML": "<html><body>502</body></html>", "HalfAJSON": `{"jsonrpc":"2.0","method":"receive","params":{`, "ANumber": "5", "TooLong": `{"a":"` + long(2000) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, "tcp", "127.0.0.1:0")
			broken := make(chan News, 1)
			client := started(t, Config{Address: f.address(), MaxLine: 1000, Receive: func(_ context.Context, news News) { broken <- news }})
			other := f.accept()
			ctx := waited(t, client)
			result := make(chan error, 1)
			go func() {
				_, err := client.Send(ctx, "+1", To{Recipient: "aci"}, Message{Text: "hello"}, nil)
				result <- err
			}()
			other.read()
			other.write(line)
			if err := <-result; !IsLost(err) {
				t.Errorf("the request that waited: %v", err)
			}
			if news := <-broken; news.Broken == nil {
				t.Errorf("%+v", news)
			}
			f.accept()
		})
	}
}

func TestNotificationsComeInOrderAndOneAfterAnother(t *testing.T) {
	got := make(chan string)
	_, other := connected(t, Config{Receive: func(_ context.Context, news News) { got <- string(news.Raw) }})
	go func() {
		other.write(`{"jsonrpc":"2.0","method":"receive","params":{"account":"1"}}`)
		other.write(`{"jsonrpc":"2.0","method":"receive","params":{"subscription":4,"result":{"account":"2"}}}`)
		other.write(`[{"jsonrpc":"2.0","method":"receive","params":{"account":"3"}},{"jsonrpc":"2.0","method":"other","params":{}},{"jsonrpc":"2.0","method":"receive","params":{"account":"4"}}]`)
	}()
	for _, want := range []string{`{"account":"1"}`, `{"account":"2"}`, `{"account":"3"}`, `{"account":"4"}`} {
		if raw := <-got; raw != want {
			t.Errorf("%s, not %s", raw, want)
		}
	}
}
