package whatsapp_test

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"puente/bridges/bridgetest"
	"puente/bridges/whatsapp/emulator"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// customer is somebody with WhatsApp.
type customer struct {
	emulator.Customer
	provider *provider
	chat     *emulator.Chat
}

// Secrets implements bridgetest.Customer.
func (c *customer) Secrets() []string { return []string{c.WaID} }

// Do implements bridgetest.Customer.
func (c *customer) Do(_ context.Context, act bridgetest.Act) (string, error) {
	switch act := act.(type) {
	case bridgetest.Say:
		return c.say(act)
	case bridgetest.Send:
		return c.send(act)
	case bridgetest.SendTooLarge:
		return c.chat.SendTooLarge()
	case bridgetest.SendLocation:
		return c.chat.SendLocation(emulator.Location{
			Latitude: act.Latitude, Longitude: act.Longitude, Name: act.Name, Address: act.Address,
		}, options(act.Where)...)
	case bridgetest.SendContact:
		return c.chat.SendContacts([]emulator.Contact{{Name: act.Name, Phones: []string{act.Phone}, Emails: []string{act.Email}}}, options(act.Where)...)
	case bridgetest.SendPoll:
		return c.chat.SendUnsupported("poll") // which is all that Meta tells. ref: reference/whatsapp-cloud.md §4.1
	case bridgetest.Press:
		return c.chat.Press(act.Message, act.Choice)
	case bridgetest.Read:
		return "", c.chat.MarkRead(act.Message)
	case bridgetest.Call:
		return c.chat.Call()
	case bridgetest.Own:
		return c.chat.Echo(act.Text, nil)
	case bridgetest.SayUnknown:
		return c.raw("hologram", map[string]any{"hologram": map[string]any{"id": "1"}})
	}
	return c.change(act)
}

// change is what the customer does to a message that is there.
func (c *customer) change(act bridgetest.Act) (string, error) {
	switch act := act.(type) {
	case bridgetest.React:
		switch {
		case act.Message == bridgetest.Unseen:
			return c.raw("reaction", map[string]any{"reaction": map[string]any{"message_id": "wamid.unseen", "emoji": act.Emoji}})
		case act.Emoji == "":
			return c.chat.Unreact(act.Message, true)
		}
		return c.chat.React(act.Message, act.Emoji)
	case bridgetest.Edit:
		text, err := marked(act.Text, act.Spans)
		if err != nil {
			return "", err
		} else if act.Message == bridgetest.Unseen {
			return c.raw("edit", map[string]any{"edit": map[string]any{
				"original_message_id": "wamid.unseen", "message": map[string]any{"type": "text", "text": map[string]any{"body": text}},
			}})
		}
		return c.chat.Edit(act.Message, text)
	case bridgetest.Delete:
		if act.Message == bridgetest.Unseen {
			return c.raw("revoke", map[string]any{"revoke": map[string]any{"original_message_id": "wamid.unseen"}})
		}
		return c.chat.Delete(act.Message)
	}
	return "", fmt.Errorf("%T on WhatsApp: %w", act, errs.ErrUnsupported)
}

func (c *customer) say(act bridgetest.Say) (string, error) {
	text, err := marked(act.Text, act.Spans)
	if err != nil {
		return "", err
	}
	if act.ReplyTo == bridgetest.Unseen {
		return c.raw("text", map[string]any{"text": map[string]any{"body": text}, "context": map[string]any{"id": "wamid.unseen"}})
	}
	return c.chat.SendText(text, options(act.Where)...)
}

func options(where bridgetest.Where) []emulator.SendOption {
	var opts []emulator.SendOption
	if where.Group != "" {
		opts = append(opts, emulator.InGroup(where.Group))
	}
	if where.ReplyTo != "" {
		opts = append(opts, emulator.ReplyTo(where.ReplyTo))
	}
	return opts
}

func (c *customer) send(act bridgetest.Send) (string, error) {
	caption, err := marked(act.Caption, act.Spans)
	if err != nil {
		return "", err
	}
	file := emulator.File{Data: act.Data, Mime: act.MIME, Name: act.Name, Caption: caption}
	opts := options(act.Where)
	switch act.Kind {
	case network.FeatureImage:
		return c.chat.SendImage(file, opts...)
	case network.FeatureVideo:
		return c.chat.SendVideo(file, opts...)
	case network.FeatureFile:
		return c.chat.SendDocument(file, opts...)
	case network.FeatureVideoNote:
		return c.chat.SendUnsupported("video_note")
	}
	if caption != "" {
		return "", fmt.Errorf("words under a %s: %w", act.Kind, errs.ErrUnsupported)
	}
	switch act.Kind {
	case network.FeatureAudio:
		return c.chat.SendAudio(file, opts...)
	case network.FeatureVoice:
		return c.chat.SendVoice(file, opts...)
	case network.FeatureSticker, network.FeatureAnimatedSticker:
		return c.chat.SendSticker(file, opts...)
	}
	return "", fmt.Errorf("a %s: %w", act.Kind, errs.ErrUnsupported)
}

// raw delivers a message that the customer's phone does not show, such as one about something from long ago.
func (c *customer) raw(kind string, message map[string]any) (string, error) {
	c.provider.mu.Lock()
	c.provider.people++
	messageID := "wamid.raw" + strconv.Itoa(c.provider.people)
	c.provider.mu.Unlock()
	message["id"], message["type"], message["timestamp"] = messageID, kind, strconv.FormatInt(time.Now().Unix(), 10)
	message["from"], message["from_user_id"] = c.WaID, c.UserID
	c.provider.emulator.Enqueue("messages", map[string]any{
		"messaging_product": "whatsapp", "metadata": map[string]any{"display_phone_number": "15550783881", "phone_number_id": phoneNumberID},
		"contacts": []any{map[string]any{"profile": map[string]any{"name": c.Name}, "wa_id": c.WaID, "user_id": c.UserID}},
		"messages": []any{message},
	})
	return messageID, nil
}

// Wait implements bridgetest.Customer.
func (c *customer) Wait(ctx context.Context, fact func(bridgetest.Phone) bool) (bridgetest.Phone, error) {
	var shown bridgetest.Phone
	var failed error
	_, err := c.provider.emulator.Wait(ctx, c.UserID, func(phone emulator.Phone) bool {
		shown, failed = c.provider.shown(phone)
		return failed != nil || fact(shown)
	})
	if failed != nil {
		err = failed
	}
	return shown, err
}
