package hours

import (
	"math"
	"testing"
	"time"
)

const day = 24 * time.Hour

func mustParse(t testing.TB, plan Plan) Hours {
	t.Helper()
	hours, err := Parse(plan)
	if err != nil {
		t.Fatal(err)
	}
	return hours
}

// everyDay is a plan with the same hours on each day.
func everyDay(zone, hours string) Plan {
	week := map[string]string{}
	for _, name := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		week[name] = hours
	}
	return Plan{Timezone: zone, Week: week}
}

// shop is open on working days, half of Saturday, and has a bar's Friday; 2026-10-16 is a Friday.
var shop = Plan{
	Timezone: "Europe/Madrid",
	Week: map[string]string{
		"monday": "09:00-13:00, 15:00-18:30", "tue": "9:00-13:00,15:00-18:30", "wednesday": "15:00 - 18:30, 09:00 - 13:00",
		"thursday": "09:00-18:00", "friday": "09:00-14:00, 22:00-03:00", "saturday": "02:00-05:00, 10:00-24:00", "sunday": "closed",
	},
	Holidays: []string{"2026-12-25", "2026-12-24 09:00-13:00", "2026-12-27 00:00-00:30, 23:00-00:00"},
}

// at reads an instant with its offset from UTC, which tells the repeated hour's two halves apart.
func at(t testing.TB, text string) time.Time {
	t.Helper()
	moment, err := time.Parse("2006-01-02 15:04 -07", text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func TestOpenNextCloses(t *testing.T) {
	const no = ""
	for name, test := range map[string]struct {
		plan               Plan
		at                 string
		open               bool
		nextOpens, closing string
	}{
		"InTheMorning":                 {shop, "2026-10-12 09:30 +02", true, "2026-10-12 09:30 +02", "2026-10-12 13:00 +02"},
		"FirstMinuteIsOpen":            {shop, "2026-10-12 09:00 +02", true, "2026-10-12 09:00 +02", "2026-10-12 13:00 +02"},
		"LastMomentIsClosed":           {shop, "2026-10-12 13:00 +02", false, "2026-10-12 15:00 +02", no},
		"BeforeTheDay":                 {shop, "2026-10-12 08:59 +02", false, "2026-10-12 09:00 +02", no},
		"SpansInAnyOrder":              {shop, "2026-10-14 16:00 +02", true, "2026-10-14 16:00 +02", "2026-10-14 18:30 +02"},
		"AskedInAnotherZone":           {shop, "2026-10-12 00:30 -07", true, "2026-10-12 09:30 +02", "2026-10-12 13:00 +02"},
		"NightGoesIntoSaturday":        {shop, "2026-10-17 01:00 +02", true, "2026-10-17 01:00 +02", "2026-10-17 05:00 +02"},
		"NightBeginsOnFriday":          {shop, "2026-10-16 23:00 +02", true, "2026-10-16 23:00 +02", "2026-10-17 05:00 +02"},
		"ThursdayHasNoNight":           {shop, "2026-10-16 00:30 +02", false, "2026-10-16 09:00 +02", no},
		"EndOfTheDayIsMidnight":        {shop, "2026-10-17 23:59 +02", true, "2026-10-17 23:59 +02", "2026-10-18 00:00 +02"},
		"SundayIsClosed":               {shop, "2026-10-18 00:00 +02", false, "2026-10-19 09:00 +02", no},
		"WeekBeginsInOneZoneOnly":      {shop, "2026-10-18 23:30 +00", false, "2026-10-19 09:00 +02", no},
		"HolidayIsClosed":              {shop, "2026-12-25 10:00 +01", false, "2026-12-26 02:00 +01", no},
		"HolidayHasNoNight":            {shop, "2026-12-26 01:00 +01", false, "2026-12-26 02:00 +01", no},
		"HolidayWithOtherHours":        {shop, "2026-12-24 12:00 +01", true, "2026-12-24 12:00 +01", "2026-12-24 13:00 +01"},
		"OtherHoursStandInForTheDays":  {shop, "2026-12-24 16:00 +01", false, "2026-12-26 02:00 +01", no},
		"HolidayOnAClosedDay":          {shop, "2026-12-26 23:00 +01", true, "2026-12-26 23:00 +01", "2026-12-27 00:30 +01"},
		"HolidayUntilMidnight":         {shop, "2026-12-27 23:30 +01", true, "2026-12-27 23:30 +01", "2026-12-28 00:00 +01"},
		"NightRunsIntoAHoliday":        {Plan{Week: map[string]string{"thu": "22:00-06:00"}, Holidays: []string{"2026-12-25"}}, "2026-12-25 03:00 +00", true, "2026-12-25 03:00 +00", "2026-12-25 06:00 +00"},
		"SpringHasNoSuchHour":          {everyDay("Europe/Madrid", "02:30-04:00"), "2026-03-29 01:59 +01", false, "2026-03-29 03:00 +02", no},
		"SpringClosesInNoSuchHour":     {everyDay("Europe/Madrid", "01:00-02:30"), "2026-03-29 01:59 +01", true, "2026-03-29 01:59 +01", "2026-03-29 03:00 +02"},
		"SpringLeavesOutAWholeSpan":    {everyDay("Europe/Madrid", "02:00-03:00"), "2026-03-28 12:00 +01", false, "2026-03-30 02:00 +02", no},
		"AutumnOpensInTheFirstHour":    {everyDay("Europe/Madrid", "02:30-04:00"), "2026-10-25 02:00 +02", false, "2026-10-25 02:30 +02", no},
		"AutumnStaysOpenInTheSecond":   {everyDay("Europe/Madrid", "02:30-04:00"), "2026-10-25 02:15 +01", true, "2026-10-25 02:15 +01", "2026-10-25 04:00 +01"},
		"AutumnClosesInTheFirstHour":   {everyDay("Europe/Madrid", "01:00-02:30"), "2026-10-25 02:29 +02", true, "2026-10-25 02:29 +02", "2026-10-25 02:30 +02"},
		"AutumnStaysClosedInTheSecond": {everyDay("Europe/Madrid", "01:00-02:30"), "2026-10-25 02:15 +01", false, "2026-10-26 01:00 +01", no},
		"OverMidnightTwice":            {everyDay("America/St_Johns", "00:00-01:00"), "2010-11-07 02:45 +00", true, "2010-11-07 02:45 +00", "2010-11-07 04:30 +00"},
		"BeforeTheFirstDay":            {Plan{Week: map[string]string{"mon": "09:00-13:00"}}, "1969-12-23 12:00 +00", false, "1969-12-29 09:00 +00", no},
		"ZeroPlanIsAlwaysOpen":         {Plan{}, "2026-10-18 03:00 +00", true, "2026-10-18 03:00 +00", no},
		"WholeDaysAreAlwaysOpen":       {everyDay("", "00:00-24:00"), "2026-10-18 03:00 +00", true, "2026-10-18 03:00 +00", no},
		"WholeDaysButOne":              {Plan{Week: everyDay("", "00:00-12:00, 12:00-24:00").Week, Holidays: []string{"2026-12-25"}}, "2026-10-18 03:00 +00", true, "2026-10-18 03:00 +00", "2026-12-25 00:00 +00"},
		"WholeDaysAfterTheLastOne":     {Plan{Week: everyDay("", "00:00-24:00").Week, Holidays: []string{"2026-12-25"}}, "2026-12-26 00:00 +00", true, "2026-12-26 00:00 +00", no},
		"NeverOpen":                    {Plan{Week: map[string]string{"mon": "closed"}}, "2026-10-18 03:00 +00", false, no, no},
		"OpenOnOneDay":                 {Plan{Holidays: []string{"2026-12-24 09:00-13:00"}}, "2026-10-18 03:00 +00", false, "2026-12-24 09:00 +00", no},
		"ThatDayIsOver":                {Plan{Holidays: []string{"2026-12-24 09:00-13:00"}}, "2026-12-24 13:00 +00", false, no, no},
		"ThatDayIsTooFarAway":          {Plan{Holidays: []string{"2026-12-24 09:00-13:00"}}, "2025-10-18 03:00 +00", false, no, no},
	} {
		t.Run(name, func(t *testing.T) {
			hours, now := mustParse(t, test.plan), at(t, test.at)
			if got := hours.Open(now); got != test.open {
				t.Errorf("open: %v", got)
			}
			next, ok := hours.Next(now)
			check(t, "the next opening", next, ok, test.nextOpens)
			closes, ok := hours.Closes(now)
			check(t, "the closing", closes, ok, test.closing)
		})
	}
}

// check compares a moment with a wanted one; "" is none.
func check(t *testing.T, what string, got time.Time, ok bool, want string) {
	t.Helper()
	if ok != (want != "") || ok && !got.Equal(at(t, want)) {
		t.Errorf("%s is %v (%v), not %q", what, got, ok, want)
	}
}

func TestBetween(t *testing.T) {
	// Of the shop: three long days, Thursday, Friday, the night with what Saturday adds to it, Saturday.
	week := 3*(7*time.Hour+30*time.Minute) + (9+5+7+14)*time.Hour
	for name, test := range map[string]struct {
		plan     Plan
		from, to string
		want     time.Duration
	}{
		"InOneSpan":            {shop, "2026-10-12 09:30 +02", "2026-10-12 10:15 +02", 45 * time.Minute},
		"OverTheBreak":         {shop, "2026-10-12 12:00 +02", "2026-10-12 16:00 +02", 2 * time.Hour},
		"InTheBreak":           {shop, "2026-10-12 13:00 +02", "2026-10-12 15:00 +02", 0},
		"NoTime":               {shop, "2026-10-12 10:00 +02", "2026-10-12 10:00 +02", 0},
		"Backwards":            {shop, "2026-10-12 12:00 +02", "2026-10-12 10:00 +02", 0},
		"AWeek":                {shop, "2026-10-05 00:00 +02", "2026-10-12 00:00 +02", week},
		"AWeekFromItsMiddle":   {shop, "2026-10-09 23:00 +02", "2026-10-16 23:00 +02", week},
		"AWeekWithTheChange":   {shop, "2026-10-19 00:00 +02", "2026-10-26 00:00 +01", week},
		"CommonTimeCountsOnce": {shop, "2026-10-16 22:00 +02", "2026-10-17 05:00 +02", 7 * time.Hour},
		"HalfANight":           {shop, "2026-10-17 00:00 +02", "2026-10-17 01:30 +02", 90 * time.Minute},
		"Christmas":            {shop, "2026-12-24 00:00 +01", "2026-12-26 00:00 +01", 4 * time.Hour},
		"SpringTakesAnHour":    {everyDay("Europe/Madrid", "01:00-04:00"), "2026-03-29 00:00 +01", "2026-03-30 00:00 +02", 2 * time.Hour},
		"AutumnGivesAnHour":    {everyDay("Europe/Madrid", "01:00-04:00"), "2026-10-25 00:00 +02", "2026-10-26 00:00 +01", 4 * time.Hour},
		"SpringNight":          {everyDay("Europe/Madrid", "22:00-06:00"), "2026-03-28 12:00 +01", "2026-03-29 12:00 +02", 7 * time.Hour},
		"AutumnNight":          {everyDay("Europe/Madrid", "22:00-06:00"), "2026-10-24 12:00 +02", "2026-10-25 12:00 +01", 9 * time.Hour},
		"HalfAnHourOfSummer":   {everyDay("Australia/Lord_Howe", "01:00-04:00"), "2026-10-03 12:00 +00", "2026-10-04 12:00 +00", 150 * time.Minute},
		"ADayThatNeverWas":     {everyDay("Pacific/Apia", "09:00-17:00"), "2011-12-29 00:00 -10", "2012-01-01 00:00 +14", 16 * time.Hour},
		"TwiceMidnight":        {everyDay("America/St_Johns", "00:00-01:00"), "2010-11-06 12:00 +00", "2010-11-07 12:00 +00", 2 * time.Hour},
		"AlwaysOpen":           {Plan{}, "2026-10-12 00:00 +00", "2026-10-14 00:00 +00", 2 * day},
		"NeverOpen":            {Plan{Week: map[string]string{"sun": ""}}, "2026-10-12 00:00 +00", "2046-10-14 00:00 +00", 0},
		"DaysFarApart":         {Plan{Holidays: []string{"2030-01-01 10:00-11:00", "2026-01-01 10:00-12:00"}}, "2020-01-01 00:00 +00", "2040-01-01 00:00 +00", 3 * time.Hour},
		"MoreThanADuration":    {Plan{Week: everyDay("", "00:00-24:00").Week, Holidays: []string{"2026-12-25"}}, "2000-01-01 00:00 +00", "3000-01-01 00:00 +00", math.MaxInt64 - day},
		"TwentyYears":          {everyDay("Europe/Madrid", "09:00-12:00, 13:00-17:00"), "2006-01-01 00:00 +01", "2026-01-01 00:00 +01", 7305 * 7 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			if got := mustParse(t, test.plan).Between(at(t, test.from), at(t, test.to)); got != test.want {
				t.Errorf("%v, not %v", got, test.want)
			}
		})
	}
}

func TestAdd(t *testing.T) {
	for name, test := range map[string]struct {
		plan Plan
		from string
		add  time.Duration
		want string
	}{
		"InOneSpan":             {shop, "2026-10-12 09:30 +02", time.Hour, "2026-10-12 10:30 +02"},
		"OverTheBreak":          {shop, "2026-10-12 12:30 +02", time.Hour, "2026-10-12 15:30 +02"},
		"FromTheBreak":          {shop, "2026-10-12 14:00 +02", time.Hour, "2026-10-12 16:00 +02"},
		"ToTheLastMoment":       {shop, "2026-10-12 12:00 +02", time.Hour, "2026-10-12 13:00 +02"},
		"OverTheWeekend":        {shop, "2026-10-17 23:00 +02", 2 * time.Hour, "2026-10-19 10:00 +02"},
		"OverChristmas":         {shop, "2026-12-24 12:00 +01", 2 * time.Hour, "2026-12-26 03:00 +01"},
		"NothingInTheBreak":     {shop, "2026-10-12 14:00 +02", 0, "2026-10-12 14:00 +02"},
		"LessThanNothing":       {shop, "2026-10-12 14:00 +02", -time.Hour, "2026-10-12 14:00 +02"},
		"OverTheSpringChange":   {everyDay("Europe/Madrid", "01:00-04:00"), "2026-03-29 00:00 +01", 2 * time.Hour, "2026-03-29 04:00 +02"},
		"OverTheAutumnChange":   {everyDay("Europe/Madrid", "01:00-04:00"), "2026-10-25 00:00 +02", 3 * time.Hour, "2026-10-25 03:00 +01"},
		"AlwaysOpen":            {Plan{}, "2026-10-12 14:00 +00", 48 * time.Hour, "2026-10-14 14:00 +00"},
		"AlwaysOpenAndNothing":  {Plan{}, "2026-10-12 14:00 +00", -1, "2026-10-12 14:00 +00"},
		"NeverOpen":             {Plan{Week: map[string]string{"sun": ""}}, "2026-10-12 14:00 +00", 1, ""},
		"NoOtherDayComes":       {Plan{Holidays: []string{"2026-12-24 09:00-13:00"}}, "2026-10-12 14:00 +00", 5 * time.Hour, ""},
		"MoreThanADurationEver": {Plan{Week: map[string]string{"mon": "00:00-00:01"}}, "2026-10-12 14:00 +00", 300 * day, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := mustParse(t, test.plan).Add(at(t, test.from), test.add)
			check(t, "the moment", got, ok, test.want)
		})
	}
}

