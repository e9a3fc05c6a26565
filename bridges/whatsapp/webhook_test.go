package whatsapp

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"maunium.net/go/mautrix/bridgev2/networkid"

	"puente/bridges/whatsapp/graph"
	"puente/core/base/errs"
	"puente/core/hub/network"
)

// people is what a test knows of handles: the person of each, and in reverse.
type people map[network.Handle]networkid.UserID

func (p people) Resolve(context.Context, ...network.Handle) (networkid.UserID, error) {
	return "", errs.ErrUnsupported
}
func (p people) Attach(context.Context, networkid.UserID, network.Handle) error {
	return errs.ErrUnsupported
}
func (p people) Lookup(_ context.Context, handle network.Handle) (networkid.UserID, error) {
	person, ok := p[handle]
	if !ok {
		return "", fmt.Errorf("person: %w", errs.ErrNotFound)
	}
	return person, nil
}
func (p people) Of(_ context.Context, person networkid.UserID) (list []network.Handle, err error) {
	for handle, owner := range p {
		if owner == person {
			list = append(list, handle)
		}
	}
	return list, nil
}

func TestLanes(t *testing.T) {
	ctx := context.Background()
	const number, userID = "16505551234", "US.1349"
	byID, byNumber := graph.Update{PhoneNumberID: "1", UserID: userID}, graph.Update{PhoneNumberID: "1", WaID: number}
	both := graph.Update{PhoneNumberID: "1", UserID: userID, WaID: number}

	t.Run("NumberAndUserIDAreOneLaneOnceBothCameTogether", func(t *testing.T) {
		l := newLanes(people{})
		want := l.of(ctx, both)
		if got := l.of(ctx, byNumber); got != want || got != l.of(ctx, byID) {
			t.Errorf("by number %q, by both %q", got, want)
		}
	})
	t.Run("WhatTheDatabaseKnowsCountsToo", func(t *testing.T) {
		l := newLanes(people{{Kind: handleWaID, Value: number}: "p", {Kind: handleUserID, Value: userID}: "p"})
		if got, want := l.of(ctx, byNumber), l.of(ctx, byID); got != want {
			t.Errorf("by number %q, by user ID %q", got, want)
		}
	})
	t.Run("ANumberAloneIsALaneWithoutTheNumber", func(t *testing.T) {
		l := newLanes(people{})
		lane := l.of(ctx, byNumber)
		if strings.Contains(lane, number) || lane != l.of(ctx, byNumber) {
			t.Errorf("the lane is %q", lane)
		}
		if other := l.of(ctx, graph.Update{PhoneNumberID: "1", WaID: "16505559999"}); other == lane {
			t.Error("two numbers share a lane")
		}
	})
	t.Run("GroupsAndTheBusinesssNumbersAreApart", func(t *testing.T) {
		l := newLanes(people{})
		lanes := map[string]bool{
			l.of(ctx, both): true, l.of(ctx, graph.Update{PhoneNumberID: "2", UserID: userID, WaID: number}): true,
			l.of(ctx, graph.Update{PhoneNumberID: "1", GroupID: "g", UserID: userID}): true, l.of(ctx, graph.Update{Kind: graph.KindAccount}): true,
		}
		if len(lanes) != 4 {
			t.Errorf("the lanes are %v", lanes)
		}
	})
	t.Run("ANewUserIDStaysInItsLane", func(t *testing.T) {
		l := newLanes(people{})
		want := l.of(ctx, byID)
		renewal := graph.Update{Kind: graph.KindUserIDUpdate, PhoneNumberID: "1", UserID: userID, NewUserID: "US.2", WaID: number}
		again := graph.Update{Kind: graph.KindUserIDUpdate, PhoneNumberID: "1", UserID: "US.2", NewUserID: "US.3"}
		for _, update := range []graph.Update{renewal, {PhoneNumberID: "1", UserID: "US.2"}, again, {PhoneNumberID: "1", UserID: "US.3"}, byNumber} {
			if got := l.of(ctx, update); got != want {
				t.Errorf("%+v has the lane %q, not %q", update, got, want)
			}
		}
	})
	t.Run("ANoticeOfANewNumberOrUserIDHasItsCustomersLane", func(t *testing.T) {
		for _, from := range []string{`"from":"16505551234","from_user_id":"US.1349"`, `"from":"16505551234"`} {
			l := newLanes(people{})
			updates, err := graph.ParseWebhook([]byte(`{"entry":[{"id":"w","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1"},"messages":[
				{"id":"wamid.a",` + from + `,"type":"system","system":{"type":"user_changed_number","wa_id":"16505550000","user_id":"US.2"}},
				{"id":"wamid.b","from":"16505550000","from_user_id":"US.2","type":"text","text":{"body":"x"}},
				{"id":"wamid.c","from":"16505550000","type":"text","text":{"body":"y"}}]}}]}]}`))
			if err != nil || len(updates) != 3 {
				t.Fatalf("%d updates, %v", len(updates), err)
			}
			want := l.of(ctx, updates[0])
			for _, update := range updates[1:] {
				if got := l.of(ctx, update); got != want {
					t.Errorf("%s: %s has the lane %q, not %q", from, update.Key, got, want)
				}
			}
		}
	})
	t.Run("WhatIsLearntIsBounded", func(t *testing.T) {
		l := newLanes(people{})
		for n := range maxLearnt + 10 {
			l.learn(fmt.Sprint(n), userID)
		}
		if len(l.userIDs) > maxLearnt {
			t.Errorf("%d numbers are remembered", len(l.userIDs))
		}
	})
}

func TestEntries(t *testing.T) {
	c := &Connector{lanes: newLanes(people{})}
	entries := func(body string) []network.Entry { return c.entries(context.Background(), []byte(body)) }
	t.Run("BrokenJSONIsKeptOnceAsFailed", func(t *testing.T) {
		first, second := entries(`{"entry":`), entries(`{"entry":`)
		if len(first) != 1 || first[0].Failed == "" || first[0].Key != second[0].Key || string(first[0].Payload) != `{"entry":` {
			t.Errorf("got %+v", first)
		}
	})
	t.Run("EachUpdateIsAnEntry", func(t *testing.T) {
		got := entries(`{"entry":[{"id":"w","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1"},
			"messages":[{"id":"wamid.a","from":"16505551234","from_user_id":"US.1","type":"text","text":{"body":"x"}}, 7],
			"statuses":[{"id":"wamid.b","status":"read","recipient_user_id":"US.1"}]}}]}]}`)
		if len(got) != 3 || got[0].Kind != "message" || got[1].Failed == "" || got[2].Kind != "status" {
			t.Fatalf("got %+v", got)
		}
		if got[0].Lane != got[2].Lane || got[0].Failed != "" || got[0].Key == got[2].Key {
			t.Errorf("message %+v, status %+v", got[0], got[2])
		}
	})
}
