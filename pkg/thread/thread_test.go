package thread

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/rows"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// memory is a temporary file.
type memory struct{ b []byte }

func (m *memory) Write(p []byte) (int, error) {
	m.b = append(m.b, p...)
	return len(p), nil
}

func (m *memory) ReadAt(p []byte, at int64) (int, error) { return bytes.NewReader(m.b).ReadAt(p, at) }

func open() (rows.File, error) { return new(memory), nil }

func forestOf(t testing.TB, inputs ...Input) *Forest {
	b := NewBuilder(open)
	order := make([]int32, len(inputs))
	for i, in := range inputs {
		require.NoError(t, b.Add(in))
		order[i] = int32(i)
	}
	return built(t, b, order)
}

// built ties the messages of a Builder; without an order they are exhibits in the order in which they came.
func built(t testing.TB, b *Builder, order []int32) *Forest {
	if order == nil {
		for i := range b.entries.Len() {
			order = append(order, int32(i))
		}
	}
	f, err := b.Build(order)
	require.NoError(t, err)
	return f
}

func threads(t testing.TB, f *Forest) (all []Thread) {
	for th, err := range f.Threads.All() {
		require.NoError(t, err)
		all = append(all, th)
	}
	require.Len(t, all, f.Threads.Len())
	return all
}

