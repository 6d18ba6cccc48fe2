package casefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	_ "time/tzdata"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// example returns the first code block of FORMAT.md.
func example(t testing.TB) string {
	t.Helper()
	doc, err := os.ReadFile("FORMAT.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(doc), "```yaml\n")
	require.True(t, found)
	block, _, found := strings.Cut(rest, "```")
	require.True(t, found)
	return block
}

func TestExampleOfFormat(t *testing.T) {
	c, err := Parse(strings.NewReader(example(t)), "case.yaml")
	require.NoError(t, err)
	assert.Equal(t, "Harbour crane 4, loss of the load limiter", c.Title)
	assert.Equal(t, "2 O 117/26", c.Reference)
	assert.Equal(t, "Nora Quist", c.PreparedBy)
	assert.Equal(t, []Party{{Name: "Crane Works Ltd", Side: "claimant", Domains: []string{"crane.example"}, Line: 7}}, c.Parties)
	assert.Equal(t, []Topic{{Name: "the load limiter", Words: []string{"limiter", "overload"}, Line: 22}}, c.Topics)
	require.Len(t, c.Clocks, 1)
	assert.Equal(t, 72*time.Hour, c.Clocks[0].Limit)
	assert.Equal(t, "authority-told", c.Clocks[0].Stop)
	assert.Equal(t, Phase{Name: "detected", Slug: "detected", MessageID: "<b7@crane.example>", Quote: "the jib is on the quay", Line: 54}, c.Clocks[0].Phases[1])
	require.Len(t, c.People, 2)
	assert.Equal(t, Person{Name: "Ann Lee", Addresses: []string{"ann.lee@crane.example", "ann@home.example"}, Aliases: []string{"A. Lee"},
		Role: "safety engineer", Party: "Crane Works Ltd", Side: "claimant", Not: []string{"ann.lee@crame.example"}, Line: 12}, c.People[0])
	assert.True(t, c.People[1].List)
	require.Len(t, c.Marks, 3)
	assert.Equal(t, Mark{MessageID: "<a1@crane.example>", Quote: "my name won't be on that sheet", Acts: []string{"warning"}, Topic: "the load limiter", Line: 26}, c.Marks[0])
	assert.Equal(t, 3, c.Marks[1].Exhibit)
	assert.Equal(t, Mark{Exhibit: 5, Quote: "Storm warning for Tuesday", Reject: true, Reason: "the weather report", Line: 35}, c.Marks[2])
	require.Len(t, c.Events, 2)
	assert.Equal(t, "2026-03-01T06:40:00+01:00", c.Events[0].At.Format(time.RFC3339))
	assert.Equal(t, "incident", c.Events[0].Kind)
}

func TestSchemaFitsExample(t *testing.T) {
	validate := validator(t)
	assert.NoError(t, validate(example(t)))
	assert.NoError(t, validate("# nothing but a comment\n"))
	// What both the schema and Parse refuse.
	for name, text := range map[string]string{
		"unknown key":        "matters: {}",
		"unknown act":        "marks: [{exhibit: 1, quote: x, acts: [warn]}]",
		"no act":             "marks: [{exhibit: 1, quote: x, acts: []}]",
		"no message":         "marks: [{quote: x, acts: [warning]}]",
		"two messages":       "marks: [{exhibit: 1, message: \"<a@b>\", quote: x, acts: [warning]}]",
		"exhibit zero":       "reject: [{exhibit: 0, quote: x}]",
		"no zone":            "events: [{at: 2026-03-01 12:00, title: x}]",
		"name in an address": "people: [{name: A, addresses: [\"Ann <a@b.example>\"]}]",
		"no name":            "people: [{role: x}]",
		"no domain":          "parties: [{name: x, domains: [here]}]",
		"no length of time":  "clocks: [{title: x, start: a, stop: a, limit: soon, phases: [{phase: a, exhibit: 1}]}]",
		"limit of nothing":   "clocks: [{title: x, start: a, limit: 72 h, phases: [{phase: a, exhibit: 1}]}]",
		"phase without time": "clocks: [{title: x, start: a, phases: [{phase: a}]}]",
		"phase twice timed":  "clocks: [{title: x, start: a, phases: [{phase: a, exhibit: 1, at: 2026-03-01 12:00 UTC}]}]",
		"topic without name": "topics: [{words: x}]",
	} {
		assert.Error(t, validate(text), name)
		_, err := Parse(strings.NewReader(text), "case.yaml")
		assert.Error(t, err, name)
	}
}

func validator(t testing.TB) func(string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("schema.json", doc))
	compiled, err := compiler.Compile("schema.json")
	require.NoError(t, err)
	return func(text string) error {
		var n yaml.Node
		require.NoError(t, yaml.Unmarshal([]byte(text), &n))
		// JSON has no time-stamps: an editor validates the text.
		for queue := []*yaml.Node{&n}; len(queue) > 0; queue = queue[1:] {
			if queue[0].Tag == "!!timestamp" {
				queue[0].Tag = "!!str"
			}
			queue = append(queue, queue[0].Content...)
		}
		var v any
		require.NoError(t, n.Decode(&v))
		raw, err := json.Marshal(v)
		require.NoError(t, err)
		v, err = jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		require.NoError(t, err)
		return compiled.Validate(v)
	}
}

