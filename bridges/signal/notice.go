package signal

import (
	"context"
	"fmt"
	"strings"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"

	"puente/bridges/bridgekit/message"
	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
)

// notice puts a line of ours into the chat. The same ID gives one line.
func (in *incoming) notice(id networkid.MessageID, create bool, text string) error {
	return in.queue(&simplevent.PreConvertedMessage{
		EventMeta: in.meta(bridgev2.RemoteEventMessage).WithCreatePortal(create), ID: id,
		Data: &bridgev2.ConvertedMessage{Parts: []*bridgev2.ConvertedMessagePart{message.Notice(text)}},
	})
}

// handleException tells the room that the daemon could not read a message. Without a sender nobody knows which room;
// then it is kept as failed.
func (in *incoming) handleException(ctx context.Context) error {
	kind := in.got.Exception.Type
	err := in.place(ctx)
	if isTemporary(err) {
		return err
	} else if err != nil || in.chat.ID == "" {
		return fmt.Errorf("message that could not be decrypted (%s), of an unknown sender: %w", message.CleanWord(kind), errs.ErrInvalid)
	}
	text := "The customer sent a message that could not be decrypted. Ask the customer to send it again."
	if kind == daemon.Untrusted {
		text = "The customer's safety number changed: Signal was installed anew, or somebody else uses the number. Make sure who it is, then write `!puente trust <safety number>`, or `!puente trust all` without comparing it. The message comes after that, or must be sent again."
	}
	return in.notice(noticeID("unreadable", in.author, in.timestamp()), true, text)
}

// handleCall shows that the customer called; calls themselves cannot be answered here.
func (in *incoming) handleCall(ctx context.Context) error {
	if in.got.Envelope.Call.Offer == nil {
		return nil
	} else if err := in.place(ctx); err != nil {
		return err
	} else if in.self {
		return nil
	}
	return in.notice(noticeID("call", in.author, in.got.Envelope.Timestamp), true,
		"📞 The customer is calling by Signal. Calls cannot be taken here; write back or call the customer.")
}

// handleStory shows in a room that is there that its customer posted a story; it is not meant for the business alone.
func (in *incoming) handleStory(ctx context.Context) error {
	if err := in.place(ctx); err != nil {
		return err
	} else if in.self {
		return nil
	}
	return in.notice(noticeID("story", in.author, in.got.Envelope.Timestamp), false,
		"The customer posted a story. Stories can be seen on a phone only.")
}

// handleUnknown shows that something came, and keeps it as failed: a later version may know it.
func (in *incoming) handleUnknown(ctx context.Context, names []string) error {
	kind := strings.Join(words(names), ", ")
	if err := in.place(ctx); isTemporary(err) {
		return err
	} else if err != nil {
		return fmt.Errorf("%s of an unknown sender: %w: %w", kind, errUnknown, errs.ErrUnsupported)
	}
	if in.chat.ID != "" {
		if err := in.notice(noticeID("unknown", in.author, in.got.Envelope.Timestamp), true, in.unknownText()); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s: %w: %w", kind, errUnknown, errs.ErrUnsupported)
}

// deliverPin shows that somebody pinned a message.
func (in *incoming) deliverPin(_ context.Context, data *daemon.DataMessage) error {
	text := "📌 " + in.who() + " pinned a message of this chat."
	if data.Pin == nil {
		text = in.who() + " took a message of this chat off the pins."
	}
	return in.notice(messageID(in.author, in.timestamp()), true, text)
}

// deliverTimer keeps after how long messages disappear, and says so.
func (in *incoming) deliverTimer(ctx context.Context, data *daemon.DataMessage) error {
	text := in.who() + " turned off that messages disappear."
	if data.ExpiresInSeconds > 0 {
		text = fmt.Sprintf("%s set messages to disappear %s after they are read.", in.who(), span(data.ExpiresInSeconds))
		if !in.client.connector.config.Disappearing {
			text += " Here they stay."
		}
	}
	err := in.queue(&simplevent.PreConvertedMessage{
		EventMeta: simplevent.EventMeta{
			Type: bridgev2.RemoteEventMessage, PortalKey: in.chat, Sender: in.sender, Timestamp: in.at(), CreatePortal: true,
			PreHandleFunc: func(ctx context.Context, portal *bridgev2.Portal) { in.keepTimer(ctx, portal, data) },
		},
		ID:   messageID(in.author, in.timestamp()),
		Data: &bridgev2.ConvertedMessage{Parts: []*bridgev2.ConvertedMessagePart{message.Notice(text)}},
	})
	if err != nil {
		return err
	}
	return in.welcome(ctx)
}

// keepTimer keeps on the room after how long its messages disappear, so that what is sent into it does too.
func (in *incoming) keepTimer(ctx context.Context, portal *bridgev2.Portal, data *daemon.DataMessage) {
	if in.client.connector.config.Disappearing {
		portal.UpdateDisappearingSetting(ctx, timer(data.ExpiresInSeconds), bridgev2.UpdateDisappearingSettingOpts{Save: true, Timestamp: in.at()})
	}
}

// welcome accepts a first contact, or says in the room that the first answer will. ref: reference/signal-cli.md §3,
// sendMessageRequestResponse
func (in *incoming) welcome(ctx context.Context) error {
	portal, err := in.client.connector.bridge.GetExistingPortalByKey(ctx, in.chat)
	if err != nil {
		return errs.Temporary(fmt.Errorf("find the room of a chat: %w", err), 0)
	} else if portal == nil || !portal.Metadata.(*PortalMeta).Requested || in.self {
		return nil
	}
	if in.client.connector.config.MessageRequests == acceptAtOnce {
		err = in.client.accept(ctx, portal)
		if isForGood(err) { // what the customer writes next must not wait behind it
			in.client.connector.log.Warn().Err(err).Str("login_id", in.client.self()).Msg("Could not accept a first contact; the next answer tries again")
			return nil
		}
		return err
	}
	return in.notice(networkid.MessageID("request:"+string(in.chat.ID)), true,
		"First contact: the customer learns that you read or type only after your first answer, which accepts the chat.")
}
