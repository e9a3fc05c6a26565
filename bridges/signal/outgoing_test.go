package signal

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix/event"

	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

func TestTextsForSignal(t *testing.T) {
	cl := &Client{connector: &Connector{log: zerolog.Nop()}}
	for name, test := range map[string]struct {
		content event.MessageEventContent
		text    string
		styles  []daemon.TextStyle
	}{
		"Plain": {event.MessageEventContent{MsgType: event.MsgText, Body: "a *b*"}, "a *b*", nil},
		"Styled": {event.MessageEventContent{MsgType: event.MsgText, Body: "x", Format: event.FormatHTML, FormattedBody: "👍 <b>bold <i>both</i></b> <code>mono</code>"}, "👍 bold both mono", []daemon.TextStyle{
			{Style: "BOLD", Start: 3, Length: 9}, {Style: "ITALIC", Start: 8, Length: 4}, {Style: "MONOSPACE", Start: 13, Length: 4},
		}},
		"Spoiler": {event.MessageEventContent{MsgType: event.MsgText, Body: "x", Format: event.FormatHTML, FormattedBody: `<span data-mx-spoiler>s</span> <del>d</del>`}, "s d", []daemon.TextStyle{
			{Style: "SPOILER", Start: 0, Length: 1}, {Style: "STRIKETHROUGH", Start: 2, Length: 1},
		}},
		"Link":  {event.MessageEventContent{MsgType: event.MsgText, Body: "x", Format: event.FormatHTML, FormattedBody: `<a href="https://example.org">here</a>`}, "here (https://example.org)", nil},
		"Emote": {event.MessageEventContent{MsgType: event.MsgEmote, Body: "waves"}, "waves", []daemon.TextStyle{{Style: "ITALIC", Start: 0, Length: 5}}},
		"Place": {event.MessageEventContent{MsgType: event.MsgLocation, Body: "The shop", GeoURI: "geo:40.5,-3.5"}, "📍 The shop\nhttps://www.openstreetmap.org/?mlat=40.500000&mlon=-3.500000#map=16/40.500000/-3.500000", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := cl.words(&test.content)
			if err != nil || got.Text != test.text || !reflect.DeepEqual(got.Styles, test.styles) {
				t.Errorf("%q %+v, %v", got.Text, got.Styles, err)
			}
		})
	}
	for _, content := range []event.MessageEventContent{{MsgType: "com.example.hologram"}, {MsgType: event.MsgLocation, GeoURI: "geo:nowhere"}} {
		if _, err := cl.words(&content); errs.Message(err) == "" {
			t.Errorf("%s: %v", content.MsgType, err)
		}
	}
}

func TestChoicesAreNumbered(t *testing.T) {
	got := choicesText(&network.ChoicesContent{Header: "Order 7", Body: "Is Friday fine?", Footer: "The shop", Choice: []network.Choice{{Title: "Yes"}, {Title: "No", Description: "another day"}}})
	if want := "Order 7\nIs Friday fine?\n\n1. Yes\n2. No – another day\n\nThe shop"; got != want {
		t.Errorf("%q", got)
	}
}

func TestPollLimits(t *testing.T) {
	long := strings.Repeat("a", 101)
	for name, test := range map[string]struct {
		poll daemon.PollCreate
		good bool
	}{
		"Good":       {daemon.PollCreate{Question: "q", Options: []string{"a", "b"}}, true},
		"NoQuestion": {daemon.PollCreate{Options: []string{"a", "b"}}, false},
		"OneAnswer":  {daemon.PollCreate{Question: "q", Options: []string{"a"}}, false},
		"TooMany":    {daemon.PollCreate{Question: "q", Options: strings.Split(strings.Repeat("a ", 10)+"a", " ")}, false},
		"TooLong":    {daemon.PollCreate{Question: "q", Options: []string{"a", long}}, false},
		"Empty":      {daemon.PollCreate{Question: "q", Options: []string{"a", ""}}, false},
	} {
		err := checkPoll(test.poll)
		if (err == nil) != test.good || (err != nil && (!errors.Is(err, errs.ErrInvalid) || errs.Message(err) == "")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
