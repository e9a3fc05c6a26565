package hub

import (
	"encoding/json"
	"reflect"
	"testing"

	"maunium.net/go/mautrix/event"

	"puente/core/desk/channel"
)

func TestContentInPlainWords(t *testing.T) {
	type said = channel.Content
	for name, test := range map[string]struct {
		eventType event.Type
		raw       string
		want      *said
	}{
		"Text":     {event.EventMessage, `{"msgtype":"m.text","body":"hi"}`, &said{Kind: "text", Text: "hi"}},
		"Emote":    {event.EventMessage, `{"msgtype":"m.emote","body":"waves"}`, &said{Kind: "text", Text: "waves"}},
		"Notice":   {event.EventMessage, `{"msgtype":"m.notice","body":"hi"}`, &said{Kind: "notice", Text: "hi"}},
		"Unknown":  {event.EventMessage, `{"msgtype":"org.example.unknown","body":"hi"}`, &said{Kind: "other", Text: "hi"}},
		"Image":    {event.EventMessage, `{"msgtype":"m.image","body":"a.png","url":"mxc://x/y"}`, &said{Kind: "image", File: "mxc://x/y"}},
		"Caption":  {event.EventMessage, `{"msgtype":"m.video","body":"look","filename":"a.mp4","url":"mxc://x/y"}`, &said{Kind: "video", Text: "look", File: "mxc://x/y"}},
		"Secret":   {event.EventMessage, `{"msgtype":"m.file","body":"a.pdf","file":{"url":"mxc://x/z"}}`, &said{Kind: "file", File: "mxc://x/z"}},
		"Voice":    {event.EventMessage, `{"msgtype":"m.audio","body":"v.ogg","url":"mxc://x/y","org.matrix.msc3245.voice":{}}`, &said{Kind: "voice", File: "mxc://x/y"}},
		"Sticker":  {event.EventSticker, `{"body":"cat","url":"mxc://x/y"}`, &said{Kind: "sticker", File: "mxc://x/y"}},
		"Location": {event.EventMessage, `{"msgtype":"m.location","body":"here","geo_uri":"geo:1,2"}`, &said{Kind: "location", Text: "here", Payload: map[string]any{"geo_uri": "geo:1,2"}}},
		"Reply":    {event.EventMessage, `{"msgtype":"m.text","body":"yes","m.relates_to":{"m.in_reply_to":{"event_id":"$a"}}}`, &said{Kind: "text", Text: "yes", Target: "$a"}},
		"Edit": {
			event.EventMessage, `{"msgtype":"m.text","body":"* yes","m.new_content":{"msgtype":"m.text","body":"yes"},"m.relates_to":{"rel_type":"m.replace","event_id":"$a"}}`,
			&said{Kind: "edit", Text: "yes", Target: "$a"},
		},
		"EditWithoutContent": {event.EventMessage, `{"msgtype":"m.text","body":"* yes","m.relates_to":{"rel_type":"m.replace","event_id":"$a"}}`, &said{Kind: "edit", Text: "yes", Target: "$a"}},
		"Reaction":           {event.EventReaction, `{"m.relates_to":{"rel_type":"m.annotation","event_id":"$a","key":"👍"}}`, &said{Kind: "reaction", Text: "👍", Target: "$a"}},
		"Deletion":           {event.EventRedaction, `{"redacts":"$a"}`, &said{Kind: "deletion", Target: "$a"}},
		"OldDeletion":        {event.EventRedaction, `{}`, &said{Kind: "deletion", Target: "$outside"}},
		"Nothing":            {event.StateTopic, `{"topic":"x"}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			evt := &event.Event{Type: test.eventType, Redacts: "$outside"}
			if err := json.Unmarshal([]byte(test.raw), &evt.Content); err != nil {
				t.Fatal(err)
			}
			if err := evt.Content.ParseRaw(test.eventType); err != nil {
				t.Fatal(err)
			}
			if got := saidBy(evt); !reflect.DeepEqual(got, test.want) {
				t.Errorf("%+v, not %+v", got, test.want)
			}
		})
	}
}
