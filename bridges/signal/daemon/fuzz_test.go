package daemon

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"testing"
)

// FuzzLines: what has no very long strings comes out in the lines in which it came in.
func FuzzLines(f *testing.F) {
	for _, stream := range []string{
		"{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":{}}\n{\"method\":\"receive\"}\n", "\n\n", "\"a\\\"b\n\"\n", "{\"a\":\"\\", "no end", "\"\\u0000\"\n\"\n", "\xff\xfe\n",
	} {
		f.Add([]byte(stream), 100)
	}
	f.Fuzz(func(t *testing.T, stream []byte, most int) {
		reader := newLineReader(bytes.NewReader(stream), int64(most), t.TempDir())
		var whole []byte
		for range len(stream) + 1 {
			got, err := reader.next()
			if errors.Is(err, io.EOF) {
				break
			} else if errors.Is(err, errLine) {
				if most > len(stream) {
					t.Fatalf("a line of %d bytes is too long for %d", len(stream), most)
				}
				return
			} else if err != nil {
				t.Fatal(err)
			}
			whole = append(whole, got.text...)
			got.blobs.close()
		}
		if end := bytes.LastIndexByte(stream, '\n') + 1; !bytes.Equal(whole, stream[:end]) {
			t.Fatalf("%q became %q", stream[:end], whole)
		}
	})
}

// FuzzReceived: what the daemon tells reads the same each time, and what is called unknown is not known.
func FuzzReceived(f *testing.F) {
	for _, raw := range []string{
		`{"account":"+491","envelope":{"sourceUuid":"a","timestamp":1,"dataMessage":{"message":"x","attachments":[{"id":"1"}]}}}`,
		`{"envelope":{"editMessage":{"targetSentTimestamp":5,"dataMessage":{"message":"y"}}}}`, `{"envelope":{"holo":{},"syncMessage":{"sentMessage":{}}}}`,
		`{"envelope":{"receiptMessage":{"isRead":true,"timestamps":[1,2]},"typingMessage":{"action":"STARTED"}},"exception":{"type":"X"}}`, `{"envelope":null}`, `[]`,
	} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var first, second Received
		err := json.Unmarshal(raw, &first)
		if again := json.Unmarshal(raw, &second); (err == nil) != (again == nil) {
			t.Fatalf("%v, then %v", err, again)
		}
		if err != nil {
			return
		}
		slices.Sort(first.Envelope.Unknown)
		slices.Sort(second.Envelope.Unknown)
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("%+v, then %+v", first, second)
		}
		for _, name := range first.Envelope.Unknown {
			if slices.Contains(envelopeFields(), name) {
				t.Fatalf("%s is known", name)
			}
		}
	})
}
