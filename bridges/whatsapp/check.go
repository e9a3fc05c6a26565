package whatsapp

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// Check implements network.Checker: whether Meta takes each number's token, and whether Meta can reach us.
func (c *Connector) Check(ctx context.Context) []network.Finding {
	var findings []network.Finding
	for _, login := range c.bridge.GetAllCachedUserLogins() {
		findings = append(findings, login.Client.(*Client).check(ctx)...)
	}
	if len(findings) == 0 {
		findings = append(findings, network.Finding{About: "whatsapp: no number is connected", Mend: "write `login whatsapp` to @puente"})
	}
	return append(findings, c.checkWebhook(ctx))
}

// reachTimeout is how long the way around the world may take.
const reachTimeout = 10 * time.Second

// checkWebhook verifies the callback URL as Meta does, from here: what answers there must be this Puente. Meta calls by
// https alone and takes no self-signed certificate (ref: reference/whatsapp-cloud.md §2); an emulator is not so strict.
func (c *Connector) checkWebhook(ctx context.Context) network.Finding {
	if c.env.PublicURL == "" {
		return network.Finding{About: "whatsapp: public_url is not set", Mend: "set public_url to the https address at which Meta reaches Puente"}
	}
	address := c.env.PublicURL + "/whatsapp/webhook"
	found := network.Finding{About: "whatsapp: webhook at " + address}
	if c.config.GraphURL == graph.DefaultBaseURL && !strings.HasPrefix(address, "https://") {
		found.Mend = "Meta calls by https only: put a reverse proxy with a certificate in front of Puente, and its address into public_url"
		return found
	}
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	found.Mend = c.reachWebhook(ctx, address)
	found.OK = found.Mend == ""
	return found
}

// reachWebhook returns what to mend; nothing if the webhook answers as it should.
func (c *Connector) reachWebhook(ctx context.Context, address string) string {
	challenge := rand.Text()
	query := url.Values{"hub.mode": {"subscribe"}, "hub.challenge": {challenge}, "hub.verify_token": {c.config.VerifyToken}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"?"+query.Encode(), nil)
	if err != nil {
		return "public_url is no web address: correct it"
	}
	client := http.Client{Transport: c.http.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return unreachable(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	switch {
	case err != nil:
		return unreachable(err)
	case resp.StatusCode == http.StatusOK && string(body) == challenge:
		return ""
	case resp.StatusCode >= 500:
		return fmt.Sprintf("the proxy at public_url answers %d, so it does not reach Puente: is Puente running, and does the proxy pass /whatsapp/webhook on to appservice.listen?", resp.StatusCode)
	case resp.StatusCode == http.StatusForbidden:
		return "what answers there has another networks.whatsapp.verify_token (403): is another Puente running there, or one that was not restarted since the config was changed?"
	}
	return fmt.Sprintf("something else than Puente answers there (%d): have the proxy at public_url pass /whatsapp/webhook on to appservice.listen, with the path and the query unchanged", resp.StatusCode)
}

// unreachable says why nobody answered. The URL that net/http puts into its errors holds the verify token.
func unreachable(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var certificate *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	var alert tls.AlertError
	var timeout net.Error
	switch {
	case errors.As(err, &certificate):
		return fmt.Sprintf("the certificate at public_url is not to be trusted, and Meta refuses it too: get one from a public authority, such as Let's Encrypt, for this very name (%v)", certificate.Err)
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &noTLS), errors.As(err, &alert):
		return fmt.Sprintf("TLS does not work at public_url: is it the port of the proxy that speaks https? (%v)", err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("public_url does not answer within %s: open its port in the firewall and compare its DNS entry with this machine's address", reachTimeout)
	}
	return fmt.Sprintf("public_url cannot be reached from here: is the proxy running, and is the name's DNS entry right? If only this machine cannot call it, Meta still may (%v)", err)
}

func (cl *Client) check(ctx context.Context) []network.Finding {
	about := "whatsapp: token of number " + cl.phoneNumberID
	number, err := cl.graph.PhoneNumber(ctx, cl.phoneNumberID)
	if err != nil {
		return []network.Finding{{About: about, Mend: either(errs.Message(err), "Meta does not answer: "+err.Error())}}
	}
	findings := []network.Finding{{OK: true, About: about + " works, quality " + either(string(number.QualityRating), "unknown")}}
	apps, err := cl.graph.SubscribedApps(ctx, cl.meta().WABAID)
	switch {
	case err != nil:
		findings = append(findings, network.Finding{About: "whatsapp: webhooks of account " + cl.meta().WABAID, Mend: either(errs.Message(err), "Meta does not answer: "+err.Error())})
	case len(apps) == 0:
		findings = append(findings, network.Finding{About: "whatsapp: webhooks of account " + cl.meta().WABAID, Mend: "no app is subscribed; log the number in again"})
	default:
		findings = append(findings, network.Finding{OK: true, About: "whatsapp: webhooks of account " + cl.meta().WABAID + " are subscribed"})
	}
	return findings
}
