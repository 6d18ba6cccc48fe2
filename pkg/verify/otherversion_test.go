package verify

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/evidence"
)

func TestStanding(t *testing.T) {
	for path, want := range map[string]bool{
		"ledger.found": true, "evidence_digest": true, "messages": true, "sources": true, "sources[3].sha256": true, "sources[0].notes[1]": false, "sources[0].variant_why": false,
		"messages[12].digests.body": true, "messages[0].header[3].raw": true, "messages[0].header": true, "messages[0].origin.offset": true, "messages[0].exhibit": true, "messages[0].size": true,
		"messages[0].headers_of_tomorrow": false, "messages[0].text": false, "messages[0].date.time": false, "messages[0].received[0].from": false, "messages[0].parts[0].sha256": false,
		"messages[0].nested[1].message.header[0].raw": true, "messages[0].nested[1].message.nested[0].message.digests.raw": true, "messages[0].nested[1].message.text": false, "messages[0].nested": false,
		"messages[0].authentication.dkim": true, "messages[0].authentication.dkim[0].signature": true, "messages[0].authentication.dkim[0].key.record": true, "messages[0].authentication.dkim[0].summary": false,
		"messages[0].authentication.dkim[0].policy[0]": false, "messages[0].authentication.arc.chain": true, "messages[0].authentication.arc.why": false, "messages[0].authentication.recorded[0].trusted": false,
		"statements[0].text": false, "people": false, "keys.missing": false, "timeline[3].at": false,
	} {
		assert.Equal(t, want, standing(path), path)
	}
}

func TestTextOf(t *testing.T) {
	inner := &evidence.Record{Text: "inner", Nested: []evidence.Nested{{Part: "1", Record: &evidence.Record{Text: "innermost"}}}}
	r := &evidence.Record{Text: "outer", Nested: []evidence.Nested{{Part: "1.2", Record: inner}}}
	for part, want := range map[string]string{"": "outer", "1.2": "inner", "1.2/1": "innermost"} {
		text, ok := textOf(r, part)
		require.True(t, ok, part)
		assert.Equal(t, want, text)
	}
	for _, part := range []string{"1", "1.2/2", "1.2/1/1", "/"} {
		_, ok := textOf(r, part)
		assert.False(t, ok, part)
	}
}
