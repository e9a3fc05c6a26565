package webhook

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// examples are those of one body in openapi.yaml, as JSON by their names.
func examples(t *testing.T, path ...string) map[string][]byte {
	t.Helper()
	var node map[string]any
	if err := yaml.Unmarshal([]byte(openAPI), &node); err != nil {
		t.Fatal(err)
	}
	for _, key := range append(path, "post", "requestBody", "content", "application/json", "examples") {
		node, _ = node[key].(map[string]any)
	}
	bodies := map[string][]byte{}
	for name, one := range node {
		body, err := json.Marshal(one.(map[string]any)["value"])
		if err != nil {
			t.Fatal(err)
		}
		bodies[name] = body
	}
	if len(bodies) == 0 {
		t.Fatalf("there are no examples at %v", path)
	}
	return bodies
}

func TestEveryExampleIsTaken(t *testing.T) {
	seen := map[string]bool{}
	for name, body := range examples(t, "paths", "/systems/{system}/events") {
		w := newWorld(t)
		if answer := w.posts(string(body)); answer.Code != http.StatusAccepted {
			t.Errorf("%s is answered by %d %s", name, answer.Code, answer.Body)
		}
		for _, entry := range w.intake.taken() {
			seen[entry.Kind] = true
		}
	}
	for kind := range needs {
		if !seen[kind] {
			t.Errorf("there is no example of %s", kind)
		}
	}
}

func TestExamplesOfCallbacksAreWhatIsSent(t *testing.T) {
	for name, body := range examples(t, "webhooks", "event") {
		var evt Event
		decoder := json.NewDecoder(strings.NewReader(string(body)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&evt); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if evt.Message != nil && evt.Type == typeMessageCreated && evt.ID != evt.Message.ID {
			t.Errorf("%s: the event is %s, the message %s", name, evt.ID, evt.Message.ID)
		}
	}
}

func TestTheFileIsServed(t *testing.T) {
	w := newWorld(t)
	answer := w.does(http.MethodGet, "/v1/openapi.yaml", "", "", "")
	if answer.Code != http.StatusOK || answer.Body.String() != openAPI || !strings.HasPrefix(openAPI, "openapi: 3.1") {
		t.Errorf("answered %d", answer.Code)
	}
}
