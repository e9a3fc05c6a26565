package telegram

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/bridges/telegram/botapi"
	"puente/core/base/errs"
)

// What Telegram takes as a poll. ref: reference/telegram-bot.md §4, sendPoll
const (
	mostPollOptions = 12
	maxPollQuestion = 300
	maxPollOption   = 100
)

// HandleMatrixPollStart implements bridgev2.PollHandlingNetworkAPI. The poll is not anonymous, so that the room sees who
// votes for what.
func (cl *Client) HandleMatrixPollStart(ctx context.Context, msg *bridgev2.MatrixPollStart) (*bridgev2.MatrixMessageResponse, error) {
	meta := &MessageMeta{Wordless: true}
	var pollID string
	sent, err := cl.deliver(ctx, msg.Event.ID, msg.Portal, msg.ReplyTo, func(address) (post, error) {
		poll, err := pollParams(msg.Content, meta)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, api *botapi.Client, to address) (*models.Message, error) {
			poll.BusinessConnectionID, poll.ChatID, poll.MessageThreadID, poll.ReplyParameters = to.connection, to.chat, to.thread, to.reply
			made, err := api.SendPoll(ctx, &poll)
			if err == nil && made.Poll != nil {
				pollID = made.Poll.ID
			}
			return made, err
		}, nil
	})
	if err != nil {
		return nil, err
	}
	if pollID != "" {
		if err = cl.connector.notePoll(ctx, cl, SentPoll{ID: pollID, Message: sent, Login: cl.login.ID}); err != nil {
			cl.connector.log.Error().Err(err).Msg("Could not remember a poll; votes in it will not be shown")
		}
	}
	return cl.sent(sent, meta), nil
}

// pollParams makes Telegram's poll of Matrix's, and notes which answer is which.
func pollParams(content *event.PollStartEventContent, meta *MessageMeta) (bot.SendPollParams, error) {
	start := content.PollStart
	question := strings.TrimSpace(start.Question.GetText())
	shown := false
	poll := bot.SendPollParams{Question: question, IsAnonymous: &shown, AllowsMultipleAnswers: start.MaxSelections > 1}
	for _, answer := range start.Answers {
		text := strings.TrimSpace(answer.GetText())
		poll.Options = append(poll.Options, models.InputPollOption{Text: text})
		meta.Answers = append(meta.Answers, answer.ID)
		if err := tooLong("answer", text, maxPollOption); err != nil {
			return poll, err
		}
	}
	if count := len(poll.Options); count < 2 || count > mostPollOptions {
		return poll, errs.Tell(fmt.Errorf("poll with %d answers: %w", count, errs.ErrInvalid), fmt.Sprintf("Telegram takes polls with 2 to %d answers.", mostPollOptions))
	} else if question == "" {
		return poll, errs.Tell(fmt.Errorf("poll without a question: %w", errs.ErrInvalid), "the poll has no question.")
	}
	return poll, tooLong("question", question, maxPollQuestion)
}

// HandleMatrixPollVote implements bridgev2.PollHandlingNetworkAPI.
func (cl *Client) HandleMatrixPollVote(context.Context, *bridgev2.MatrixPollVote) (*bridgev2.MatrixMessageResponse, error) {
	return nil, errs.Tell(fmt.Errorf("vote: %w", errs.ErrUnsupported), "Telegram lets no bot vote in a poll. Write your answer as a message.")
}
