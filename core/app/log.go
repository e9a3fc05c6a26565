package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"

	"puente/core/base/config"
	"puente/core/base/errs"
)

func (a *App) makeLog(cfg *config.Config, given *zerolog.Logger) error {
	if given != nil {
		a.log = *given
		return nil
	}
	level, err := zerolog.ParseLevel(cfg.Logging.Level)
	if err != nil {
		return fmt.Errorf("logging.level: must be trace, debug, info, warn or error: %w", errs.ErrInvalid)
	}
	var out io.Writer = os.Stderr
	if cfg.Logging.File != "" {
		if err = os.MkdirAll(filepath.Dir(cfg.Logging.File), 0o700); err != nil {
			return fmt.Errorf("logging.file: %w", err)
		}
		file, err := os.OpenFile(cfg.Logging.File, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("logging.file: %w", err)
		}
		out, a.logFile = file, file
	}
	if cfg.Logging.Format == "pretty" {
		out = zerolog.ConsoleWriter{Out: out, TimeFormat: time.DateTime, NoColor: !isTerminal(out)}
	}
	a.log = zerolog.New(withoutBodies{out}).Level(level).With().Timestamp().Logger()
	return nil
}

// isTerminal tells whether colours make sense there.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// bodyField is where mautrix logs what it sends to the homeserver, the text of messages included.
const bodyField = "req_body"

// withoutBodies keeps request bodies out of the log: what people write is never in it. mautrix adds them to every
// request's line, and to one that failed at the level of errors, and has no setting against it.
type withoutBodies struct{ out io.Writer }

// Write implements io.Writer for one line of JSON.
func (w withoutBodies) Write(line []byte) (int, error) {
	if !bytes.Contains(line, []byte(`"`+bodyField+`"`)) {
		return w.out.Write(line)
	}
	kept, err := withoutField(line)
	if err != nil {
		return 0, fmt.Errorf("keep a request's body out of the log: %w", err)
	}
	if _, err = w.out.Write(kept); err != nil {
		return 0, err
	}
	return len(line), nil
}

// withoutField drops the field from a line and keeps the order of the others.
func withoutField(line []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	if _, err := decoder.Token(); err != nil { // the opening brace
		return nil, err
	}
	kept := []byte("{")
	for decoder.More() {
		var value json.RawMessage
		name, err := decoder.Token()
		if err == nil {
			err = decoder.Decode(&value)
		}
		if err != nil {
			return nil, err
		}
		if name == bodyField {
			continue
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		if len(kept) > 1 {
			kept = append(kept, ',')
		}
		kept = append(append(append(kept, quoted...), ':'), value...)
	}
	return append(kept, '}', '\n'), nil
}
