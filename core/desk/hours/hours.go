// Package hours is when the business is open: how the config writes it, and how much of a span of time counts.
package hours

import (
	"math"
	"time"
)

// horizon is how far ahead an opening or a closing is looked for. It is more than a year, so that what comes once a
// year is found.
const horizon = 400 * 24 * time.Hour

// Hours are business hours. The zero value is always open. They do not change, and many may ask at once.
//
// A span begins with its first minute and ends before its last: at "18:00" of "09:00-18:00" it is closed. Times are
// what the clock on the wall reads. Where spring leaves out an hour, what lies in it does not exist; where autumn
// repeats one, a time in it is the first of the two, for beginnings and ends alike.
type Hours struct {
	zone     *time.Location // nil is UTC
	set      bool           // week and holidays count; false is always open
	week     [7][]span      // by time.Weekday
	holidays map[int][]span // by the day as dayOf counts; they stand in for the weekday's
}

// Always tells whether there is no moment at which it is closed.
func (h Hours) Always() bool { return !h.set }

// Open tells whether it is open at a moment.
func (h Hours) Open(at time.Time) bool {
	if h.Always() {
		return true
	}
	_, ok := h.next(at, at.Add(1))
	return ok
}

// Between is how much of the time from one moment to another lies in business hours; 0 if to is before from. What is
// more than 292 years after from is left out, since a Duration holds no more.
func (h Hours) Between(from, to time.Time) time.Duration {
	length := to.Sub(from)
	if length <= 0 {
		return 0
	}
	if h.Always() {
		return length
	}
	to = from.Add(length)
	var sum time.Duration
	for piece, ok := h.next(from, to); ok; piece, ok = h.next(piece.end, to) {
		if piece.end.After(to) {
			piece.end = to
		}
		sum += piece.length()
	}
	return sum
}

// Next is the first moment, not before at, at which it is open, in the zone of the hours; false if there is none
// within 400 days.
func (h Hours) Next(at time.Time) (time.Time, bool) {
	if h.Always() {
		return at.In(h.location()), true
	}
	piece, ok := h.next(at, at.Add(horizon))
	return piece.begin, ok
}

// Closes is when the open time that holds at ends, in the zone of the hours; false if it is closed at that moment, or
// does not close within 400 days. Spans that meet are one.
func (h Hours) Closes(at time.Time) (time.Time, bool) {
	if h.Always() || !h.Open(at) {
		return time.Time{}, false
	}
	until := at.Add(horizon)
	for end := at; end.Before(until); {
		piece, ok := h.next(end, until)
		if !ok || piece.begin.After(end) {
			return end, true
		}
		end = piece.end
	}
	return time.Time{}, false
}

// Add is the first moment at which d of business time has passed since from, in the zone of the hours: from itself if
// d is 0 or less, and the end of a span rather than the beginning of the next one. It is false if that never comes:
// if 400 days go by without an opening, or 292 years in all.
func (h Hours) Add(from time.Time, d time.Duration) (time.Time, bool) {
	if d <= 0 || h.Always() {
		return from.Add(max(d, 0)).In(h.location()), true
	}
	at := from
	for at.Sub(from) < math.MaxInt64 {
		piece, ok := h.next(at, at.Add(horizon))
		if !ok {
			break
		}
		if d <= piece.length() {
			return piece.begin.Add(d), true
		}
		d -= piece.length()
		at = piece.end
	}
	return time.Time{}, false
}
