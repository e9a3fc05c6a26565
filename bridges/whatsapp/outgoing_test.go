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
	"puente/bridges/bridgekit/message"
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
		return cl.content(context.Background(), &bridgev2.MatrixMessage{MatrixEventBase: bridgev2.MatrixEventBase[*event.MessageEventContent]{Content: msg}}, message.Composed{})
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
	t.Run("ALocationKeepsItsNameAndAddress", func(t *testing.T) {
		got, err := contentOf(&event.MessageEventContent{MsgType: event.MsgLocation, Body: "Here\nMadrid", GeoURI: "geo:1.5,-2.25"})
		if want := (graph.OutLocation{Latitude: 1.5, Longitude: -2.25, Name: "Here", Address: "Madrid"}); err != nil || got != want {
			t.Errorf("became %+v, %v", got, err)
		}
	})
	t.Run("AnUnknownTypeIsRefusedInWords", func(t *testing.T) {
		if _, err := contentOf(&event.MessageEventContent{MsgType: "com.example.x"}); !errors.Is(err, errs.ErrUnsupported) || errs.Message(err) == "" {
			t.Errorf("got %v", err)
		}
	})
}

func TestChoices(t *testing.T) {
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
}

func TestLostFiles(t *testing.T) {
	refused := func(code, status int) error { return &graph.Error{Code: code, HTTPStatus: status} }
	t.Run("OnlyWhatCannotComeBackIsGone", func(t *testing.T) {
		for want, list := range map[bool][]error{
			true:  {refused(100, 400), errs.ErrNotFound},
			false: {nil, errors.New("broken pipe"), errs.Temporary(refused(131000, 500), 0), waitForAccount(refused(190, 401))},
		} {
			for _, err := range list {
				if errors.Is(gone(err), errs.ErrNotFound) != want {
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
