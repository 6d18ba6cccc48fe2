package notice

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"onrecord/pkg/casefile"
	"onrecord/pkg/evidence"
)

// muddle makes a few messages at random: answers to later messages and to themselves, equal times and none, persons twice or unknown, attached messages.
func muddle(seed uint64) plainInput {
	r := rand.New(rand.NewPCG(seed, 7))
	chance := func(percent int) bool { return r.IntN(100) < percent }
	instant := func() evidence.Instant {
		if chance(12) {
			return evidence.Instant{Basis: evidence.BasisNone}
		}
		t := time.Date(2025, 3, 4, 9, r.IntN(90), 0, r.IntN(2)*500, time.FixedZone("", 900*(r.IntN(9)-4)))
		return evidence.Instant{Time: &t, Basis: bases[1+r.IntN(5)]}
	}
	in := plainInput{Case: &casefile.Case{}}
	if chance(20) {
		in.Case = nil
	}
	for p := range 3 + r.IntN(5) {
		in.Persons = append(in.Persons, Party{ID: fmt.Sprint("p", p+1), Name: fmt.Sprint("Person ", p)})
	}
	person := func() int32 { return int32(r.IntN(len(in.Persons)+1)) - 1 }
	matter := [...]string{"The boiler will burst.", "If the tunnel is opened, the workers will drown.", "Nobody told me about the boiler.", "Maintenance ignored the tunnel and the boiler.",
		"The tunnel collapsed yesterday.", "I did not know that.", "Thank you for the warning about the boiler. The tunnel is flooded."}
	words := func() string { return matter[r.IntN(len(matter))] }
	n := 1 + r.IntN(16)
	for i := range n {
		m := plainMessage{Exhibit: int32(3*i + 1), Author: person(), Parent: int32(r.IntN(n+1)) - 1, Thread: int32(r.IntN(2)), Forward: chance(20), Automatic: chance(10), Sent: instant(), Recorded: instant(), Subject: words()}
		for range r.IntN(6) {
			m.Recipients = append(m.Recipients, Recipient{person(), Field(r.IntN(3))})
		}
		for range r.IntN(3) {
			m.DeliveredTo = append(m.DeliveredTo, person())
		}
		for range r.IntN(4) {
			m.Quotes = append(m.Quotes, fingerprints(words())...)
		}
		in.Messages = append(in.Messages, m)
	}
	for range r.IntN(4 * n) {
		s := Statement{Exhibit: 3*r.IntN(n) + 1, Text: words(), Span: [2]int{r.IntN(3), 3 + r.IntN(3)}, Origin: Suggested, Rule: fmt.Sprint(r.IntN(1000))}
		for _, a := range allActs {
			if chance(20) {
				s.Acts = append(s.Acts, a)
			}
		}
		if len(s.Acts) == 0 {
			s.Acts = []Act{Denial}
		}
		if chance(10) {
			s.Origin = Rejected
		}
		if chance(15) {
			s.Part = []string{"2", "10", "1.1"}[r.IntN(3)]
			at := instant()
			s.At, s.Basis = at.Time, at.Basis
			if p := person(); p >= 0 {
				s.Author = in.Persons[p].ID
			}
			s.Addressees = []string{in.Persons[0].ID, in.Persons[1].ID}[:r.IntN(3)]
		}
		if chance(3) {
			s.Exhibit = 2 // not held
		}
		in.Statements = append(in.Statements, s)
	}
	for range r.IntN(4) {
		ret := Return{Message: int32(r.IntN(n+1)) - 1, Of: int32(r.IntN(n+1)) - 1, Kind: ReturnKind(1 + r.IntN(5))}
		for range r.IntN(3) {
			ret.Persons = append(ret.Persons, person())
		}
		in.Receipts = append(in.Receipts, ret)
	}
	if in.Case != nil {
		for range r.IntN(3) {
			event := casefile.Event{Title: words()}
			if at := instant(); at.Time != nil {
				event.At = *at.Time
			}
			in.Case.Events = append(in.Case.Events, event)
		}
	}
	return in
}

// lines writes a result, a line for each thing.
func lines(t *testing.T, r plainResult) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	write(t, e, "statement", r.Statements)
	write(t, e, "notice", r.Notices)
	write(t, e, "contradiction", r.Contradictions)
	write(t, e, "change", r.Recipients)
	write(t, e, "entry", r.Timeline)
	write(t, e, "warning", r.Warnings)
	return b.String()
}

func write[T any](t *testing.T, e *json.Encoder, what string, list []T) {
	t.Helper()
	for _, v := range list {
		require.NoError(t, e.Encode(map[string]any{what: v}))
	}
}

