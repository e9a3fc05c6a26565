package app

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"

	"puente/core/base/config"
	"puente/core/base/errs"
	"puente/core/base/sieve"
)

func (a *App) makeLog(cfg *config.Config, given *zerolog.Logger) error {
	if given != nil {
		a.unsieved, a.log = *given, sieve.Log(*given)
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
	a.unsieved = zerolog.New(out).Level(level).With().Timestamp().Logger()
	a.log = sieve.Log(a.unsieved)
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
