package telegram

import (
	"context"
	"errors"
	"time"

	"maunium.net/go/mautrix/bridgev2"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// echoSlack is by how much Telegram's clock may be behind ours, and what it loses by counting whole seconds.
const echoSlack = 10 * time.Second

// settleEcho tells whether the echo of something that a bot sent for a business account is of something that we sent
// and of which nobody knew whether Telegram took it: the echo says so. It runs while nothing else happens in the room,
// and what was sent without trouble is known by its ID before.
func (in *incoming) settleEcho(ctx context.Context, portal *bridgev2.Portal) (ours bool, err error) {
	outcomes := in.client.connector.env.Outcomes
	open, err := outcomes.Open(ctx, portal.MXID)
	if err != nil {
		return false, err
	}
	at := timeOf(in.msg.Date)
	for _, one := range open {
		if at.Before(one.Began.Add(-echoSlack)) {
			continue
		}
		err = outcomes.Report(ctx, network.Report{
			EventID: one.EventID, State: channel.Sent, At: at,
			NetworkMessageID: outcomeID(in.client.login.ID, messageID(in.msg.Chat.ID, in.msg.ID)),
		})
		if errors.Is(err, errs.ErrNotFound) {
			continue
		}
		return err == nil, err
	}
	return false, nil
}
