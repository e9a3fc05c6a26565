package botapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/rs/zerolog"

	"puente/bridges/bridgekit/delivery"
	"puente/bridges/telegram/botapi"
	"puente/core/base/clock"
	"puente/core/base/errs"
)

const token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"

// client talks to a server that answers everything as handler does.
func client(t *testing.T, handler http.HandlerFunc) *botapi.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return clientOf(t, server.URL)
}

func clientOf(t *testing.T, base string) *botapi.Client {
	t.Helper()
	transport := botapi.NewTransport(false)
	t.Cleanup(transport.CloseIdleConnections)
	c, err := botapi.New(botapi.Config{BaseURL: base, Token: token, HTTP: &http.Client{Transport: transport}, Clock: clock.System{}, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func answers(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func refusal(code int, description string) http.HandlerFunc {
	return answers(code, fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q,"parameters":{"retry_after":7}}`, code, description))
}

func send(c *botapi.Client) (int, error) {
	sent, err := c.SendMessage(context.Background(), &bot.SendMessageParams{ChatID: int64(5), Text: "secret words"})
	if err != nil {
		return 0, err
	}
	return sent.ID, nil
}

func TestAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		kind    error // nil: none of ours
		again   bool
		unclear bool
		words   string
	}{
		"Blocked":          {refusal(403, "Forbidden: bot was blocked by the user"), errs.ErrForbidden, false, false, "blocked the bot"},
		"Deactivated":      {refusal(403, "Forbidden: user is deactivated"), errs.ErrForbidden, false, false, "account was deleted"},
		"NotStarted":       {refusal(403, "Forbidden: bot can't initiate conversation with a user"), errs.ErrForbidden, false, false, "press Start"},
		"Kicked":           {refusal(403, "Forbidden: bot was kicked from the supergroup chat"), errs.ErrForbidden, false, false, "removed from this group"},
		"AnotherForbidden": {refusal(403, "Forbidden: something new"), errs.ErrForbidden, false, false, "does not let the bot write"},
		"ChatNotFound":     {refusal(400, "Bad Request: chat not found"), errs.ErrNotFound, false, false, "does not know this chat"},
		"TooLong":          {refusal(400, "Bad Request: message is too long"), errs.ErrTooLarge, false, false, "several messages"},
		"InAnyCase":        {refusal(400, "Bad Request: MESSAGE IS TOO LONG"), errs.ErrTooLarge, false, false, "several messages"},
		"UpperCode":        {refusal(400, "Bad Request: VOICE_MESSAGES_FORBIDDEN"), errs.ErrForbidden, false, false, "takes no voice messages"},
		"BusinessWindow":   {refusal(400, "Bad Request: BUSINESS_PEER_USAGE_MISSING"), errs.ErrForbidden, false, false, "24 hours"},
		"Unknown":          {refusal(400, "Bad Request: SOMETHING_NEW"), errs.ErrInvalid, false, false, "does not know"},
		"Unauthorized":     {refusal(401, "Unauthorized"), errs.ErrForbidden, false, false, "login telegram"},
		"WrongToken":       {refusal(404, "Not Found"), errs.ErrForbidden, false, false, "login telegram"},
		"Conflict":         {refusal(409, "Conflict: terminated by other getUpdates request"), errs.ErrConflict, true, false, "another program"},
		"TooLarge":         {refusal(413, "Request Entity Too Large"), errs.ErrTooLarge, false, false, "larger than Telegram takes"},
		"TooMany":          {refusal(429, "Too Many Requests: retry after 7"), errs.ErrConflict, true, false, "asks to wait"},
		"Fault":            {refusal(500, "Internal Server Error"), errs.ErrConflict, true, false, "a fault"},
		"AProxysPage":      {answers(502, "<html>Bad Gateway</html>"), nil, true, true, "cannot read"},
		"Nonsense":         {answers(200, "it works"), nil, true, true, "cannot read"},
		"HalfAnAnswer":     {answers(200, `{"ok":true,"result":{"mess`), nil, true, true, "cannot read"},
		"NotAnAnswer":      {answers(200, `{"hello":"world"}`), nil, true, true, "cannot read"},
		"Cut":              {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil, true, true, "broke while sending"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := send(client(t, test.handler))
			if err == nil {
				t.Fatal("it succeeded")
			}
			if test.kind != nil && !errors.Is(err, test.kind) {
				t.Errorf("it is %v", err)
			}
			if _, again := errs.IsTemporary(err); again != test.again || delivery.IsUnclear(err) != test.unclear {
				t.Errorf("again: %v, unclear: %v", again, delivery.IsUnclear(err))
			}
			if !strings.Contains(errs.Message(err), test.words) {
				t.Errorf("it is told as %q", errs.Message(err))
			}
			if text := err.Error(); strings.Contains(text, token) || strings.Contains(text, "secret") {
				t.Errorf("the error holds a secret: %s", text)
			}
		})
	}
}

func TestWaitingTimesAreThoseThatTelegramAsksFor(t *testing.T) {
	_, err := send(client(t, refusal(429, "Too Many Requests: retry after 7")))
	if after, _ := errs.IsTemporary(err); after != 7*time.Second {
		t.Errorf("it waits %s", after)
	}
}

func TestNobodyThereIsARefusal(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	base := server.URL
	server.Close()
	_, err := send(clientOf(t, base))
	if _, again := errs.IsTemporary(err); !again || delivery.IsUnclear(err) {
		t.Errorf("it ended with %v, unclear: %v", err, delivery.IsUnclear(err))
	}
	if strings.Contains(err.Error(), token) {
		t.Errorf("the error holds the token: %v", err)
	}
}

func TestASentMessageOfANewKindIsSent(t *testing.T) {
	id, err := send(client(t, answers(200, `{"ok":true,"result":{"message_id":12,"date":1,"chat":{"id":5,"type":"private"},"forward_origin":{"type":"hologram"}}}`)))
	if err != nil || id != 12 {
		t.Errorf("it ended as message %d with %v", id, err)
	}
}

func TestWhatTheBridgeActsOn(t *testing.T) {
	ask := func(description string, code int) error {
		_, err := send(client(t, refusal(code, description)))
		return err
	}
	migrated := client(t, answers(400, `{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1001234567890}}`))
	_, err := send(migrated)
	for name, right := range map[string]bool{
		"Migrated":           botapi.MigratedTo(err) == -1001234567890,
		"NotModified":        botapi.IsNotModified(ask("Bad Request: message is not modified: specified new message content", 400)),
		"Gone":               botapi.IsGone(ask("Bad Request: message to delete not found", 400)),
		"LoggedOut":          botapi.IsUnauthorized(ask("Logged out", 400)),
		"Unauthorized":       botapi.IsUnauthorized(ask("Unauthorized", 401)),
		"AnOldServer":        !botapi.IsUnauthorized(ask("Not Found: method not found", 404)),
		"NotForbidden":       !botapi.IsUnauthorized(ask("Forbidden: bot was blocked by the user", 403)),
		"AnOutageHasNoTries": botapi.Tries(ask("Internal Server Error", 500)) == 0 && botapi.Tries(ask("Bad Gateway", 502)) == 0 && botapi.Tries(ask("Too Many Requests: retry after 1", 429)) == 0,
	} {
		if !right {
			t.Errorf("%s is not known as what it is", name)
		}
	}
	for status, tries := range map[int]int{200: 3, 404: 3, 504: 3, 502: 0, 503: 0} {
		_, err := send(client(t, answers(status, "<html></html>")))
		if _, again := errs.IsTemporary(err); !again || !delivery.IsUnclear(err) || botapi.Tries(err) != tries {
			t.Errorf("a page with %d gives %v, with %d tries", status, err, botapi.Tries(err))
		}
	}
}

func TestTokensOfAnotherShapeAreRefused(t *testing.T) {
	for _, wrong := range []string{"", "110201543", "110201543:short", "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/../x", "bot:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "110201543:AAH\x00qTcvCH1vGWJxfSeofSAs0K5PALDsaw"} {
		_, err := botapi.New(botapi.Config{Token: wrong, HTTP: http.DefaultClient, Clock: clock.System{}})
		if !errors.Is(err, errs.ErrInvalid) || errs.Message(err) == "" {
			t.Errorf("%q is answered by %v", wrong, err)
		}
	}
}

func TestFiles(t *testing.T) {
	paths := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/getFile") {
				answers(200, `{"ok":true,"result":{"file_id":"f","file_unique_id":"u","file_path":"photos/a b.jpg"}}`)(w, r)
				return
			} else if r.URL.Path != "/file/bot"+token+"/photos/a b.jpg" {
				http.NotFound(w, r)
				return
			}
			answers(status, body)(w, r)
		}
	}
	body, size, err := client(t, paths(200, "the picture")).OpenFile(context.Background(), "f")
	if err != nil || size != int64(len("the picture")) {
		t.Fatalf("a file of %d bytes and %v came", size, err)
	}
	data, err := io.ReadAll(body)
	_ = body.Close()
	if err != nil || string(data) != "the picture" {
		t.Errorf("it is %q, %v", data, err)
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		kind    error
		again   bool
	}{
		"Gone":     {paths(404, ""), errs.ErrNotFound, false},
		"Fault":    {paths(503, ""), nil, true},
		"TooBig":   {refusal(400, "Bad Request: file is too big"), errs.ErrTooLarge, false},
		"WrongID":  {refusal(400, "Bad Request: wrong file identifier specified"), errs.ErrNotFound, false},
		"NotReady": {refusal(400, "Bad Request: file is temporarily unavailable"), errs.ErrNotFound, true},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := client(t, test.handler).OpenFile(context.Background(), "f")
			if _, again := errs.IsTemporary(err); again != test.again || (test.kind != nil && !errors.Is(err, test.kind)) {
				t.Errorf("it ended with %v, again: %v", err, again)
			}
			if err == nil || strings.Contains(err.Error(), token) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestFilesOfALocalServerAreReadInPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "film.mp4")
	if err := os.WriteFile(path, []byte("a film"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(answers(200, fmt.Sprintf(`{"ok":true,"result":{"file_id":"f","file_unique_id":"u","file_path":%q}}`, path)))
	defer server.Close()
	transport := botapi.NewTransport(true)
	defer transport.CloseIdleConnections()
	local, err := botapi.New(botapi.Config{BaseURL: server.URL, Token: token, Local: true, HTTP: &http.Client{Transport: transport}, Clock: clock.System{}, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	body, size, err := local.OpenFile(context.Background(), "f")
	if err != nil || size != 6 {
		t.Fatalf("a file of %d bytes and %v came", size, err)
	}
	data, err := io.ReadAll(body)
	if closed := body.Close(); err != nil || closed != nil || string(data) != "a film" {
		t.Errorf("it is %q, %v, %v", data, err, closed)
	}
	if err = os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, _, err = local.OpenFile(context.Background(), "f"); err == nil || strings.Contains(err.Error(), path) {
		t.Errorf("a file that is not there ends with %v", err)
	}
}

func TestUpdatesComeAsTheyAre(t *testing.T) {
	list, err := client(t, answers(200, `{"ok":true,"result":[{"update_id":1,"message":{"x":1.50}},{"update_id":2}]}`)).
		Updates(context.Background(), 0, 0, []string{"message"})
	if err != nil || len(list) != 2 || string(list[0]) != `{"update_id":1,"message":{"x":1.50}}` {
		t.Errorf("%s, %v came", list, err)
	}
}

// TestTheTokenStaysWithTelegram has a server send the client elsewhere, in all the ways that it can.
func TestTheTokenStaysWithTelegram(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("somebody else was asked for %s, referrer %q", r.URL.Path, r.Referer())
	}))
	defer elsewhere.Close()
	path := "photos/1.jpg"
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/getFile") {
			_, _ = fmt.Fprintf(w, `{"ok":true,"result":{"file_id":"f","file_unique_id":"u","file_path":%q}}`, path)
			return
		}
		if strings.Contains(r.URL.EscapedPath(), "..") {
			t.Errorf("another method was called: %s", r.URL.Path)
		}
		http.Redirect(w, r, elsewhere.URL, http.StatusFound)
	})
	if _, _, err := c.OpenFile(context.Background(), "f"); err == nil {
		t.Error("a file that was sent elsewhere is no error")
	}
	if _, err := send(c); err == nil {
		t.Error("a message that was sent elsewhere is no error")
	}
	for _, path = range []string{"../../bot" + token + "/close", "photos/../../x", "//" + strings.TrimPrefix(elsewhere.URL, "http://") + "/x", elsewhere.URL + "/x", "@" + elsewhere.URL} {
		if _, _, err := c.OpenFile(context.Background(), "f"); err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
