package webhook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"

	"puente/core/base/errs"
	"puente/core/desk/channel"
	"puente/core/hub/network"
)

// states are the API's words for how far a message got.
var states = map[string]channel.State{"delivered": channel.Delivered, "read": channel.Read, "failed": channel.Failed}

// A report may be quicker than our own noting of the message that it is about, or than a second try of its sending.
const (
	reportPatience = 2 * time.Minute
	reportPause    = time.Second
)

// handleStatus moves one message of ours on.
func (in *incoming) handleStatus(ctx context.Context) error {
	target, err := in.await(ctx)
	if err != nil || target == nil {
		return err
	}
	reader, err := in.reader(ctx, target)
	if err != nil {
		return err
	}
	state, reason := states[in.evt.Status], ""
	if state == channel.Failed {
		reason = either(oneLine(in.evt.Reason), in.client.meta.DisplayName+" did not say why.")
	}
	return in.report(ctx, target, state, reason, reader)
}

// await returns the message that a report is about. It waits for one that may still come; nil if none does.
func (in *incoming) await(ctx context.Context) (*database.Message, error) {
	target, err := in.client.find(ctx, in.evt.MessageID)
	if err != nil || target != nil {
		return target, err
	}
	if in.client.connector.clock.Now().Sub(in.receivedAt) < reportPatience {
		return nil, errs.Temporary(fmt.Errorf("message of a report: %w", errs.ErrNotFound), reportPause)
	}
	in.client.connector.log.Info().Str("login_id", string(in.client.system)).Msg("A system reports on a message that Puente does not know")
	return nil, nil
}

// reader is who a report is from: whom it names, or the one customer of a private chat; nil if that is not known.
func (in *incoming) reader(ctx context.Context, target *database.Message) (*bridgev2.Ghost, error) {
	if in.evt.From != nil {
		person, err := in.client.connector.env.Handles.Lookup(ctx, in.client.identity(in.evt.From.ID))
		if errors.Is(err, errs.ErrNotFound) {
			return nil, nil
		} else if err != nil {
			return nil, fmt.Errorf("find who a report is from: %w", err)
		}
		return in.client.ghostOf(ctx, person)
	}
	portal, err := in.client.connector.bridge.GetExistingPortalByKey(ctx, target.Room)
	if err != nil {
		return nil, errs.Temporary(fmt.Errorf("find the conversation of a report: %w", err), 0)
	} else if portal == nil {
		return nil, nil
	}
	meta := portal.Metadata.(*PortalMeta)
	if meta.Group {
		return nil, nil
	}
	return in.client.ghostOf(ctx, meta.Customer)
}

// How far back a mark "read up to here" reaches.
const (
	readBack = 30 * 24 * time.Hour
	readMost = 100
)

// handleRead marks what agents wrote as read, up to a message.
func (in *incoming) handleRead(ctx context.Context) error {
	target, err := in.await(ctx)
	if err != nil || target == nil || in.sender.IsFromMe {
		return err
	}
	reader, err := in.client.ghostOf(ctx, in.sender.Sender)
	if err != nil {
		return err
	}
	messages, err := in.client.connector.bridge.DB.Message.GetMessagesBetweenTimeQuery(ctx, target.Room, target.Timestamp.Add(-readBack), target.Timestamp)
	if err != nil {
		return errs.Temporary(fmt.Errorf("find what was read: %w", err), 0)
	}
	messages = slices.DeleteFunc(messages, in.client.isTheirs)
	slices.SortFunc(messages, func(a, b *database.Message) int { return a.Timestamp.Compare(b.Timestamp) })
	for _, one := range messages[max(0, len(messages)-readMost):] {
		if err = in.report(ctx, one, channel.Read, "", reader); err != nil {
			return err
		}
	}
	return nil
}

func (in *incoming) report(ctx context.Context, target *database.Message, state channel.State, reason string, reader *bridgev2.Ghost) error {
	err := in.client.connector.env.Outcomes.Report(ctx, network.Report{
		EventID: target.MXID, NetworkMessageID: scoped(in.client.system, string(target.ID)),
		State: state, At: in.evt.at(in.receivedAt), By: reader, Reason: reason,
	})
	if errors.Is(err, errs.ErrNotFound) {
		return nil // not one that we sent
	}
	return err
}
