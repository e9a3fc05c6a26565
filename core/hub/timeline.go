package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/appservice"
	"maunium.net/go/mautrix/id"

	"puente/core/base/clock"
)

// timeline is what the homeserver has in the rooms of one of our users, asked for instead of waited for. Positions are
// the homeserver's own, of /sync; but for the user who is the application service itself, whom Synapse lets have no
// /sync: those are times, and each room is looked into.
type timeline struct {
	*appservice.IntentAPI
	itself bool
	clock  clock.Clock
}

// span is a part of a room's timeline, oldest first, with the room's ID in each event as transactions have it.
type span struct {
	room   id.RoomID
	events []json.RawMessage
}

// The filters let through nothing but what people put into rooms. ref: Matrix client-server API, filtering
const (
	// filterNow chooses no room at all: only the position is wanted.
	filterNow   = `{"room":{"rooms":[]},"presence":{"types":[]},"account_data":{"types":[]}}`
	filterSince = `{"room":{"timeline":{"limit":50,"not_types":["com.beeper.message_send_status"]},` +
		`"state":{"types":[]},"ephemeral":{"types":[]},"account_data":{"types":[]}},` +
		`"presence":{"types":[]},"account_data":{"types":[]}}`
	filterPage = `{"not_types":["com.beeper.message_send_status"]}`
)

// mostPages bounds how far back one room is read: 10,000 events since the last look are no room that people talk in.
const mostPages = 100

// synced is what of a /sync is looked at.
type synced struct {
	Next  string `json:"next_batch"`
	Rooms struct {
		Join map[id.RoomID]struct {
			Timeline struct {
				Events  []json.RawMessage `json:"events"`
				Limited bool              `json:"limited"`
				Before  string            `json:"prev_batch"`
			} `json:"timeline"`
		} `json:"join"`
	} `json:"rooms"`
}

// errPosition tells that the homeserver does not know a position any more.
var errPosition = errors.New("the homeserver does not know this position")

// now is the current position.
func (t timeline) now(ctx context.Context) (string, error) {
	if t.itself {
		return strconv.FormatInt(t.clock.Now().UnixMilli(), 10), nil
	}
	answer, err := t.sync(ctx, map[string]string{"filter": filterNow})
	return answer.Next, err
}

// since is what came after a position, and the new position.
func (t timeline) since(ctx context.Context, position string) (spans []span, next string, err error) {
	if t.itself {
		return t.sinceTime(ctx, position)
	}
	answer, err := t.sync(ctx, map[string]string{"filter": filterSince, "since": position})
	if err != nil {
		return nil, "", err
	}
	for room, joined := range answer.Rooms.Join {
		var events []json.RawMessage
		if joined.Timeline.Limited {
			if events, err = t.between(ctx, room, joined.Timeline.Before, position); err != nil {
				return nil, "", err
			}
		}
		for _, raw := range joined.Timeline.Events {
			events = append(events, withRoom(raw, room))
		}
		spans = append(spans, span{room: room, events: events})
	}
	return spans, answer.Next, nil
}

// clockDifference is how far the homeserver's clock may be behind.
const clockDifference = time.Minute

func (t timeline) sinceTime(ctx context.Context, position string) (spans []span, next string, err error) {
	at, err := strconv.ParseInt(position, 10, 64)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", errPosition, err)
	}
	next, _ = t.now(ctx) // a time, without asking anybody
	joined, err := t.JoinedRooms(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("list the rooms of %s: %w", t.UserID, err)
	}
	for _, room := range joined.JoinedRooms {
		events, err := t.after(ctx, room, time.UnixMilli(at).Add(-clockDifference))
		if err != nil {
			return nil, "", err
		}
		spans = append(spans, span{room: room, events: events})
	}
	return spans, next, nil
}

// after is what was said in a room after a time, by the homeserver's clock. The room's state is left out: what was
// there before we came in was never to be handed over.
func (t timeline) after(ctx context.Context, room id.RoomID, since time.Time) ([]json.RawMessage, error) {
	type stamped struct {
		At       int64   `json:"origin_server_ts"`
		StateKey *string `json:"state_key"`
	}
	events, err := t.backwards(ctx, room, map[string]string{}, func(raw json.RawMessage) bool {
		var evt stamped
		return json.Unmarshal(raw, &evt) == nil && evt.At < since.UnixMilli()
	})
	return slices.DeleteFunc(events, func(raw json.RawMessage) bool {
		var evt stamped
		return json.Unmarshal(raw, &evt) == nil && evt.StateKey != nil
	}), err
}

func (t timeline) sync(ctx context.Context, query map[string]string) (answer synced, err error) {
	query["timeout"], query["set_presence"] = "0", "offline"
	_, err = t.MakeFullRequest(ctx, mautrix.FullRequest{
		Method: http.MethodGet, URL: t.BuildURLWithQuery(mautrix.ClientURLPath{"v3", "sync"}, query), ResponseJSON: &answer,
	})
	var refused mautrix.HTTPError
	if errors.As(err, &refused) && refused.IsStatus(http.StatusBadRequest) {
		return answer, fmt.Errorf("%w: %w", errPosition, err)
	} else if err != nil {
		return answer, fmt.Errorf("ask the homeserver what is new: %w", err)
	}
	return answer, nil
}

// between is what came into a room between an earlier position and a later one.
func (t timeline) between(ctx context.Context, room id.RoomID, later, earlier string) ([]json.RawMessage, error) {
	return t.backwards(ctx, room, map[string]string{"from": later, "to": earlier}, func(json.RawMessage) bool { return false })
}

// backwards reads a room from its end, or where the query says, until enough says so, and returns what it read oldest
// first, each with its room's ID.
func (t timeline) backwards(ctx context.Context, room id.RoomID, query map[string]string, enough func(json.RawMessage) bool) ([]json.RawMessage, error) {
	var events []json.RawMessage
	query["dir"], query["limit"], query["filter"] = "b", "100", filterPage
	for range mostPages {
		var page struct {
			Chunk []json.RawMessage `json:"chunk"`
			End   string            `json:"end"`
		}
		_, err := t.MakeRequest(ctx, http.MethodGet,
			t.BuildURLWithQuery(mautrix.ClientURLPath{"v3", "rooms", room, "messages"}, query), nil, &page)
		if err != nil {
			return nil, fmt.Errorf("read what is in %s: %w", room, err)
		}
		for _, raw := range page.Chunk {
			if enough(raw) {
				slices.Reverse(events)
				return events, nil
			}
			events = append(events, withRoom(raw, room))
		}
		if len(page.Chunk) == 0 || page.End == "" {
			break
		}
		query["from"] = page.End
	}
	slices.Reverse(events)
	return events, nil
}

// withRoom puts the room's ID into an event, which /sync leaves out.
func withRoom(raw json.RawMessage, room id.RoomID) json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return raw
	}
	fields["room_id"], _ = json.Marshal(room) // a string
	whole, err := json.Marshal(fields)
	if err != nil {
		return raw
	}
	return whole
}
