package hours

import (
	"math/rand/v2"
	"testing"
	"time"
)

// zones have every kind of change: none, an hour, half an hour, over midnight, a day left out, the other way round.
var zones = []string{
	"UTC", "Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "America/Sao_Paulo", "America/Havana",
	"Pacific/Apia", "Atlantic/Azores", "Europe/Dublin", "Africa/Casablanca", "Asia/Kathmandu",
}

var plans = []Plan{
	{}, shop, everyDay("", "00:00-24:00"), everyDay("", "22:00-06:00"), everyDay("", "00:00-00:30, 01:15-02:30, 02:30-02:45, 23:30-24:00"),
	{Week: map[string]string{"mon": "closed"}},
	{Week: everyDay("", "00:00-24:00").Week, Holidays: []string{"2026-12-25", "2026-03-29 01:30-02:30"}},
	{Week: map[string]string{"sat": "20:00-19:00", "sun": "01:00-02:30, 02:45-01:30"}, Holidays: []string{"2026-10-25 00:30-02:15"}},
	{Holidays: []string{"2026-03-29 02:10-02:20", "2026-10-25 02:10-02:20"}},
}

// eachPlan runs a test with each plan in each zone.
func eachPlan(t *testing.T, test func(hours Hours, zone *time.Location, random *rand.Rand)) {
	for i, plan := range plans {
		for j, zone := range zones {
			plan.Timezone = zone
			hours := mustParse(t, plan)
			test(hours, hours.zone, rand.New(rand.NewPCG(uint64(i), uint64(j))))
			if t.Failed() {
				t.Fatalf("plan %d in %s", i, zone)
			}
		}
	}
}

// someMoment is in 2010 to 2027; of two, one is within a day and a half of a change of the clock if the zone has any.
func someMoment(zone *time.Location, random *rand.Rand) time.Time {
	t := time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(random.Int64N(int64(18 * 365 * day)))).In(zone)
	if _, end := t.ZoneBounds(); !end.IsZero() && end.Year() < 2028 && random.IntN(2) == 0 {
		return end.Add(time.Duration(random.Int64N(int64(3*day))) - 3*day/2)
	}
	return t
}

// TestAnswersAgree: whatever is asked, the answers do not contradict each other.
func TestAnswersAgree(t *testing.T) {
	eachPlan(t, func(hours Hours, zone *time.Location, random *rand.Rand) {
		for range 40 {
			from := someMoment(zone, random)
			agree(t, hours, from, from.Add(time.Duration(random.Int64N(int64(20*day)))))
		}
	})
}

// agree checks the answers about two moments, and one in between, against each other.
func agree(t *testing.T, hours Hours, from, to time.Time) {
	t.Helper()
	whole, middle := hours.Between(from, to), from.Add(to.Sub(from)/3)
	if parts := hours.Between(from, middle) + hours.Between(middle, to); whole != parts && from.Before(to) {
		t.Errorf("from %v to %v are %v, but with a stop at %v %v", from, to, whole, middle, parts)
	}
	if whole < 0 || whole > max(to.Sub(from), 0) {
		t.Errorf("from %v to %v are %v", from, to, whole)
	}
	if back, ok := hours.Add(from, whole); from.Before(to) && (!ok || back.After(to) || hours.Between(from, back) != whole) {
		t.Errorf("%v after %v is %v (%v), later than %v", whole, from, back, ok, to)
	}
	if more, ok := hours.Add(from, whole+1); ok && from.Before(to) && (!more.After(to) || hours.Between(from, more) != whole+1) {
		t.Errorf("a little more than %v after %v is %v, not later than %v", whole, from, more, to)
	}
	agreeOpen(t, hours, from)
}

// agreeOpen checks what is said about one moment.
func agreeOpen(t *testing.T, hours Hours, now time.Time) {
	t.Helper()
	open := hours.Open(now)
	if open != (hours.Between(now, now.Add(1)) == 1) {
		t.Errorf("%v: open %v, but it does not count so", now, open)
	}
	next, ok := hours.Next(now)
	if open != (ok && next.Equal(now)) || ok && (!hours.Open(next) || hours.Between(now, next) != 0) {
		t.Errorf("%v: open %v, and next at %v (%v)", now, open, next, ok)
	}
	closes, ok := hours.Closes(now)
	if ok && (!open || hours.Open(closes) || !closes.After(now) || hours.Between(now, closes) != closes.Sub(now)) {
		t.Errorf("%v: open %v, and closes at %v", now, open, closes)
	}
	if open && !ok && hours.Between(now, now.Add(horizon)) != horizon {
		t.Errorf("%v: it closes, but it is not said when", now)
	}
}

// TestOpenIsWhatTheClockReads compares with the simplest answer there is, and leaves out only the hours that come
// twice, in which a reading is not enough.
func TestOpenIsWhatTheClockReads(t *testing.T) {
	eachPlan(t, func(hours Hours, zone *time.Location, random *rand.Rand) {
		for range 150 {
			now := someMoment(zone, random)
			if twice(now) || hours.Always() {
				continue
			}
			if got, want := hours.Open(now), readsOpen(hours, now); got != want {
				t.Errorf("%v: %v, not %v", now, got, want)
			}
		}
	})
}

// twice tells whether the clock reads the same within four hours.
func twice(now time.Time) bool {
	for d := -4 * time.Hour; d <= 4*time.Hour; d += 30 * time.Minute {
		if d != 0 && reading(now.Add(d)) == reading(now) {
			return true
		}
	}
	return false
}

// readsOpen is the answer of somebody who looks at the clock and at the hours of today and yesterday.
func readsOpen(hours Hours, now time.Time) bool {
	today, minute := hours.dayOf(now), now.Hour()*60+now.Minute()
	for ago := range 2 {
		for _, s := range hours.spansOf(today - ago) {
			if passed := minute + ago*minutesOfDay; s.begin <= passed && passed < s.end {
				return true
			}
		}
	}
	return false
}

// TestReadingsNeverGoBack: the later of two readings is never at an earlier moment, and a moment shows its reading
// unless the clock jumped over it.
func TestReadingsNeverGoBack(t *testing.T) {
	for _, name := range zones {
		hours := mustParse(t, Plan{Timezone: name})
		random := rand.New(rand.NewPCG(1, 2))
		for range 200 {
			today, minute := hours.dayOf(someMoment(hours.zone, random)), random.IntN(2*minutesOfDay)
			moment, later := hours.moment(today, minute), hours.moment(today, minute+random.IntN(minutesOfDay))
			if later.Before(moment) {
				t.Fatalf("%s: %v comes before %v", name, later, moment)
			}
			wanted := int64(today)*secondsOfDay + int64(minute)*60
			if before := reading(moment.Add(-1)); before >= wanted || reading(moment) < wanted {
				t.Fatalf("%s: %v is not when the clock first reads minute %d of day %d", name, moment, minute, today)
			}
		}
	}
}
