package hours

import (
	"time"
	// The zones come with the program: a slim container or a Windows machine has no zone database.
	_ "time/tzdata"
)

const (
	minutesOfDay = 24 * 60
	secondsOfDay = minutesOfDay * 60
)

// piece is open time as it really passes.
type piece struct{ begin, end time.Time }

func (p piece) length() time.Duration { return p.end.Sub(p.begin) }

func (h Hours) location() *time.Location {
	if h.zone == nil {
		return time.UTC
	}
	return h.zone
}

// next is the first open time that has not ended at from and begins before until, without what lies before from. It
// ends where its span does, although another may begin there.
func (h Hours) next(from, until time.Time) (piece, bool) {
	// A span may have begun the day before; and where a clock goes back over midnight, as it did in St. John's, the
	// day after may have begun already.
	from = from.In(h.location())
	for day, last := h.dayOf(from)-1, h.dayOf(until)+1; day <= last; day++ {
		for _, s := range h.spansOf(day) {
			found := piece{begin: h.moment(day, s.begin), end: h.moment(day, s.end)}
			if found.begin.Before(from) {
				found.begin = from
			}
			if !found.begin.Before(until) {
				return piece{}, false
			}
			if found.end.After(found.begin) {
				return found, true
			}
		}
	}
	return piece{}, false
}

// spansOf returns the spans that begin on a day, in their order.
func (h Hours) spansOf(day int) []span {
	if other, ok := h.holidays[day]; ok {
		return other
	}
	return h.week[weekdayOf(day)]
}

// dayOf counts the days since 1 January 1970 on the calendar of the hours' zone.
func (h Hours) dayOf(t time.Time) int { return dayNumber(t.In(h.location()).Date()) }

func dayNumber(year int, month time.Month, day int) int {
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsOfDay)
}

// weekdayOf is the weekday of a day as dayOf counts; the first one was a Thursday.
func weekdayOf(day int) time.Weekday {
	return time.Weekday(((day+int(time.Thursday))%7 + 7) % 7)
}

// moment is when the clock on the wall first reads a minute of a day; if it never does, when it jumps over it. So a
// later reading is never at an earlier moment, which time.Date alone does not promise.
func (h Hours) moment(day, minute int) time.Time {
	t := time.Date(1970, time.January, 1+day, 0, minute, 0, 0, h.location())
	wanted := int64(day)*secondsOfDay + int64(minute)*60
	begin, end := t.ZoneBounds()
	switch read := reading(t); {
	case read > wanted: // t is behind the jump
		return begin
	case read < wanted: // t is before the jump
		return end
	case begin.IsZero():
		return t
	}
	_, offset := begin.Add(-1).Zone()
	if first := time.Unix(wanted-int64(offset), 0).In(h.location()); first.Before(begin) {
		return first
	}
	return t
}

// reading is what the clock on the wall shows, in seconds since it showed 1 January 1970.
func reading(t time.Time) int64 {
	_, offset := t.Zone()
	return t.Unix() + int64(offset)
}
