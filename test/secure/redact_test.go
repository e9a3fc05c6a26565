package secure

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"puente/bridges/bridgekit/phone"
	"puente/bridges/whatsapp/graph"
	"puente/core/app"
	"puente/core/base/store"
)

// urlSecret stands in addresses that others give us.
const urlSecret = "canary-in-an-address-6TQX"

// secrets are all that nobody may be told, by their names.
func (w *world) secrets() map[string]string {
	list := map[string]string{
		"as_token": asToken, "hs_token": hsToken, "provisioning.shared_secret": provisioning, "metrics.token": metricsToken, "pickle_key": pickleKey, "app_secret": appSecret,
		"verify_token": verifyToken, "WhatsApp's access token": accessToken, "Telegram's token": botSecret, "webhook_secret": telegramSecret,
		"the database's password": databasePassword, "a Matrix password": password, "the signing secret": strings.TrimPrefix(webhookSecret, "whsec_"),
		"the shop's token": w.shopToken, "a secret in an address": urlSecret, "a Matrix token": w.alice.AccessToken,
	}
	for name, secret := range list {
		if escaped := url.QueryEscape(secret); escaped != secret {
			list[name+", escaped"] = escaped
		}
	}
	return list
}

// wants fails the test if a text holds a secret.
func (w *world) keepsSecrets(where, text string) {
	w.tb.Helper()
	for name, secret := range w.secrets() {
		at := strings.Index(text, secret)
		if at < 0 {
			continue
		}
		begin, end := strings.LastIndexByte(text[:at], '\n')+1, len(text)
		if n := strings.IndexByte(text[at:], '\n'); n >= 0 {
			end = at + n
		}
		w.tb.Errorf("%s holds %s: %s", where, name, text[begin:end])
	}
}

// TestSecretsAreKeptWhenThingsFail has as much fail as can, and reads all that Puente says about it.
func TestSecretsAreKeptWhenThingsFail(t *testing.T) {
	w := newWorld(t)
	var enemies []*customer
	for _, phones := range w.allPhones() {
		enemies = append(enemies, w.enemy(phones, "Ana"))
	}
	w.failToComeIn()
	w.failToLogIn()
	w.failToFetch(enemies)
	w.whatsapp.Stop()
	w.telegram.Stop()
	w.signal.Stop()
	w.shop.Stop()
	for _, c := range enemies {
		w.say(c.room, "nobody is there to take this")
	}
	w.waitFor("four attempts to send", func() bool {
		var tried int
		w.must(w.puente.DB.QueryRow(w.ctx, "SELECT COUNT(*) FROM pu_journal WHERE source='matrix' AND state='waiting' AND attempts>0").Scan(&tried))
		return tried >= 4
	})
	checked, err := json.Marshal(app.Check(w.ctx, w.cfg, networks()))
	w.must(err)
	w.keepsSecrets("puente check", string(checked))
	w.keepsSecrets("the journal", w.reasons())
	w.keepsSecrets("a room", w.rooms())
	w.puente.Stop()
	log := w.book.String()
	for _, want := range []string{"connection refused", "wrong signature", "wrong secret", "wrong token", "Graph API answered"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not say %q: too little failed to prove anything", want)
		}
	}
	w.keepsSecrets("the log", log)
	w.keepsSecrets("a database that is not there", w.failToOpen())
}

// failToComeIn calls with secrets that are wrong, and with the right ones in the wrong places.
func (w *world) failToComeIn() {
	w.tb.Helper()
	for _, p := range paths(w) {
		if p.right == nil {
			continue
		}
		w.call(p.request(p.body, p.wrong))
		r := p.request([]byte("{"), p.right) // broken
		r.header = map[string]string{"Authorization": "Bearer " + asToken}
		w.call(r)
		for _, secret := range w.secrets() {
			r = p.request(p.body, nil)
			r.path += "?access_token=" + url.QueryEscape(secret)
			w.call(r)
		}
	}
}

// failToLogIn uses credentials that the providers refuse.
func (w *world) failToLogIn() {
	w.tb.Helper()
	for networkID, login := range map[string]struct {
		flow   string
		fields map[string]string
	}{
		"whatsapp": {"token", map[string]string{"phone_number_id": "1", "waba_id": wabaID, "access_token": "EAA" + urlSecret}},
		"telegram": {"token", map[string]string{"token": "7310201543:AAH" + strings.ReplaceAll(urlSecret, "-", "_") + "0123456789"}},
		"webhook":  {"system", map[string]string{"system": "Not A Name", "display_name": "x", "callback_url": "http://u:" + urlSecret + "@x/", "signing_secret": urlSecret}},
	} {
		base := "/" + networkID + "/_matrix/provision/v3/login/"
		_, started := w.call(request{method: "POST", path: base + "start/" + login.flow, body: []byte("{}"), header: bearer(provisioning)})
		var step struct {
			LoginID string `json:"login_id"`
			Type    string `json:"type"`
			StepID  string `json:"step_id"`
		}
		w.must(json.Unmarshal([]byte(started), &step))
		body, err := json.Marshal(login.fields)
		w.must(err)
		status, text := w.call(request{method: "POST", path: base + "step/" + step.LoginID + "/" + step.StepID + "/" + step.Type, body: body, header: bearer(provisioning)})
		if status < 400 {
			w.tb.Errorf("%s takes it: %s", networkID, text)
		}
		w.keepsSecrets("the answer to a login of "+networkID, text)
	}
}

