// Package secure tries what an attacker would: each way into a whole Puente, with all its bridges, a real Synapse, and
// the emulated providers.
package secure

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"puente/bridges/signal"
	signalemulator "puente/bridges/signal/emulator"
	"puente/bridges/telegram"
	telegramemulator "puente/bridges/telegram/emulator"
	"puente/bridges/webhook"
	webhookemulator "puente/bridges/webhook/emulator"
	"puente/bridges/whatsapp"
	whatsappemulator "puente/bridges/whatsapp/emulator"
	"puente/core/app"
	"puente/core/base/config"
	"puente/core/base/store"
	"puente/core/hub"
	"puente/core/hub/network"
	"puente/core/testkit/db"
	"puente/core/testkit/person"
	"puente/core/testkit/ports"
	"puente/core/testkit/synapse"
	"puente/core/testkit/synapse/synapsetest"
)

// Every secret that there is, each in a form that a search finds. None is part of another.
const (
	asToken          = "canary-as-token-5RZ2QJ"
	hsToken          = "canary-hs-token-8KXW4D"
	provisioning     = "canary-provisioning-3MVT7Y"
	metricsToken     = "canary-metrics-token-6DRE2U"
	pickleKey        = "canary-pickle-key-6PLH9N"
	appSecret        = "canary-app-secret-2CFG5B"
	verifyToken      = "canary-verify-token-7WQS1E"
	accessToken      = "EAAcanaryAccessToken4UJ6R"
	botSecret        = "AAHcanaryBotToken9TDK3MXZQ7VN2YBWLF5"
	botToken         = "7310201543:" + botSecret
	telegramSecret   = "canary_telegram_secret_1YNB8H"
	databasePassword = "canary-database-password-4GZK"
	password         = "canary-matrix-password-9AUC"
)

// webhookSecret signs what Puente tells the shop.
var webhookSecret = "whsec_" + base64.StdEncoding.EncodeToString([]byte("canary-signing-secret-of-the-shop"))

const (
	domain        = "localhost"
	phoneNumberID = "106540352242922"
	wabaID        = "102290129340398"
	botID         = 7_310_201_543
	signalNumber  = "+4930123456"
	// patience bounds how long a test waits for a fact before it says that the fact never came.
	patience = time.Minute
)

// listen is where Puente listens: Synapse knows one address only, so tests take turns.
var listen = ports.Address()

var turn sync.Mutex

var homeserver = &synapsetest.Shared{Options: func(dir string) (synapse.Options, error) {
	path := filepath.Join(dir, "puente.yaml")
	identity := hub.Identity{
		Names: hub.Names{Domain: domain, Bot: "puente", Prefix: "puente_"},
		ID:    "puente", Address: "http://" + listen, ASToken: asToken, HSToken: hsToken,
	}
	if err := identity.Registration().Save(path); err != nil {
		return synapse.Options{}, fmt.Errorf("write the registration: %w", err)
	}
	return synapse.Options{Dir: filepath.Join(dir, "synapse"), ServerName: domain, Registrations: []string{path}, AutoAcceptInvites: true}, nil
}}

func TestMain(m *testing.M) { os.Exit(homeserver.Main(m)) }

// book keeps what is logged.
type book struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (b *book) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

