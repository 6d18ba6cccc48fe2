package casefile

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const edited = `# what we know so far
matter:
  title: "Crane 4"   # as in the file

people:
  # the engineer
  - name: Ann Lee
    addresses: [ann@crane.example]   # work
    role: engineer

  - {name: Bo Ek, addresses: [bo@crane.example]}

# to be gone through again in May
marks:
- message: "<a1@crane.example>"
  quote: >
    my name won't be
    on that sheet
  acts: [warning]    # clear
  # Bo disagrees
  topic: the limiter
- exhibit: 3
  quote: Take it out.
  acts: [order]

# nothing rejected yet
reject: []
`

func open(t *testing.T, text string) *Editor {
	t.Helper()
	e, err := Open([]byte(text), "case.yaml")
	require.NoError(t, err)
	return e
}

func TestEditorKeepsAllElse(t *testing.T) {
	e := open(t, edited)
	require.NoError(t, e.AddMark(Mark{MessageID: "<b2@crane.example>", Quote: "It will\n  fall: soon", Acts: []string{"warning", "request"}, Topic: "the jib"}))
	got := string(e.Bytes())
	// Every line of the old text stands in the new one, in order.
	rest := got
	for line := range strings.Lines(edited) {
		i := strings.Index(rest, line)
		require.GreaterOrEqual(t, i, 0, "%q", line)
		rest = rest[i+len(line):]
	}
	assert.Contains(t, got, "  acts: [order]\n- message: \"<b2@crane.example>\"\n  quote: \"It will fall: soon\"\n  acts: [warning, request]\n  topic: the jib\n\n# nothing rejected yet\n")
	m, found := e.Mark(0, "<b2@crane.example>", "It will fall:   soon")
	require.True(t, found)
	assert.Equal(t, []string{"warning", "request"}, m.Acts)
}

func TestEditorRelabels(t *testing.T) {
	e := open(t, edited)
	require.NoError(t, e.SetRelabel(Mark{MessageID: "<a1@crane.example>", Quote: "my name won't be on that sheet", Acts: []string{"threat"}}))
	got := string(e.Bytes())
	assert.Contains(t, got, "  acts: [threat] # clear\n  # Bo disagrees\n  topic: the limiter\n- exhibit: 3\n")
	assert.Contains(t, got, "# to be gone through again in May\nmarks:\n")
	assert.Contains(t, got, "    addresses: [ann@crane.example]   # work\n", "what is not touched is not written anew")
	require.NoError(t, e.AddRejection(Mark{Exhibit: 3, Quote: "Take it out.", Reason: "a joke"}))
	got = string(e.Bytes())
	assert.NotContains(t, got, "acts: [order]")
	assert.Contains(t, got, "# nothing rejected yet\nreject:\n  - exhibit: 3\n    quote: \"Take it out.\"\n    reason: a joke\n")
	require.NoError(t, e.RemoveMark(Mark{Exhibit: 3, Quote: "Take it out."}))
	assert.Len(t, e.Case().Marks, 1)
	require.NoError(t, e.RemoveMark(Mark{Exhibit: 9, Quote: "never said"}))
}

func TestEditorMergesPeople(t *testing.T) {
	e := open(t, edited)
	require.NoError(t, e.MergePeople(Person{Addresses: []string{"ann@crane.example", "ann@home.example"}}))
	got := string(e.Bytes())
	assert.Contains(t, got, "people:\n  # the engineer\n  - name: Ann Lee\n    addresses: [ann@crane.example, ann@home.example] # work\n    role: engineer\n\n  - {name: Bo Ek, addresses: [bo@crane.example]}\n")
	require.NoError(t, e.KeepApart("Ann Lee", "ann@crane.example", "ann@crame.example"))
	require.NoError(t, e.MergePeople(Person{Name: "Ann Ek", Addresses: []string{"ann@home.example", "bo@crane.example"}}))
	require.Len(t, e.Case().People, 1)
	assert.Equal(t, Person{Name: "Ann Ek", Addresses: []string{"ann@home.example", "bo@crane.example", "ann@crane.example"}, Aliases: []string{"Ann Lee", "Bo Ek"}, Role: "engineer",
		Not: []string{"ann@crame.example"}, Line: 7}, e.Case().People[0])
	assert.Contains(t, string(e.Bytes()), "# the engineer\n")
}

func TestEditorMakesWhatIsMissing(t *testing.T) {
	for _, start := range []string{"", "# mine\n", "matter: {title: x}\n", "marks:\n", "marks: []   # none\n", "marks: [{exhibit: 1, quote: a, acts: order}]\nevents: []\n", "matter:\n  title: x"} {
		e := open(t, start)
		require.NoError(t, e.AddMark(Mark{Exhibit: 2, Quote: "no: \"never\"", Acts: []string{"denial"}}), "%q", start)
		require.NoError(t, e.AddRejection(Mark{MessageID: "<m@x.example>", Quote: "# odd"}), "%q", start)
		require.NoError(t, e.AddTopic(Topic{Name: "the jib", Words: []string{"jib"}}))
		require.NoError(t, e.AddEvent(Event{At: time.Date(2026, 3, 1, 6, 0, 0, 0, time.FixedZone("", 3600)), Title: "It fell"}))
		c := e.Case()
		_, found := e.Mark(2, "", "no: \"never\"")
		assert.True(t, found, "%q", start)
		assert.Len(t, c.Topics, 1)
		assert.Equal(t, "2026-03-01T06:00:00+01:00", c.Events[len(c.Events)-1].At.Format(time.RFC3339))
		for _, comment := range []string{"# mine", "# none"} {
			assert.Equal(t, strings.Contains(start, comment), strings.Contains(string(e.Bytes()), comment), "%q → %s", start, e.Bytes())
		}
	}
}

func TestEditorRefuses(t *testing.T) {
	_, err := Open([]byte("colour: red\n"), "case.yaml")
	require.Error(t, err)
	e := open(t, edited)
	before := string(e.Bytes())
	require.Error(t, e.AddMark(Mark{Exhibit: 1, Quote: "x", Acts: []string{"shout"}}))
	require.Error(t, e.AddMark(Mark{Exhibit: 0, Quote: "x", Acts: []string{"order"}}))
	assert.Equal(t, before, string(e.Bytes()), "what does not parse is not written")
	e = open(t, "{matter: {title: x}}\n")
	require.ErrorContains(t, e.AddMark(Mark{Exhibit: 1, Quote: "x", Acts: []string{"order"}}), "braces")
}

// FuzzEditor: an edit leaves a file that parses, in which the mark stands, and in which all that was there before stands too.
func FuzzEditor(f *testing.F) {
	f.Add(edited, "Take it\nout.", 3)
	f.Add(example(f), "# '\": [", 1)
	f.Add("marks: [{exhibit: 1, quote: a, acts: order}]\nreject:\n", "- x", 2)
	f.Fuzz(func(t *testing.T, text, quote string, exhibit int) {
		e, err := Open([]byte(text), "c")
		if err != nil {
			return
		}
		before := *e.Case()
		if e.AddMark(Mark{Exhibit: exhibit, Quote: quote, Acts: []string{"warning"}}) != nil {
			return
		}
		after := e.Case()
		_, found := e.Mark(exhibit, "", quote)
		assert.True(t, found)
		assert.Equal(t, before.Title, after.Title)
		assert.Equal(t, len(before.People), len(after.People))
		assert.Equal(t, len(before.Events), len(after.Events))
		assert.GreaterOrEqual(t, len(after.Marks), len(before.Marks))
	})
}