// TestAnalyseIsThePlainOne compares Analyse with the one that keeps everything in memory, on the mill, on one long thread and on random ones.
func TestAnalyseIsThePlainOne(t *testing.T) {
	inputs := []plainInput{mill(t), big(2000), {Persons: []Party{{ID: "p1"}}}}
	for seed := range uint64(1000) {
		inputs = append(inputs, muddle(seed))
	}
	contradictions, changes, against := 0, 0, 0
	shown := map[EvidenceKind]int{}
	for i, in := range inputs {
		plain := plainAnalyse(in)
		want := lines(t, plain)
		for _, most := range [...]int{maxKnown, 3} { // few at once: persons are looked at in parts
			got, err := analyse(in.brief(), most)
			require.NoError(t, err)
			for range 2 { // every range reads anew
				require.Equal(t, want, lines(t, ranged(t, got)), "input %d", i)
			}
		}
		contradictions += len(plain.Contradictions)
		for _, c := range plain.Contradictions {
			against = max(against, len(c.Against))
		}
		changes += len(plain.Recipients)
		for _, n := range plain.Notices {
			for _, e := range n.Evidence {
				shown[e.Kind]++
			}
		}
	}
	t.Logf("%d contradictions, %d recipient changes, evidence %v", contradictions, changes, shown)
	assert.Greater(t, contradictions, 500, "the comparison is worth something")
	assert.Greater(t, changes, 500)
	assert.Equal(t, maxAgainst, against)
	for _, kind := range kinds {
		assert.Greater(t, shown[kind], 500, kind)
	}
}

func TestMoment(t *testing.T) {
	assert.LessOrEqual(t, unsafe.Sizeof(Moment{}), uintptr(12))
	assert.Equal(t, evidence.Instant{Basis: evidence.BasisNone}, Moment{}.Instant())
	for _, text := range []string{"2025-03-04T09:00:00+01:00", "2025-03-04T09:00:00.123456789-09:30", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999-23:59", "1969-12-31T23:59:59.5+00:00"} {
		for _, basis := range bases {
			at, err := time.Parse(time.RFC3339Nano, text)
			require.NoError(t, err)
			back := MomentOf(evidence.Instant{Time: &at, Basis: basis}).Instant()
			assert.Equal(t, at.Format(time.RFC3339Nano), back.Time.Format(time.RFC3339Nano))
			assert.True(t, at.Equal(*back.Time))
			assert.Equal(t, basis, back.Basis)
		}
	}
	assert.Equal(t, evidence.Instant{}, MomentOf(evidence.Instant{}).Instant())
}

func TestActSet(t *testing.T) {
	assert.Equal(t, ActsOf(Warning, Incident, Notification), tells)
	assert.Equal(t, ActsOf(Denial, Blame), disputes)
	assert.Equal(t, []ActSet{ofWarning, ofThanks, ofDenial, ofHarm}, []ActSet{ActsOf(Warning), ActsOf(Acknowledgement), ActsOf(Denial), ActsOf(Incident)})
	assert.Equal(t, Request, ActsOf(Blame, Request).First())
	assert.Equal(t, Act(""), ActsOf("nonsense").First())
}

func TestAnErrorOfTheCallerEndsTheSequence(t *testing.T) {
	broken := errors.New("disk")
	in := mill(t).brief()
	in.Quotes = func(int32) ([]uint64, error) { return nil, broken }
	_, err := Analyse(in)
	assert.ErrorIs(t, err, broken)

	in = mill(t).brief()
	in.Load = func(int64) (Statement, error) { return Statement{}, broken }
	_, err = Analyse(in)
	assert.ErrorIs(t, err, broken)

	in = mill(t).brief()
	in.Statements = slices.DeleteFunc(in.Statements, func(b Brief) bool { return b.Acts.Any(disputes) })
	in.Load = func(int64) (Statement, error) { return Statement{}, broken }
	in.Subject = func(int32) (string, error) { return "", broken }
	_, err = Analyse(in)
	assert.ErrorIs(t, err, broken)

	in = mill(t).brief()
	fail := false
	load, subject := in.Load, in.Subject
	in.Load = func(ref int64) (Statement, error) {
		if fail {
			return Statement{}, broken
		}
		return load(ref)
	}
	in.Subject = func(m int32) (string, error) {
		if fail {
			return "", broken
		}
		return subject(m)
	}
	got, err := Analyse(in)
	require.NoError(t, err)
	fail = true
	assert.ErrorIs(t, onlyError(got.Statements()), broken)
	assert.ErrorIs(t, onlyError(got.Timeline()), broken)
}

// onlyError is the error of a sequence that gives nothing else.
func onlyError[T any](seq iter.Seq2[T, error]) (only error) {
	n := 0
	for _, err := range seq {
		n++
		only = err
	}
	if n != 1 {
		return nil
	}
	return only
}

