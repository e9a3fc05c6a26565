package sieve

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/rs/zerolog"
)

// FuzzSieve: what comes through is a line of JSON without numbers and the fields that hold what people wrote.
func FuzzSieve(f *testing.F) {
	f.Add([]byte(`{"level":"debug","req_body":{"body":"x"},"url":"http://h/a?b","message":"m"}`))
	f.Add([]byte(`{"bridge_state":{"remote_name":"+34","state_event":"CONNECTED"},"next_step":7}`))
	f.Add([]byte(`{"remote_message_id":"wamid.HBgL+/=","message":"+34600123456","a":1e+34600123456}`))
	f.Add([]byte(`{"a":1e999,"a":{"b":`))
	f.Fuzz(func(t *testing.T, line []byte) {
		var out bytes.Buffer
		s := sieve{to: zerolog.New(&out), key: newKey()}
		if n, err := s.Write(line); n != len(line) || err != nil {
			t.Fatal(n, err)
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(out.Bytes(), &fields); err != nil {
			t.Fatalf("%q became %q: %v", line, out.Bytes(), err)
		}
		if number := numbers.Find(out.Bytes()); number != nil {
			t.Fatalf("%s came through: %q", number, out.Bytes())
		}
		for _, name := range secretFields() {
			if fields[name] != nil {
				t.Fatalf("%s came through: %q", name, out.Bytes())
			}
		}
	})
}
