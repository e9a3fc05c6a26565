package emulation_test

import (
	"errors"
	"testing"

	"puente/bridges/bridgekit/emulation"
	"puente/core/base/errs"
)

func TestLatency(t *testing.T) {
	tests := map[string]struct {
		latency emulation.Latency
		want    error
	}{
		"Zero":     {emulation.Latency{}, nil},
		"Fixed":    {emulation.Latency{Min: 5, Max: 5}, nil},
		"Span":     {emulation.Latency{Min: 5, Max: 8}, nil},
		"Negative": {emulation.Latency{Min: -1, Max: 1}, errs.ErrInvalid},
		"Backward": {emulation.Latency{Min: 2, Max: 1}, errs.ErrInvalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := test.latency.Check()
			if !errors.Is(err, test.want) {
				t.Errorf("the check says %v", err)
			}
			for range 100 {
				if d := test.latency.Draw(); err == nil && (d < test.latency.Min || d > test.latency.Max) {
					t.Errorf("drew %d", d)
				}
			}
		})
	}
}
