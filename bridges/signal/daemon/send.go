package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// To is where something is sent: to one person, or into a group.
type To struct {
	Recipient string // ACI, "PNI:<uuid>" or number
	GroupID   string
}

// params are the parameters that name the account and the chat.
func (to To) params(account string) Params {
	params := Params{"account": account}
	if to.GroupID != "" {
		params["groupId"] = to.GroupID
	} else {
		params["recipient"] = []string{to.Recipient}
	}
	return params
}

// Message is a message that goes out. ref: reference/signal-cli.md §3, send
type Message struct {
	Text     string
	Styles   []TextStyle
	Mentions []Mention // Start, Length and UUID
	Files    []File
	Voice    bool // the file is a voice message
	Quote    *OutgoingQuote
	// Edits is the timestamp of the version that this one replaces, which must be the latest; 0: none.
	Edits int64
}

// OutgoingQuote is the message that is answered.
type OutgoingQuote struct {
	Timestamp int64
	Author    string // ACI or number
	Text      string
}

// Late is told what came of a message whose answer came after Send had given up waiting for it.
type Late func(sent SendResult, err error)

// Send sends a message. It returns when Signal's server has it, with one result per recipient; an error if no recipient
// got it. An error that IsLost leaves open whether it was sent; late, if not nil, may learn it afterwards.
func (c *Client) Send(ctx context.Context, account string, to To, msg Message, late Late) (SendResult, error) {
	params := to.params(account)
	if msg.Text != "" || len(msg.Files) == 0 {
		params["message"] = msg.Text
	}
	if len(msg.Styles) > 0 {
		list := make([]string, len(msg.Styles))
		for i, style := range msg.Styles {
			list[i] = fmt.Sprintf("%d:%d:%s", style.Start, style.Length, style.Style)
		}
		params["textStyle"] = list
	}
	if len(msg.Mentions) > 0 {
		list := make([]string, len(msg.Mentions))
		for i, mention := range msg.Mentions {
			list[i] = fmt.Sprintf("%d:%d:%s", mention.Start, mention.Length, mention.UUID)
		}
		params["mention"] = list
	}
	if msg.Voice {
		params["voiceNote"] = true
	}
	if quote := msg.Quote; quote != nil {
		params["quoteTimestamp"], params["quoteAuthor"], params["quoteMessage"] = quote.Timestamp, quote.Author, quote.Text
	}
	if msg.Edits != 0 {
		params["editTimestamp"] = msg.Edits
	}
	return c.deliver(ctx, call{method: "send", params: params, files: msg.Files, timeout: c.sendTimeout(msg)}, late)
}

// sendTimeout gives large files more time: a megabyte a second is slow for most lines.
func (c *Client) sendTimeout(msg Message) time.Duration {
	total := time.Duration(0)
	for _, file := range msg.Files {
		total += time.Duration(file.Size>>20) * time.Second
	}
	return c.cfg.SendTimeout + total
}

// React puts an emoji on a message, or takes it off. Errors are as those of Send.
func (c *Client) React(ctx context.Context, account string, to To, emoji string, remove bool, author string, timestamp int64, late Late) (SendResult, error) {
	params := to.params(account)
	params["emoji"], params["targetAuthor"], params["targetTimestamp"] = emoji, author, timestamp
	if remove {
		params["remove"] = true
	}
	return c.deliver(ctx, call{method: "sendReaction", params: params, timeout: c.cfg.SendTimeout}, late)
}

// Delete deletes an own message for everyone. Errors are as those of Send.
func (c *Client) Delete(ctx context.Context, account string, to To, timestamp int64, late Late) (SendResult, error) {
	params := to.params(account)
	params["targetTimestamp"] = timestamp
	return c.deliver(ctx, call{method: "remoteDelete", params: params, timeout: c.cfg.SendTimeout}, late)
}

// CreatePoll asks a question. Errors are as those of Send.
func (c *Client) CreatePoll(ctx context.Context, account string, to To, poll PollCreate, late Late) (SendResult, error) {
	params := to.params(account)
	params["question"], params["option"] = poll.Question, poll.Options
	if !poll.AllowMultiple {
		params["noMulti"] = true
	}
	return c.deliver(ctx, call{method: "sendPollCreate", params: params, timeout: c.cfg.SendTimeout}, late)
}

// Vote answers a poll, in the place of earlier answers; count is how many times the account has answered it, this one
// included. Errors are as those of Send.
func (c *Client) Vote(ctx context.Context, account string, to To, author string, timestamp int64, options []int, count int, late Late) (SendResult, error) {
	params := to.params(account)
	params["pollAuthor"], params["pollTimestamp"], params["option"], params["voteCount"] = author, timestamp, options, count
	return c.deliver(ctx, call{method: "sendPollVote", params: params, timeout: c.cfg.SendTimeout}, late)
}

// deliver makes a request whose answer is a SendResult.
func (c *Client) deliver(ctx context.Context, call call, late Late) (SendResult, error) {
	if late != nil {
		call.late = func(raw json.RawMessage, err error) {
			var sent SendResult
			if err == nil {
				sent, err = readSent(call.method, raw)
			}
			late(sent, err)
		}
	}
	got, err := c.do(ctx, call)
	defer got.blobs.close()
	if err != nil {
		return SendResult{}, err
	}
	return readSent(call.method, got.result)
}

// readSent reads what came of a message. Without a timestamp, by which alone it is known, it is open whether it was sent.
func readSent(method string, raw json.RawMessage) (sent SendResult, err error) {
	if err = unmarshal(method, raw, &sent); err == nil && sent.Timestamp == 0 {
		err = &lostError{method: method, cause: fmt.Errorf("%w: its result has no timestamp", errLine)}
	}
	if err != nil {
		return SendResult{}, err
	}
	return sent, nil
}

// Typing shows that the account types, or stopped. Phones stop showing it after some seconds by themselves.
func (c *Client) Typing(ctx context.Context, account string, to To, stop bool) error {
	params := to.params(account)
	if stop {
		params["stop"] = true
	}
	return c.ask(ctx, "sendTyping", params, nil)
}

// MarkRead tells somebody that their messages were read.
func (c *Client) MarkRead(ctx context.Context, account, recipient string, timestamps []int64) error {
	return c.ask(ctx, "sendReceipt", Params{"account": account, "recipient": recipient, "targetTimestamp": timestamps, "type": "read"}, nil)
}

// Accept accepts somebody's first message, without which they get no receipts and see nobody type.
func (c *Client) Accept(ctx context.Context, account string, to To) error {
	params := to.params(account)
	params["type"] = "accept"
	return c.ask(ctx, "sendMessageRequestResponse", params, nil)
}

// Trust trusts an identity key: the one with this safety number, or, with all, every key that is known of the person.
func (c *Client) Trust(ctx context.Context, account, recipient, safetyNumber string, all bool) error {
	params := Params{"account": account, "recipient": recipient}
	if all {
		params["trustAllKnownKeys"] = true
	} else {
		params["verifiedSafetyNumber"] = strings.Join(strings.Fields(safetyNumber), "")
	}
	return c.ask(ctx, "trust", params, nil)
}

// SubmitChallenge hands over that a captcha was solved. ref: reference/signal-cli.md §3, submitRateLimitChallenge
func (c *Client) SubmitChallenge(ctx context.Context, account, token, captcha string) error {
	return c.ask(ctx, "submitRateLimitChallenge", Params{"account": account, "challenge": token, "captcha": captcha}, nil)
}
