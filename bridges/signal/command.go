package signal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"

	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// Commands implements network.Commander.
func (c *Connector) Commands() []network.Command {
	return []network.Command{
		{
			Name: "trust", Args: "<safety number> or all", InRoom: true, Run: c.runTrust,
			Help: "trust a customer's new safety number, and send again what was refused because of it",
		},
		{
			Name: "captcha", Args: "<token> <signalcaptcha://…>", Run: c.runCaptcha,
			Help: "prove to Signal that a person sends, when it asks for that",
		},
	}
}

// untrusted are the messages that were refused because of a new safety number, until somebody trusts it.
type untrusted struct {
	mu   sync.Mutex
	open map[networkid.PortalKey]*distrust
}

type distrust struct {
	events []*event.Event
	people []daemon.Address
}

// mostRefused bounds how many refused messages of a chat are remembered.
const mostRefused = 50

func (u *untrusted) remember(chat networkid.PortalKey, evt *event.Event, people []daemon.Address) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.open == nil {
		u.open = map[networkid.PortalKey]*distrust{}
	}
	one := u.open[chat]
	if one == nil {
		one = &distrust{}
		u.open[chat] = one
	}
	if len(one.events) < mostRefused && !slices.ContainsFunc(one.events, func(known *event.Event) bool { return known.ID == evt.ID }) {
		one.events = append(one.events, evt)
	}
	for _, person := range people {
		if !slices.Contains(one.people, person) {
			one.people = append(one.people, person)
		}
	}
}

// take returns what was refused in a chat and forgets it.
func (u *untrusted) take(chat networkid.PortalKey) distrust {
	u.mu.Lock()
	defer u.mu.Unlock()
	one := u.open[chat]
	delete(u.open, chat)
	if one == nil {
		return distrust{}
	}
	return *one
}

// runTrust is `!puente trust`.
func (c *Connector) runTrust(ctx context.Context, call network.Call) (string, error) {
	client, ok := call.Login.Client.(*Client)
	if !ok || call.Portal == nil {
		return "", fmt.Errorf("trust outside of a conversation: %w", errs.ErrInvalid)
	}
	if call.Args == "" {
		return "", errs.Tell(fmt.Errorf("trust: %w", errs.ErrInvalid),
			"compare the safety number with the customer's (on the phone: the chat's name, Safety number), then write it behind `!puente trust`; or write `!puente trust all` to trust without comparing.")
	}
	refused := c.untrusted.take(call.Portal.PortalKey)
	people, err := client.distrusted(ctx, call.Portal, refused.people)
	if err == nil {
		err = client.trust(ctx, people, call.Args)
	}
	if err != nil {
		for _, evt := range refused.events {
			c.untrusted.remember(call.Portal.PortalKey, evt, refused.people)
		}
		return "", err
	}
	return client.sendAgain(ctx, refused.events), nil
}

// distrusted are the people of a chat whose safety numbers are not trusted; the customer, if the daemon names none.
func (cl *Client) distrusted(ctx context.Context, portal *bridgev2.Portal, people []daemon.Address) ([]string, error) {
	var names []string
	for _, person := range people {
		names = append(names, either(person.UUID, person.Number))
	}
	if len(names) > 0 {
		return names, nil
	}
	if _, isGroup := groupOf(portal.ID); !isGroup {
		name, err := cl.connector.recipient(ctx, networkid.UserID(portal.ID))
		return []string{name}, err
	}
	identities, err := cl.connector.daemon.Identities(ctx, cl.account())
	if err != nil {
		return nil, again("list the safety numbers", err)
	}
	for _, identity := range identities {
		if identity.TrustLevel != daemon.TrustNone {
			continue
		}
		person, err := cl.connector.person(ctx, identity.UUID, identity.Number)
		if err == nil && slices.Contains(portal.Metadata.(*PortalMeta).Members, string(person)) {
			names = append(names, either(identity.UUID, identity.Number))
		}
	}
	return names, nil
}

