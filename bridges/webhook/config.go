package webhook

import (
	_ "embed"
	"fmt"
	"net/netip"
	"time"

	"puente/core/base/errs"
)

//go:embed example-config.yaml
var exampleConfig string

// Config is the channel's part of Puente's config.
type Config struct {
	MaxUploadBytes        int64         `yaml:"max_upload_bytes"`
	UploadDir             string        `yaml:"upload_dir"`
	EventsPerSecond       int           `yaml:"events_per_second"`
	CallbackTimeout       time.Duration `yaml:"callback_timeout"`
	AllowPrivateAddresses []string      `yaml:"allow_private_addresses"`
}

// validate names the first value that cannot work, and the mend. It returns the private networks that may be called.
func (c *Config) validate() (allowed []netip.Prefix, err error) {
	switch {
	case c.MaxUploadBytes < 1:
		return nil, fmt.Errorf("networks.webhook.max_upload_bytes: must be at least 1: %w", errs.ErrInvalid)
	case c.UploadDir == "":
		return nil, fmt.Errorf("networks.webhook.upload_dir: is empty; name a folder that Puente may write to: %w", errs.ErrInvalid)
	case c.EventsPerSecond < 1:
		return nil, fmt.Errorf("networks.webhook.events_per_second: must be at least 1: %w", errs.ErrInvalid)
	case c.CallbackTimeout < time.Millisecond || c.CallbackTimeout > time.Minute:
		return nil, fmt.Errorf("networks.webhook.callback_timeout: must be 1ms to 1m: %w", errs.ErrInvalid)
	}
	for i, text := range c.AllowPrivateAddresses {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("networks.webhook.allow_private_addresses[%d]: must look like 10.0.0.0/8: %w", i, errs.ErrInvalid)
		}
		allowed = append(allowed, prefix.Masked())
	}
	return allowed, nil
}
