package mbox_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/mbox"
)

func TestParseFromLine(t *testing.T) {
	for _, c := range []struct {
		line, sender, when string // when in RFC 3339, "" for none
		hasZone            bool
	}{
		{"From ann@plant.example Mon Jan  5 10:02:03 2026", "ann@plant.example", "2026-01-05T10:02:03Z", false},
		{"From ann@plant.example  Mon Jan  5 10:02:03 2026\r\n", "ann@plant.example", "2026-01-05T10:02:03Z", false},
		{"From ann@plant.example Mon Jan 5 10:02 2026\n", "ann@plant.example", "2026-01-05T10:02:00Z", false},
		{"From - Mon Jan 05 10:02:03 2026", "-", "2026-01-05T10:02:03Z", false},
		{"From MAILER-DAEMON Mon Jan  5 10:02:03 2026", "MAILER-DAEMON", "2026-01-05T10:02:03Z", false},
		{"From root Mon Jan  5 10:02:03 2026", "root", "2026-01-05T10:02:03Z", false},
		{"From 1234567890123456789@xxx Mon Jan 05 10:02:03 +0000 2026", "1234567890123456789@xxx", "2026-01-05T10:02:03Z", true},
		{"From 1234567890123456789@xxx", "1234567890123456789@xxx", "", false},
		{"From - ", "-", "", false},
		{"From ann at plant.example  Mon Jan  5 10:02:03 2026", "ann at plant.example", "2026-01-05T10:02:03Z", false},
		{`From "ann marie"@plant.example Mon Jan  5 10:02:03 2026`, `"ann marie"@plant.example`, "2026-01-05T10:02:03Z", false},
		{"From Ann Marie Mon Jan  5 10:02:03 2026", "Ann Marie", "2026-01-05T10:02:03Z", false},
		{"From mon@plant.example Mon Jan  5 10:02:03 2026", "mon@plant.example", "2026-01-05T10:02:03Z", false},
		{"From  Mon Jan  5 10:02:03 2026", "", "2026-01-05T10:02:03Z", false},
		{"From ann@plant.example Mon Jan  5 10:02:03 2026 +0130", "ann@plant.example", "2026-01-05T10:02:03+01:30", true},
		{"From ann@plant.example Mon Jan  5 10:02:03 2026 -0800 (PST)", "ann@plant.example", "2026-01-05T10:02:03-08:00", true},
		{"From ann@plant.example Mon Jan  5 10:02:03 CET 2026", "ann@plant.example", "2026-01-05T10:02:03+01:00", true},
		{"From ann@plant.example Mon Jan  5 10:02:03 2026 EST", "ann@plant.example", "2026-01-05T10:02:03-05:00", true},
		{"From ann@plant.example Mon Jan  5 10:02:03 MET DST 2026", "ann@plant.example", "2026-01-05T10:02:03+02:00", true},
		{"From ann@plant.example Mon Jan  5 10:02:03 XYZ 2026", "ann@plant.example", "2026-01-05T10:02:03Z", false},
		{"From ann@plant.example Mon Jan  5 12:02:03 AM 2026", "ann@plant.example", "2026-01-05T00:02:03Z", false},
		{"From ann@plant.example Mon, 5 Jan 2026 10:02:03 +0000", "ann@plant.example", "2026-01-05T10:02:03Z", true},
		{"From ann@plant.example 5-Jan-2026 10:02:03 -0500", "ann@plant.example", "2026-01-05T10:02:03-05:00", true},
		{"From ann@plant.example 2026-01-05 10:02:03 +0100", "ann@plant.example", "2026-01-05T10:02:03+01:00", true},
		{"From ann@plant.example 2026-01-05T10:02:03Z", "ann@plant.example", "2026-01-05T10:02:03Z", true},
		{"From ann@plant.example Monday January 5 10:02:03 2026", "ann@plant.example", "2026-01-05T10:02:03Z", false},
		{"From ann Mon Jan  5 10:02:03 1987 remote from plant", "ann", "1987-01-05T10:02:03Z", false},
		{"From ann@plant.example Mon Jan  5 10:02:03 87", "ann@plant.example", "1987-01-05T10:02:03Z", false},
		{"From ann@plant.example Mon Jan  5 10:02:60 2026", "ann@plant.example", "2026-01-05T10:03:00Z", false},
		{"From ann@plant.example Mon Feb 30 10:02:03 2026", "ann@plant.example", "", false},
	} {
		sender, when, hasZone, ok := mbox.ParseFromLine([]byte(c.line))
		if !assert.True(t, ok, c.line) {
			continue
		}
		assert.Equal(t, c.sender, sender, c.line)
		assert.Equal(t, c.hasZone, hasZone, c.line)
		if c.when == "" {
			assert.True(t, when.IsZero(), c.line)
			continue
		}
		want, err := time.Parse(time.RFC3339, c.when)
		require.NoError(t, err)
		assert.True(t, want.Equal(when), "%s: want %s, have %s", c.line, want, when)
		assert.Equal(t, c.when, when.Format(time.RFC3339), c.line)
	}
}

func TestNoFromLine(t *testing.T) {
	for _, line := range []string{
		"", "From", "From ", "From:", "From: ann@plant.example", ">From ann@plant.example Mon Jan  5 10:02:03 2026",
		"From here on everything is different",
		"From Monday 5 January at 10:02 the plant stands still in 2026",
		"From Friday 1st December 2000 the relay is another",
		"From ann@plant.example",
		"From ann@plant.example yesterday",
		"From ann@plant.example Mon Jan  5 2026",
		"From ann@plant.example Mon Jan  5 10:02:03",
		"From ann@plant.example Mon Jan 32 10:02:03 2026",
		"From ann@plant.example Mon Jan  5 24:02:03 2026",
		"From ann@plant.example Mon Jan  5 10:02:03 2026 she wrote",
		"From - to",
		"From 12a@xxx",
		"from ann@plant.example Mon Jan  5 10:02:03 2026",
	} {
		assert.False(t, mbox.IsFromLine([]byte(line)), line)
	}
}
