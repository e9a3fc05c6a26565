package hours

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Plan is how the config writes business hours. Hours of a day are spans with commas between them:
// "09:00-13:00, 15:00-18:30". "24:00" is the end of the day. A span that ends before it begins goes over midnight
// ("22:00-06:00") and belongs to the day on which it begins. A day without hours is written "closed" or "".
type Plan struct {
	// Timezone is the IANA name of the zone whose clocks count: "Europe/Madrid". Empty: UTC.
	Timezone string
	// Week holds the hours by the day, "monday" or "mon". A day that is missing is closed; without any day and any
	// holiday it is always open.
	Week map[string]string
	// Holidays are days with hours of their own: "2026-12-25" (closed) or "2026-12-24 09:00-13:00". They say nothing
	// about the night before: a span that began on the eve ends when it would anyway.
	Holidays []string
}

// Parse reads a plan. The error is Problems, with all that is wrong with it.
func Parse(plan Plan) (Hours, error) {
	p := parser{hours: Hours{set: len(plan.Week)+len(plan.Holidays) > 0, holidays: map[int][]span{}}}
	p.timezone(plan.Timezone)
	p.week(plan.Week)
	p.holidays(plan.Holidays)
	p.notOnlyClosed(plan)
	if len(p.found) > 0 {
		return Hours{}, p.found
	}
	p.hours.set = p.hours.set && !p.hours.gapless()
	return p.hours, nil
}

// gapless tells whether the week leaves no minute out, and no holiday may either.
func (h Hours) gapless() bool {
	const week = 7 * 24 * time.Hour
	// In UTC, where each week is like any other.
	everyWeek := Hours{set: true, week: h.week}
	return len(h.holidays) == 0 && everyWeek.Between(time.Unix(0, 0), time.Unix(0, 0).Add(week)) == week
}

// parser reads the parts of a plan and collects what is wrong with them.
type parser struct {
	hours Hours
	found Problems
}

func (p *parser) timezone(name string) {
	zone, err := time.LoadLocation(name)
	switch {
	case name == "Local":
		// It would be whatever the machine is set to, and that is mostly UTC.
		p.found.add("timezone", `is "Local": write the zone itself, such as "Europe/Madrid"`)
	case err != nil:
		p.found.add("timezone", fmt.Sprintf(`is %q: write a name of the IANA database, such as "Europe/Madrid"`, name))
	}
	p.hours.zone = zone
}

func (p *parser) week(week map[string]string) {
	seen := map[time.Weekday]string{}
	for _, name := range slices.Sorted(maps.Keys(week)) {
		field := "week." + name
		day, ok := weekday(name)
		if !ok {
			p.found.add(field, "is no day: write monday to sunday, or mon to sun, in lower case")
			continue
		}
		if other, twice := seen[day]; twice {
			p.found.add(field, fmt.Sprintf("is the same day as week.%s: write it once", other))
		}
		seen[day] = name
		p.hours.week[day] = p.spans(field, week[name])
	}
}

func (p *parser) holidays(holidays []string) {
	seen := map[int]string{}
	for i, holiday := range holidays {
		field := fmt.Sprintf("holidays[%d]", i)
		date, rest, _ := strings.Cut(strings.TrimSpace(holiday), " ")
		t, err := time.Parse(time.DateOnly, date)
		if err != nil {
			p.found.add(field, fmt.Sprintf(`is %q: write a date such as "2026-12-25", or with hours "2026-12-24 09:00-13:00"`, holiday))
			continue
		}
		day := dayNumber(t.Date())
		if other, twice := seen[day]; twice {
			p.found.add(field, fmt.Sprintf("is the same day as %s: write it once, with all its hours", other))
		}
		seen[day] = field
		p.hours.holidays[day] = p.spans(field, rest)
	}
}

// notOnlyClosed refuses a plan of closed days and nothing else: whoever writes that means to be open on all others,
// but a day that is missing is closed.
func (p *parser) notOnlyClosed(plan Plan) {
	if len(plan.Week) > 0 || len(plan.Holidays) == 0 || len(p.found) > 0 {
		return
	}
	for _, spans := range p.hours.holidays {
		if len(spans) > 0 {
			return
		}
	}
	p.found.add("week", `is missing, and the holidays are closed, so it would never be open: write the hours of the days, such as monday: "09:00-18:00"`)
}
