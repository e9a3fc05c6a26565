package message

import (
	"errors"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/media"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

func TestReadPlace(t *testing.T) {
	place := func(body, uri string) (Place, error) {
		return ReadPlace(&event.MessageEventContent{MsgType: event.MsgLocation, Body: body, GeoURI: uri})
	}
	t.Run("CoordinatesWithAndWithoutFrills", func(t *testing.T) {
		for _, uri := range []string{"geo:1.5,-2.25", "geo:1.5,-2.25,99", "geo:1.5,-2.25;u=3;x"} {
			if got, err := place("Here\nMadrid", uri); err != nil || got != (Place{Latitude: 1.5, Longitude: -2.25, Name: "Here", Address: "Madrid"}) {
				t.Errorf("%s became %+v, %v", uri, got, err)
			}
		}
	})
	t.Run("WhatIsNoPlaceIsRefusedInWords", func(t *testing.T) {
		for _, uri := range []string{"", "geo:", "geo:1", "geo:x,y", "1;2", "geo:91,0", "geo:0,181", "geo:NaN1,0"} {
			if _, err := place("", uri); !errors.Is(err, errs.ErrInvalid) || errs.Message(err) == "" {
				t.Errorf("%q gives %v", uri, err)
			}
		}
	})
	t.Run("ALinkToAMapIsNoAddress", func(t *testing.T) {
		for want, lines := range map[string][]string{"": {"Here"}, "Madrid": {"Here", "Madrid"}} {
			if got, err := ReadPlace(Location(1, 2, lines...).Content); err != nil || got.Name != "Here" || got.Address != want {
				t.Errorf("%q became %+v, %v", lines, got, err)
			}
		}
	})
	t.Run("CoordinatesAreNoName", func(t *testing.T) {
		if got, _ := place("Location geo:1,2", "geo:1,2"); got.Name != "" {
			t.Errorf("coordinates became the name: %+v", got)
		}
	})
}

func TestCaption(t *testing.T) {
	for _, one := range []struct{ name, body, want string }{{"", "a.png", ""}, {"a.png", "a.png", ""}, {"a.png", "Look", "Look"}} {
		if got, _ := Caption(&event.MessageEventContent{FileName: one.name, Body: one.body}); got != one.want {
			t.Errorf("%+v gives %q", one, got)
		}
	}
	formatted := &event.MessageEventContent{FileName: "a.png", Body: "Look", Format: event.FormatHTML, FormattedBody: "<b>Look</b>"}
	if body, html := Caption(formatted); body != "Look" || html != "<b>Look</b>" {
		t.Errorf("a formatted caption is %q, %q", body, html)
	}
	formatted.Format = ""
	if _, html := Caption(formatted); html != "" {
		t.Errorf("HTML without its format counts: %q", html)
	}
}

func TestComposition(t *testing.T) {
	evt := func(raw map[string]any) *event.Event { return &event.Event{Content: event.Content{Raw: raw}} }
	t.Run("TemplateAndChoices", func(t *testing.T) {
		c := Composition(evt(map[string]any{network.TemplateKey: map[string]any{"name": "n", "language": "l", "variables": []any{"v"}}}))
		if c.Template == nil || c.Template.Name != "n" || len(c.Template.Variables) != 1 || c.Choices != nil {
			t.Errorf("got %+v", c)
		}
		c = Composition(evt(map[string]any{network.ChoicesKey: map[string]any{"body": "b", "choices": []any{map[string]any{"id": "1", "title": "t"}}}}))
		if c.Choices == nil || c.Choices.Choice[0].Title != "t" {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("WhatIsMalformedIsAnOrdinaryMessage", func(t *testing.T) {
		if c := Composition(evt(map[string]any{network.TemplateKey: 7})); c.Template != nil {
			t.Errorf("got %+v", c)
		}
	})
}

func TestFileKind(t *testing.T) {
	for want, msg := range map[media.Kind]*event.MessageEventContent{
		media.Image: {MsgType: event.MsgImage}, media.Video: {MsgType: event.MsgVideo}, media.Audio: {MsgType: event.MsgAudio},
		media.Voice: {MsgType: event.MsgAudio, MSC3245Voice: &event.MSC3245Voice{}}, media.Sticker: {MsgType: event.CapMsgSticker}, media.Document: {MsgType: event.MsgFile},
	} {
		if got := FileKind(msg); got != want {
			t.Errorf("%+v is a %s, want %s", msg, got, want)
		}
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	if err := TooLong("Telegram", "text", 5000, 4096); !errors.Is(err, errs.ErrTooLarge) || !strings.Contains(errs.Message(err), "5000") || !strings.Contains(errs.Message(err), "4096") {
		t.Errorf("too long: %v, told %q", err, errs.Message(err))
	}
	if err := Unsupported("Telegram", "com.example.x"); !errors.Is(err, errs.ErrUnsupported) || !strings.Contains(errs.Message(err), "Telegram") {
		t.Errorf("unsupported: %v, told %q", err, errs.Message(err))
	}
}