// heap gives the bytes in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// used is the processor time that the test program has taken: unlike the clock it does not run on while others work.
func used(t *testing.T) time.Duration {
	t.Helper()
	var u unix.Rusage
	require.NoError(t, unix.Getrusage(unix.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestTenThousandMessagesInOneThread compares what threads of two lengths cost: what grows with the square shows here.
func TestTenThousandMessagesInOneThread(t *testing.T) {
	small, large := big(2500), big(10000)
	measure := func(in plainInput) time.Duration {
		runtime.GC()
		start := used(t)
		got := analysed(t, in.brief())
		require.NotEmpty(t, got.Contradictions)
		require.NotEmpty(t, got.Notices)
		return used(t) - start
	}
	a, b := measure(small), measure(large)
	t.Logf("2,500 messages %v, 10,000 messages %v", a, b)
	assert.Less(t, b, 12*max(a, 5*time.Millisecond), "time grows in proportion, not with the square")
}

// crowd makes threads of the given length: everybody answers the message before and quotes what it says; a warning, an order and a denial take turns.
func crowd(n, thread int) Input {
	in := Input{Case: &casefile.Case{}}
	const persons = 20_000
	for p := range persons {
		in.Persons = append(in.Persons, Party{ID: fmt.Sprint("p", p+1), Name: fmt.Sprint("Person ", p)})
	}
	text := func(i int) string {
		if i%20 == 19 {
			return fmt.Sprintf("Nobody told me about the %s pump.", weekday(i))
		}
		return fmt.Sprintf("If the pump of %s number %d is opened, the tank will burst.", weekday(i), i)
	}
	sent := func(i int32) Moment {
		return MomentOf(evidence.Instant{Time: at(int(i)).Time, Basis: evidence.BasisOrigination})
	}
	in.Recorded = sent
	for i := range n {
		m := Message{Exhibit: int32(i + 1), Author: int32(i * 7 % persons), Parent: -1, Thread: int32(i / thread), Sent: sent(int32(i)),
			Recipients: Run{uint32(len(in.Recipients)), 5}, Delivered: Run{uint32(len(in.Delivered)), 1}}
		if i%thread > 0 {
			m.Parent = int32(i - 1)
		}
		for k := range 5 {
			in.Recipients = append(in.Recipients, Recipient{int32((i + k*k) * 7 % persons), Field(k / 3)})
		}
		in.Delivered = append(in.Delivered, int32((i+1)*7%persons))
		in.Messages = append(in.Messages, m)
		b := BriefOf(&Statement{Acts: []Act{[...]Act{Warning, Order, Incident}[i%3]}, Text: text(i), Span: [2]int{0, 9}})
		if i%20 == 19 {
			b.Acts = ActsOf(Denial)
		}
		b.Message, b.Ref = int32(i), int64(i)
		in.Statements = append(in.Statements, b)
	}
	quotes := make([]uint64, 0, 3)
	in.Quotes = func(m int32) ([]uint64, error) {
		quotes = quotes[:0]
		for k := max(0, int(m)-2); k < int(m); k++ {
			quotes = append(quotes, fingerprint(text(k)))
		}
		return quotes, nil
	}
	in.Load = func(ref int64) (Statement, error) {
		return Statement{Acts: []Act{Warning}, Text: text(int(ref)), Span: [2]int{0, 9}, Origin: Suggested}, nil
	}
	in.Subject = func(m int32) (string, error) { return "pump", nil }
	return in
}

func weekday(i int) string { return time.Weekday(i * 5 % 7).String() }

// TestLargeMailbox measures what Analyse holds beside its input, and the time of everything.
func TestLargeMailbox(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	assert.LessOrEqual(t, unsafe.Sizeof(Message{}), uintptr(48), "a message in brief stays brief")
	assert.LessOrEqual(t, unsafe.Sizeof(Brief{}), uintptr(80))
	const n = 400_000
	for _, thread := range []int{12} {
		var took [2]time.Duration
		for i, n := range [...]int{n / 4, n} {
			in := crowd(n, thread)
			before := heap()
			start := used(t)
			got, err := Analyse(in)
			require.NoError(t, err)
			analysed := used(t) - start
			held := heap() - before
			written := 0
			for _, err := range got.Statements() {
				require.NoError(t, err)
				written++
			}
			for _, err := range got.Notices() {
				require.NoError(t, err)
				written++
			}
			for range got.Recipients() {
				written++
			}
			for _, err := range got.Timeline() {
				require.NoError(t, err)
				written++
			}
			took[i] = used(t) - start
			t.Logf("%d messages in threads of %d: Analyse %v, holds %.1f MB, %d contradictions; %d things written after %v",
				n, thread, analysed, float64(held)/1e6, len(got.Contradictions), written, took[i])
			assert.Less(t, held, int64(30e6))
			runtime.KeepAlive(in)
		}
		assert.Less(t, took[1], 8*took[0], "time grows in proportion")
	}
}
