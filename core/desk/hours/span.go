package hours

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// closed is how a day without hours may be written.
const closed = "closed"

// span is open time of a day in minutes since its midnight, as the clock on the wall reads. 0 <= begin < 24 hours,
// begin < end; what is over 24 hours lies on the next day.
type span struct{ begin, end int }

// String writes a span as the plan does.
func (s span) String() string {
	end := s.end
	if end > minutesOfDay {
		end -= minutesOfDay
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.begin/60, s.begin%60, end/60, end%60)
}

// weekday reads the name of a day: "monday" or "mon".
func weekday(name string) (time.Weekday, bool) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if full := strings.ToLower(day.String()); name == full || name == full[:3] {
			return day, true
		}
	}
	return 0, false
}

// spans reads the hours of one day and sorts them.
func (p *parser) spans(field, text string) []span {
	if text = strings.TrimSpace(text); text == "" || text == closed {
		return nil
	}
	var spans []span
	for part := range strings.SplitSeq(text, ",") {
		s, wrong := parseSpan(strings.TrimSpace(part))
		if wrong != "" {
			p.found.add(field, wrong)
			continue
		}
		spans = append(spans, s)
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.begin, b.begin) })
	for i := 1; i < len(spans); i++ {
		if spans[i].begin < spans[i-1].end {
			p.found.add(field, fmt.Sprintf("has %s and %s, which overlap: make one span of them", spans[i-1], spans[i]))
		}
	}
	return spans
}

// parseSpan reads "09:00-13:00", or says what is wrong with it.
func parseSpan(text string) (s span, wrong string) {
	from, to, _ := strings.Cut(text, "-")
	begin, beginOK := minuteOf(from)
	end, endOK := minuteOf(to)
	switch {
	case !beginOK || !endOK:
		return span{}, fmt.Sprintf(`has %q: write spans such as "09:00-13:00, 15:00-18:30", or "closed"`, text)
	case begin == minutesOfDay:
		return span{}, fmt.Sprintf("has %q, which begins when the day is over: write it on the next day, from 00:00", text)
	case begin == end:
		return span{}, fmt.Sprintf(`has %q, which ends when it begins: write "00:00-24:00" for the whole day`, text)
	case end < begin:
		end += minutesOfDay
	}
	return span{begin: begin, end: end}, ""
}

// minuteOf reads a time of the day, up to 24:00, as minutes since midnight.
func minuteOf(text string) (int, bool) {
	match := regexp.MustCompile(`^(\d{1,2}):(\d{2})$`).FindStringSubmatch(strings.TrimSpace(text))
	if match == nil {
		return 0, false
	}
	hour, _ := strconv.Atoi(match[1])
	minute, _ := strconv.Atoi(match[2])
	total := hour*60 + minute
	return total, minute < 60 && total <= minutesOfDay
}
