package casefile

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEditorNamesTheMatter(t *testing.T) {
	for start, want := range map[string]string{
		"":                                     "matter:\n  title: 'Crane 4: the jib'\n  prepared_by: N. Quist\n",
		"# mine\n":                             "# mine\n\nmatter:\n  title: 'Crane 4: the jib'\n  prepared_by: N. Quist\n",
		"# head\n\n# who\npeople: [] # none\n": "# head\n\nmatter:\n  title: 'Crane 4: the jib'\n  prepared_by: N. Quist\n\n# who\npeople: [] # none\n",
		"matter:\n    # a\n    reference: 7 O 1 # file\n\nmarks:\n":        "matter:\n    title: 'Crane 4: the jib'\n    # a\n    reference: 7 O 1 # file\n    prepared_by: N. Quist\n\nmarks:\n",
		"matter:\n  title: old   # as told\n  prepared_by: x\nmarks: []\n": "matter:\n  title: 'Crane 4: the jib' # as told\n  prepared_by: N. Quist\nmarks: []\n",
		"matter:\nmarks: []\n": "matter:\n  title: 'Crane 4: the jib'\n  prepared_by: N. Quist\nmarks: []\n",
	} {
		e := open(t, start)
		require.NoError(t, e.SetMatter("title", "Crane 4: the jib"), start)
		require.NoError(t, e.SetMatter("prepared_by", "N. Quist"), start)
		assert.Equal(t, "Crane 4: the jib", e.Case().Title, start)
		assert.Equal(t, "N. Quist", e.Case().PreparedBy, start)
		assert.Equal(t, want, string(e.Bytes()), start)
	}
	e := open(t, "matter: {title: x}\n")
	assert.Error(t, e.SetMatter("title", "y"))
	assert.Error(t, e.SetMatter("colour", "y"))
	e = open(t, "matter:\n  title: >\n    a\n    b\n")
	assert.ErrorContains(t, e.SetMatter("title", "y"), "by hand")
}

func TestEditorSetsClocks(t *testing.T) {
	e := open(t, "# mine\nclocks:\n  - title: Report # of the authority\n    start: aware\n    phases:\n      # the call\n      - phase: aware\n        at: 2026-03-01T12:00:00+01:00\n# end\n")
	require.NoError(t, e.SetPhase("Report", Phase{Name: "notified", MessageID: "<a@b.example>", Quote: "we hereby\nnotify"}))
	require.NoError(t, e.SetLimit("report", "72 h", "notified"))
	require.NoError(t, e.SetPhase("Response", Phase{Name: "Event start", Exhibit: 3}))
	require.NoError(t, e.SetPhase("Response", Phase{Name: "detected", Exhibit: 4}))
	require.NoError(t, e.SetPhase("Response", Phase{Name: "event-start", Exhibit: 5}))
	require.Error(t, e.SetLimit("none", "72 h", "notified"))
	require.Error(t, e.SetLimit("Report", "soon", "notified"))
	c := e.Case().Clocks
	require.Len(t, c, 2, "%s", e.Bytes())
	assert.Equal(t, 72.0, c[0].Limit.Hours())
	assert.Equal(t, "notified", c[0].Stop)
	require.Len(t, c[0].Phases, 2)
	assert.Equal(t, "we hereby notify", c[0].Phases[1].Quote)
	require.Len(t, c[1].Phases, 2)
	assert.Equal(t, 5, c[1].Phases[0].Exhibit)
	for _, comment := range []string{"# mine\n", "# of the authority\n", "# the call\n", "# end\n"} {
		assert.Contains(t, string(e.Bytes()), comment)
	}
}
