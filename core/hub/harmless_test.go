package hub

import (
	"strings"
	"testing"
	"unicode/utf8"

	"maunium.net/go/mautrix/event"
)

func TestACustomersMessageIsQuiet(t *testing.T) {
	for name, msg := range map[string]*event.MessageEventContent{
		"WithoutMentions": {Body: "@room"},
		"OfTheRoom":       {Body: "@room", Mentions: &event.Mentions{Room: true}},
		"Edited":          {Body: "* @room", NewContent: &event.MessageEventContent{Body: "@room", Mentions: &event.Mentions{Room: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			quiet(&event.Content{Parsed: msg})
			for part := msg; part != nil; part = part.NewContent {
				if part.Mentions == nil || part.Mentions.Room {
					t.Errorf("it mentions %+v", part.Mentions)
				}
			}
		})
	}
	quiet(&event.Content{Parsed: &event.ReactionEventContent{}}) // has none
}

func TestNamesAreShownOnOneLine(t *testing.T) {
	if got := shownName("Ana\n\u202e" + strings.Repeat("é", 500)); utf8.RuneCountInString(got) != longestName || strings.ContainsAny(got, "\n\u202e") {
		t.Errorf("%q", got)
	}
	room := &event.RoomNameEventContent{Name: "Team\u2067\n"}
	if nameRoom(&event.Content{Parsed: room}); room.Name != "Team" {
		t.Errorf("%q", room.Name)
	}
}
