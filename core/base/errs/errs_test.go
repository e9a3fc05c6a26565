package errs

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"
)

func TestVerdicts(t *testing.T) {
	for name, test := range map[string]struct {
		err       error
		temporary bool
		final     bool
		after     time.Duration
	}{
		"None":              {err: io.EOF},
		"Nil":               {},
		"Temporary":         {err: Temporary(io.EOF, time.Second), temporary: true, after: time.Second},
		"Wrapped":           {err: fmt.Errorf("x: %w", Temporary(io.EOF, 2)), temporary: true, after: 2},
		"Final":             {err: Final(io.EOF), final: true},
		"FinalOutside":      {err: Final(fmt.Errorf("x: %w", Temporary(io.EOF, time.Second))), final: true},
		"FinalInside":       {err: Temporary(Final(io.EOF), 3), temporary: true, after: 3},
		"FinalInWords":      {err: Tell(fmt.Errorf("x: %w", Final(Temporary(io.EOF, 0))), "words"), final: true},
		"TemporaryInWords":  {err: Tell(Temporary(io.EOF, 4), "words"), temporary: true, after: 4},
		"JoinedFirstCounts": {err: errors.Join(Final(io.EOF), Temporary(io.EOF, 5)), final: true},
	} {
		t.Run(name, func(t *testing.T) {
			after, temporary := IsTemporary(test.err)
			if after != test.after || temporary != test.temporary || IsFinal(test.err) != test.final {
				t.Errorf("temporary %v after %v, final %v", temporary, after, IsFinal(test.err))
			}
			if test.err != nil && !errors.Is(test.err, io.EOF) {
				t.Error("the cause is lost")
			}
		})
	}
	if Temporary(nil, 1) != nil || Final(nil) != nil || Tell(nil, "x") != nil {
		t.Error("nothing became an error")
	}
	if Final(io.EOF).Error() != "EOF" || Temporary(io.EOF, 0).Error() != "EOF" || Tell(io.EOF, "x").Error() != "EOF" {
		t.Error("a mark changed the text")
	}
}

func TestMessage(t *testing.T) {
	if got := Message(Tell(fmt.Errorf("x: %w", Tell(io.EOF, "inner")), "outer")); got != "outer" {
		t.Errorf("%q", got)
	}
	if got := Message(io.EOF); got != "" {
		t.Errorf("%q", got)
	}
}