func TestErrorsNameLineKeyAndWhatIsAllowed(t *testing.T) {
	tests := []struct {
		name, text string
		line       int
		key        string
		says       string // in the problem or in the hint
	}{
		{"unknown key", "matter:\n  titel: x\n", 2, "matter.titel", "allowed here: prepared_by, reference, title"},
		{"key twice", "matter:\n  title: a\n  title: b\n", 3, "matter.title", "first in line 2"},
		{"no list", "people: Ann\n", 1, "people", "each entry starts with"},
		{"no mapping", "people:\n  - Ann Lee\n", 2, "people[1]", "addresses, aliases"},
		{"name missing", "people:\n  - role: x\n", 2, "people[1].name", "is missing"},
		{"name empty", "people:\n  - name: ''\n", 2, "people[1].name", "is empty"},
		{"bad address", "people:\n  - name: Ann\n    addresses: [Ann Lee <a@b.example>]\n", 3, "people[1].addresses", "ann.lee@firm.example"},
		{"address of two", "people:\n  - {name: A, addresses: [a@b.example]}\n  - {name: B, addresses: [A@B.example]}\n", 3, "people[2].addresses", "already with A in line 2"},
		{"not itself", "people:\n  - {name: A, addresses: [a@b.example], not: [A@b.example]}\n", 2, "people[1].not", "not this person's"},
		{"no truth value", "people:\n  - {name: A, list: maybe}\n", 2, "people[1].list", "true, false"},
		{"unknown act", "marks:\n  - exhibit: 1\n    quote: x\n    acts: [warned]\n", 4, "marks[1].acts", "acknowledgement"},
		{"acts missing", "marks:\n  - exhibit: 1\n    quote: x\n", 2, "marks[1].acts", "is missing"},
		{"quote missing", "reject:\n  - exhibit: 1\n", 2, "reject[1].quote", "is missing"},
		{"act in a rejection", "reject:\n  - {exhibit: 1, quote: x, acts: [warning]}\n", 2, "reject[1].acts", "unknown key"},
		{"no message", "marks:\n  - {quote: x, acts: warning}\n", 2, "marks[1]", "exhibit: 3 or message"},
		{"two messages", "marks:\n  - {exhibit: 1, message: a@b, quote: x, acts: warning}\n", 2, "marks[1]", "twice"},
		{"bad exhibit", "marks:\n  - {exhibit: first, quote: x, acts: warning}\n", 2, "marks[1].exhibit", "exhibit's number"},
		{"bad id", "marks:\n  - {message: 'a b', quote: x, acts: warning}\n", 2, "marks[1].message", "Message-ID"},
		{"no zone", "events:\n  - at: 2026-03-01 12:00\n    title: x\n", 2, "events[1].at", "no time zone"},
		{"unknown zone", "events:\n  - {at: 2026-03-01 12:00 Europe/Nowhere, title: x}\n", 2, "events[1].at", "no known time zone"},
		{"abbreviated zone", "events:\n  - {at: 2026-03-01 12:00 CET, title: x}\n", 2, "events[1].at", "no time"},
		{"30 February", "events:\n  - {at: 2026-02-30 12:00 UTC, title: x}\n", 2, "events[1].at", "no time that exists"},
		{"never shown", "events:\n  - {at: 2026-03-29 02:30 Europe/Berlin, title: x}\n", 2, "events[1].at", "never showed"},
		{"shown twice", "events:\n  - {at: 2026-10-25 02:30 Europe/Berlin, title: x}\n", 2, "events[1].at", "twice: give the offset"},
		{"event without time", "events:\n  - title: x\n", 2, "events[1].at", "is missing"},
		{"event timed twice", "events:\n  - {title: x, at: 2026-03-01 12:00 UTC, exhibit: 3}\n", 2, "events[1]", "more than once"},
		{"unknown party", "people:\n  - {name: A, party: Nobody}\nparties:\n  - name: Crane\n", 2, "people[1].party", "Crane"},
		{"party twice", "parties:\n  - name: Crane\n  - name: crane\n", 3, "parties[2].name", "already in line 2"},
		{"topic twice", "topics:\n  - name: jib\n  - name: Jib\n", 3, "topics[2].name", "already in line 2"},
		{"unknown start", "clocks:\n  - title: x\n    start: never\n    phases:\n      - {phase: detected, exhibit: 1}\n", 2, "clocks[1].start", "detected"},
		{"phase twice", "clocks:\n  - title: x\n    start: a\n    phases:\n      - {phase: a b, exhibit: 1}\n      - {phase: A-B, exhibit: 2}\n      - {phase: a, exhibit: 2}\n", 6, "clocks[1].phases[2].phase", "line 5"},
		{"quote of no message", "clocks:\n  - title: x\n    start: a\n    phases:\n      - {phase: a, at: 2026-03-01 12:00 UTC, quote: y}\n", 5, "clocks[1].phases[1].quote", "no message"},
		{"alias", "matter: &m {title: x}\nevents: *m\n", 2, "events", "an alias"},
		{"second document", "matter: {}\n---\nmatter: {}\n", 2, "", "one YAML document"},
		{"syntax", "matter:\n  title: a: b\n", 2, "", "not readable as YAML"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Parse(strings.NewReader(tt.text), "dir/case.yaml")
			require.Error(t, err)
			assert.Nil(t, c)
			var e Error
			require.True(t, errors.As(err, &e), "%v", err)
			assert.Equal(t, "dir/case.yaml", e.File)
			assert.Equal(t, tt.line, e.Line, err.Error())
			assert.Equal(t, tt.key, e.Key)
			assert.Contains(t, e.Problem+" | "+e.Hint, tt.says)
		})
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	_, err := Parse(strings.NewReader("colour: red\npeople:\n  - role: x\n"), "c")
	require.Error(t, err)
	assert.Equal(t, "c:1: colour: unknown key (allowed here: clocks, events, marks, matter, parties, people, reject, topics)\n"+
		"c:3: people[1].name: is missing (allowed here: addresses, aliases, list, name, not, party, role, side)", err.Error())
	_, err = Parse(strings.NewReader(strings.Repeat("x", 100)+": 1\n"+strings.Repeat("- a\n", 3)), "c")
	assert.Error(t, err)
}

