package journal

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzStorable: both databases take every name and reason, a name that they take stays, and two names stay two.
func FuzzStorable(f *testing.F) {
	f.Add("key", "other")
	f.Add("a\x00b", "a\uFFFDb")
	f.Add(strings.Repeat("é", 500), strings.Repeat("é", 501))
	f.Add("\xff", "\xfe")
	f.Fuzz(func(t *testing.T, one, two string) {
		name, other := storableName(one), storableName(two)
		for _, text := range []string{name, storableReason(one)} {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				t.Fatalf("%q became %q", one, text)
			}
		}
		if len(name) > longestName || len(storableReason(one)) > longestReason || storableName(name) != name {
			t.Fatalf("%q became %q", one, name)
		}
		if (one == two) != (name == other) {
			t.Fatalf("%q and %q are %q and %q", one, two, name, other)
		}
	})
}
