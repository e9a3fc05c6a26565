package desk

import (
	"encoding/json"
	"net/http"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// mentions calls a colleague in a note: in the thread, and by command.
func (a *among) mentions() {
	a.c.Helper()
	for _, note := range []struct {
		what, shows string
		content     object
		thread      id.EventID
	}{
		{"a mention in the thread", nothing, a.inside(a.text(), ""), a.card},
		{"a mention by command", lock, a.command(), ""},
	} {
		before := a.highlights(note.thread)
		note.content["m.mentions"] = object{"user_ids": []any{a.bob.UserID}}
		sent := a.says(note.shows, note.what, note.content)
		seen := a.bob.Finds(0, note.what, func(evt *event.Event) bool { return evt.ID == sent })
		if said := seen.Content.AsMessage().Mentions; said == nil || !said.Has(a.bob.UserID) {
			a.c.Errorf("%s came without it: %+v", note.what, said)
		}
		a.c.Until("the homeserver to count "+note.what, func() bool { return a.highlights(note.thread) == before+1 })
	}
}

// highlights is how many messages of a thread, or else of the rest of the room, Bob's client is to show as about him.
func (a *among) highlights(thread id.EventID) int {
	a.c.Helper()
	a.looks++ // Synapse keeps the answer to a question for two minutes
	filter, err := json.Marshal(object{
		"account_data": object{"not_types": []any{"*"}}, "presence": object{"not_types": []any{"*"}},
		"room": object{"rooms": []any{a.Room}, "timeline": object{"limit": a.looks, "unread_thread_notifications": true}},
	})
	a.c.Must(err)
	type counts struct {
		Highlights int `json:"highlight_count"`
	}
	var got struct {
		Rooms struct {
			Join map[id.RoomID]struct {
				Rest    counts                `json:"unread_notifications"`
				Threads map[id.EventID]counts `json:"unread_thread_notifications"`
			} `json:"join"`
		} `json:"rooms"`
	}
	address := a.bob.BuildURLWithQuery(mautrix.ClientURLPath{"v3", "sync"}, map[string]string{"filter": string(filter), "timeout": "0"})
	_, err = a.bob.MakeRequest(a.c.Ctx, http.MethodGet, address, nil, &got)
	a.c.Must(err)
	if thread != "" {
		return got.Rooms.Join[a.Room].Threads[thread].Highlights
	}
	return got.Rooms.Join[a.Room].Rest.Highlights
}

// mentionsSecretly is mentions in an encrypted room, of which the homeserver does not know what it says: the
// colleague's client finds it by itself.
func (a *among) mentionsSecretly() {
	a.c.Helper()
	for shows, content := range map[string]object{nothing: a.inside(a.text(), ""), lock: a.command()} {
		content["m.mentions"] = object{"user_ids": []any{a.bob.UserID}}
		sent := a.says(shows, "a mention", content)
		a.bob.Finds(0, "the mention", func(evt *event.Event) bool { return evt.ID == sent && evt.Type == event.EventMessage })
		if !a.bob.Web.Look(sent).Highlight {
			a.c.Errorf("Bob's client does not tell him of it: %+v", content)
		}
	}
}
