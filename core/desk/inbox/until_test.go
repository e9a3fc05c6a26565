package inbox

import (
	"testing"
	"time"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	found, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestReadUntil(t *testing.T) {
	const (
		thursday = "2026-03-26 14:20" // the clocks go forward in the night to the 29th
		saturday = "2026-10-24 14:20" // and back in the next night
	)
	for _, test := range []struct{ now, text, want string }{
		{thursday, "", "2026-03-27 09:00 +0100"},
		{thursday, "  ", "2026-03-27 09:00 +0100"},
		{thursday, "30m", "2026-03-26 14:50 +0100"},
		{thursday, "30min", "2026-03-26 14:50 +0100"},
		{thursday, "2h", "2026-03-26 16:20 +0100"},
		{thursday, "2 h", "2026-03-26 16:20 +0100"},
		{thursday, "2H", "2026-03-26 16:20 +0100"},
		{thursday, "90m", "2026-03-26 15:50 +0100"},
		{thursday, "1d", "2026-03-27 14:20 +0100"},
		{thursday, "1w", "2026-04-02 15:20 +0200"}, // so many hours
		{thursday, "18:00", "2026-03-26 18:00 +0100"},
		{thursday, "14:20", "2026-03-27 14:20 +0100"}, // the next one
		{thursday, "9", "2026-03-27 09:00 +0100"},
		{thursday, "9am", "2026-03-27 09:00 +0100"},
		{thursday, "4pm", "2026-03-26 16:00 +0100"},
		{thursday, "12am", "2026-03-27 00:00 +0100"},
		{thursday, "12:30pm", "2026-03-27 12:30 +0100"},
		{thursday, "0:00", "2026-03-27 00:00 +0100"},
		{thursday, "today 20:00", "2026-03-26 20:00 +0100"},
		{thursday, "today", "2026-03-26 09:00 +0100"}, // has passed; Snooze refuses it
		{thursday, "tomorrow", "2026-03-27 09:00 +0100"},
		{thursday, "Tomorrow 14:30", "2026-03-27 14:30 +0100"},
		{thursday, "monday", "2026-03-30 09:00 +0200"},
		{thursday, "mon 8", "2026-03-30 08:00 +0200"},
		{thursday, "SUN 10pm", "2026-03-29 22:00 +0200"},
		{thursday, "thursday", "2026-04-02 09:00 +0200"},
		{thursday, "thursday 15:00", "2026-03-26 15:00 +0100"},
		{thursday, "2026-12-24", "2026-12-24 09:00 +0100"},
		{thursday, "2026-12-24 10:00", "2026-12-24 10:00 +0100"},
		{thursday, "2028-02-29 10:00", "2028-02-29 10:00 +0100"},
		{thursday, "2026-03-25", "2026-03-25 09:00 +0100"}, // has passed
		{saturday, "tomorrow", "2026-10-25 09:00 +0100"},
		{saturday, "24h", "2026-10-25 13:20 +0100"},
		{saturday, "14:00", "2026-10-25 14:00 +0100"},

		{thursday, "0m", ""}, {thursday, "-2h", ""}, {thursday, "2 hours", ""}, {thursday, "2.5h", ""}, {thursday, "10000m", ""},
		{thursday, "h", ""}, {thursday, "25:00", ""}, {thursday, "12:60", ""}, {thursday, "24", ""}, {thursday, "13pm", ""},
		{thursday, "0am", ""}, {thursday, "1:5", ""}, {thursday, "monday tuesday", ""}, {thursday, "mo", ""}, {thursday, "mondays", ""},
		{thursday, "tomorrow at 9", ""}, {thursday, "tomorrow morning", ""}, {thursday, "yesterday", ""}, {thursday, "2026-02-29", ""},
		{thursday, "2026-13-01", ""}, {thursday, "24.12.2026", ""}, {thursday, "2026-12-24 25:00", ""}, {thursday, "soon", ""},
		{thursday, "9999w", ""}, {thursday, "2126-01-01", ""}, {thursday, "9999-12-31", ""}, {thursday, "0001-01-01 00:00", ""},
		{thursday, "forever", ""}, {thursday, "２h", ""}, {thursday, "\x00", ""},
	} {
		now, err := time.ParseInLocation("2006-01-02 15:04", test.now, zone(t, "Europe/Madrid"))
		if err != nil {
			t.Fatal(err)
		}
		at, ok := readUntil(test.text, now.UTC(), now.Location())
		if got := at.In(now.Location()).Format("2006-01-02 15:04 -0700"); ok != (test.want != "") || ok && got != test.want {
			t.Errorf("%q on %s is %s, %v", test.text, test.now, got, ok)
		} else if ok && at.Location() != time.UTC {
			t.Errorf("%q is in %s", test.text, at.Location())
		}
	}
}

// TestReadUntilWhereMidnightIsLeftOut: on these days the clocks go from 23:59 to 1:00.
func TestReadUntilWhereMidnightIsLeftOut(t *testing.T) {
	for name, date := range map[string]string{"Africa/Cairo": "2026-04-24", "Asia/Beirut": "2026-03-29", "America/Santiago": "2026-09-06"} {
		at, ok := readUntil(date+" 10:00", start, zone(t, name))
		if got := at.In(zone(t, name)).Format("2006-01-02 15:04"); !ok || got != date+" 10:00" {
			t.Errorf("%s 10:00 in %s is %s, %v", date, name, got, ok)
		}
	}
}

// FuzzReadUntil: whatever is written is understood as a time that somebody can mean, or not at all.
func FuzzReadUntil(f *testing.F) {
	for _, seed := range []string{"", "2h", "9999w", "0m", "tomorrow 14:30", "mon 9pm", "2026-12-24 10:00", "0001-01-01 0:00", "today 0:00", "12am", "\xff", "9 9"} {
		f.Add(seed, start.Unix())
		f.Add(seed, int64(1792886400)) // when the clocks go back
	}
	madrid := zone(f, "Europe/Madrid")
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		now := time.Unix(unix%(1<<32), 0)
		at, ok := readUntil(text, now, madrid)
		if !ok {
			if !at.IsZero() {
				t.Errorf("%q is not understood, as %s", text, at)
			}
			return
		}
		if at.Before(now.AddDate(-10, 0, 0)) || at.After(now.AddDate(10, 0, 0)) {
			t.Errorf("%q is %s", text, at)
		}
		_, isSpan := readSpan(text)
		_, _, isClock := readClock(text)
		if (isSpan || isClock || text == "") && !at.After(now) {
			t.Errorf("%q on %s is %s", text, now, at)
		}
		if isClock && at.Sub(now) > 25*time.Hour {
			t.Errorf("%q on %s is %s", text, now, at)
		}
	})
}
