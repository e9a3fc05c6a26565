package emulation

import (
	"fmt"
	"math/rand/v2"
	"time"

	"puente/core/base/errs"
)

// Latency is the span from which the time between an event and its notification is drawn. Zero means at once.
type Latency struct {
	Min, Max time.Duration
}

// Check tells what is wrong with a Latency as one of an emulator's options.
func (l Latency) Check() error {
	if l.Min < 0 || l.Max < l.Min {
		return fmt.Errorf("emulator options: a latency needs 0 ≤ Min ≤ Max: %w", errs.ErrInvalid)
	}
	return nil
}

// Draw returns how long it takes this time.
func (l Latency) Draw() time.Duration {
	if l.Max <= l.Min {
		return l.Min
	}
	return l.Min + rand.N(l.Max-l.Min) // #nosec G404 -- how long something takes need not be secret
}
