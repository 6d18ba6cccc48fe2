package datetime_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/datetime"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ in, want, notes string }{
		// RFC 5322 appendix A.
		{"Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T09:55:06-06:00", ""},
		{"Tue, 1 Jul 2003 10:52:37 +0200", "2003-07-01T10:52:37+02:00", ""},
		{"Thu, 13 Feb 1969 23:32:54 -0330", "1969-02-13T23:32:54-03:30", ""},
		{"21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06Z", "two-digit year 97 read as 1997"},
		{"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T09:55:06-06:00", ""},
		{"Thu,\n      13\n        Feb\n          1969\n      23:32\n               -0330 (Newfoundland Time)", "1969-02-13T23:32:00-03:30", ""},
		// RFC 5322 §3.3 with what servers add.
		{"Wed, 15 Jul 2026 08:09:10 +0000 (UTC)", "2026-07-15T08:09:10Z", ""},
		{"15 Jul 2026 08:09:10 -0000", "2026-07-15T08:09:10Z", ""},
		{"  wed, 15 jul 2026 08:09:10 -0700 (PDT)\r\n", "2026-07-15T08:09:10-07:00", ""},
		{"Wed,\r\n\t15 Jul 2026 08:09:10\r\n +0200 (CEST)", "2026-07-15T08:09:10+02:00", ""},
		{"Wed,15 Jul 2026 08:09:10 +0200", "2026-07-15T08:09:10+02:00", ""},
		{"Wed 15 Jul 2026 08:09:10 +0200", "2026-07-15T08:09:10+02:00", ""},
		{"Wed, 15 Jul 2026 8:9:1 +0200", "2026-07-15T08:09:01+02:00", ""},
		{"Wed, 15 Jul 2026 08:09 +0200", "2026-07-15T08:09:00+02:00", ""},
		{"Wed, 15 Jul 2026 08:09:10 +05:30", "2026-07-15T08:09:10+05:30", ""},
		{"Wed, 15 Jul 2026 08:09:10+0200", "2026-07-15T08:09:10+02:00", ""},
		{"Wed, 15 Jul 2026 08:09:10 +02", "2026-07-15T08:09:10+02:00", ""},
		{"Wed, 15 Jul 2026 08:09:10.123456 +0200", "2026-07-15T08:09:10.123456+02:00", ""},
		{"Wed, 15 Jul 2026 08.09.10 +0200", "2026-07-15T08:09:10+02:00", ""},
		{"Wed, 15-Jul-2026 08:09:10 GMT", "2026-07-15T08:09:10Z", ""},
		{"Wednesday, 15-Jul-26 08:09:10 GMT", "2026-07-15T08:09:10Z", "full day name · two-digit year 26 read as 2026"},
		{"Wednesday, 15 July 2026 08:09:10 +0200", "2026-07-15T08:09:10+02:00", "full day name · full month name"},
		{"Wed, 15 Sept 2026 08:09:10 +0200", "2026-09-15T08:09:10+02:00", "month name Sept · weekday does not fit the date"},
		// Zones.
		{"15 Jul 2026 08:09:10 Z", "2026-07-15T08:09:10Z", ""},
		{"15 Jul 2026 08:09:10 UT", "2026-07-15T08:09:10Z", ""},
		{"15 Jul 2026 08:09:10 \"GMT\"", "2026-07-15T08:09:10Z", ""},
		{"15 Jul 2026 08:09:10 GMT+0100", "2026-07-15T08:09:10+01:00", ""},
		{"15 Jul 2026 08:09:10 UTC-05:00", "2026-07-15T08:09:10-05:00", ""},
		{"15 Jul 2026 08:09:10 EST", "2026-07-15T08:09:10-05:00", "obsolete zone EST read as -0500"},
		{"15 Jul 2026 08:09:10 pdt", "2026-07-15T08:09:10-07:00", "obsolete zone PDT read as -0700"},
		{"15 Jul 2026 08:09:10 EST -0500", "2026-07-15T08:09:10-05:00", ""},
		{"15 Jul 2026 08:09:10 -0500 EST", "2026-07-15T08:09:10-05:00", ""},
		{"15 Jul 2026 08:09:10 CET", "2026-07-15T08:09:10+01:00", "zone CET is not of RFC 5322: read as +0100"},
		{"15 Jul 2026 08:09:10 MET DST", "2026-07-15T08:09:10+02:00", "zone METDST is not of RFC 5322: read as +0200"},
		{"15 Jul 2026 08:09:10 (CEST)", "2026-07-15T08:09:10+02:00", "zone CEST is not of RFC 5322: read as +0200"},
		{"15 Jul 2026 08:09:10 Pacific Standard Time", "2026-07-15T08:09:10-08:00", "zone Pacific Standard Time read as -0800"},
		{"15 Jul 2026 08:09:10", "2026-07-15T08:09:10Z", "no zone given: taken as UTC"},
		{"15 Jul 2026 08:09:10 XYZ", "2026-07-15T08:09:10Z", "unknown zone XYZ: taken as UTC"},
		{"15 Jul 2026 08:09:10 M", "2026-07-15T08:09:10Z", "military zone M tells nothing: taken as UTC"},
		{"15 Jul 2026 08:09:10 +9900", "2026-07-15T08:09:10Z", "zone +9900 is impossible: taken as UTC"},
		{"15 Jul 2026 08:09:10 +1600", "2026-07-15T08:09:10Z", "zone +1600 is impossible: taken as UTC"},
		{"15 Jul 2026 08:09:10 -1559", "2026-07-15T08:09:10-15:59", ""},
		// asctime, ISO 8601, Go, numbers only, twelve-hour clocks, year in other places.
		{"Wed Jul 15 08:09:10 2026", "2026-07-15T08:09:10Z", "no zone given: taken as UTC"},
		{"Wed Jul  5 08:09:10 CEST 2026", "2026-07-05T08:09:10+02:00", "zone CEST is not of RFC 5322: read as +0200 · weekday does not fit the date"},
		{"Wed Jul 15 08:09:10 2026 -0700", "2026-07-15T08:09:10-07:00", ""},
		{"Wed Jul 15 08:09:10 -0700 2026", "2026-07-15T08:09:10-07:00", ""},
		{"2026-07-15T08:09:10Z", "2026-07-15T08:09:10Z", ""},
		{"2026-07-15T08:09:10.5+02:00", "2026-07-15T08:09:10.5+02:00", ""},
		{"20260715T080910Z", "2026-07-15T08:09:10Z", ""},
		{"2026-07-15 08:09:10.123456789 +0000 UTC m=+1.250000001", "2026-07-15T08:09:10.123456789Z", ""},
		{"2026/07/15 08:09", "2026-07-15T08:09:00Z", "no zone given: taken as UTC"},
		{"22/08/2026 16:54:15 +0200", "2026-08-22T16:54:15+02:00", ""},
		{"08/22/2026 4:54:15 PM +0200", "2026-08-22T16:54:15+02:00", ""},
		{"02/08/2026 4:54:15 PM +0200", "2026-02-08T16:54:15+02:00", "numbers only: which is the day and which the month is not certain"},
		{"02.08.2026 16:54:15 +0200", "2026-08-02T16:54:15+02:00", "numbers only: which is the day and which the month is not certain"},
		{"Jul, 15 2026 3:33:22 PM -0700", "2026-07-15T15:33:22-07:00", ""},
		{"July 15th, 2026 at 12:03 AM", "2026-07-15T00:03:00Z", "full month name · no zone given: taken as UTC"},
		{"12:03 PM, 15 Jul 2026", "2026-07-15T12:03:00Z", "no zone given: taken as UTC"},
		{"Wed, 15 Jul 08:09:10 2026 +0100", "2026-07-15T08:09:10+01:00", ""},
		{"Wed, 15 Jul 2026", "2026-07-15T00:00:00Z", "no time of day given: taken as 00:00 · no zone given: taken as UTC"},
		// Years of RFC 5322 §4.3.
		{"15 Jul 49 08:09:10 +0000", "2049-07-15T08:09:10Z", "two-digit year 49 read as 2049"},
		{"15 Jul 50 08:09:10 +0000", "1950-07-15T08:09:10Z", "two-digit year 50 read as 1950"},
		{"15 Jul 102 08:09:10 +0000", "2002-07-15T08:09:10Z", "three-digit year 102 read as 2002"},
		// Odd clocks and wrong days are told.
		{"31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00Z", "second 60 read as the next minute"},
		{"31 Dec 2016 24:00:00 +0000", "2017-01-01T00:00:00Z", "hour 24 read as the next day"},
		{"Mon, 15 Jul 2026 08:09:10 +0000", "2026-07-15T08:09:10Z", "weekday does not fit the date"},
		// Other languages.
		{"Mi, 15 Juli 2026 08:09:10 +0200", "2026-07-15T08:09:10+02:00", "month name Juli read as July"},
		{"15. März 2026 um 08:09 +0100", "2026-03-15T08:09:00+01:00", "month name März read as March"},
		{"mar. 3 mars 2026 08:09 +0100", "2026-03-03T08:09:00+01:00", "month name mars read as March"},
		{"Mar 3 2026 08:09 +0100", "2026-03-03T08:09:00+01:00", ""},
		{"15 de julio de 2026 08:09 +0200", "2026-07-15T08:09:00+02:00", "month name julio read as July"},
		// Junk around it.
		{"Date: Wed, 15 Jul 2026 08:09:10 +0200; and more", "2026-07-15T08:09:10+02:00", ""},
		{"id 12345.6.7 ABC-2026-1; 15 Jul 2026 08:09:10 +0200", "2026-07-15T08:09:10+02:00", ""},
		{"d9443c01a7336.67.2025.02.21.01.09.28 Wed, 15 Jul 2026 08:09:10 +0200", "2026-07-15T08:09:10+02:00", ""},
		{"2 May apples, 15 Jul 2026 08:09:10 +0200", "2026-07-15T08:09:10+02:00", ""},
		{"Wed, 15 Jul 2026 08:09:10 +0200 (envelope-from <a@b.example>)", "2026-07-15T08:09:10+02:00", ""},
	} {
		got, err := datetime.Parse(c.in)
		if !assert.NoError(t, err, c.in) {
			continue
		}
		assert.Equal(t, c.want, got.Time.Format(time.RFC3339Nano), c.in)
		assert.Equal(t, c.notes, join(got.Notes), c.in)
	}
}

