package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/media"
	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// wire is the content as Meta gets it.
func wire(t *testing.T, content graph.Content) string {
	t.Helper()
	raw, err := json.Marshal(graph.OutgoingMessage{To: "16505551234", Content: content})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestOutgoingContent(t *testing.T) {
	cl := &Client{connector: &Connector{config: Config{LinkPreviews: true}}}
	contentOf := func(msg *event.MessageEventContent) (graph.Content, error) {
		return cl.content(context.Background(), &bridgev2.MatrixMessage{MatrixEventBase: bridgev2.MatrixEventBase[*event.MessageEventContent]{Content: msg}}, composed{})
	}
	t.Run("TextAndEmote", func(t *testing.T) {
		for want, msg := range map[string]*event.MessageEventContent{
			`"body":"a *b*"`: {MsgType: event.MsgText, Body: "a **b**", Format: event.FormatHTML, FormattedBody: "a <b>b</b>"},
			`"body":"a b"`:   {MsgType: event.MsgText, Body: "a b", FormattedBody: "<b>ignored without its format</b>"},
			`"body":"_a b_"`: {MsgType: event.MsgEmote, Body: "a b"},
		} {
			content, err := contentOf(msg)
			if err != nil || !strings.Contains(wire(t, content), want) || strings.Contains(wire(t, content), `"preview_url":true`) != (msg.MsgType == event.MsgText) {
				t.Errorf("%s: got %v, %v", want, content, err)
			}
		}
	})
	t.Run("Locations", func(t *testing.T) {
		for uri, want := range map[string]graph.OutLocation{
			"geo:1.5,-2.25":       {Latitude: 1.5, Longitude: -2.25, Name: "Here"},
			"geo:1.5,-2.25,99":    {Latitude: 1.5, Longitude: -2.25, Name: "Here"},
			"geo:1.5,-2.25;u=3;x": {Latitude: 1.5, Longitude: -2.25, Name: "Here"},
		} {
			if got, err := contentOf(&event.MessageEventContent{MsgType: event.MsgLocation, Body: "Here\nMadrid", GeoURI: uri}); err != nil || got != want {
				t.Errorf("%s became %+v, %v", uri, got, err)
			}
		}
		for _, uri := range []string{"", "geo:", "geo:1", "geo:x,y", "1;2"} {
			if _, err := contentOf(&event.MessageEventContent{MsgType: event.MsgLocation, GeoURI: uri}); !errors.Is(err, errs.ErrInvalid) || errs.Message(err) == "" {
				t.Errorf("%q gives %v", uri, err)
			}
		}
		if got, _ := contentOf(&event.MessageEventContent{MsgType: event.MsgLocation, Body: "Location geo:1,2", GeoURI: "geo:1,2"}); got.(graph.OutLocation).Name != "" {
			t.Errorf("coordinates became the name: %+v", got)
		}
	})
	t.Run("AnUnknownTypeIsRefusedInWords", func(t *testing.T) {
		if _, err := contentOf(&event.MessageEventContent{MsgType: "com.example.x"}); !errors.Is(err, errs.ErrUnsupported) || errs.Message(err) == "" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("CaptionsStandBesideANameOnly", func(t *testing.T) {
		for _, one := range []struct{ name, body, want string }{{"", "a.png", ""}, {"a.png", "a.png", ""}, {"a.png", "Look", "Look"}} {
			if got := caption(&event.MessageEventContent{FileName: one.name, Body: one.body}); got != one.want {
				t.Errorf("%+v gives %q", one, got)
			}
		}
	})
}

func TestComposition(t *testing.T) {
	evt := func(raw map[string]any) *event.Event { return &event.Event{Content: event.Content{Raw: raw}} }
	t.Run("TemplateAndChoices", func(t *testing.T) {
		c := composition(evt(map[string]any{network.TemplateKey: map[string]any{"name": "n", "language": "l", "variables": []any{"v"}}}))
		if c.template == nil || c.template.Name != "n" || len(c.template.Variables) != 1 || c.choices != nil {
			t.Errorf("got %+v", c)
		}
		c = composition(evt(map[string]any{network.ChoicesKey: map[string]any{"body": "b", "choices": []any{map[string]any{"id": "1", "title": "t"}}}}))
		if c.choices == nil || c.choices.Choice[0].Title != "t" {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("WhatIsMalformedIsAnOrdinaryMessage", func(t *testing.T) {
		if c := composition(evt(map[string]any{network.TemplateKey: 7})); c.template != nil {
			t.Errorf("got %+v", c)
		}
	})
	t.Run("ButtonsUnlessThereIsSomethingToOpen", func(t *testing.T) {
		choices := &network.ChoicesContent{Body: "b", Header: "h", Choice: []network.Choice{{ID: "1", Title: "t"}}}
		if got := wire(t, choicesContent(choices)); !strings.Contains(got, `"type":"button"`) || !strings.Contains(got, `"h"`) {
			t.Errorf("got %s", got)
		}
		choices.Open = "Open"
		if got := wire(t, choicesContent(choices)); !strings.Contains(got, `"type":"list"`) || !strings.Contains(got, `"button":"Open"`) {
			t.Errorf("got %s", got)
		}
	})
}

func TestFileLimits(t *testing.T) {
	sized := func(t *testing.T, name string, size int64) media.File {
		t.Helper()
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte("%PDF-1.4\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil { // sparse: it takes no room on the disk
			t.Fatal(err)
		}
		return media.File{Path: path, Name: name, Mime: "application/pdf"}
	}
	t.Run("ADocumentOfHundredMegabytesFits", func(t *testing.T) {
		if file, err := media.Convert(context.Background(), sized(t, "a.pdf", graph.MaxDocument), media.Document, limits, media.Options{}); err != nil || file.Kind != media.Document {
			t.Errorf("got %+v, %v", file, err)
		}
	})
	t.Run("OneByteMoreIsRefusedInWords", func(t *testing.T) {
		_, err := media.Convert(context.Background(), sized(t, "a.pdf", graph.MaxDocument+1), media.Document, limits, media.Options{AsDocument: true})
		if !errors.Is(err, errs.ErrTooLarge) || !strings.Contains(errs.Message(err), "100 MB") {
			t.Errorf("got %v, told %q", err, errs.Message(err))
		}
	})
	t.Run("EveryKindHasItsMessage", func(t *testing.T) {
		for kind, want := range map[media.Kind]string{
			media.Image: `"image"`, media.Video: `"video"`, media.Voice: `"voice":true`, media.Audio: `"audio"`, media.Sticker: `"sticker"`, media.Document: `"filename":"n"`,
		} {
			content, err := mediaContent(media.File{Kind: kind, Name: "n"}, "1", "c")
			if err != nil || !strings.Contains(wire(t, content), want) {
				t.Errorf("%s: %v, %v", kind, content, err)
			}
		}
		if _, err := mediaContent(media.File{Kind: "hologram"}, "1", ""); !errors.Is(err, errs.ErrUnsupported) {
			t.Errorf("an unknown kind gives %v", err)
		}
	})
	t.Run("KindsFollowTheMessage", func(t *testing.T) {
		for want, msg := range map[media.Kind]*event.MessageEventContent{
			media.Image: {MsgType: event.MsgImage}, media.Video: {MsgType: event.MsgVideo}, media.Audio: {MsgType: event.MsgAudio},
			media.Voice: {MsgType: event.MsgAudio, MSC3245Voice: &event.MSC3245Voice{}}, media.Sticker: {MsgType: event.CapMsgSticker}, media.Document: {MsgType: event.MsgFile},
		} {
			if got := fileKind(msg); got != want {
				t.Errorf("%+v is a %s, want %s", msg, got, want)
			}
		}
	})
}

func TestLostFiles(t *testing.T) {
	refused := func(code, status int) error { return &graph.Error{Code: code, HTTPStatus: status} }
	t.Run("OnlyWhatCannotComeBackIsGone", func(t *testing.T) {
		for want, list := range map[bool][]error{
			true:  {refused(100, 400), errs.ErrNotFound},
			false: {nil, errors.New("broken pipe"), errs.Temporary(refused(131000, 500), 0), waitForAccount(refused(190, 401))},
		} {
			for _, err := range list {
				if gone(err) != want {
					t.Errorf("gone(%v) is %t", err, !want)
				}
			}
		}
	})
	t.Run("ARefusedAccountIsWaitedFor", func(t *testing.T) {
		if _, again := errs.IsTemporary(waitForAccount(refused(190, 401))); !again {
			t.Error("a refused token loses a customer's file")
		}
		if _, again := errs.IsTemporary(waitForAccount(refused(100, 400))); again {
			t.Error("an unknown file is asked for again")
		}
	})
}