func TestAlways(t *testing.T) {
	for name, test := range map[string]struct {
		plan Plan
		want bool
	}{
		"ZeroPlan":         {Plan{}, true},
		"OnlyAZone":        {Plan{Timezone: "Europe/Madrid"}, true},
		"EmptyButThere":    {Plan{Week: map[string]string{}, Holidays: []string{}}, true},
		"WholeDays":        {everyDay("Europe/Madrid", "00:00-24:00"), true},
		"DayAndNight":      {everyDay("Europe/Madrid", "06:00-22:00, 22:00-06:00"), true},
		"AMinuteLess":      {everyDay("Europe/Madrid", "00:00-23:59"), false},
		"WholeDaysButOne":  {Plan{Week: everyDay("", "00:00-24:00").Week, Holidays: []string{"2026-12-25"}}, false},
		"OneWholeDay":      {Plan{Week: map[string]string{"mon": "00:00-24:00"}}, false},
		"OneClosedDay":     {Plan{Week: map[string]string{"mon": "closed"}}, false},
		"OneDayWithAnHour": {Plan{Holidays: []string{"2026-12-24 09:00-10:00"}}, false},
	} {
		if got := mustParse(t, test.plan).Always(); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if !(Hours{}).Always() || !(Hours{}).Open(time.Time{}) {
		t.Error("the zero value is not always open")
	}
}

func TestAnswersAreInTheZone(t *testing.T) {
	hours, now := mustParse(t, shop), at(t, "2026-10-12 07:30 +00")
	next, _ := hours.Next(now)
	closes, _ := hours.Closes(now)
	sum, _ := hours.Add(now, time.Hour)
	none, _ := hours.Add(now, 0)
	for what, got := range map[string]time.Time{"Next": next, "Closes": closes, "Add": sum, "Add 0": none} {
		if got.Location().String() != "Europe/Madrid" {
			t.Errorf("%s is in %v", what, got.Location())
		}
	}
}
