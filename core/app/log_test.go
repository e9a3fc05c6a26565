package app

import (
	"os"
	"strings"
	"testing"
)

func TestLogGoesToTheFile(t *testing.T) {
	for name, tc := range map[string]struct{ format, want string }{
		"JSON":   {"json", `"thing":"kettle"`},
		"Pretty": {"pretty", "thing=kettle"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := settings(t, "http://127.0.0.1:1")
			cfg.Logging.Format = tc.format
			a := &App{}
			if err := a.makeLog(cfg, nil); err != nil {
				t.Fatal(err)
			}
			a.log.Info().Str("thing", "kettle").Msg("Boiled")
			a.log.Debug().Msg("Below the level")
			a.Close()
			content, err := os.ReadFile(cfg.Logging.File)
			if err != nil {
				t.Fatal(err)
			}
			text := string(content)
			if !strings.Contains(text, tc.want) || !strings.Contains(text, "Boiled") || strings.Contains(text, "Below") ||
				strings.Contains(text, "\x1b") || strings.Count(text, "\n") != 1 {
				t.Errorf("log: %q", text)
			}
			if info, err := os.Stat(cfg.Logging.File); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode: %v, %v", info.Mode(), err)
			}
		})
	}
}

func TestLogIsContinuedNotOverwritten(t *testing.T) {
	cfg := settings(t, "http://127.0.0.1:1")
	for range 2 {
		a := &App{}
		if err := a.makeLog(cfg, nil); err != nil {
			t.Fatal(err)
		}
		a.log.Info().Msg("Once more")
		a.Close()
	}
	if lines := logged(t, cfg); len(lines) != 2 {
		t.Errorf("lines: %v", lines)
	}
}
