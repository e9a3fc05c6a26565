package webhook

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"

	"puente/core/base/errs"
	"puente/core/hub/network"
)

func TestTickets(t *testing.T) {
	w := newWorld(t)
	given := ticket{URL: "mxc://example.org/abc", Mime: "image/png", Name: "a b.png"}
	sealed, err := w.shop.seal(given)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := w.shop.unseal(sealed); err != nil || got != given {
		t.Errorf("came back as %+v, %v", got, err)
	}
	if strings.Contains(sealed, "example") || strings.ContainsAny(sealed, "/+=") {
		t.Errorf("the ticket is %s", sealed)
	}
	desk, err := w.connector.client(context.Background(), "desk")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = desk.unseal(sealed); !errors.Is(err, errs.ErrNotFound) {
		t.Errorf("another system reads it: %v", err)
	}
	for _, broken := range []string{"", "x", "!", sealed[:len(sealed)-4], "A" + sealed[1:], "B" + sealed[1:]} {
		if broken == sealed {
			continue
		}
		if _, err := w.shop.unseal(broken); !errors.Is(err, errs.ErrNotFound) {
			t.Errorf("%q: %v", broken, err)
		}
		if broken == "" {
			continue
		}
		if answer := w.does(http.MethodGet, "/v1/systems/shop/media/"+broken, w.token, "", ""); answer.Code != http.StatusNotFound {
			t.Errorf("%q is answered by %d", broken, answer.Code)
		}
	}
	w.shop.meta.Secret = newSecret()
	if _, err = w.shop.unseal(sealed); !errors.Is(err, errs.ErrNotFound) {
		t.Errorf("an old ticket outlives the secret: %v", err)
	}
}

func TestOutgoingContent(t *testing.T) {
	cl := testClient(t, Config{EventsPerSecond: 1})
	contentOf := func(msg *event.MessageEventContent, raw map[string]any) (*Message, error) {
		return cl.content(context.Background(), &event.Event{Content: event.Content{Raw: raw}}, msg)
	}
	for name, test := range map[string]struct {
		msg        event.MessageEventContent
		text, html string
	}{
		"Text":        {event.MessageEventContent{MsgType: event.MsgText, Body: "a & b"}, "a & b", ""},
		"HTML":        {event.MessageEventContent{MsgType: event.MsgText, Body: "a b", Format: event.FormatHTML, FormattedBody: "a <b>b</b>"}, "a b", "a <strong>b</strong>"},
		"OtherFormat": {event.MessageEventContent{MsgType: event.MsgText, Body: "a b", FormattedBody: "<b>x</b>"}, "a b", ""},
		"Emote":       {event.MessageEventContent{MsgType: event.MsgEmote, Body: "waves <x>"}, "waves <x>", "<em>waves &lt;x&gt;</em>"},
		"Script": {event.MessageEventContent{MsgType: event.MsgText, Body: "x", Format: event.FormatHTML,
			FormattedBody: `<a href="javascript:alert(1)">x</a><script>alert(2)</script><img src=y onerror=z>`}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := contentOf(&test.msg, nil)
			if err != nil {
				t.Fatal(err)
			}
			if test.text != "" && (got.Text != test.text || got.HTML != test.html) {
				t.Errorf("%q, %q", got.Text, got.HTML)
			}
			for _, bad := range []string{"<script", "javascript:", "onerror", "<img"} {
				if strings.Contains(got.HTML, bad) {
					t.Errorf("the HTML is %s", got.HTML)
				}
			}
		})
	}
	t.Run("Choices", func(t *testing.T) {
		got, err := contentOf(&event.MessageEventContent{MsgType: event.MsgText, Body: "Deliver?"}, map[string]any{
			network.ChoicesKey: map[string]any{"body": "Deliver?", "choices": []any{map[string]any{"id": "1", "title": "Yes"}}},
		})
		if err != nil || got.Text != "Deliver?" || got.Choices == nil || got.Choices.Choice[0].Title != "Yes" {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("WhatIsRefused", func(t *testing.T) {
		for name, try := range map[string]func() (*Message, error){
			"Template": func() (*Message, error) {
				return contentOf(&event.MessageEventContent{MsgType: event.MsgText}, map[string]any{network.TemplateKey: map[string]any{"name": "x"}})
			},
			"UnknownType": func() (*Message, error) { return contentOf(&event.MessageEventContent{MsgType: "com.example.x"}, nil) },
			"Nowhere": func() (*Message, error) {
				return contentOf(&event.MessageEventContent{MsgType: event.MsgLocation, GeoURI: "geo:x"}, nil)
			},
		} {
			if _, err := try(); err == nil || errs.Message(err) == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