func index(levels ...byte) string {
	raw := append([]byte{1}, strings.Repeat("g", 21)...)
	for _, l := range levels {
		raw = append(raw, l, l, l, l, l)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

func TestParents(t *testing.T) {
	tests := []struct {
		name   string
		in     []Input
		parent []int
		why    []string
		count  int // threads
	}{
		{"in-reply-to before references", []Input{
			{MessageID: "<a@x>"}, {MessageID: "<b@x>", InReplyTo: []string{"<a@x>"}}, {MessageID: "<c@x>", InReplyTo: []string{"<a@x>"}, References: []string{"<a@x>", "<b@x>"}},
		}, []int{-1, 0, 0}, []string{"", ByInReplyTo, ByInReplyTo}, 1},
		{"first held of in-reply-to", []Input{
			{MessageID: "<a@x>"}, {MessageID: "<b@x>"}, {MessageID: "<c@x>", InReplyTo: []string{"<gone@x>", "<b@x>", "<a@x>"}},
		}, []int{-1, -1, 1}, []string{"", "", ByInReplyTo}, 1},
		{"last reference that is held", []Input{
			{MessageID: "<a@x>"}, {MessageID: "<b@x>"}, {MessageID: "<c@x>", InReplyTo: []string{"<gone@x>"}, References: []string{"<a@x>", "<b@x>", "<gone@x>"}},
		}, []int{-1, -1, 1}, []string{"", "", ByReferences}, 1},
		{"together by a message that is not held", []Input{
			{MessageID: "<b@x>", References: []string{"<gone@x>"}}, {MessageID: "<c@x>", InReplyTo: []string{"<gone@x>"}}, {MessageID: "<d@x>"},
		}, []int{-1, -1, -1}, []string{"", "", ""}, 2},
		{"brackets and spaces do not matter", []Input{{MessageID: " a@x "}, {InReplyTo: []string{"< a@x>"}}}, []int{-1, 0}, []string{"", ByInReplyTo}, 1},
		{"itself is no parent", []Input{{MessageID: "<a@x>", InReplyTo: []string{"<a@x>"}, References: []string{"<a@x>"}}}, []int{-1}, []string{""}, 1},
		{"two of one id: the earliest exhibit is the parent", []Input{
			{MessageID: "<a@x>"}, {MessageID: "<a@x>"}, {InReplyTo: []string{"<a@x>"}},
		}, []int{-1, -1, 0}, []string{"", "", ByInReplyTo}, 1},
		{"a ring is cut at its earliest message", []Input{
			{MessageID: "<a@x>", InReplyTo: []string{"<c@x>"}, At: noon.Add(2 * time.Hour)}, {MessageID: "<b@x>", InReplyTo: []string{"<a@x>"}, At: noon},
			{MessageID: "<c@x>", InReplyTo: []string{"<b@x>"}, At: noon.Add(time.Hour)},
		}, []int{2, -1, 1}, []string{ByInReplyTo, "", ByInReplyTo}, 1},
		{"thread-index", []Input{
			{MessageID: "<a@x>", ThreadIndex: index()}, {MessageID: "<b@x>", ThreadIndex: index(1)}, {MessageID: "<d@x>", ThreadIndex: index(1, 2, 3)},
			{MessageID: "<e@x>", ThreadIndex: index(9)}, {MessageID: "<f@x>", ThreadIndex: "AQ=="}, {MessageID: "<g@x>", ThreadIndex: "!"},
		}, []int{-1, 0, 1, 0, -1, -1}, []string{"", ByThreadIndex, ByThreadIndex, ByThreadIndex, "", ""}, 3},
		{"no id, no tie", []Input{{Subject: "Crane"}, {Subject: "Crane"}}, []int{-1, -1}, []string{"", ""}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := forestOf(t, tt.in...)
			assert.Len(t, threads(t, f), tt.count)
			for i := range tt.in {
				assert.Equal(t, tt.parent[i], f.Parent(i), "parent of %d", i)
				assert.Equal(t, tt.why[i], f.ParentWhy(i), "why of %d", i)
			}
		})
	}
}

func TestSubjectIsTheLastResort(t *testing.T) {
	ask := Input{MessageID: "<a@x>", Subject: "[site] Crane 4", At: noon, From: []int32{1}, People: []int32{2, 3}}
	tests := []struct {
		name   string
		answer Input
		joined bool
	}{
		{"answer without ids", Input{Subject: "AW: Crane 4", At: noon.Add(time.Hour), From: []int32{2}, People: []int32{1}}, true},
		{"French, spaced, capitals", Input{Subject: "RE : TR : crane 4", At: noon.Add(time.Hour), From: []int32{2}, People: []int32{1}}, true},
		{"people unknown", Input{Subject: "Re: Crane 4", At: noon.Add(time.Hour)}, true},
		{"cites what nobody holds", Input{InReplyTo: []string{"<gone@x>"}, Subject: "Re[2]: Crane 4", At: noon.Add(time.Hour), From: []int32{2}, People: []int32{1}}, true},
		{"no prefix", Input{Subject: "Crane 4", At: noon.Add(time.Hour), From: []int32{2}, People: []int32{1}}, false},
		{"another subject", Input{Subject: "Re: Crane 5", At: noon.Add(time.Hour), From: []int32{2}, People: []int32{1}}, false},
		{"strangers", Input{Subject: "Re: Crane 4", At: noon.Add(time.Hour), From: []int32{8}, People: []int32{9}}, false},
		{"earlier than the question", Input{Subject: "Re: Crane 4", At: noon.Add(-time.Hour), From: []int32{2}, People: []int32{1}}, false},
		{"31 days later", Input{Subject: "Re: Crane 4", At: noon.Add(31 * 24 * time.Hour), From: []int32{2}, People: []int32{1}}, false},
		{"no date", Input{Subject: "Re: Crane 4", From: []int32{2}, People: []int32{1}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := forestOf(t, ask, tt.answer)
			if !tt.joined {
				assert.Len(t, threads(t, f), 2)
				assert.Equal(t, -1, f.Parent(1))
				return
			}
			require.Len(t, threads(t, f), 1)
			assert.Equal(t, "[site] Crane 4", threads(t, f)[0].Subject)
			assert.Equal(t, 0, f.Parent(1))
			assert.Equal(t, BySubject, f.ParentWhy(1))
			require.Len(t, threads(t, f)[0].Joined, 1)
			assert.Contains(t, threads(t, f)[0].Joined[0], "exhibit 2 was joined with exhibit 1 by subject alone")
		})
	}
}

// The one who is written to is the better parent than the newest message of the subject.
func TestSubjectPrefersTheOneAnswered(t *testing.T) {
	f := forestOf(t,
		Input{Subject: "Crane", At: noon, From: []int32{1}, People: []int32{2, 3}},
		Input{Subject: "Re: Crane", At: noon.Add(time.Hour), From: []int32{2}, People: []int32{1, 3}},
		Input{Subject: "Re: Crane", At: noon.Add(2 * time.Hour), From: []int32{3}, People: []int32{1}},
	)
	assert.Equal(t, 0, f.Parent(1))
	assert.Equal(t, 0, f.Parent(2))
	assert.Len(t, threads(t, f), 1)
}

// A message that ids tie to a thread is not tied to another one by its subject.
func TestSubjectDoesNotOverruleIDs(t *testing.T) {
	f := forestOf(t,
		Input{MessageID: "<a@x>", Subject: "Crane", At: noon},
		Input{MessageID: "<b@x>", Subject: "Re: Crane", At: noon.Add(time.Hour), References: []string{"<gone@x>"}},
		Input{MessageID: "<c@x>", Subject: "Re: Crane", At: noon.Add(2 * time.Hour), References: []string{"<gone@x>"}},
	)
	assert.Len(t, threads(t, f), 2)
	assert.Empty(t, threads(t, f)[1].Joined)
}

// What is joined does not hang on the hashes, which differ from Builder to Builder: the last message is one of three that ids tie together, also after the
// third was joined with them.
func TestJoinsAreTheSameWithAnyHashes(t *testing.T) {
	for range 30 {
		f := forestOf(t,
			Input{MessageID: "<a@x>", References: []string{"<gone1@x>"}, Subject: "Re: Crane", At: noon},
			Input{MessageID: "<b@x>", References: []string{"<gone1@x>", "<a@x>"}, Subject: "Re: Crane", At: noon.Add(time.Hour)},
			Input{MessageID: "<c@x>", References: []string{"<gone2@x>"}, Subject: "Re: Crane", At: noon.Add(2 * time.Hour)},
			Input{MessageID: "<d@x>", References: []string{"<gone1@x>"}, Subject: "Re: Crane", At: noon.Add(3 * time.Hour)},
		)
		require.Equal(t, []int32{-1, 0, 1, -1}, f.parent)
		require.Equal(t, 1, f.Threads.Len())
	}
}

func TestThreadsInExhibitOrder(t *testing.T) {
	b := NewBuilder(open)
	require.NoError(t, b.Add(Input{MessageID: "<c@x>", References: []string{"<gone1@x>", "<a@x>", "<gone2@x>"}, InReplyTo: []string{"<gone2@x>"}, Subject: "Re: Crane"})) // exhibit 3
	require.NoError(t, b.Add(Input{MessageID: "<z@x>", Subject: "Jib"}))                                                                                                  // exhibit 2
	require.NoError(t, b.Add(Input{MessageID: "<a@x>", Subject: "Fwd: Crane", InReplyTo: []string{"<gone1@x>"}}))                                                         // exhibit 1
	require.NoError(t, b.Add(Input{MessageID: "<d@x>", InReplyTo: []string{"<out@x>"}}))                                                                                  // exhibit 4
	f := built(t, b, []int32{2, 1, 0, 3})
	assert.Equal(t, []Thread{
		{ID: "t1", Subject: "Crane", Exhibits: []int{1, 3}, Missing: []Missing{{"<gone1@x>", []int{1, 3}}, {"<gone2@x>", []int{3}}}, Joined: []string{}},
		{ID: "t2", Subject: "Jib", Exhibits: []int{2}, Missing: []Missing{}, Joined: []string{}},
		{ID: "t3", Subject: "", Exhibits: []int{4}, Missing: []Missing{{"<out@x>", []int{4}}}, Joined: []string{}},
	}, threads(t, f))
	assert.Equal(t, []int{0, 1, 0, 2}, []int{f.ThreadOf(0), f.ThreadOf(1), f.ThreadOf(2), f.ThreadOf(3)})
	assert.Equal(t, 2, f.Parent(0))
	assert.Equal(t, -1, f.Parent(3))
}

func TestBounds(t *testing.T) {
	many := make([]string, 100_000)
	for k := range many {
		many[k] = fmt.Sprintf("<m%d@x>", k)
	}
	long := "<" + strings.Repeat("l", 5000) + "@x>"
	b := NewBuilder(open)
	require.NoError(t, b.Add(Input{MessageID: long, References: many}))
	require.NoError(t, b.Add(Input{InReplyTo: []string{long}}))
	require.NoError(t, b.Add(Input{InReplyTo: []string{long[:4000] + ">"}}))
	for range 100 {
		require.NoError(t, b.Add(Input{InReplyTo: []string{"<m0@x>"}}))
	}
	f := built(t, b, nil)
	assert.Equal(t, 0, f.Parent(1), "a long id is still told apart")
	assert.Equal(t, -1, f.Parent(2))
	require.Len(t, threads(t, f), 2)
	missing := threads(t, f)[0].Missing
	require.Len(t, missing, 100)
	assert.Equal(t, "<m49@x>", missing[49].MessageID)
	assert.Equal(t, "<m99950@x>", missing[50].MessageID)
	assert.Len(t, missing[0].CitedBy, mostCitedBy)

	b = NewBuilder(open)
	for k := range 30 {
		require.NoError(t, b.Add(Input{References: append([]string{"<root@x>"}, many[k*60:k*60+60]...)}))
	}
	f = built(t, b, nil)
	assert.Len(t, threads(t, f)[0].Missing, mostMissing)
	assert.Equal(t, 1801-mostMissing, threads(t, f)[0].MissingLeftOut)
}

func TestBaseSubject(t *testing.T) {
	for in, want := range map[string][2]string{ // shown, key
		"Re: Crane": {"Crane", "crane"}, "AW: WG: Crane": {"Crane", "crane"}, "RE : Crane": {"Crane", "crane"}, "Antw: Crane": {"Crane", "crane"},
		"SV: RV: Crane": {"Crane", "crane"}, "Re[2]: Crane": {"Crane", "crane"}, "Re(3): crane (fwd)": {"crane (fwd)", "crane"}, "回复：Crane": {"Crane", "crane"},
		"[site] Re: [site] Crane": {"[site] Crane", "crane"}, "Re: [site] AW: Crane": {"[site] Crane", "crane"}, "[site]": {"[site]", "[site]"},
		"Crane: limiter": {"Crane: limiter", "crane: limiter"}, "Report: x": {"Report: x", "report: x"}, "Re:": {"", ""}, "": {"", ""},
		" Re:\r\n\tCrane \x00 4 ": {"Crane 4", "crane 4"}, "Re[x]: Crane": {"Re[x]: Crane", "re[x]: crane"}, "[[a] b": {"[[a] b", "[[a] b"},
	} {
		shown, key, answer := base(in)
		assert.Equal(t, want, [2]string{shown, key}, "%q", in)
		assert.Equal(t, strings.ContainsAny(in, ":：") && !strings.Contains(want[0], ":"), answer, "%q", in)
	}
}

func TestNumbers(t *testing.T) {
	var n numbers
	for k := range uint64(300_000) {
		n.add(k * 7919 % 100_003) // each three times
	}
	n.settle()
	require.Equal(t, 100_003, n.len())
	for k := range 100_003 {
		require.Equal(t, k, n.of(uint64(k)))
	}
	assert.Equal(t, -1, n.of(100_003))
}

func TestNote(t *testing.T) {
	notes := []note{{}, {cites: []string{"a@x", "\xff\x00"}, references: 1, people: []int32{-1, 1 << 30}, author: true, index: strings.Repeat("i", 300), subject: "Kran – 4"}}
	for _, n := range notes {
		raw := n.append(nil)
		got := note{cites: []string{"old"}, people: []int32{5}}
		require.NoError(t, got.read(raw))
		assert.ElementsMatch(t, n.cites, got.cites)
		assert.ElementsMatch(t, n.people, got.people)
		assert.Equal(t, []any{n.references, n.author, n.index, n.subject}, []any{got.references, got.author, got.index, got.subject})
		for cut := range raw {
			assert.Error(t, got.read(raw[:cut]), "%d of %d bytes", cut, len(raw))
		}
	}
}

// What the disk does not take or give back is told.
func TestDiskFails(t *testing.T) {
	full := errors.New("disk full")
	b := NewBuilder(func() (rows.File, error) { return nil, full })
	assert.ErrorIs(t, b.Add(Input{Subject: "Crane"}), full)

	lost := &memory{}
	b = NewBuilder(func() (rows.File, error) { return lost, nil })
	require.NoError(t, b.Add(Input{MessageID: "<a@x>", References: []string{"<b@x>"}}))
	require.NoError(t, b.notes.Flush())
	lost.b = nil
	_, err := b.Build([]int32{0})
	assert.Error(t, err)
}

// Every message is in exactly one thread, parents have no cycle and are of the same thread, and the same input gives the same forest.
func FuzzBuild(f *testing.F) {
	f.Add("a:b c;b:c;c:a;:;d:d;x", "Re: s")
	f.Add("a;a;:a;b:a a a;c:zz", "")
	f.Fuzz(func(t *testing.T, graph, subject string) {
		var inputs []Input
		for i, node := range strings.Split(graph, ";") {
			id, cites, _ := strings.Cut(node, ":")
			refs := strings.Fields(cites)
			in := Input{MessageID: id, References: refs, Subject: subject, ThreadIndex: cites, At: noon.Add(time.Duration(len(node)*i%7) * time.Hour)}
			if i%3 == 0 {
				in.InReplyTo, in.References, in.People = refs, nil, []int32{int32(i % 2)}
			}
			inputs = append(inputs, in)
		}
		forest := forestOf(t, inputs...)
		again := forestOf(t, inputs...)
		require.Equal(t, threads(t, forest), threads(t, again))
		require.Equal(t, [][]int32{forest.threadOf, forest.parent}, [][]int32{again.threadOf, again.parent})
		require.Equal(t, forest.why, again.why)
		seen := map[int]int{}
		for k, th := range threads(t, forest) {
			assert.Equal(t, fmt.Sprintf("t%d", k+1), th.ID)
			for _, e := range th.Exhibits {
				seen[e]++
				assert.Equal(t, k, forest.ThreadOf(e-1))
			}
		}
		for i := range inputs {
			require.Equal(t, 1, seen[i+1])
			steps := 0
			for p := forest.Parent(i); p >= 0; p = forest.Parent(p) {
				require.Equal(t, forest.ThreadOf(i), forest.ThreadOf(p))
				steps++
				require.LessOrEqual(t, steps, len(inputs), "cycle")
			}
			require.Equal(t, forest.Parent(i) < 0, forest.ParentWhy(i) == "")
		}
	})
}

func fill(t testing.TB, b *Builder, messages, perThread, references int) {
	random := rand.New(rand.NewPCG(1, 2))
	id := func(i int) string {
		return fmt.Sprintf("<%016x.%08x@mail%d.firm.example>", uint64(i)*0x9e3779b97f4a7c15, i, i%500)
	}
	for i := range messages {
		first := i - i%perThread
		in := Input{MessageID: id(i), Subject: fmt.Sprintf("Re: subject of thread %d, as people write them", first), At: noon.Add(time.Duration(i) * time.Minute), From: []int32{int32(random.IntN(50_000))}, People: []int32{1, 2, 3}}
		for k := max(first, i-references); k < i; k++ {
			in.References = append(in.References, id(k))
		}
		if i > first {
			in.InReplyTo = []string{id(i - 1)}
		}
		require.NoError(t, b.Add(in))
	}
}

// 400,000 messages in threads of 10; the heap that the Builder holds at the end is reported per message.
func BenchmarkMany(b *testing.B) {
	for b.Loop() {
		before := heap()
		builder := NewBuilder(open)
		fill(b, builder, 400_000, 10, 10)
		held := heap() - before
		f := built(b, builder, nil)
		total := heap() - before
		runtime.KeepAlive(builder)
		require.Len(b, threads(b, f), 40_000)
		b.ReportMetric(float64(held)/400_000, "B-held/message")
		b.ReportMetric(float64(total)/1e6, "MB-with-forest")
	}
}

// One thread of 10,000 messages, each of which cites the 100 before it.
func BenchmarkOneThread(b *testing.B) {
	for b.Loop() {
		builder := NewBuilder(open)
		fill(b, builder, 10_000, 10_000, 100)
		f := built(b, builder, nil)
		require.Len(b, threads(b, f), 1)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