func TestForms(t *testing.T) {
	for _, text := range []string{"", "# only a comment\n", "~\n", "people:\nmarks:\nmatter:\n"} {
		c, err := Parse(strings.NewReader(text), "c")
		require.NoError(t, err, "%q", text)
		assert.Equal(t, &Case{}, c, "%q", text)
	}
	c, err := Parse(strings.NewReader("matter: {reference: 117}\nreject:\n  - {message: m@x.example, quote: q}\n"+
		"marks:\n  - {exhibit: 2, quote: q, acts: Warning}\npeople: [{name: A, aliases: Ann Lee}]\n"), "c")
	require.NoError(t, err)
	assert.Equal(t, "117", c.Reference)
	assert.Equal(t, []string{"warning"}, c.Marks[0].Acts, "one act without brackets; marks stand before rejections")
	assert.Equal(t, "<m@x.example>", c.Marks[1].MessageID)
	assert.Equal(t, []string{"Ann Lee"}, c.People[0].Aliases)
}

func TestTimes(t *testing.T) {
	for in, want := range map[string]string{
		"2026-03-01T12:00:00+01:00":                          "2026-03-01T12:00:00+01:00",
		"2026-03-01T12:00:00.5Z":                             "2026-03-01T12:00:00.5Z",
		"2026-03-01 12:00 +0530":                             "2026-03-01T12:00:00+05:30",
		"2026-03-01 12:00 UTC":                               "2026-03-01T12:00:00Z",
		"2026-03-01 12:00Z":                                  "2026-03-01T12:00:00Z",
		"2026-07-01 12:00 Europe/Berlin":                     "2026-07-01T12:00:00+02:00",
		"2026-07-01 12:00:07 America/Argentina/Buenos_Aires": "2026-07-01T12:00:07-03:00",
	} {
		got, problem := parseTime(in)
		require.Empty(t, problem, in)
		assert.Equal(t, want, got.Format(time.RFC3339Nano), in)
	}
}

func TestReadErrorAndSize(t *testing.T) {
	broken := errors.New("disk")
	_, err := Parse(iotest.ErrReader(broken), "c")
	assert.ErrorIs(t, err, broken)
	_, err = Parse(strings.NewReader(strings.Repeat("#", maxBytes+1)), "c")
	assert.ErrorContains(t, err, "larger than 16 MiB")
}

// Whatever the bytes, Parse gives either a case or errors that all name the file.
func FuzzParse(f *testing.F) {
	f.Add(example(f))
	f.Add("people: [{name: A, addresses: [a@b.example]}]\nmarks: &a [*a]\n")
	f.Add("? [a, b]\n: c\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse(strings.NewReader(text), "case.yaml")
		if err == nil {
			require.NotNil(t, c)
			return
		}
		assert.Nil(t, c)
		for line := range strings.Lines(err.Error()) {
			if strings.HasPrefix(line, "case.yaml") {
				return
			}
		}
		t.Errorf("error without the file: %v", err)
	})
}
