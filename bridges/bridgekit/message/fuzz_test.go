package message

import (
	"encoding/json"
	"math"
	"path"
	"strings"
	"testing"
	"unicode/utf8"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// FuzzPlace: a place that can be read is on the earth, and what is made of it reads the same.
func FuzzPlace(f *testing.F) {
	f.Add("geo:40.4168,-3.7038;u=10", "Puerta del Sol\nMadrid")
	f.Add("geo:nan,inf", "geo:1,2")
	f.Add("40,3,100", "")
	f.Add("geo:1e400,0x1p-2", " ")
	f.Fuzz(func(t *testing.T, uri, body string) {
		place, err := ReadPlace(&event.MessageEventContent{GeoURI: uri, Body: body})
		if err != nil {
			return
		}
		if !(math.Abs(place.Latitude) <= 90) || !(math.Abs(place.Longitude) <= 180) || strings.Contains(place.Name+place.Address, "\n") {
			t.Fatalf("%+v", place)
		}
		made := Location(place.Latitude, place.Longitude, place.Name).Content
		again, err := ReadPlace(made)
		if err != nil || math.Abs(again.Latitude-place.Latitude) > 1e-6 || math.Abs(again.Longitude-place.Longitude) > 1e-6 {
			t.Fatalf("%+v became %+v, %v", place, again, err)
		}
		if made.Mentions == nil {
			t.Fatal("it may mention somebody")
		}
	})
}

// FuzzWords: a word of the network's may stand in a log, a line of ours stands above a text, and a long text is cut
// between letters.
func FuzzWords(f *testing.F) {
	f.Add("holo gram\n<b>", 3)
	f.Add("@room \u202e\xff", 0)
	f.Add("é😀👩\u200d🌾", 2)
	f.Fuzz(func(t *testing.T, text string, most int) {
		if got := CleanWord(text); CleanWord(got) != got || strings.ContainsAny(got, " \n<>*@:/") {
			t.Fatalf("%q became %q", text, got)
		}
		if !utf8.ValidString(text) {
			return
		}
		if most >= 0 {
			if got := beginning(text, most); !utf8.ValidString(got) || utf8.RuneCountInString(got) > most+1 && got != text {
				t.Fatalf("%q became %q", text, got)
			}
		}
		if quoted, err := json.Marshal(text); err != nil || encoded(text) > 6*len(quoted)+8 {
			t.Fatalf("%q counts as %d bytes", text, encoded(text))
		}
		part := Text("said", "")
		AddAbove(part.Content, text)
		if strings.Contains(part.Content.FormattedBody, "<b>") || strings.Contains(part.Content.FormattedBody, "<script") {
			t.Fatalf("the line is HTML: %q", part.Content.FormattedBody)
		}
	})
}

// FuzzComposition: what stands beside a text for the bridge is read or passed over.
func FuzzComposition(f *testing.F) {
	f.Add([]byte(`{"dev.puente.template":{"name":"a","language":"en","variables":["x"]}}`))
	f.Add([]byte(`{"dev.puente.choices":{"body":"q","choices":[{"id":"1","title":"a"}]}}`))
	f.Add([]byte(`{"dev.puente.template":[],"dev.puente.choices":7}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		evt := &event.Event{}
		if json.Unmarshal(raw, &evt.Content.Raw) != nil {
			return
		}
		c := Composition(evt)
		if c.Template != nil && c.Choices != nil {
			t.Fatal("both at once")
		}
	})
}

// FuzzAddress: a file's address leads to a file, and to nothing else of the homeserver's.
func FuzzAddress(f *testing.F) {
	for _, address := range []string{"mxc://example.org/abc_DEF-1", "mxc://../admin", "mxc://example.org/..", "mxc://a/b/c", "mxc://a?x/b", "mxc://[::1]:8448/x", "http://a/b", "mxc://a/%2e%2e", "mxc:///x", ""} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if !isMedia(id.ContentURIString(address)) {
			return
		}
		server, name, _ := strings.Cut(strings.TrimPrefix(address, "mxc://"), "/")
		joined := path.Join("/media", server, name)
		if joined != "/media/"+server+"/"+name || strings.ContainsAny(address, "%?#\\ \n") {
			t.Fatalf("%q leads to %s", address, joined)
		}
	})
}
