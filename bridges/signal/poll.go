package signal

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/simplevent"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/message"
	"puente/bridges/bridgekit/richtext"
	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// The limits of a poll. ref: reference/signal-cli.md §3, sendPollCreate
const (
	fewestOptions = 2
	mostOptions   = 10
	longestOption = 100
)

// pollEnd closes a poll (MSC3381); mautrix has no name for it.
const pollEnd = "org.matrix.msc3381.poll.end"

// pollPart shows a poll of a customer's: as one for clients that know polls (MSC3381), as text for others.
func pollPart(poll *daemon.PollCreate) *bridgev2.ConvertedMessagePart {
	lines := []string{"📊 " + poll.Question}
	answers := make([]map[string]any, len(poll.Options))
	ids := make([]string, len(poll.Options))
	for i, option := range poll.Options {
		ids[i] = strconv.Itoa(i + 1)
		lines = append(lines, ids[i]+". "+option)
		answers[i] = map[string]any{"id": ids[i], "org.matrix.msc1767.text": option}
	}
	most := 1
	if poll.AllowMultiple {
		most = len(poll.Options)
	}
	part := message.Plain(event.MsgText, strings.Join(lines, "\n"))
	part.Type = event.EventUnstablePollStart
	part.DBMetadata = &MessageMeta{Answers: ids}
	part.Extra = map[string]any{
		"org.matrix.msc1767.text": part.Content.Body,
		"org.matrix.msc3381.poll.start": map[string]any{
			"kind": "org.matrix.msc3381.poll.disclosed", "max_selections": most,
			"question": map[string]any{"org.matrix.msc1767.text": poll.Question}, "answers": answers,
		},
	}
	return part
}

// deliverVote shows what somebody answered to a poll, in the place of earlier answers.
func (in *incoming) deliverVote(ctx context.Context, vote *daemon.PollVote) error {
	target, err := in.target(ctx, in.client.author(vote.AuthorUUID, vote.AuthorNumber), vote.Timestamp)
	if err != nil {
		return err
	} else if target == nil {
		return nil // of a poll from before the account was connected
	}
	known := target.Metadata.(*MessageMeta).Answers
	chosen, numbers := []string{}, []string{}
	for _, index := range vote.OptionIndexes {
		if index >= 0 && index < len(known) {
			chosen, numbers = append(chosen, known[index]), append(numbers, strconv.Itoa(index+1))
		}
	}
	part := message.Plain(event.MsgText, "🗳 "+either(strings.Join(numbers, ", "), "–"))
	part.Type = event.EventUnstablePollResponse
	part.Content.RelatesTo = &event.RelatesTo{Type: event.RelReference, EventID: target.MXID}
	part.Extra = map[string]any{"org.matrix.msc3381.poll.response": map[string]any{"answers": chosen}}
	if len(chosen) == 1 && !in.self {
		part.Extra[network.AnswerKey] = map[string]any{"id": chosen[0], "title": numbers[0]}
	}
	return in.queue(&simplevent.PreConvertedMessage{
		EventMeta: in.existing(bridgev2.RemoteEventMessage), ID: messageID(in.author, in.timestamp()),
		Data: &bridgev2.ConvertedMessage{Parts: []*bridgev2.ConvertedMessagePart{part}},
	})
}

// deliverPollEnd closes a poll.
func (in *incoming) deliverPollEnd(ctx context.Context, end *daemon.Target) error {
	target, err := in.target(ctx, in.author, end.Timestamp)
	if err != nil {
		return err
	} else if target == nil {
		return nil
	}
	part := message.Plain(event.MsgText, "📊 The poll is closed.")
	part.Type = event.Type{Type: pollEnd, Class: event.MessageEventType}
	part.Content.RelatesTo = &event.RelatesTo{Type: event.RelReference, EventID: target.MXID}
	part.Extra = map[string]any{pollEnd: map[string]any{}, "org.matrix.msc1767.text": part.Content.Body}
	return in.queue(&simplevent.PreConvertedMessage{
		EventMeta: in.existing(bridgev2.RemoteEventMessage), ID: messageID(in.author, in.timestamp()),
		Data: &bridgev2.ConvertedMessage{Parts: []*bridgev2.ConvertedMessagePart{part}},
	})
}

