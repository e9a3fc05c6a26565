package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// posted is one event as it came and as it was read.
type posted struct {
	Event
	raw json.RawMessage
	at  string // where in the body it stands, as a JSON pointer
}

// parse reads a body: one event or an array of them. With a fault in any nothing is to be taken.
func parse(body []byte) ([]posted, []fault) {
	var list []json.RawMessage
	batch := len(bytes.TrimSpace(body)) > 0 && bytes.TrimSpace(body)[0] == '['
	found := &faults{}
	if !json.Valid(body) {
		found.add("#", "is no JSON: send one event, or an array of events, in UTF-8")
		return nil, found.list
	}
	if !batch {
		list = []json.RawMessage{body}
	} else if err := json.Unmarshal(body, &list); err != nil || len(list) == 0 || len(list) > maxBatch {
		found.add("#", "has %d events: send 1 to %d", len(list), maxBatch)
		return nil, found.list
	}
	events, ids := make([]posted, len(list)), map[string]bool{}
	for i, raw := range list {
		at := "#"
		if batch {
			at = fmt.Sprintf("#/%d", i)
		}
		events[i].raw, events[i].at = raw, at
		if events[i].read(found, at, raw); ids[events[i].ID] {
			found.add(at+"/id", "comes twice in this batch: give each event its own")
		}
		ids[events[i].ID] = true
	}
	return events, found.list
}

func (e *Event) read(f *faults, at string, raw []byte) {
	var wrong *json.UnmarshalTypeError
	switch err := json.Unmarshal(raw, e); {
	case errors.As(err, &wrong):
		f.add(strings.TrimSuffix(at+"/"+strings.ReplaceAll(wrong.Field, ".", "/"), "/"), "is a %s: send a %s", wrong.Value, jsonType(wrong.Type.Kind().String()))
		return
	case err != nil:
		f.add(at, "cannot be read as an event")
		return
	}
	e.validate(f, at)
}

func jsonType(kind string) string {
	switch kind {
	case "struct", "map", "ptr":
		return "JSON object"
	case "slice":
		return "JSON array"
	case "bool":
		return "boolean"
	case "float64", "int64":
		return "number"
	}
	return kind
}
