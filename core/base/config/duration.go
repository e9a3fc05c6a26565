package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"

	"gopkg.in/yaml.v3"

	"puente/core/base/errs"
)

const day = 24 * time.Hour

// Duration is a time.Duration that is written with days too: 30s, 5m, 2h, 8d, 1d12h.
type Duration time.Duration

// Std returns d as a time.Duration.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// UnmarshalYAML reads a duration.
func (d *Duration) UnmarshalYAML(node *yaml.Node) error {
	parsed, err := ParseDuration(node.Value)
	if err != nil || node.Kind != yaml.ScalarNode {
		return fmt.Errorf("read duration: %w", errs.ErrInvalid)
	}
	*d = Duration(parsed)
	return nil
}

// ParseDuration reads what time.ParseDuration reads, with days in front: 8d, 1d12h. A wrong text is an errs.ErrInvalid.
func ParseDuration(text string) (time.Duration, error) {
	parts := regexp.MustCompile(`^(?:(\d{1,5})d)?(.*)$`).FindStringSubmatch(text)
	if parts == nil || text == "" {
		return 0, fmt.Errorf("duration %q: %w", text, errs.ErrInvalid)
	}
	var whole, rest time.Duration
	if parts[1] != "" {
		days, err := strconv.Atoi(parts[1])
		if err != nil {
			return 0, fmt.Errorf("duration %q: %w", text, errs.ErrInvalid)
		}
		whole = time.Duration(days) * day
	}
	if parts[2] != "" {
		var err error
		if rest, err = time.ParseDuration(parts[2]); err != nil || rest < 0 || rest > math.MaxInt64-whole {
			return 0, fmt.Errorf("duration %q: %w", text, errs.ErrInvalid)
		}
	}
	return whole + rest, nil
}
