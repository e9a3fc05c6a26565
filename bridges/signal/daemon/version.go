package daemon

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"puente/core/base/errs"
)

// Version is a version of signal-cli: 0.14.10.
type Version struct{ Major, Minor, Patch int }

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// Compare is -1, 0 or 1 as v is older than, the same as or newer than other.
func (v Version) Compare(other Version) int {
	return cmp.Or(cmp.Compare(v.Major, other.Major), cmp.Compare(v.Minor, other.Minor), cmp.Compare(v.Patch, other.Patch))
}

// ParseVersion reads a version; what follows the numbers ("-SNAPSHOT") is passed over.
func ParseVersion(text string) (Version, error) {
	numbers, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(text), "signal-cli "), "-")
	numbers, _, _ = strings.Cut(numbers, "+")
	parts := strings.Split(numbers, ".")
	var parsed [3]int
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || i > 2 {
			return Version{}, fmt.Errorf("version of the signal-cli daemon: %w", errs.ErrInvalid)
		}
		parsed[i] = n
	}
	return Version{parsed[0], parsed[1], parsed[2]}, nil
}

// Oldest is the oldest version that Puente can work with: earlier ones cut long texts and want another Java.
// ref: reference/signal-cli.md §1
func Oldest() Version { return Version{0, 14, 0} }

// Lifetime is after how long Signal's server may refuse a version. ref: reference/signal-cli.md §1
const Lifetime = 90 * 24 * time.Hour

// release is when a version came out, as far as it was known when this was written.
type release struct {
	version Version
	on      time.Time
}

// releases lists the known versions, the oldest first. ref: reference/signal-cli.md §1
func releases() []release {
	day := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	return []release{
		{Version{0, 13, 23}, day(2026, time.January, 31)},
		{Version{0, 14, 0}, day(2026, time.March, 31)},
		{Version{0, 14, 6}, day(2026, time.July, 13)},
		{Version{0, 14, 7}, day(2026, time.August, 1)},
		{Version{0, 14, 8}, day(2026, time.September, 10)},
		{Version{0, 14, 10}, day(2026, time.November, 17)},
	}
}

// Age is how long ago the version came out, at least: one between two known ones counts as the later. It is 0 for a
// version newer than all known ones.
func (v Version) Age(now time.Time) time.Duration {
	for _, known := range releases() {
		if v.Compare(known.version) <= 0 {
			return max(now.Sub(known.on), 0)
		}
	}
	return 0
}