// HandleMatrixPollStart implements bridgev2.PollHandlingNetworkAPI.
func (cl *Client) HandleMatrixPollStart(ctx context.Context, msg *bridgev2.MatrixPollStart) (*bridgev2.MatrixMessageResponse, error) {
	start := msg.Content.PollStart
	poll := daemon.PollCreate{Question: start.Question.GetText(), AllowMultiple: start.MaxSelections > 1}
	meta := &MessageMeta{}
	for _, answer := range start.Answers {
		poll.Options = append(poll.Options, answer.GetText())
		meta.Answers = append(meta.Answers, answer.ID)
	}
	if err := checkPoll(poll); err != nil {
		return nil, err
	}
	sent, err := cl.deliver(ctx, msg.Event, msg.Portal, func(_ context.Context, to daemon.To) (handover, error) {
		return handover{text: poll.Question, send: func(ctx context.Context, late daemon.Late) (daemon.SendResult, error) {
			return cl.connector.daemon.CreatePoll(ctx, cl.account(), to, poll, late)
		}}, nil
	})
	if err != nil {
		return nil, err
	}
	return cl.response(sent, meta), nil
}

func checkPoll(poll daemon.PollCreate) error {
	refuse := func(text string) error {
		return errs.Tell(fmt.Errorf("poll: %w", errs.ErrInvalid), text)
	}
	if poll.Question == "" {
		return refuse("the poll has no question.")
	} else if len(poll.Options) < fewestOptions || len(poll.Options) > mostOptions {
		return refuse(fmt.Sprintf("a poll on Signal has %d to %d answers.", fewestOptions, mostOptions))
	}
	for _, option := range poll.Options {
		if option == "" || richtext.Len(option) > longestOption {
			return refuse(fmt.Sprintf("an answer of a poll on Signal has 1 to %d characters.", longestOption))
		}
	}
	return nil
}

// HandleMatrixPollVote implements bridgev2.PollHandlingNetworkAPI. Signal wants to know for the how-manieth time the
// business votes, so that an older vote never counts after a newer one.
func (cl *Client) HandleMatrixPollVote(ctx context.Context, msg *bridgev2.MatrixPollVote) (*bridgev2.MatrixMessageResponse, error) {
	author, timestamp, ok := parseMessageID(msg.VoteTo.ID)
	meta, isPoll := msg.VoteTo.Metadata.(*MessageMeta)
	if !ok || !isPoll {
		return nil, errs.Tell(fmt.Errorf("vote for %s: %w", msg.VoteTo.MXID, errs.ErrInvalid), "that is no poll of this chat.")
	}
	options := []int{}
	for _, answer := range msg.Content.Response.Answers {
		index := slices.Index(meta.Answers, answer)
		if index < 0 {
			return nil, errs.Tell(fmt.Errorf("vote for %s: %w", msg.VoteTo.MXID, errs.ErrInvalid), "the poll has no such answer.")
		}
		options = append(options, index)
	}
	count := meta.Votes + 1
	sent, err := cl.repeat(ctx, msg.Event, msg.Portal, func(ctx context.Context, to daemon.To) (handover, error) {
		by, err := cl.addressOf(ctx, author)
		return handover{send: func(ctx context.Context, late daemon.Late) (daemon.SendResult, error) {
			return cl.connector.daemon.Vote(ctx, cl.account(), to, by, timestamp, options, count, late)
		}}, err
	})
	if err != nil {
		return nil, err
	}
	meta.Votes = count
	if err = cl.connector.bridge.DB.Message.Update(ctx, msg.VoteTo); err != nil {
		return nil, errs.Temporary(fmt.Errorf("count a vote: %w", err), 0)
	}
	return cl.response(sent, nil), nil
}

// response is what bridgev2 keeps of a message that went out.
func (cl *Client) response(sent delivered, meta *MessageMeta) *bridgev2.MatrixMessageResponse {
	if meta == nil {
		meta = &MessageMeta{}
	}
	return &bridgev2.MatrixMessageResponse{DB: &database.Message{ID: sent.id, SenderID: cl.GetUserID(), Metadata: meta}}
}
