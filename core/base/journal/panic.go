package journal

import (
	"fmt"
	"path"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/rs/zerolog"
)

// panicked is a panic of a handler as an error: its type and place, not its value, which may hold
// what a customer wrote.
type panicked struct{ what, place string }

func (p *panicked) Error() string { return "panic: " + p.what + " at " + p.place }

// callSafely calls f and makes an error of a panic, whose stack it logs.
func callSafely(log zerolog.Logger, f func() error) (err error) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		p := &panicked{what: describe(value), place: panicPlace()}
		log.Error().Str("panic", p.what).Str("place", p.place).Bytes("stack", debug.Stack()).Msg("Handler panicked")
		err = p
	}()
	return f()
}

// describe names a panic's type; the runtime's own texts (an index, a nil pointer) are told in full.
func describe(value any) string {
	if err, own := value.(runtime.Error); own {
		return err.Error()
	}
	return fmt.Sprintf("%T", value)
}

// panicPlace is "folder/file.go:12" of the code that panicked; called while recovering.
func panicPlace() string {
	var counters [64]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(0, counters[:])])
	unwinding := false
	for {
		frame, more := frames.Next()
		if frame.Function == "runtime.gopanic" {
			unwinding = true
		} else if unwinding && !strings.HasPrefix(frame.Function, "runtime.") {
			folder, file := path.Split(frame.File)
			return fmt.Sprintf("%s/%s:%d", path.Base(folder), file, frame.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}