func (b *book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// world is one company with all channels.
type world struct {
	tb     testing.TB
	ctx    context.Context
	dir    string
	server *synapse.Server
	book   *book

	whatsapp *whatsappemulator.Emulator
	telegram *telegramemulator.Emulator
	signal   *signalemulator.Emulator
	shop     *webhookemulator.Emulator

	cfg       *config.Config
	puente    *app.App
	alice     *person.Person // agent and operator
	shopToken string
}

func networks() []network.Network {
	return []network.Network{whatsapp.Network(), telegram.Network(), signal.Network(), webhook.Network()}
}

func (w *world) must(err error) {
	w.tb.Helper()
	if err != nil {
		w.tb.Fatal(err)
	}
}

// newWorld starts everything and connects an account of each network.
func newWorld(tb testing.TB) *world {
	tb.Helper()
	turn.Lock()
	tb.Cleanup(turn.Unlock)
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	tb.Cleanup(cancel)
	database := db.Chosen(tb).Config // first, so that it goes when Puente has stopped
	w := &world{tb: tb, ctx: ctx, dir: tb.TempDir(), server: homeserver.Server(tb), book: &book{}}
	name := fmt.Sprintf("alice%d", time.Now().UnixNano()%1_000_000_000)
	w.must(w.server.RegisterUser(ctx, name, password, "Alice Example", false))
	var err error
	w.alice, err = person.LogIn(ctx, w.server, name, password)
	w.must(err)
	w.alice.Follow(context.Background())
	tb.Cleanup(w.alice.Stop)
	values := w.startProviders()
	w.writeConfig(values, database)
	log := zerolog.New(w.book).Level(zerolog.TraceLevel)
	w.puente, err = app.New(ctx, w.cfg, app.Options{Networks: networks(), Log: &log})
	w.must(err)
	tb.Cleanup(w.puente.Close)
	w.must(w.puente.Start(ctx))
	tb.Cleanup(w.puente.Stop)
	w.connect()
	return w
}

// startProviders starts the emulators and returns what the config says of them.
func (w *world) startProviders() map[string]string {
	w.tb.Helper()
	puenteURL := "http://" + listen
	w.whatsapp = whatsappemulator.New(whatsappemulator.Options{
		AppSecret: appSecret, VerifyToken: verifyToken, AccessToken: accessToken, WABAID: wabaID,
		Numbers:     []whatsappemulator.Number{{PhoneNumberID: phoneNumberID, DisplayPhoneNumber: "+1 555-078-3881", VerifiedName: "Corner Shop"}},
		CallbackURL: puenteURL + "/whatsapp/webhook", RetryMin: 50 * time.Millisecond, RetryMax: time.Second,
	})
	graphURL, err := w.whatsapp.Start(w.ctx, "127.0.0.1:0")
	w.must(err)
	w.tb.Cleanup(w.whatsapp.Stop)
	w.telegram = telegramemulator.New(telegramemulator.Options{
		Bots:       []telegramemulator.Bot{{Token: botToken, Username: "corner_shop_bot", Name: "Corner Shop", ReadsAllGroupMessages: true}},
		AnyWebhook: true, RetryMin: 50 * time.Millisecond, RetryMax: time.Second,
	})
	apiURL, err := w.telegram.Start(w.ctx, "127.0.0.1:0")
	w.must(err)
	w.tb.Cleanup(w.telegram.Stop)
	w.signal = signalemulator.New(signalemulator.Options{Accounts: []signalemulator.Account{{Number: signalNumber, Name: "Corner Shop", Phone: true}}})
	daemon, err := w.signal.Start(w.ctx, "tcp:127.0.0.1:0")
	w.must(err)
	w.tb.Cleanup(w.signal.Stop)
	w.shop = webhookemulator.New(webhookemulator.Options{System: "shop", Name: "Shop chat", PuenteURL: puenteURL, Secret: webhookSecret,
		RetryMin: 50 * time.Millisecond, RetryMax: time.Second})
	_, err = w.shop.Start(w.ctx, "127.0.0.1:0")
	w.must(err)
	w.tb.Cleanup(w.shop.Stop)
	return map[string]string{
		"networks.whatsapp.graph_url": graphURL, "networks.whatsapp.app_secret": appSecret, "networks.whatsapp.verify_token": verifyToken,
		"networks.telegram.api_url": apiURL, "networks.telegram.mode": "webhook", "networks.telegram.webhook_secret": telegramSecret,
		"networks.signal.daemon":                   daemon,
		"networks.webhook.allow_private_addresses": "127.0.0.0/8", "networks.webhook.upload_dir": filepath.Join(w.dir, "uploads"),
		"networks.webhook.max_upload_bytes": "4096", "networks.webhook.events_per_second": "10000",
	}
}

// writeConfig writes the example config with the world's values and reads it as Puente does.
func (w *world) writeConfig(values map[string]string, database store.Config) {
	w.tb.Helper()
	var schemas []config.NetworkSchema
	for _, n := range networks() {
		schemas = append(schemas, config.NetworkSchema{ID: n.ID, Example: n.ExampleConfig})
	}
	for key, value := range map[string]string{
		"homeserver.address": w.server.URL(), "homeserver.domain": domain, "appservice.listen": listen, "appservice.address": "http://" + listen,
		"appservice.as_token": asToken, "appservice.hs_token": hsToken, "public_url": "http://" + listen,
		"database.type": database.Type, "database.uri": database.URI, "agents.users": w.alice.UserID.String(), "agents.operators": w.alice.UserID.String(),
		"provisioning.shared_secret": provisioning, "metrics.token": metricsToken, "encryption.pickle_key": pickleKey,
	} {
		values[key] = value
	}
	text, err := config.Fill(config.Example(schemas), values)
	w.must(err)
	path := filepath.Join(w.dir, "config.yaml")
	w.must(os.WriteFile(path, []byte(text), 0o600))
	w.cfg, err = config.Load(path, nil, schemas)
	w.must(err)
}

// connect logs an account of each network in.
func (w *world) connect() {
	w.tb.Helper()
	w.logIn("whatsapp", "token", map[string]string{"phone_number_id": phoneNumberID, "waba_id": wabaID, "access_token": accessToken})
	w.logIn("telegram", "token", map[string]string{"token": botToken})
	w.logIn("signal", "existing", map[string]string{"number": signalNumber})
	said := w.logIn("webhook", "system", map[string]string{
		"system": "shop", "display_name": "Shop chat", "callback_url": w.shop.CallbackURL(), "signing_secret": webhookSecret,
	})
	found := regexp.MustCompile("API token: `([^`]+)`").FindStringSubmatch(said)
	if found == nil {
		w.tb.Fatalf("the login of the shop shows no token: %s", said)
	}
	w.shopToken = found[1]
	w.shop.SetCredentials(w.shopToken, webhookSecret)
}

// logIn goes through a login flow by the provisioning API, and returns what it says at its end.
func (w *world) logIn(networkID, flow string, fields map[string]string) string {
	w.tb.Helper()
	base := "/" + networkID + "/_matrix/provision/v3/login/"
	var step struct {
		LoginID      string `json:"login_id"`
		Type         string `json:"type"`
		StepID       string `json:"step_id"`
		Instructions string `json:"instructions"`
	}
	for _, path := range []string{"start/" + flow, ""} {
		body, err := json.Marshal(fields)
		w.must(err)
		if path == "" {
			path = "step/" + step.LoginID + "/" + step.StepID + "/" + step.Type
		}
		status, answer := w.call(request{method: http.MethodPost, path: base + path, body: body, header: bearer(provisioning)})
		if status != http.StatusOK {
			w.tb.Fatalf("log in to %s: %d %s", networkID, status, answer)
		}
		w.must(json.Unmarshal([]byte(answer), &step))
	}
	if step.Type != "complete" {
		w.tb.Fatalf("log in to %s: another step, %s", networkID, step.Type)
	}
	return step.Instructions
}

// request is one call to Puente's listener. path goes over the wire as it stands here.
type request struct {
	method string
	path   string
	body   []byte
	header map[string]string
	from   string // as the proxy tells it; empty: directly
}

func bearer(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token}
}