// failToFetch has files come in that cannot be fetched.
func (w *world) failToFetch(enemies []*customer) {
	w.tb.Helper()
	ana := enemies[0]
	picture := fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":%q,"changes":[{"field":"messages","value":{"messaging_product":"whatsapp",
		"metadata":{"phone_number_id":%q},"contacts":[{"wa_id":%q,"profile":{"name":"Ana"}}],"messages":[{"from":%q,"id":"wamid.lost","timestamp":"%d",
		"type":"image","image":{"id":"404","mime_type":"image/jpeg","sha256":"x","url":"https://127.0.0.1:1/%s"}}]}}]}]}`,
		wabaID, phoneNumberID, strings.Trim(ana.Address, "+ "), strings.Trim(ana.Address, "+ "), time.Now().Unix(), urlSecret)
	status, text := w.call(request{method: "POST", path: "/whatsapp/webhook", body: []byte(picture),
		header: map[string]string{graph.SignatureHeader: graph.Sign(appSecret, []byte(picture))}})
	if status != http.StatusOK {
		w.tb.Errorf("%d %s", status, text)
	}
	document := fmt.Sprintf(`{"update_id":4711,"message":{"message_id":4711,"date":%d,"chat":{"id":%s,"type":"private","first_name":"Ana"},
		"from":{"id":%[2]s,"is_bot":false,"first_name":"Ana"},"document":{"file_id":"lost","file_unique_id":"lost","file_name":"x.pdf"}}}`, time.Now().Unix(), enemies[1].Customer.ID)
	if status, text = w.call(request{method: "POST", path: fmt.Sprintf("/telegram/webhook/%d", botID), body: []byte(document),
		header: map[string]string{"X-Telegram-Bot-Api-Secret-Token": telegramSecret}}); status != http.StatusOK {
		w.tb.Errorf("%d %s", status, text)
	}
	header := bearer(w.shopToken)
	header["Content-Type"] = "application/json"
	file := fmt.Sprintf(`{"id":"evt-lost","type":"message.created","conversation":{"id":"lost"},"from":{"id":"x","name":"X","avatar_url":"http://127.0.0.1:1/a?%s"},
		"message":{"id":"m-lost","media":[{"kind":"file","url":"http://127.0.0.1:1/?token=%[1]s","name":"x.pdf"}]}}`, urlSecret)
	if status, text = w.call(request{method: "POST", path: "/webhook/v1/systems/shop/events", body: []byte(file), header: header}); status != http.StatusAccepted {
		w.tb.Errorf("%d %s", status, text)
	}
	for _, c := range enemies {
		c.does(phone.Gesture{Kind: phone.Odd})
	}
	w.waitFor("a file that cannot be fetched", func() bool { return strings.Contains(w.book.String(), "connection refused") })
}

// waitFor asks again and again until something is so.
func (w *world) waitFor(what string, is func() bool) {
	w.tb.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.tb.Fatalf("there was never %s", what)
		}
	}
}

// reasons are what the journal says of what failed; `puente journal list` shows them.
func (w *world) reasons() string {
	w.tb.Helper()
	rows, err := w.puente.DB.Query(w.ctx, "SELECT key, lane, kind, reason FROM pu_journal")
	w.must(err)
	defer func() { _ = rows.Close() }()
	var text strings.Builder
	for rows.Next() {
		var key, lane, kind, reason string
		w.must(rows.Scan(&key, &lane, &kind, &reason))
		text.WriteString(key + " " + lane + " " + kind + " " + reason + "\n")
	}
	w.must(rows.Err())
	return text.String()
}

// rooms are all that alice has seen.
func (w *world) rooms() string {
	var text strings.Builder
	for _, one := range w.alice.Since(0) {
		text.Write(one.Event.Content.VeryRaw)
		text.WriteByte('\n')
	}
	return text.String()
}

// failToOpen starts Puente on a database that is not there, and returns all that it says.
func (w *world) failToOpen() string {
	w.tb.Helper()
	var text bytes.Buffer
	log := zerolog.New(&text).Level(zerolog.TraceLevel)
	for _, uri := range []string{
		"postgres://puente:" + databasePassword + "@127.0.0.1:1/puente?sslmode=disable",
		"postgres://puente:" + databasePassword + "%zz@127.0.0.1:1/puente", "host=127.0.0.1 port=1 user=puente password='" + databasePassword + "'",
		"postgres://puente:" + databasePassword + "@[::1/puente",
	} {
		cfg := *w.cfg
		cfg.Database.Type, cfg.Database.URI = "postgres", uri
		puente, err := app.New(w.ctx, &cfg, app.Options{Networks: networks(), Log: &log})
		if err == nil {
			puente.Close()
			w.tb.Fatal("a database that is not there is opened")
		}
		fmt.Fprintln(&text, err)
		for _, found := range app.Check(w.ctx, &cfg, nil) {
			fmt.Fprintln(&text, found.About, found.Mend)
		}
	}
	cfg := *w.cfg
	cfg.Database.Type, cfg.Database.URI = store.SQLite, filepath.Join(w.dir, "no-such-folder", "puente.db")
	_, err := app.New(w.ctx, &cfg, app.Options{Log: &log})
	fmt.Fprintln(&text, err)
	return text.String()
}