// trust trusts the people: all their keys, or whose safety number it is.
func (cl *Client) trust(ctx context.Context, people []string, number string) error {
	all := strings.EqualFold(number, "all")
	trusted := false
	for _, person := range people {
		err := cl.connector.daemon.Trust(ctx, cl.account(), person, number, all)
		var refused *daemon.Error
		if err == nil {
			trusted = true
		} else if !errors.As(err, &refused) {
			return again("trust a safety number", err)
		}
	}
	if !trusted {
		return errs.Tell(fmt.Errorf("trust: %w", errs.ErrInvalid),
			"that is not the safety number of anybody here. Compare it again: if it differs, somebody else may be reading.")
	}
	return nil
}

// trustAll trusts people's new safety numbers by itself, as the config wants it, and says so in the room.
func (cl *Client) trustAll(ctx context.Context, portal *bridgev2.Portal, people []daemon.Address) error {
	for _, person := range people {
		if err := cl.connector.daemon.Trust(ctx, cl.account(), either(person.UUID, person.Number), "", true); err != nil {
			return err
		}
	}
	content := &event.MessageEventContent{
		MsgType: event.MsgNotice, Mentions: &event.Mentions{},
		Body: "The customer's safety number changed, and is trusted by itself (networks.signal.trust_new_identities).",
	}
	if _, err := cl.connector.bridge.Bot.SendMessage(ctx, portal.MXID, event.EventMessage, &event.Content{Parsed: content}, nil); err != nil {
		cl.connector.log.Warn().Err(err).Msg("Could not tell the room that a safety number changed")
	}
	return nil
}

// sendAgain sends what was refused, and says what came of it.
func (cl *Client) sendAgain(ctx context.Context, events []*event.Event) string {
	sent := 0
	for _, evt := range events {
		if err := network.Result(cl.connector.bridge.QueueMatrixEvent(ctx, evt)); err != nil {
			cl.connector.log.Warn().Err(err).Stringer("event_id", evt.ID).Msg("Could not send a message again that was refused before")
			continue
		}
		sent++
	}
	switch {
	case len(events) == 0:
		return "The safety number is trusted. Send again what was refused."
	case sent < len(events):
		return fmt.Sprintf("The safety number is trusted. %d of %d refused messages were sent again; send the others anew.", sent, len(events))
	}
	return fmt.Sprintf("The safety number is trusted, and what was refused was sent again (%d).", sent)
}

// runCaptcha is `signal captcha`.
func (c *Connector) runCaptcha(ctx context.Context, call network.Call) (string, error) {
	token, captcha, _ := strings.Cut(call.Args, " ")
	captcha = strings.Trim(strings.TrimSpace(captcha), "`<>")
	if token == "" || !strings.HasPrefix(captcha, "signalcaptcha://") {
		return "", errs.Tell(fmt.Errorf("captcha: %w", errs.ErrInvalid), "write `signal captcha <token> <address>`; the address begins with signalcaptcha://.")
	}
	clients := c.clients()
	if client := c.tokens.of(token); client != nil {
		clients = []*Client{client}
	}
	var last error
	for _, client := range clients {
		if last = c.daemon.SubmitChallenge(ctx, client.account(), token, captcha); last == nil {
			c.tokens.done(token)
			client.limit.lift()
			return "Signal takes the proof. What waits is sent by itself within minutes.", nil
		}
	}
	var refused *daemon.Error
	if errors.As(last, &refused) {
		return "", errs.Tell(fmt.Errorf("captcha: %w", refused), "Signal does not take it: the captcha may be too old or used already. Solve a new one at "+captchaPage+" and write the command again.")
	} else if last != nil {
		return "", again("hand over a captcha", last)
	}
	return "", errs.Tell(fmt.Errorf("captcha: %w", errs.ErrNotFound), "no Signal account is connected.")
}
