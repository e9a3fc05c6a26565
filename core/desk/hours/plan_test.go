package hours

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"puente/core/base/errs"
)

func TestWrongPlans(t *testing.T) {
	monday := func(hours string) Plan { return Plan{Week: map[string]string{"monday": hours}} }
	holidays := func(days ...string) Plan { return Plan{Week: map[string]string{"mon": "09:00-13:00"}, Holidays: days} }
	for name, test := range map[string]struct {
		plan Plan
		want []string // one for each problem
	}{
		"UnknownZone":         {Plan{Timezone: "Europe/Madird"}, []string{`timezone is "Europe/Madird": write a name`}},
		"ZoneOfTheMachine":    {Plan{Timezone: "Local"}, []string{`timezone is "Local": write the zone itself`}},
		"ZoneIsAPath":         {Plan{Timezone: "../../etc/passwd"}, []string{`timezone is "../../etc/passwd": write a name`}},
		"UnknownDay":          {Plan{Week: map[string]string{"lunes": "09:00-13:00"}}, []string{"week.lunes is no day: write monday to sunday"}},
		"DayInCapitals":       {Plan{Week: map[string]string{"Monday": "09:00-13:00"}}, []string{"week.Monday is no day"}},
		"DayTwice":            {Plan{Week: map[string]string{"mon": "09:00-13:00", "monday": "closed"}}, []string{"week.monday is the same day as week.mon: write it once"}},
		"NoSpan":              {monday("all day"), []string{`week.monday has "all day": write spans such as`}},
		"OnlyATime":           {monday("09:00"), []string{`week.monday has "09:00": write spans`}},
		"HoursWithoutMinutes": {monday("9-13"), []string{`week.monday has "9-13": write spans`}},
		"MinuteSixty":         {monday("09:60-13:00"), []string{`week.monday has "09:60-13:00": write spans`}},
		"HourTwentyFive":      {monday("09:00-25:00"), []string{`week.monday has "09:00-25:00": write spans`}},
		"PastTheDaysEnd":      {monday("09:00-24:01"), []string{`week.monday has "09:00-24:01": write spans`}},
		"Seconds":             {monday("09:00:00-13:00"), []string{`week.monday has "09:00:00-13:00": write spans`}},
		"ThreeTimes":          {monday("09:00-13:00-15:00"), []string{`week.monday has "09:00-13:00-15:00": write spans`}},
		"LongDash":            {monday("09:00–13:00"), []string{`week.monday has "09:00–13:00": write spans`}},
		"CommaAtTheEnd":       {monday("09:00-13:00,"), []string{`week.monday has "": write spans`}},
		"ClosedAndOpen":       {monday("09:00-13:00, closed"), []string{`week.monday has "closed": write spans`}},
		"BeginsAtTheDaysEnd":  {monday("24:00-06:00"), []string{`week.monday has "24:00-06:00", which begins when the day is over`}},
		"NoLength":            {monday("09:00-09:00"), []string{`week.monday has "09:00-09:00", which ends when it begins: write "00:00-24:00"`}},
		"Overlap":             {monday("12:00-15:00, 09:00-13:00"), []string{"week.monday has 09:00-13:00 and 12:00-15:00, which overlap: make one"}},
		"SameSpanTwice":       {monday("09:00-13:00,09:00-13:00"), []string{"week.monday has 09:00-13:00 and 09:00-13:00, which overlap"}},
		"OverlapInTheNight":   {monday("23:00-24:00, 22:00-06:00"), []string{"week.monday has 22:00-06:00 and 23:00-24:00, which overlap"}},
		"TwoInOneDay":         {monday("x, 09:00-13:00, y"), []string{`week.monday has "x"`, `week.monday has "y"`}},
		"NoDate":              {holidays("25 December"), []string{`holidays[0] is "25 December": write a date such as "2026-12-25"`}},
		"EmptyDate":           {holidays("2026-12-25", ""), []string{`holidays[1] is "": write a date`}},
		"NoSuchDate":          {holidays("2026-02-29"), []string{`holidays[0] is "2026-02-29": write a date`}},
		"HolidayTwice":        {holidays("2026-12-25", "2026-12-26", "2026-12-25 09:00-10:00"), []string{"holidays[2] is the same day as holidays[0]: write it once"}},
		"HolidayWithoutSpan":  {holidays("2026-12-25 morning"), []string{`holidays[0] has "morning": write spans`}},
		"HolidayOverlap":      {holidays("2026-12-25 09:00-12:00, 10:00-11:00"), []string{"holidays[0] has 09:00-12:00 and 10:00-11:00, which overlap"}},
		"OnlyClosedHolidays":  {Plan{Holidays: []string{"2026-12-25", "2026-12-26 closed"}}, []string{"week is missing, and the holidays are closed, so it would never be open: write the hours"}},
		"AllAtOnce": {
			Plan{Timezone: "Mars", Week: map[string]string{"tue": "8-9", "moonday": ""}, Holidays: []string{"2026-13-01"}},
			[]string{`timezone is "Mars"`, "week.moonday is no day", `week.tue has "8-9"`, `holidays[0] is "2026-13-01"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			hours, err := Parse(test.plan)
			if !errors.Is(err, errs.ErrInvalid) || !hours.Always() {
				t.Fatalf("%v with %+v", err, hours)
			}
			lines := strings.Split(err.Error(), "\n")
			if !slices.EqualFunc(lines, test.want, strings.HasPrefix) {
				t.Errorf("%q, not %q", lines, test.want)
			}
		})
	}
}

func TestProblemsNameTheirField(t *testing.T) {
	_, err := Parse(Plan{Timezone: "Mars", Holidays: []string{"2026-12-25 x"}})
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 2 || problems[0].Field != "timezone" || problems[1].Field != "holidays[0]" {
		t.Errorf("%#v", err)
	}
}

// FuzzParse: a plan is either refused with all problems named, or its answers agree with each other.
func FuzzParse(f *testing.F) {
	f.Add("Europe/Madrid", "monday", "09:00-13:00, 15:00-18:30", "2026-12-24 09:00-13:00", int64(1792000000))
	f.Add("", "fri", "22:00-06:00", "2026-12-25", int64(0))
	f.Add("Australia/Lord_Howe", "sunday", "01:00-02:15,02:15-24:00", "2026-10-04 closed", int64(1791000000))
	f.Add("Local", "Monday", "24:00-25:00", "2026-02-29", int64(-1))
	f.Fuzz(func(t *testing.T, zone, day, spans, holiday string, unix int64) {
		plan := Plan{Timezone: zone, Week: map[string]string{day: spans}, Holidays: []string{holiday}}
		hours, err := Parse(plan)
		if err != nil {
			var problems Problems
			if !errors.As(err, &problems) || !errors.Is(err, errs.ErrInvalid) {
				t.Fatalf("%#v", err)
			}
			for _, problem := range problems {
				if problem.Field == "" || problem.Text == "" {
					t.Fatalf("%#v", problem)
				}
			}
			return
		}
		from := time.Unix(unix%(1<<33), 0)
		agree(t, hours, from, from.Add(time.Duration(unix%1000)*time.Hour))
	})
}
