package whatsapp

import (
	"context"

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
	if c.env.PublicURL == "" {
		findings = append(findings, network.Finding{About: "whatsapp: public_url is not set", Mend: "set public_url to the https address at which Meta reaches Puente"})
	}
	return findings
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
