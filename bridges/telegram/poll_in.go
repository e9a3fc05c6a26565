package telegram

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/simplevent"
	"maunium.net/go/mautrix/event"

	"puente/core/base/errs"
)

// pollText is a poll in words: bots cannot vote in polls of others, so that a form to vote in would deceive.
func pollText(poll *models.Poll) string {
	lines := []string{"📊 " + poll.Question}
	for _, option := range poll.Options {
		lines = append(lines, "○ "+option.Text)
	}
	if poll.AllowsMultipleAnswers {
		lines = append(lines, "(several answers are allowed)")
	}
	if poll.IsClosed {
		lines = append(lines, "(closed)")
	}
	return strings.Join(lines, "\n")
}

// handlePoll shows that a poll of ours was closed. Who voted for what comes apart from it.
func (c *Connector) handlePoll(ctx context.Context, owner *Client, poll *models.Poll, at time.Time) error {
	sent, ours := owner.sentPoll(poll.ID)
	if !ours || !poll.IsClosed {
		return nil
	}
	cl, asked, err := c.pollMessage(ctx, sent)
	if err != nil || asked == nil {
		return err
	}
	return cl.notice(asked.Room, cl.self(), networkid.MessageID("closed:"+poll.ID), at, "📊 The poll was closed.", nil)
}

// pollMessage finds a poll of ours; nil if it was deleted meanwhile.
func (c *Connector) pollMessage(ctx context.Context, sent SentPoll) (*Client, *database.Message, error) {
	login := c.bridge.GetCachedUserLoginByID(sent.Login)
	if login == nil {
		return nil, nil, fmt.Errorf("login of a poll: %w", errs.ErrNotFound)
	}
	asked, err := c.bridge.DB.Message.GetFirstPartByID(ctx, sent.Login, sent.Message)
	if err != nil {
		return nil, nil, errs.Temporary(fmt.Errorf("find a poll: %w", err), 0)
	}
	return login.Client.(*Client), asked, nil
}

// handlePollAnswer shows somebody's vote in a poll of ours, as a vote: Matrix clients count it.
func (c *Connector) handlePollAnswer(ctx context.Context, owner *Client, answer *models.PollAnswer, at time.Time) error {
	sent, ours := owner.sentPoll(answer.PollID)
	if !ours && c.clock.Now().Sub(at) < pollPatience {
		// The vote was quicker than the answer to our own call.
		return errs.Temporary(fmt.Errorf("vote in a poll: %w", errs.ErrNotFound), time.Second)
	} else if !ours {
		return nil
	}
	cl, poll, err := c.pollMessage(ctx, sent)
	if err != nil || poll == nil {
		return err
	}
	voter, err := cl.author(ctx, answer.User, answer.VoterChat, "")
	if err != nil {
		return err
	}
	chosen := chosenAnswers(poll, answer.OptionIDs)
	id := fmt.Sprintf("vote:%s:%s:%d:%s", answer.PollID, voter.Sender, at.UnixMilli(), strings.Join(chosen, ","))
	return cl.queue(&simplevent.PreConvertedMessage{
		EventMeta: simplevent.EventMeta{Type: bridgev2.RemoteEventMessage, PortalKey: poll.Room, Sender: voter, Timestamp: at},
		ID:        networkid.MessageID(id), Data: vote(poll, chosen),
	})
}

// chosenAnswers are the room's IDs of the answers that were chosen.
func chosenAnswers(poll *database.Message, options []int) []string {
	meta, ok := poll.Metadata.(*MessageMeta)
	chosen := []string{}
	for _, option := range options {
		if ok && option >= 0 && option < len(meta.Answers) {
			chosen = append(chosen, meta.Answers[option])
		}
	}
	return chosen
}

// vote is an answer to a poll as Matrix clients read it (MSC3381).
func vote(poll *database.Message, chosen []string) *bridgev2.ConvertedMessage {
	return &bridgev2.ConvertedMessage{Parts: []*bridgev2.ConvertedMessagePart{{
		Type: event.EventUnstablePollResponse,
		Content: &event.MessageEventContent{
			RelatesTo: &event.RelatesTo{Type: event.RelReference, EventID: poll.MXID}, Mentions: &event.Mentions{},
		},
		Extra: map[string]any{"org.matrix.msc3381.poll.response": map[string]any{"answers": chosen}},
	}}}
}

// pollPatience is for how long a vote waits until its poll is known; later it is one of another program's.
const pollPatience = 30 * time.Second

// mostPolls is how many polls a bot remembers.
const mostPolls = 200

func (cl *Client) sentPoll(id string) (SentPoll, bool) {
	polls := about(cl, func(meta *LoginMeta) []SentPoll { return meta.Polls })
	if i := slices.IndexFunc(polls, func(one SentPoll) bool { return one.ID == id }); i >= 0 {
		return polls[i], true
	}
	return SentPoll{}, false
}

// notePoll remembers a poll that was sent. The bot keeps it, whichever account it was sent for.
func (c *Connector) notePoll(ctx context.Context, cl *Client, poll SentPoll) error {
	owner, err := c.botClient(cl.meta().BotID)
	if err != nil {
		return err
	}
	return owner.change(ctx, func(meta *LoginMeta) bool {
		polls := append(slices.Clone(meta.Polls), poll)
		meta.Polls = polls[max(len(polls)-mostPolls, 0):]
		return true
	})
}
