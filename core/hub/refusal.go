package hub

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/bridgev2"

	"puente/core/base/errs"
)

// refusal is one of bridgev2's ready-made refusals in words that say why and what to do next; {network} is filled in.
type refusal struct {
	kind   error
	words  string
	detail bool // the error's own text names a size, a length or a type that helps
}

func refusals() []refusal {
	const again = " Write a new message that sets it right."
	return []refusal{
		{kind: bridgev2.ErrEditsNotSupported, words: "{network} does not let anybody change what was sent; the customer sees the message as it was." + again},
		{kind: bridgev2.ErrEditsNotSupportedInPortal, words: "{network} does not let anybody change what was sent; the customer sees the message as it was." + again},
		{kind: bridgev2.ErrEditTargetTooOld, words: "{network} lets a message be changed for some time only, and that is over." + again},
		{kind: bridgev2.ErrEditTargetTooManyEdits, words: "{network} does not let a message be changed any more often." + again},
		{kind: bridgev2.ErrRedactionsNotSupported, words: "{network} does not let anybody delete what was sent; the customer still sees it." + again},
		{kind: bridgev2.ErrReactionsNotSupported, words: "{network} takes no reactions. Write a message instead."},
		{kind: bridgev2.ErrPollsNotSupported, words: "{network} takes no polls. Write the question as a message."},
		{kind: bridgev2.ErrUnknownPoll, words: "the poll that it answers is not known on {network}. Write the answer as a message."},
		{kind: bridgev2.ErrTargetMessageNotFound, words: "the message that it is about did not reach {network}, or is gone from there. Write a new message."},
		{kind: bridgev2.ErrLocationMessagesNotAllowed, words: "{network} takes no locations here. Write the address as a message."},
		{kind: bridgev2.ErrCaptionsNotAllowed, words: "{network} takes no words with this kind of file. Send the file without them, and the words as a message."},
		{kind: bridgev2.ErrUnsupportedMessageType, words: "{network} has nothing that corresponds to this kind of message. Send it as a text or a file."},
		{kind: bridgev2.ErrUnsupportedMediaType, words: "{network} does not take this type of file. Convert it, or send a link to it.", detail: true},
		{kind: bridgev2.ErrMediaTooLarge, words: "the file is too large for {network}. Send a smaller one, or a link to it.", detail: true},
		{kind: bridgev2.ErrMediaDurationTooLong, words: "the recording is too long for {network}. Send a shorter one, or a link to it.", detail: true},
		{kind: bridgev2.ErrVoiceMessageDurationTooLong, words: "the voice message is too long for {network}. Send it in parts.", detail: true},
		{kind: bridgev2.ErrMediaDownloadFailed, words: "the file could not be read from the homeserver. Send it again."},
		{kind: bridgev2.ErrMediaConvertFailed, words: "the file could not be converted to what {network} takes. Send it in another format."},
		{kind: bridgev2.ErrMediaReuploadFailed, words: "the file could not be handed to {network}. Send it again."},
		{kind: bridgev2.ErrNotLoggedIn, words: "the account of this conversation is not connected to {network}. An operator can connect it again; then send it again."},
	}
}

// explain gives bridgev2's refusals words for people, unless whoever refused found some already.
func (b *hosted) explain(err error) error {
	if errs.Message(err) != "" {
		return err
	}
	for _, r := range refusals() {
		if !errors.Is(err, r.kind) {
			continue
		}
		words := strings.ReplaceAll(r.words, "{network}", b.network.DisplayName)
		if r.detail {
			words += fmt.Sprintf(" (%s)", err)
		}
		return errs.Tell(err, words)
	}
	var status bridgev2.MessageStatus
	if !errors.As(err, &status) {
		return err
	}
	switch {
	case status.Message != "":
		return errs.Tell(err, status.Message)
	case status.ErrorAsMessage && status.InternalError != nil:
		return errs.Tell(err, status.InternalError.Error())
	}
	return err
}

// isRefusal tells whether the homeserver will not do it however often it is asked: we may not, or there is nothing.
func isRefusal(err error) bool {
	return errors.Is(err, mautrix.MForbidden) || errors.Is(err, mautrix.MNotFound)
}

// isFinalRefusal tells whether the homeserver has judged a request itself and will not judge otherwise later: an error of
// Matrix that is neither about limits nor about who Puente is.
func isFinalRefusal(err error) bool {
	var refused mautrix.HTTPError
	if isRefusal(err) {
		return true
	} else if !errors.As(err, &refused) || refused.RespError == nil || refused.Response == nil {
		return false
	}
	switch refused.RespError.ErrCode {
	case "", "M_LIMIT_EXCEEDED", "M_RESOURCE_LIMIT_EXCEEDED", "M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_UNRECOGNIZED":
		return false
	}
	switch status := refused.Response.StatusCode; status {
	case http.StatusUnauthorized, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	default:
		return status >= 400 && status < 500
	}
}

// asked is the error of a request to the homeserver, of a kind that says whether it is worth another try.
func asked(err error) error {
	switch {
	case isRefusal(err):
		return fmt.Errorf("%w: %w", errs.ErrNotFound, err)
	case isFinalRefusal(err):
		return fmt.Errorf("%w: %w", errs.ErrUnsupported, err)
	}
	return errs.Temporary(err, 0)
}