func join(notes []string) string {
	s := ""
	for i, n := range notes {
		if i > 0 {
			s += " · "
		}
		s += n
	}
	return s
}

func TestParseFindsNoDate(t *testing.T) {
	for _, s := range []string{"", " ", "yesterday", "12:30:00", "31 Feb 2026 10:00:00 +0000", "29 Feb 2026 10:00:00 +0000", "15 Jul 2026 25:00:00 +0000", "15 Jul 2026 10:61:00 +0000",
		"15 Jul 0000 10:00:00 +0000", "15 Foo 2026 10:00:00", "31 Dec 9999 23:59:59 -0500", "1 Jan 0001 00:00:00 +0500", "192.0.2.1", "1.2.3", "15.20.2322.5", "((((("} {
		got, err := datetime.Parse(s)
		assert.Error(t, err, s)
		assert.Zero(t, got, s)
	}
	_, err := datetime.Parse("no date at all")
	assert.ErrorIs(t, err, datetime.ErrNoDate)
}

func TestHasZone(t *testing.T) {
	for s, want := range map[string]bool{
		"15 Jul 2026 08:09:10 +0000": true, "15 Jul 2026 08:09:10 EST": true, "15 Jul 2026 08:09:10": false, "15 Jul 2026 08:09:10 QQQ": false,
	} {
		got, err := datetime.Parse(s)
		require.NoError(t, err)
		assert.Equal(t, want, got.HasZone, s)
	}
}

