package load

import (
	"encoding/base64"
	"path/filepath"
	"regexp"
	"time"

	"puente/bridges/bridgekit/phone"
	shop "puente/bridges/webhook/emulator"
	"puente/bridges/whatsapp/emulator"
	"puente/core/testkit/provision"
)

// The business on the emulated networks: two numbers on WhatsApp, and its own shop.
const (
	salesNumber   = "106540352242922"
	counterNumber = "106540352242933"
	wabaID        = "102290129340398"
	accessToken   = "EAAloadToken0123456789"
	appSecret     = "load-app-secret"
	verifyToken   = "load-verify"
)

// providers are the networks. WhatsApp keeps all in memory: thousands of phones would be written to disk at each message. The
// shop counts what it tells, so one that is to go on with a kept company must know how far it was.
type providers struct {
	whatsapp *emulator.Emulator
	graphURL string
	shop     *shop.Emulator
}

func shopSecret() string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte("load-shop-secret-0123456789"))
}

func startProviders(o *office) *providers {
	o.Helper()
	puente := place.Identity("").Address
	p := &providers{
		whatsapp: emulator.New(emulator.Options{
			AppSecret: appSecret, VerifyToken: verifyToken, AccessToken: accessToken, WABAID: wabaID,
			Numbers: []emulator.Number{
				{PhoneNumberID: salesNumber, DisplayPhoneNumber: "+1 555-078-3881", VerifiedName: "Corner Shop"},
				{PhoneNumberID: counterNumber, DisplayPhoneNumber: "+1 555-078-3882", VerifiedName: "Corner Shop's counter"},
			},
			CallbackURL: puente + "/whatsapp/webhook", RetryMin: 50 * time.Millisecond, RetryMax: time.Second,
		}),
		shop: shop.New(shop.Options{System: "shop", Name: "Shop chat", PuenteURL: puente, Secret: shopSecret(), DataDir: o.lasting("shop")}),
	}
	var err error
	p.graphURL, err = p.whatsapp.Start(o.ctx, "127.0.0.1:0")
	o.must(err)
	o.Cleanup(p.whatsapp.Stop)
	_, err = p.shop.Start(o.ctx, "127.0.0.1:0")
	o.must(err)
	o.Cleanup(p.shop.Stop)
	return p
}

// settings are what Puente's config says of the networks.
func (p *providers) settings(dir string) map[string]string {
	return map[string]string{
		"networks.whatsapp.graph_url": p.graphURL, "networks.whatsapp.app_secret": appSecret,
		"networks.whatsapp.verify_token": verifyToken, "networks.whatsapp.throughput": "1000",
		"networks.webhook.allow_private_addresses": "127.0.0.0/8", "networks.webhook.upload_dir": filepath.Join(dir, "uploads"),
	}
}

func (p *providers) phones(network string) phone.Network {
	if network == "webhook" {
		return p.shop.Phones()
	}
	return p.whatsapp.Phones()
}

// shownToken is where the login shows the shop's token, which it shows only then.
var shownToken = regexp.MustCompile("API token: `([^`]+)`")

// connect logs the business's accounts in, as an operator's own tool does.
func (p *providers) connect(o *office) {
	o.Helper()
	for _, number := range []string{salesNumber, counterNumber} {
		logIn(o, "whatsapp", "token", map[string]string{"phone_number_id": number, "waba_id": wabaID, "access_token": accessToken})
	}
	said := logIn(o, "webhook", "system", map[string]string{
		"system": "shop", "display_name": "Shop chat", "callback_url": p.shop.CallbackURL(), "signing_secret": shopSecret(),
	})
	found := shownToken.FindStringSubmatch(said)
	if found == nil {
		o.Fatal("the login shows no token for the shop")
	}
	p.shop.SetCredentials(found[1], shopSecret())
}

// logIn goes through a login and returns what it says at its end.
func logIn(o *office, network, flow string, fields map[string]string) string {
	o.Helper()
	said, err := provision.Client{Puente: o.app.Hub.URL(), Network: network, Secret: provisioningSecret}.LogIn(o.ctx, flow, fields)
	o.must(err)
	return said
}
