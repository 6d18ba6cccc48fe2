package casefile

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

var localTime = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(:\d{2})?(?: *(Z|UTC|[+-]\d{2}:?\d{2})| +([A-Za-z_]+(?:/[A-Za-z0-9_+-]+)+))?$`)

// parseTime reads an RFC 3339 time or a local time with a zone. The problem is empty when it could.
func parseTime(s string) (t time.Time, problem string) {
	m := localTime.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		if t, err := time.Parse(time.RFC3339, s); err == nil { // fractions of a second
			return t, ""
		}
		return time.Time{}, fmt.Sprintf("%q is no time", shorten(s))
	}
	date, clock, seconds, offset, zone := m[1], m[2], m[3], m[4], m[5]
	if seconds == "" {
		seconds = ":00"
	}
	wall := date + " " + clock + seconds
	switch {
	case zone != "":
		return zonedTime(wall, zone)
	case offset == "":
		return time.Time{}, fmt.Sprintf("%q has no time zone", s)
	case offset == "Z" || offset == "UTC":
		offset = "+0000"
	}
	t, err := time.Parse("2006-01-02 15:04:05 -0700", wall+" "+strings.Replace(offset, ":", "", 1))
	if err != nil {
		return time.Time{}, fmt.Sprintf("%q is no time that exists", s)
	}
	return t, ""
}

// zonedTime refuses what the zone's clocks never showed and what they showed twice: evidence must not rest on a guess.
func zonedTime(wall, zone string) (time.Time, string) {
	const layout = "2006-01-02 15:04:05"
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, fmt.Sprintf("%q is no known time zone", zone)
	}
	t, err := time.ParseInLocation(layout, wall, loc)
	if err != nil {
		return time.Time{}, fmt.Sprintf("%q is no time that exists", wall)
	}
	if t.Format(layout) != wall {
		return time.Time{}, fmt.Sprintf("the clocks of %s never showed %s: they were put forward over it", zone, wall)
	}
	for _, shift := range []time.Duration{-time.Hour, time.Hour, -30 * time.Minute, 30 * time.Minute} {
		if other := t.Add(shift); other.Format(layout) == wall {
			return time.Time{}, fmt.Sprintf("the clocks of %s showed %s twice: give the offset, such as %s", zone, wall, t.Format("-07:00"))
		}
	}
	return t, ""
}