func TestFindTellsWhere(t *testing.T) {
	const text = "by mx.example id 0LvVA5-1Y3oYj-nD Wed, 15 Jul 2026 08:09:10 +0100 and on"
	_, start, end, err := datetime.Find(text)
	require.NoError(t, err)
	assert.Equal(t, "Wed, 15 Jul 2026 08:09:10 +0100", text[start:end])
}

// Every date that Parse gives lies in the years 1 to 9999, in its own zone and in UTC, survives RFC 3339, and stands where Find says.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"Fri, 21 Nov 1997 09:55:06 -0600", "Wed Jul 15 08:09:10 CEST 2026", "2026-07-15T08:09:10Z", "02/08/26 4:54 PM", "15 Jul 2026 24:00 (EST)", "31 Dec 9999 23:59:60 -1559", "10:00:00 1 Mai 70"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, start, end, err := datetime.Find(s)
		if err != nil {
			assert.Zero(t, got)
			return
		}
		for _, v := range []time.Time{got.Time, got.Time.UTC()} {
			assert.True(t, v.Year() >= 1 && v.Year() <= 9999, "%q: %v", s, v)
		}
		text, err := got.Time.MarshalText()
		require.NoError(t, err, s)
		var back time.Time
		require.NoError(t, back.UnmarshalText(text))
		assert.True(t, got.Time.Equal(back))
		assert.True(t, 0 <= start && start < end && end <= len(s), "%q: %d %d", s, start, end)
	})
}

func BenchmarkParse(b *testing.B) {
	for name, s := range map[string]string{"strict": "Fri, 21 Nov 1997 09:55:06 -0600 (CST)", "general": "Wed Jul 15 08:09:10 2026 -0700"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := datetime.Parse(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
