package emulator_test

import (
	"context"
	"encoding/json"
	"net"
	"strings"
	"testing"

	"puente/bridges/signal/emulator"
)

func TestProtocol(t *testing.T) {
	w := newWorld(t, nil)

	t.Run("VersionIsSettable", func(t *testing.T) {
		equal(t, "version", w.c.ok("version", nil), object{"version": "0.14.8"})
		old := newWorld(t, func(o *emulator.Options) { o.Version = "0.12.1" })
		equal(t, "version", old.c.ok("version", nil), object{"version": "0.12.1"})
	})
	t.Run("AccountsAreListedByNumber", func(t *testing.T) {
		equal(t, "accounts", w.c.ok("listAccounts", nil), []object{{"number": shop}})
	})
	t.Run("BadRequestsGetTheStandardCodes", func(t *testing.T) {
		for line, code := range map[string]int{
			`{"jsonrpc":"2.0"`: -32700,
			``:                 -32700,
			`"text"`:           -32600,
			`[]`:               -32600,
			`{"jsonrpc":"1.0","method":"version","id":null}`:                  -32600,
			`{"jsonrpc":"2.0","id":null}`:                                     -32600,
			`{"jsonrpc":"2.0","method":"version","params":"x","id":null}`:     -32600,
			`{"jsonrpc":"2.0","method":"version","params":{},"id":{"a":"b"}}`: -32600,
		} {
			w.c.write(line)
			var got struct {
				Error struct{ Code int }
				ID    any
			}
			if err := json.Unmarshal([]byte(w.c.line()), &got); err != nil || got.Error.Code != code || !strings.Contains(line, "a") && got.ID != nil {
				t.Errorf("%s: want %d, got %+v (%v)", line, code, got, err)
			}
		}
		w.c.fail(-32601, "noSuchMethod", nil)
		w.c.fail(-32600, "send", object{"message": 5, "recipient": shop})
	})
	t.Run("BatchIsAnsweredWithOneArray", func(t *testing.T) {
		w.c.write(`[{"jsonrpc":"2.0","method":"version","id":1},{"jsonrpc":"2.0","method":"version"},{"jsonrpc":"2.0","method":"nope","id":"x"}]`)
		var got []object
		if err := json.Unmarshal([]byte(w.c.line()), &got); err != nil || len(got) != 2 {
			t.Fatalf("want two answers, got %v (%v)", got, err)
		}
		for _, answer := range got {
			switch answer["id"] {
			case 1.0:
				equal(t, "result", answer["result"], object{"version": "0.14.8"})
			case "x":
				equal(t, "code", answer["error"].(object)["code"], -32601)
			default:
				t.Errorf("unexpected answer %v", answer)
			}
		}
	})
	t.Run("NotificationsAreNotAnswered", func(t *testing.T) {
		w.c.write(`{"jsonrpc":"2.0","method":"version"}`)
		w.c.ok("version", nil)
		if len(w.c.raw) != 0 {
			t.Errorf("something came: %s", <-w.c.raw)
		}
	})
	t.Run("UnknownParamsAreIgnoredAndRecorded", func(t *testing.T) {
		w.c.ok("version", object{"colour": "red"})
		equal(t, "unknown", w.e.UnknownParams(), []string{"version.colour"})
		equal(t, "last", w.e.LastParams("version"), object{"colour": "red"})
		if n := w.e.Calls("listAccounts"); n != 1 {
			t.Errorf("listAccounts was called %d times", n)
		}
	})
	t.Run("AccountIsNeededUnlessThereIsOne", func(t *testing.T) {
		w.c.ok("listGroups", nil)
		w.c.ok("listGroups", object{"account": shopACI})
		w.c.fail(-32602, "listGroups", object{"account": "+499999999"})
		if _, err := w.e.AddAccount(emulator.Account{Number: "+4930999999", Name: "Second"}, true); err != nil {
			t.Fatal(err)
		}
		w.c.fail(-32602, "listGroups", nil)
		equal(t, "accounts", w.c.ok("listAccounts", nil), []object{{"number": shop}, {"number": "+4930999999"}})
	})
}

func TestAddresses(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	e := emulator.New(emulator.Options{})
	t.Run("TCPPicksAPortAndTakesItAgain", func(t *testing.T) {
		bound, err := e.Start(ctx, "tcp:127.0.0.1:0")
		if err != nil || !strings.HasPrefix(bound, "tcp:127.0.0.1:") || strings.HasSuffix(bound, ":0") {
			t.Fatalf("bound to %q (%v)", bound, err)
		}
		if _, err := e.Start(ctx, bound); err == nil {
			t.Error("it started twice")
		}
		e.Stop()
		again, err := e.Start(ctx, bound)
		if err != nil || again != bound {
			t.Fatalf("bound to %q (%v), want %q", again, err, bound)
		}
		socket, err := net.Dial("tcp", strings.TrimPrefix(bound, "tcp:"))
		if err != nil {
			t.Fatal(err)
		}
		_ = socket.Close()
		e.Stop()
		e.Stop()
	})
	t.Run("OtherFormsAreRefused", func(t *testing.T) {
		for _, address := range []string{"", "127.0.0.1:7583", "http:127.0.0.1:80", "unix:"} {
			if _, err := e.Start(ctx, address); err == nil {
				t.Errorf("%q was taken", address)
				e.Stop()
			}
		}
	})
	t.Run("WrongOptionsAreTold", func(t *testing.T) {
		for name, opt := range map[string]emulator.Options{
			"number":  {Accounts: []emulator.Account{{Number: "030"}}},
			"twice":   {Accounts: []emulator.Account{{Number: shop}}, Phones: []emulator.Account{{Number: shop}}},
			"ACI":     {Accounts: []emulator.Account{{Number: shop, ACI: "x"}}},
			"latency": {Latency: emulator.Latency{Min: 2, Max: 1}},
			"mode":    {ReceiveMode: "sometimes"},
			"trust":   {TrustNewIdentities: "maybe"},
		} {
			if _, err := emulator.New(opt).Start(ctx, "tcp:127.0.0.1:0"); err == nil {
				t.Errorf("%s was taken", name)
			}
		}
	})
}
