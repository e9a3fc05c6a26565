// Package sieve keeps out of the log what must not stand in one, whoever writes the line: our own code has constant messages
// and typed facts, but libraries log what they handle.
package sieve

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/rs/zerolog"
)

// secretFields are the fields in which mautrix logs what people wrote: the bodies of its requests, the arguments of
// slow queries, the state that it sets, the status that it reports; and the steps of a login, of which the last may show
// the tokens that it made.
func secretFields() []string {
	return []string{"req_body", "query_args", "content", "mss_content", "body", "first_step", "next_step"}
}

// Log returns a logger of which every line reaches the given one without message texts, phone numbers and tokens.
func Log(log zerolog.Logger) zerolog.Logger {
	return zerolog.New(sieve{to: log, key: newKey()}).Level(log.GetLevel())
}

// sieve takes out of each log line what must not stand in a log, and hands the rest on.
type sieve struct {
	to  zerolog.Logger
	key []byte // of the names that stand for numbers
}

// newKey is another one with each start: numbers are few, and whoever had the key could try them all.
func newKey() []byte {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails
	return key
}

// numbers are phone numbers, and WhatsApp's message IDs, which are the customer's number and more in base64.
var numbers = regexp.MustCompile(`wamid\.[A-Za-z0-9+/=_-]+|\+[0-9]{7,15}`)

// renamed has a name for each number in the line, by which it can be followed until the next start.
func (s sieve) renamed(line []byte) []byte {
	return numbers.ReplaceAllFunc(line, func(number []byte) []byte {
		mac := hmac.New(sha256.New, s.key)
		mac.Write(number)
		return append([]byte("#"), hex.EncodeToString(mac.Sum(nil)[:6])...)
	})
}

// Write implements io.Writer, for lines without a level.
func (s sieve) Write(line []byte) (int, error) { return s.WriteLevel(zerolog.NoLevel, line) }

// WriteLevel implements zerolog.LevelWriter.
func (s sieve) WriteLevel(level zerolog.Level, line []byte) (int, error) {
	fields := map[string]any{}
	decoder := json.NewDecoder(bytes.NewReader(s.renamed(line)))
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil {
		s.to.WithLevel(level).AnErr("cause", err).Msg("A log line could not be read and is left out")
		return len(line), nil
	}
	for _, name := range secretFields() {
		delete(fields, name)
	}
	for _, name := range []string{"bridge_state", "triggered_by"} {
		if state, ok := fields[name].(map[string]any); ok { // an account is often called by its number
			delete(state, "remote_name")
			delete(state, "remote_profile")
		}
	}
	if address, ok := fields["url"].(string); ok {
		fields["url"], _, _ = strings.Cut(address, "?") // names of files stand in queries
	}
	message, _ := fields[zerolog.MessageFieldName].(string)
	delete(fields, zerolog.MessageFieldName)
	delete(fields, zerolog.LevelFieldName)
	s.to.WithLevel(level).Fields(fields).Msg(message)
	return len(line), nil
}
