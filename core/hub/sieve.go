package hub

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/rs/zerolog"
)

// secretFields are the fields in which mautrix logs what people wrote: the bodies of its requests, the arguments of
// slow queries, the state that it sets, the status that it reports; and the steps of a login, of which the last may show
// the tokens that it made.
func secretFields() []string {
	return []string{"req_body", "query_args", "content", "mss_content", "body", "first_step", "next_step"}
}

// sieve takes out of each log line what must not stand in a log, and hands the rest on.
type sieve struct{ to zerolog.Logger }

// sieved returns a logger for mautrix and all that hands it a logger in a context: whatever it logs reaches log
// without message texts, phone numbers and tokens.
func sieved(log zerolog.Logger) zerolog.Logger {
	return zerolog.New(sieve{to: log}).Level(log.GetLevel())
}

// Write implements io.Writer, for lines without a level.
func (s sieve) Write(line []byte) (int, error) { return s.WriteLevel(zerolog.NoLevel, line) }

// WriteLevel implements zerolog.LevelWriter.
func (s sieve) WriteLevel(level zerolog.Level, line []byte) (int, error) {
	fields := map[string]any{}
	decoder := json.NewDecoder(bytes.NewReader(line))
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
