package hub

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"puente/core/base/journal"
)

const wholeTransaction = `{
	"events": [
		{"event_id": "$a", "room_id": "!r", "type": "m.room.message", "content": {}},
		{"event_id": "$b", "room_id": "!r", "state_key": "", "type": "m.room.topic", "content": {}},
		7, {"type": "m.room.message"},
		{"event_id": "$echo", "room_id": "!r", "sender": "@puente_red_1:x", "type": "m.room.message", "content": {}}
	],
	"ephemeral": [{"type": "m.typing", "room_id": "!r", "content": {}}],
	"de.sorunome.msc2409.ephemeral": [{"type": "m.typing", "room_id": "!r", "content": {}}],
	"to_device": [{"type": "m.dummy", "to_user_id": "@u:x", "content": {}}],
	"de.sorunome.msc2409.to_device": [{"type": "m.dummy", "to_user_id": "@u:x", "content": {}}]
}`

var splitAs = Names{Domain: "x", Bot: "puente", Prefix: "puente_"}

func split(t testing.TB, txnID, body string) []journal.Entry {
	t.Helper()
	entries, err := splitAs.splitTransaction(txnID, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestSplitTransaction(t *testing.T) {
	entries := split(t, "1", wholeTransaction)
	var kinds, lanes []string
	for _, entry := range entries {
		kinds, lanes = append(kinds, entry.Kind), append(lanes, entry.Lane)
		if entry.Source != sourceMatrix {
			t.Errorf("source %q", entry.Source)
		}
	}
	if want := []string{"event", "event", "event", "event", "ephemeral", "to_device"}; !slices.Equal(kinds, want) {
		t.Fatalf("kinds %v, not %v", kinds, want)
	}
	if want := []string{"!r", "!r", "", "", "ephemeral:!r", "to_device:@u:x"}; !slices.Equal(lanes, want) {
		t.Fatalf("lanes %v, not %v", lanes, want)
	}
	if entries[0].Key != "$a" || entries[0].Reason != "" || entries[2].Reason == "" || entries[3].Reason == "" {
		t.Fatalf("entries %+v", entries)
	}
	t.Run("RepetitionGivesEqualKeys", func(t *testing.T) {
		if !reflect.DeepEqual(entries, split(t, "1", wholeTransaction)) {
			t.Error("the same transaction was split differently")
		}
		other := split(t, "2", wholeTransaction)
		if other[0].Key != entries[0].Key || other[4].Key == entries[4].Key {
			t.Error("events are known by their ID, typing by its transaction")
		}
	})
	t.Run("UnstableNamesAlone", func(t *testing.T) {
		got := split(t, "1", `{"de.sorunome.msc2409.ephemeral": [{"type": "m.typing", "room_id": "!r"}], "de.sorunome.msc2409.to_device": [{"type": "m.dummy"}]}`)
		if len(got) != 2 || got[0].Kind != kindEphemeral || got[1].Kind != kindEncrypted {
			t.Errorf("entries %+v", got)
		}
	})
	t.Run("BrokenJSON", func(t *testing.T) {
		for _, body := range []string{"", "{", "[]", `{"events": 5}`} {
			if _, err := splitAs.splitTransaction("1", []byte(body)); err == nil {
				t.Errorf("%q was taken", body)
			}
		}
	})
}

func FuzzSplitTransaction(f *testing.F) {
	f.Add("1", wholeTransaction)
	f.Add("", `{"events":[null,{"event_id":5},{"event_id":"$a","room_id":{}}]}`)
	f.Fuzz(func(t *testing.T, txnID, body string) {
		entries, err := splitAs.splitTransaction(txnID, []byte(body))
		if err != nil {
			return
		}
		var txn transaction
		if json.Unmarshal([]byte(body), &txn) != nil {
			t.Fatal("broken JSON was taken")
		}
		echoes := 0
		for _, raw := range txn.Events {
			if _, news := splitAs.eventEntry(raw); !news {
				echoes++
			}
		}
		if want := len(txn.Events) - echoes + len(either(txn.Ephemeral, txn.UnstableEphemeral)) + len(either(txn.ToDevice, txn.UnstableToDevice)); len(entries) != want {
			t.Fatalf("%d elements became %d entries", want, len(entries))
		}
		again, err := splitAs.splitTransaction(txnID, []byte(body))
		if err != nil || !reflect.DeepEqual(entries, again) {
			t.Fatal("the same transaction was split differently")
		}
		for _, entry := range entries {
			if entry.Kind == kindEvent && entry.Reason == "" && (entry.Key == "" || entry.Lane == "") {
				t.Fatalf("an event without key or lane was taken: %+v", entry)
			}
			if entry.Kind != kindEvent && entry.Key == "" {
				t.Fatal("an entry has no key")
			}
			if entry.Reason == "" {
				if _, err = parseEvent(entry.Kind, entry.Payload); err != nil && entry.Kind == kindEvent {
					continue // told when it is handled
				}
			}
		}
	})
}
