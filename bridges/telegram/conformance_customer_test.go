package telegram_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"puente/bridges/bridgetest"
	"puente/bridges/telegram/emulator"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// customer is somebody with Telegram.
type customer struct {
	emulator.Customer
	provider *provider
	chat     *emulator.Chat
}

// Secrets implements bridgetest.Customer.
func (c *customer) Secrets() []string { return []string{c.Phone} }

// unseen is the number of a message that nobody saw.
const unseen = 987_654

// in is the chat of an act.
func (c *customer) in(where bridgetest.Where) (*emulator.Chat, error) {
	if where.Group == "" {
		return c.chat, nil
	}
	group, err := strconv.ParseInt(where.Group, 10, 64)
	if err != nil {
		return nil, err
	}
	return c.provider.emulator.GroupChat(c.ID, group)
}

// name is a message's ID for the suite: messages count per chat.
func name(chat *emulator.Chat, message int64) string {
	return strconv.FormatInt(chat.ID(), 10) + "." + strconv.FormatInt(message, 10)
}

// number is the message's own number; what cannot be read is none.
func number(id string) int64 {
	_, message, _ := strings.Cut(id, ".")
	n, err := strconv.ParseInt(message, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Do implements bridgetest.Customer.
func (c *customer) Do(_ context.Context, act bridgetest.Act) (string, error) {
	switch act := act.(type) {
	case bridgetest.Say:
		entities, err := entities(act.Spans)
		if err != nil {
			return "", err
		}
		return c.says(act.Where, func(chat *emulator.Chat, options []emulator.Option) (int64, error) {
			return chat.SendText(act.Text, append(options, emulator.Formatted(entities...))...)
		})
	case bridgetest.Send:
		return c.send(act)
	case bridgetest.SendAlbum:
		return c.sendAlbum(act)
	case bridgetest.SendTooLarge:
		return c.says(act.Where, func(chat *emulator.Chat, options []emulator.Option) (int64, error) {
			return chat.SendDocument(emulator.File{Data: make([]byte, 21<<20), Name: "film.bin"}, options...)
		})
	case bridgetest.SendLocation:
		return c.says(act.Where, func(chat *emulator.Chat, options []emulator.Option) (int64, error) {
			return chat.SendLocation(emulator.Place{Latitude: act.Latitude, Longitude: act.Longitude, Name: act.Name, Address: act.Address}, options...)
		})
	case bridgetest.SendContact:
		return c.says(act.Where, func(chat *emulator.Chat, options []emulator.Option) (int64, error) {
			return chat.SendContact(act.Phone, act.Name, "", 0, options...)
		})
	case bridgetest.SendPoll:
		return c.says(act.Where, func(chat *emulator.Chat, options []emulator.Option) (int64, error) {
			return chat.SendPoll(emulator.Ask{Question: act.Question, Options: act.Options, Multiple: act.Multiple}, options...)
		})
	case bridgetest.SayUnknown:
		return c.says(act.Where, func(chat *emulator.Chat, _ []emulator.Option) (int64, error) { return chat.SendOdd() })
	}
	return "", c.change(act)
}

// says writes something and names the message.
func (c *customer) says(where bridgetest.Where, say func(*emulator.Chat, []emulator.Option) (int64, error)) (string, error) {
	chat, err := c.in(where)
	if err != nil {
		return "", err
	}
	var options []emulator.Option
	switch where.ReplyTo {
	case "":
	case bridgetest.Unseen:
		options = append(options, emulator.With("reply_to_message", map[string]any{
			"message_id": unseen, "date": time.Now().Add(-48 * time.Hour).Unix(), "text": "something from long ago", "chat": c.wireChat(), "from": c.wireUser(),
		}))
	default:
		options = append(options, emulator.ReplyTo(number(where.ReplyTo)))
	}
	message, err := say(chat, options)
	if err != nil {
		return "", err
	}
	return name(chat, message), nil
}

// change is what the customer does to a message that is there.
func (c *customer) change(act bridgetest.Act) error {
	switch act := act.(type) {
	case bridgetest.Press:
		_, err := c.chat.Press(number(act.Message), act.Choice)
		return err
	case bridgetest.Vote:
		return c.chat.Vote(number(act.Poll), act.Options...)
	case bridgetest.React:
		return c.react(act)
	case bridgetest.Edit:
		return c.edit(act)
	case bridgetest.Delete:
		if !c.provider.business {
			break // bots hear of it in business accounts alone
		} else if act.Message == bridgetest.Unseen {
			return nil // nothing is told
		}
		return c.chat.Delete(number(act.Message))
	case bridgetest.Own:
		if c.provider.business {
			chat, err := c.provider.emulator.OwnerChat(c.provider.owner.ID, c.ID)
			if err == nil {
				_, err = chat.SendText(act.Text)
			}
			return err
		}
	}
	return fmt.Errorf("%T on Telegram: %w", act, errs.ErrUnsupported)
}

func (c *customer) react(act bridgetest.React) error {
	chat, err := c.in(act.Where)
	switch {
	case err != nil:
		return err
	case c.provider.business: // bots do not hear of it
		return fmt.Errorf("reaction to a business account: %w", errs.ErrUnsupported)
	case act.Message == bridgetest.Unseen:
		return c.provider.emulator.Inject(botID, "message_reaction", map[string]any{
			"chat": c.wireChat(), "message_id": unseen, "user": c.wireUser(), "date": time.Now().Unix(),
			"old_reaction": []any{}, "new_reaction": []any{map[string]any{"type": "emoji", "emoji": act.Emoji}},
		})
	case act.Emoji == "":
		return chat.Unreact(number(act.Message))
	}
	return chat.React(number(act.Message), act.Emoji)
}

func (c *customer) edit(act bridgetest.Edit) error {
	chat, err := c.in(act.Where)
	if err != nil {
		return err
	}
	if act.Message == bridgetest.Unseen {
		if c.provider.business {
			return fmt.Errorf("edit of what nobody saw: %w", errs.ErrUnsupported)
		}
		return c.provider.emulator.Inject(botID, "edited_message", map[string]any{
			"chat": c.wireChat(), "message_id": unseen, "from": c.wireUser(), "date": time.Now().Add(-time.Hour).Unix(),
			"edit_date": time.Now().Unix(), "text": act.Text,
		})
	}
	entities, err := entities(act.Spans)
	if err != nil {
		return err
	}
	return chat.Edit(number(act.Message), act.Text, entities...)
}

func (c *customer) wireUser() map[string]any {
	return map[string]any{"id": c.ID, "is_bot": false, "first_name": c.FirstName, "last_name": c.LastName}
}

func (c *customer) wireChat() map[string]any {
	return map[string]any{"id": c.ID, "type": "private", "first_name": c.FirstName, "last_name": c.LastName}
}

// kinds are the suite's words for files, and Telegram's.
func kinds() map[network.Feature]string {
	return map[network.Feature]string{
		network.FeatureImage: emulator.Photo, network.FeatureVideo: emulator.Video, network.FeatureVideoNote: emulator.VideoNote,
		network.FeatureAudio: emulator.Audio, network.FeatureVoice: emulator.Voice, network.FeatureFile: emulator.Document,
		network.FeatureSticker: emulator.Sticker,
	}
}

func (c *customer) send(act bridgetest.Send) (string, error) {
	entities, err := entities(act.Spans)
	if err != nil {
		return "", err
	}
	noCaption := act.Kind == network.FeatureSticker || act.Kind == network.FeatureAnimatedSticker || act.Kind == network.FeatureVideoNote
	if act.Caption != "" && noCaption {
		return "", fmt.Errorf("words under a %s: %w", act.Kind, errs.ErrUnsupported)
	}
	return c.says(act.Where, func(chat *emulator.Chat, options []emulator.Option) (int64, error) {
		if act.Kind == network.FeatureAnimatedSticker {
			return chat.SendSticker("video", options...)
		}
		if act.Caption != "" {
			options = append(options, emulator.Caption(act.Caption), emulator.Formatted(entities...))
		}
		kind := kinds()[act.Kind]
		message, err := chat.SendFile(kind, emulator.File{Data: act.Data, Name: act.Name, Mime: act.MIME}, options...)
		if err != nil && (kind == emulator.Photo || kind == emulator.Sticker) {
			return 0, fmt.Errorf("a picture that Telegram cannot read: %w", errs.ErrUnsupported)
		}
		return message, err
	})
}

func (c *customer) sendAlbum(act bridgetest.SendAlbum) (string, error) {
	return c.says(act.Where, func(chat *emulator.Chat, options []emulator.Option) (int64, error) {
		var names []string
		var files []emulator.File
		for _, file := range act.Files {
			names = append(names, kinds()[file.Kind])
			files = append(files, emulator.File{Data: file.Data, Name: file.Name, Mime: file.MIME})
		}
		messages, err := chat.SendAlbum(names, files, append(options, emulator.Caption(act.Caption))...)
		if err != nil {
			return 0, err
		}
		return messages[0], nil
	})
}

// Wait implements bridgetest.Customer.
func (c *customer) Wait(ctx context.Context, fact func(bridgetest.Phone) bool) (bridgetest.Phone, error) {
	var shown bridgetest.Phone
	var failed error
	_, err := c.provider.emulator.Wait(ctx, c.ID, func(phone emulator.Phone) bool {
		shown, failed = c.shown(phone)
		return failed != nil || fact(shown)
	})
	if failed != nil {
		err = failed
	}
	return shown, err
}
