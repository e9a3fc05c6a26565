package media

import (
	"fmt"
	"slices"
	"strings"

	"puente/core/base/errs"
)

// unsupported says what the file is, what the network takes instead, and what to do.
func (j job) unsupported(mend string) error {
	given := j.in.Mime
	if j.in.Codec != "" {
		given += " (" + j.in.Codec + ")"
	}
	return errs.Tell(fmt.Errorf("%s as %s: %w", given, j.kind, errs.ErrUnsupported),
		fmt.Sprintf("The file is of type %s. As %s this network takes %s. %s", given, j.kind, j.accepted(), mend))
}

// tooLarge says how large the file is and what the limit is.
func (j job) tooLarge(most int64) error {
	return errs.Tell(fmt.Errorf("%s of %d bytes as %s: limit %d: %w", j.in.Mime, j.in.Size, j.kind, most, errs.ErrTooLarge),
		fmt.Sprintf("The file has %s. As %s this network takes at most %s. Please send a smaller one.",
			megabytes(j.in.Size), j.kind, megabytes(most)))
}

// accepted names the types that the rules take, each once.
func (j job) accepted() string {
	var names []string
	for _, rule := range j.rules {
		name := rule.Mime
		switch {
		case rule.Mime == AnyMime:
			name = "any type"
		case len(rule.Codecs) > 0 && rule.Mono:
			name += " (" + strings.Join(rule.Codecs, ", ") + ", mono)"
		case len(rule.Codecs) > 0:
			name += " (" + strings.Join(rule.Codecs, ", ") + ")"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " or " + names[n-1]
	}
	return strings.Join(names, "")
}

// megabytes writes a size for people, in units of 1024 × 1024 bytes as the networks count them.
func megabytes(size int64) string {
	const unit = 1 << 20
	switch {
	case size >= unit && size%unit == 0:
		return fmt.Sprintf("%d MB", size/unit)
	case size >= unit/10:
		return fmt.Sprintf("%.1f MB", float64(size)/unit)
	default:
		return fmt.Sprintf("%.2f MB", float64(size)/unit)
	}
}
