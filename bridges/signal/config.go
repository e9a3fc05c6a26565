package signal

import (
	_ "embed"
	"fmt"
	"time"

	"puente/bridges/signal/daemon"
	"puente/core/base/errs"
)

//go:embed example-config.yaml
var exampleConfig string

// Config is Signal's part of Puente's config.
type Config struct {
	Daemon             string        `yaml:"daemon"`
	DeviceName         string        `yaml:"device_name"`
	TrustNewIdentities string        `yaml:"trust_new_identities"`
	SendGrace          time.Duration `yaml:"send_grace"`
	AttachmentLimit    int           `yaml:"attachment_limit"`
	Typing             bool          `yaml:"typing"`
	ReadReceipts       bool          `yaml:"read_receipts"`
	MessageRequests    string        `yaml:"message_requests"`
	Disappearing       bool          `yaml:"disappearing"`
}

// What trust_new_identities and message_requests may say.
const (
	trustOnFirstUse = "on-first-use"
	trustAlways     = "always"
	acceptOnAnswer  = "on-answer"
	acceptAtOnce    = "at-once"
)

const megabyte = 1 << 20

// validate names the first value that cannot work, and the mend.
func (c *Config) validate() error {
	if _, _, err := daemon.ParseAddress(c.Daemon); err != nil {
		return fmt.Errorf("networks.signal.daemon: %w", err)
	}
	switch {
	case c.DeviceName == "" || len(c.DeviceName) > 50:
		return fmt.Errorf("networks.signal.device_name: must have 1 to 50 letters: %w", errs.ErrInvalid)
	case c.TrustNewIdentities != trustOnFirstUse && c.TrustNewIdentities != trustAlways:
		return fmt.Errorf("networks.signal.trust_new_identities: must be %s or %s: %w", trustOnFirstUse, trustAlways, errs.ErrInvalid)
	case c.SendGrace < 0:
		return fmt.Errorf("networks.signal.send_grace: must not be negative: %w", errs.ErrInvalid)
	case c.AttachmentLimit < 1 || c.AttachmentLimit > 1000:
		return fmt.Errorf("networks.signal.attachment_limit: must be 1 to 1000 MB: %w", errs.ErrInvalid)
	case c.MessageRequests != acceptOnAnswer && c.MessageRequests != acceptAtOnce:
		return fmt.Errorf("networks.signal.message_requests: must be %s or %s: %w", acceptOnAnswer, acceptAtOnce, errs.ErrInvalid)
	}
	return nil
}

// maxFile is the largest attachment in bytes.
func (c *Config) maxFile() int64 { return int64(c.AttachmentLimit) * megabyte }

// maxLine fits the largest attachment in base64, which makes it a third larger, with a margin for what customers send.
func (c *Config) maxLine() int64 { return max(2*c.maxFile(), 64*megabyte) }
