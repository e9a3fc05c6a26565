package telegram

import (
	"context"
	"fmt"
	"time"

	"puente/bridges/telegram/botapi"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// checkLimit bounds how long Telegram may take to answer.
const checkLimit = 20 * time.Second

// Check implements network.Checker: whether each bot's token works, how its messages come in, and how the business
// accounts are.
func (c *Connector) Check(ctx context.Context) []network.Finding {
	var findings []network.Finding
	for _, login := range c.bridge.GetAllCachedUserLogins() {
		cl := login.Client.(*Client)
		if cl.isBusiness() {
			findings = append(findings, cl.checkBusiness())
		} else {
			findings = append(findings, cl.check(ctx)...)
		}
	}
	if len(findings) == 0 {
		findings = append(findings, network.Finding{About: "telegram: no bot is connected", Mend: "write `login telegram` to @puente"})
	}
	return findings
}

func (cl *Client) check(ctx context.Context) []network.Finding {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	about := fmt.Sprintf("telegram: token of bot %s", cl.login.ID)
	api := cl.own.Load()
	me, err := api.GetMe(ctx)
	if err != nil {
		return []network.Finding{{About: about, Mend: mendOf(err)}}
	}
	findings := []network.Finding{{OK: true, About: fmt.Sprintf("%s works (@%s)", about, me.Username)}, cl.checkUpdates(ctx, api)}
	privacy := network.Finding{OK: true, About: fmt.Sprintf("telegram: bot %s sees all messages of its groups", cl.login.ID)}
	if !me.CanReadAllGroupMessages {
		// Not every bot is in a group, so that it is no fault.
		privacy.About = fmt.Sprintf("telegram: bot %s sees only commands, mentions and replies to it in groups (privacy mode); for more, `/setprivacy` at @BotFather, then add it anew", cl.login.ID)
	}
	return append(findings, privacy)
}

// checkUpdates tells whether messages come in.
func (cl *Client) checkUpdates(ctx context.Context, api *botapi.Client) network.Finding {
	found := network.Finding{About: fmt.Sprintf("telegram: messages of bot %s", cl.login.ID)}
	info, err := api.GetWebhookInfo(ctx)
	if err != nil {
		found.Mend = mendOf(err)
		return found
	}
	wanted := ""
	if cl.connector.config.Mode == modeWebhook {
		wanted = cl.connector.webhookURL(api.ID())
	}
	switch {
	case info.URL != wanted && wanted == "":
		found.Mend = "a webhook is set for this bot, so that Puente gets no messages: start Puente, which takes it away; if it comes back, another program sets it, and Puente needs a bot of its own"
	case info.URL != wanted:
		found.Mend = "Telegram does not call Puente for this bot: start Puente, which sets the webhook; if it does not stay, another program changes it, and Puente needs a bot of its own"
	case info.LastErrorMessage != "" && cl.connector.clock.Now().Sub(timeOf(info.LastErrorDate)) < time.Hour:
		found.Mend = fmt.Sprintf("Telegram could not call Puente at %s (%s); does the proxy at public_url pass /telegram/webhook/ on to appservice.listen?", timeOf(info.LastErrorDate).Format(time.RFC3339), info.LastErrorMessage)
	default:
		found.OK = true
		found.About += fmt.Sprintf(" come in by %s, %d are waiting", cl.connector.config.Mode, info.PendingUpdateCount)
	}
	return found
}

func (cl *Client) checkBusiness() network.Finding {
	found := network.Finding{About: fmt.Sprintf("telegram: business account %s", cl.login.ID)}
	if found.Mend = cl.missingRight(); found.Mend == "" {
		found.OK = true
		found.About += " is connected and may be answered for"
	}
	return found
}

func mendOf(err error) string {
	return either(errs.Message(err), "Telegram does not answer: "+err.Error())
}
