package graph

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// Seconds is a moment in Unix seconds. Meta writes it as a string in messages and as a number in
// account webhooks; both are read, and what is neither becomes 0 so that the message around it is kept.
type Seconds int64

// UnmarshalJSON reads a number or a string that holds one.
func (s *Seconds) UnmarshalJSON(b []byte) error {
	*s = Seconds(wholeNumber(b))
	return nil
}

// Time returns the moment in UTC; the zero time when there was none.
func (s Seconds) Time() time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}

// Number is a whole number, also when it is written as a string; 0 when it is neither.
type Number int64

// UnmarshalJSON reads a number or a string that holds one.
func (n *Number) UnmarshalJSON(b []byte) error {
	*n = Number(wholeNumber(b))
	return nil
}

// Decimal is a number with a fraction, also when it is written as a string; 0 when it is neither.
type Decimal float64

// UnmarshalJSON reads a number or a string that holds one.
func (d *Decimal) UnmarshalJSON(b []byte) error {
	f, err := strconv.ParseFloat(string(literal(b)), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		f = 0
	}
	*d = Decimal(f)
	return nil
}

// Flag is a truth value, also when it is written as a string or a number.
type Flag bool

// UnmarshalJSON reads true, "true", 1 and "1" as true and all else as false.
func (f *Flag) UnmarshalJSON(b []byte) error {
	text := literal(b)
	*f = Flag(text == "true" || text == "1")
	return nil
}

// Literal is a string, also when it is written as a number: IDs and amounts come both ways. An object,
// a list or null becomes "".
type Literal string

// UnmarshalJSON reads a string, a number or a truth value as its text.
func (l *Literal) UnmarshalJSON(b []byte) error {
	*l = literal(b)
	return nil
}

// literal returns the text of a scalar JSON value, "" for anything else.
func literal(b []byte) Literal {
	text := strings.TrimSpace(string(b))
	switch {
	case text == "" || text == "null" || text[0] == '{' || text[0] == '[':
		return ""
	case text[0] == '"':
		var s string
		if json.Unmarshal([]byte(text), &s) != nil {
			return ""
		}
		return Literal(s)
	}
	return Literal(text)
}

// wholeNumber reads a number that may stand in quotes or carry a fraction; 0 when there is none.
func wholeNumber(b []byte) int64 {
	text := strings.TrimSpace(string(literal(b)))
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || math.Abs(f) >= math.MaxInt64 {
		return 0
	}
	return int64(f)
}
