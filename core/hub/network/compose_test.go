package network

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestContentOnTheWire(t *testing.T) {
	for want, value := range map[string]any{
		`{"name":"n","language":"en"}`: &TemplateContent{Name: "n", Language: "en"},
		`{"name":"n","language":"en","header":["h"],"variables":["v"],"buttons":["","b"]}`: &TemplateContent{
			Name: "n", Language: "en", Header: []string{"h"}, Variables: []string{"v"}, Buttons: []string{"", "b"},
		},
		`{"body":"b","choices":[{"id":"1","title":"t"}]}`: &ChoicesContent{Body: "b", Choice: []Choice{{ID: "1", Title: "t"}}},
		`{"body":"b","header":"h","footer":"f","open":"o","choices":[{"id":"1","title":"t","description":"d"}]}`: &ChoicesContent{
			Body: "b", Header: "h", Footer: "f", Open: "o", Choice: []Choice{{ID: "1", Title: "t", Description: "d"}},
		},
	} {
		encoded, err := json.Marshal(value)
		if err != nil || string(encoded) != want {
			t.Errorf("%s, %v; not %s", encoded, err, want)
		}
		back := reflect.New(reflect.TypeOf(value).Elem()).Interface()
		if err = json.Unmarshal(encoded, back); err != nil || !reflect.DeepEqual(back, value) {
			t.Errorf("%s came back as %+v, %v", encoded, back, err)
		}
	}
}