// caller neither follows redirects nor tidies paths.
var caller = &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error {
	return http.ErrUseLastResponse
}}

func (w *world) call(r request) (status int, answer string) {
	w.tb.Helper()
	resp := w.ask(r)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	w.must(err)
	return resp.StatusCode, string(text)
}

func (w *world) ask(r request) *http.Response {
	w.tb.Helper()
	req, err := http.NewRequestWithContext(w.ctx, r.method, "http://"+listen+"/", bytes.NewReader(r.body))
	w.must(err)
	req.URL.Opaque = "//" + listen + r.path
	req.URL.RawQuery = ""
	if path, query, ok := strings.Cut(r.path, "?"); ok {
		req.URL.Opaque, req.URL.RawQuery = "//"+listen+path, query
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	if r.from != "" {
		req.Header.Set("X-Forwarded-For", r.from)
	}
	resp, err := caller.Do(req)
	w.must(err)
	return resp
}

// sees waits until alice's client has an event of which fact holds.
func (w *world) sees(what string, fact person.Fact) *event.Event {
	w.tb.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	seen, err := w.alice.Sees(ctx, 0, what, fact)
	w.must(err)
	return seen.Event
}

// message waits for a message whose text holds the words.
func (w *world) message(words string) *event.Event {
	w.tb.Helper()
	return w.sees(fmt.Sprintf("a message with %q", words), person.Message(func(_ *event.Event, msg *event.MessageEventContent) bool {
		return strings.Contains(msg.Body, words)
	}))
}

// marker stands in what must not be taken in.
const marker = "marker-of-the-tests"

// entries counts what the journal holds of the providers, and of the homeserver what has the marker in its ID: that one
// has other things to say at any time.
func (w *world) entries() (count int) {
	w.tb.Helper()
	w.must(w.puente.DB.QueryRow(w.ctx, "SELECT COUNT(*) FROM pu_journal WHERE source NOT IN ('matrix', 'operators') OR key LIKE '%"+marker+"%'").Scan(&count))
	return count
}

func (w *world) say(room id.RoomID, text string) id.EventID {
	w.tb.Helper()
	sent, err := w.alice.Say(w.ctx, room, text)
	w.must(err)
	return sent
}
