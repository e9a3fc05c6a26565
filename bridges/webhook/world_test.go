package webhook

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
	"puente/core/hub/network"
)

func asEventID(text string) id.EventID { return id.EventID(text) }

const testSecret = "whsec_c2VjcmV0LW9mLXRoZS10ZXN0cy0yNC1ieXRlcw=="

// intake is a journal that remembers what it took.
type intake struct {
	mu      sync.Mutex
	entries []network.Entry
	broken  bool
}

func (i *intake) Take(_ context.Context, entries ...network.Entry) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.broken {
		return errors.New("the disk is full")
	}
	i.entries = append(i.entries, entries...)
	return nil
}

func (i *intake) taken() []network.Entry {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.entries
}

// world is a bridge with the systems "shop" and "desk" connected, without a hub around it.
type world struct {
	*testing.T
	connector *Connector
	shop      *Client
	intake    *intake
	clock     *clock.Manual
	token     string
	deskToken string
	handler   http.Handler
}

func goodConfig(t testing.TB) Config {
	return Config{
		MaxUploadBytes: 1 << 10, UploadDir: t.TempDir(), EventsPerSecond: 10, CallbackTimeout: 5 * time.Second, AllowPrivateAddresses: []string{"127.0.0.0/8"},
	}
}

func newWorld(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	config := goodConfig(t)
	for _, one := range change {
		one(&config)
	}
	w := &world{T: t, intake: &intake{}, clock: clock.NewManual(time.Now()), token: newToken(), deskToken: newToken()}
	made, err := newConnector(network.Env{
		Config: func(into any) error { *into.(*Config) = config; return nil }, Intake: w.intake, Clock: w.clock, Log: zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.connector = made.(*Connector)
	t.Cleanup(w.connector.Stop)
	for system, token := range map[string]string{"shop": w.token, "desk": w.deskToken} {
		meta := LoginMeta{DisplayName: "The " + system, CallbackURL: "https://shop.example", Secret: testSecret, TokenHash: hashToken(token)}
		login := &bridgev2.UserLogin{UserLogin: &database.UserLogin{ID: networkid.UserLoginID(system), Metadata: &meta}}
		if err = w.connector.LoadUserLogin(context.Background(), login); err != nil {
			t.Fatal(err)
		}
	}
	w.shop, err = w.connector.client(context.Background(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	w.shop.state = "CONNECTED" // nothing is to be told: there is nobody to hear it
	w.handler = w.connector.Webhooks()
	return w
}

func testClient(t testing.TB, config Config) *Client {
	t.Helper()
	return newClientOf(&Connector{config: config}, &bridgev2.UserLogin{UserLogin: &database.UserLogin{ID: "shop"}}, LoginMeta{DisplayName: "The shop", Secret: testSecret})
}

// does asks the API.
func (w *world) does(method, path, token, contentType, body string) *httptest.ResponseRecorder {
	w.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Content-Type", contentType)
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, req)
	return answer
}

// posts posts events as the shop.
func (w *world) posts(body string) *httptest.ResponseRecorder {
	w.Helper()
	return w.does(http.MethodPost, "/v1/systems/shop/events", w.token, "application/json", body)
}

// uploads uploads a file as the shop and returns its ID.
func (w *world) uploads(body string) string {
	w.Helper()
	answer := w.does(http.MethodPost, "/v1/systems/shop/uploads?name=a.txt", w.token, "text/plain", body)
	if answer.Code != http.StatusCreated {
		w.Fatalf("the upload is answered by %d %s", answer.Code, answer.Body)
	}
	_, rest, _ := strings.Cut(answer.Body.String(), `"upload_id":"`)
	uploadID, _, _ := strings.Cut(rest, `"`)
	return uploadID
}
