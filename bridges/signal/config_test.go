package signal

import (
	"errors"
	"strings"
	"testing"
	"time"

	"puente/core/base/errs"
)

func TestConfig(t *testing.T) {
	good := Config{
		Daemon: "unix:/run/signal-cli/socket", DeviceName: "Puente", TrustNewIdentities: "on-first-use", SendGrace: 30 * time.Second,
		AttachmentLimit: 100, MessageRequests: "on-answer",
	}
	if err := good.validate(); err != nil {
		t.Fatal(err)
	}
	for key, spoil := range map[string]func(*Config){
		"daemon":               func(c *Config) { c.Daemon = "localhost" },
		"device_name":          func(c *Config) { c.DeviceName = "" },
		"trust_new_identities": func(c *Config) { c.TrustNewIdentities = "never" },
		"send_grace":           func(c *Config) { c.SendGrace = -1 },
		"attachment_limit":     func(c *Config) { c.AttachmentLimit = 0 },
		"message_requests":     func(c *Config) { c.MessageRequests = "" },
	} {
		t.Run(key, func(t *testing.T) {
			bad := good
			spoil(&bad)
			if err := bad.validate(); !errors.Is(err, errs.ErrInvalid) || !strings.HasPrefix(err.Error(), "networks.signal."+key) {
				t.Errorf("%v", err)
			}
		})
	}
	if file, line := good.maxFile(), good.maxLine(); line < file*4/3 {
		t.Errorf("a file of %d bytes does not fit into a line of %d", file, line)
	}
}

func TestTheExampleExplainsEveryKey(t *testing.T) {
	explained := false
	for line := range strings.Lines(exampleConfig) {
		switch comment := strings.HasPrefix(line, "#"); {
		case comment:
			explained = true
		case !explained:
			t.Errorf("%q has no comment above it", strings.TrimSpace(line))
		default:
			explained = false
		}
	}
}
