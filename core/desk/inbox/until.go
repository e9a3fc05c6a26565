package inbox

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	spanWord  = regexp.MustCompile(`^([1-9]\d{0,3}) ?(m|min|h|d|w)$`)
	clockWord = regexp.MustCompile(`^(\d{1,2})(?::(\d{2}))?(am|pm)?$`)
)

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// morning is the hour of a day that is named without one.
const morning = 9

// furthest is how many years away a time may lie; what is written as further away is a slip.
const furthest = 10

// readUntil understands a time as people write it: "2h", "3d", "tomorrow", "tomorrow 14:30", "monday 9", "2026-12-24
// 10:00", "18:00" (the next one). ok is false if it does not. Nothing at all is tomorrow morning. A day that has passed
// is understood too.
func readUntil(text string, now time.Time, zone *time.Location) (at time.Time, ok bool) {
	now = now.In(zone)
	at, ok = readTime(strings.Fields(strings.ToLower(text)), now)
	if !ok || at.Before(now.AddDate(-furthest, 0, 0)) || at.After(now.AddDate(furthest, 0, 0)) {
		return time.Time{}, false
	}
	return at, true
}

func readTime(words []string, now time.Time) (at time.Time, ok bool) {
	if span, ok := readSpan(strings.Join(words, " ")); ok {
		return now.Add(span).UTC(), true
	}
	switch len(words) {
	case 0:
		return onDay(now, 1, morning, 0), true
	case 1:
		if hour, minute, ok := readClock(words[0]); ok {
			at = onDay(now, 0, hour, minute)
			if !at.After(now) {
				at = onDay(now, 1, hour, minute)
			}
			return at, true
		}
		return readDay(words[0], now, morning, 0)
	case 2:
		if hour, minute, ok := readClock(words[1]); ok {
			return readDay(words[0], now, hour, minute)
		}
	}
	return time.Time{}, false
}

// readDay understands "today", "tomorrow", a day of the week and a date.
func readDay(word string, now time.Time, hour, minute int) (time.Time, bool) {
	switch word {
	case "today":
		return onDay(now, 0, hour, minute), true
	case "tomorrow":
		return onDay(now, 1, hour, minute), true
	}
	index := slices.IndexFunc(weekdays, func(day string) bool { return len(word) >= 3 && strings.HasPrefix(day, word) })
	if index >= 0 {
		days := (index - int(now.Weekday()) + 7) % 7
		if at := onDay(now, days, hour, minute); at.After(now) {
			return at, true
		}
		return onDay(now, days+7, hour, minute), true
	}
	date, err := time.Parse(time.DateOnly, word) // not in the zone, where a day may have no midnight
	if err != nil {
		return time.Time{}, false
	}
	return time.Date(date.Year(), date.Month(), date.Day(), hour, minute, 0, 0, now.Location()).UTC(), true
}

func onDay(now time.Time, days, hour, minute int) time.Time {
	return time.Date(now.Year(), now.Month(), now.Day()+days, hour, minute, 0, 0, now.Location()).UTC()
}

func readSpan(word string) (time.Duration, bool) {
	match := spanWord.FindStringSubmatch(word)
	if match == nil {
		return 0, false
	}
	n, err := strconv.Atoi(match[1])
	unit := map[string]time.Duration{"m": time.Minute, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[match[2]]
	return time.Duration(n) * unit, err == nil
}

func readClock(word string) (hour, minute int, ok bool) {
	match := clockWord.FindStringSubmatch(word)
	if match == nil {
		return 0, 0, false
	}
	hour, _ = strconv.Atoi(match[1])
	minute, _ = strconv.Atoi("0" + match[2])
	switch {
	case match[3] != "" && (hour < 1 || hour > 12):
		return 0, 0, false
	case match[3] == "pm" && hour < 12:
		hour += 12
	case match[3] == "am" && hour == 12:
		hour = 0
	}
	return hour, minute, hour < 24 && minute < 60
}
