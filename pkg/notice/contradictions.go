package notice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Bounds of the search in one thread.
const (
	maxAgainst      = 20      // warnings set beside one denial: those of the same matter, the earliest first
	maxKnown        = 200_000 // warnings known to persons that are held at once, unless one person alone knows more
	maxContentWords = 1000    // of one statement that are compared
)

// known is one warning that a person had notice of.
type known struct {
	first   Moment
	warning int32 // index in dispute.warnings
	person  int32
	message int32 // that shows it
	kind    uint8
}

// contradictions sets each denial of knowledge, and each blame about the same matter, beside the warnings that its author had notice of before.
// Left alone are denials by persons whom no warning reached, whose copy bounced, or who had notice only after the last incident before the denial.
// Threads are looked at one after the other, and only those that hold a denial or a blame.
func (a *analysis) contradictions() ([]Contradiction, error) {
	found := []Contradiction{}
	var threads []int32
	for i := range a.Input.Statements {
		if b := &a.Input.Statements[i]; a.denies(b) {
			threads = append(threads, a.scopeOf(b.Message))
		}
	}
	slices.Sort(threads)
	threads = slices.Compact(threads)
	var matter pairs // number of the thread in threads, statement
	for i := range a.Input.Statements {
		b := &a.Input.Statements[i]
		if b.Rejected || !b.Acts.Any(ofWarning|ofHarm) && !a.denies(b) {
			continue
		}
		if t, is := slices.BinarySearch(threads, a.scopeOf(b.Message)); is {
			matter = append(matter, pair(int32(t), int32(i)))
		}
	}
	slices.Sort(matter)
	l := a.newLedger()
	for len(matter) > 0 {
		n := 1
		for n < len(matter) && matter[n]>>32 == matter[0]>>32 {
			n++
		}
		d := &dispute{ledger: l}
		if err := d.settle(matter[:n]); err != nil {
			return nil, err
		}
		found = append(found, d.found...)
		matter = matter[n:]
	}
	slices.SortFunc(found, func(x, y Contradiction) int { // s9 before s10
		return cmp.Or(cmp.Compare(len(x.Statement), len(y.Statement)), strings.Compare(x.Statement, y.Statement))
	})
	return found, nil
}

// denies tells whether a statement may contradict anything.
func (a *analysis) denies(b *Brief) bool {
	return !b.Rejected && !b.Inner && b.Acts.Any(disputes) && a.Messages[b.Message].Sent.known() && a.is(a.Messages[b.Message].Author)
}

// dispute is one thread that holds a denial or a blame.
type dispute struct {
	*ledger
	warnings  []int32 // statements, in order
	denials   []denial
	incidents []Moment // sorted

	matters []uint32 // content words of all denials, sorted
	words   []uint32 // slab of the words that a statement shares with the denials
	of      []Run    // in words: of each warning
	read    []bool   // warnings whose words are there
	index   []uint64 // word and place in the list of one person, sorted
	found   []Contradiction
}

type denial struct {
	person    int32
	statement int32
	until     Moment // what was known before counts
	words     Run    // in dispute.words
}

// settle goes through the statements of the thread that count.
func (d *dispute) settle(matter pairs) error {
	for _, p := range matter {
		i := second(p)
		b := &d.Input.Statements[i]
		if b.Acts.Any(ofWarning) {
			d.warnings = append(d.warnings, i)
		}
		if b.Acts.Any(ofHarm) && d.at(b).known() {
			d.incidents = append(d.incidents, d.at(b))
		}
		if d.denies(b) {
			d.denials = append(d.denials, denial{person: d.Messages[b.Message].Author, statement: i})
		}
	}
	if len(d.warnings) == 0 || len(d.denials) == 0 {
		return nil
	}
	slices.SortFunc(d.incidents, Moment.compare)
	var persons []int32
	for i := range d.denials {
		x := &d.denials[i]
		persons = append(persons, x.person)
		x.until = d.harmBefore(d.at(&d.Input.Statements[x.statement]))
	}
	slices.SortFunc(d.denials, func(x, y denial) int {
		return cmp.Or(cmp.Compare(x.person, y.person), cmp.Compare(x.statement, y.statement))
	})
	slices.Sort(persons)
	for todo := [][]int32{slices.Compact(persons)}; len(todo) > 0; {
		some := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		all, whole := d.hadNotice(some)
		if !whole {
			todo = append(todo, some[len(some)/2:], some[:len(some)/2])
			continue
		}
		if err := d.compare(all); err != nil {
			return err
		}
	}
	return nil
}

// sameHarm is how long after one report of harm another one is taken to be of the same harm.
const sameHarm = 48 * time.Hour

// harmBefore is when the last harm before a denial was first reported: what came with the report or after it warned nobody of it. Without harm it is the
// denial itself.
func (d *dispute) harmBefore(denial Moment) Moment {
	i, _ := slices.BinarySearchFunc(d.incidents, denial, Moment.compare)
	if i == 0 {
		return denial
	}
	for i--; i > 0 && d.incidents[i].time().Sub(d.incidents[i-1].time()) <= sameHarm; i-- {
	}
	return d.incidents[i]
}

// hadNotice lists the warnings of others that reached the persons, by person, then time. It gives up if these are too many for several persons.
func (d *dispute) hadNotice(persons []int32) (all []known, whole bool) {
	for w, statement := range d.warnings {
		for _, t := range d.ledger.of(statement) {
			if _, is := slices.BinarySearch(persons, t.person); !is || t.message[kAuthored] >= 0 {
				continue
			}
			if first, kind := d.firstNotice(&t); first.known() {
				all = append(all, known{first: first, warning: int32(w), person: t.person, message: t.message[kind], kind: uint8(kind)})
			}
		}
		if len(all) > d.maxKnown && len(persons) > 1 {
			return nil, false
		}
	}
	slices.SortFunc(all, func(x, y known) int {
		return cmp.Or(cmp.Compare(x.person, y.person), x.first.compare(y.first), cmp.Compare(x.warning, y.warning))
	})
	return all, true
}

// compare holds the denials of each person against what they knew.
func (d *dispute) compare(all []known) error {
	byPerson := func(x denial, person int32) int { return cmp.Compare(x.person, person) }
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].person == all[0].person {
			n++
		}
		i, _ := slices.BinarySearchFunc(d.denials, all[0].person, byPerson)
		last := i
		for last < len(d.denials) && d.denials[last].person == all[0].person {
			last++
		}
		if err := d.answer(d.denials[i:last], all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// answer holds the denials of one person against the warnings that they knew of.
func (d *dispute) answer(denials []denial, all []known) error {
	latest := 0
	until := func(x *denial) int { // the number of warnings known by then
		end, _ := slices.BinarySearchFunc(all, x.until, func(k known, t Moment) int { return cmp.Or(k.first.compare(t), 1) })
		return end
	}
	for i := range denials {
		latest = max(latest, until(&denials[i]))
	}
	if latest == 0 {
		return nil
	}
	if err := d.learn(all[:latest]); err != nil {
		return err
	}
	for i := range denials {
		x := &denials[i]
		end := until(x)
		if end == 0 {
			continue
		}
		against := make([]known, 0, 1)
		for _, at := range d.sameMatter(x, all, end) {
			against = append(against, all[at])
		}
		if len(against) == 0 && d.Input.Statements[x.statement].Acts.Any(ofDenial) { // a denial that names no matter is one of all
			for at := 0; at < end && len(against) < maxAgainst; at++ {
				if d.counts(x, all[at]) {
					against = append(against, all[at])
				}
			}
		}
		if len(against) == 0 {
			continue
		}
		c, err := d.contradiction(x, against)
		if err != nil {
			return err
		}
		d.found = append(d.found, c)
	}
	return nil
}

// counts tells whether a warning can stand against a denial. What is said in the very message that the denial answers cannot: it is denied that anything was
// known before.
func (d *dispute) counts(x *denial, k known) bool {
	parent := d.Messages[d.Input.Statements[x.statement].Message].Parent
	return d.Input.Statements[d.warnings[k.warning]].Message != parent
}

// learn reads which words of the denials the warnings have, and indexes the warnings of one person by them.
func (d *dispute) learn(all []known) error {
	if d.of == nil {
		d.of, d.read = make([]Run, len(d.warnings)), make([]bool, len(d.warnings))
		for i := range d.denials {
			w, err := d.wordsOf(d.denials[i].statement)
			if err != nil {
				return err
			}
			d.denials[i].words = d.keep(w)
		}
		d.matters = slices.Clone(d.words)
		slices.Sort(d.matters)
		d.matters = slices.Compact(d.matters)
	}
	d.index = d.index[:0]
	for at, k := range all {
		if !d.read[k.warning] {
			w, err := d.wordsOf(d.warnings[k.warning])
			if err != nil {
				return err
			}
			d.read[k.warning] = true
			d.of[k.warning] = d.keep(slices.DeleteFunc(w, func(word uint32) bool { _, is := slices.BinarySearch(d.matters, word); return !is }))
		}
		for _, word := range cut(d.words, d.of[k.warning]) {
			d.index = append(d.index, uint64(word)<<32|uint64(at))
		}
	}
	slices.Sort(d.index)
	return nil
}

func (d *dispute) wordsOf(statement int32) ([]uint32, error) {
	s, err := d.Load(d.Input.Statements[statement].Ref)
	w := contentWords(s.Text)
	return w[:min(len(w), maxContentWords)], err
}

func (d *dispute) keep(words []uint32) Run {
	r := Run{uint32(len(d.words)), uint32(len(words))}
	d.words = append(d.words, words...)
	return r
}

// sameMatter gives the first places before end, at most maxAgainst, of warnings that share a content word with the denial, or, of a denial, its topic.
func (d *dispute) sameMatter(x *denial, all []known, end int) []uint32 {
	var places []uint32
	for _, word := range cut(d.words, x.words) {
		from, _ := slices.BinarySearch(d.index, uint64(word)<<32)
		for n, some := from, 0; n < len(d.index) && some < maxAgainst && d.index[n] < uint64(word)<<32|uint64(end); n++ {
			if at := uint32(d.index[n]); d.counts(x, all[at]) {
				places = append(places, at)
				some++
			}
		}
	}
	if topic := d.topicOf[x.statement]; topic >= 0 && d.Input.Statements[x.statement].Acts.Any(ofDenial) {
		for at, n := 0, 0; at < end && n < maxAgainst; at++ {
			if d.topicOf[d.warnings[all[at].warning]] == topic && d.counts(x, all[at]) {
				places = append(places, uint32(at))
				n++
			}
		}
	}
	slices.Sort(places)
	places = slices.Compact(places)
	return places[:min(len(places), maxAgainst)]
}

func (d *dispute) contradiction(x *denial, against []known) (Contradiction, error) {
	s, err := d.statement(x.statement)
	if err != nil {
		return Contradiction{}, err
	}
	c := Contradiction{Statement: s.ID, Person: s.Author, Topic: s.TopicID, Against: make([]string, 0, len(against)), Evidence: make([]Against, 0, len(against))}
	for _, k := range against {
		c.Against = append(c.Against, statementID(d.warnings[k.warning]))
		c.Evidence = append(c.Evidence, d.against(x, k))
	}
	c.Why = fmt.Sprintf("%s says on %s in exhibit %d: “%s”; %s; %s by then", d.name(x.person), day(*s.At), s.Exhibit, short(s.Text), c.Evidence[0].Why, count(len(against), "such warning"))
	return c, nil
}

// against tells of one warning when it had reached the person and what shows it best by then.
func (d *dispute) against(x *denial, k known) Against {
	statement := d.warnings[k.warning]
	warned, denied := k.first.time(), d.at(&d.Input.Statements[x.statement]).time()
	a := Against{Statement: statementID(statement), Kind: kinds[k.kind], Exhibit: int(d.Messages[k.message].Exhibit), Days: int(denied.Sub(warned) / (24 * time.Hour))}
	at := k.first.Instant()
	a.At, a.Basis = at.Time, at.Basis
	b := &d.Input.Statements[statement]
	a.Why = fmt.Sprintf("%s of %s on %s (exhibit %d, %s), %s before", verbs[k.kind], d.name(d.authorOf(b)), day(warned), d.Messages[k.message].Exhibit, a.Statement, between(warned, denied))
	rows := d.ledger.of(statement)
	if at, is := slices.BinarySearchFunc(rows, x.person, func(t told, p int32) int { return cmp.Compare(t.person, p) }); is {
		for kind, m := range rows[at].message {
			if m >= 0 && d.when(kind, m).known() && d.when(kind, m).before(x.until) {
				if kind < int(k.kind) {
					a.Kind, a.Exhibit = kinds[kind], int(d.Messages[m].Exhibit)
					a.Why += fmt.Sprintf("; %s in exhibit %d", moreover[kind], a.Exhibit)
				}
				break
			}
		}
	}
	return a
}

// moreover says what stronger evidence shows besides.
var moreover = [kindCount]string{kAcknowledged: "acknowledged it", kQuoted: "quoted it", kForwarded: "passed it on", kReplied: "replied to it", kDelivered: "it was delivered"}

// verbs says what each kind of evidence shows, of the person who denies.
var verbs = [kindCount]string{
	kAcknowledged: "acknowledged a warning", kQuoted: "quoted a warning", kForwarded: "passed on a warning", kReplied: "replied to a warning",
	kDelivered: "a server recorded the delivery to them of a warning", kAddressed: "was addressed by a warning",
}

func day(t time.Time) string { return t.Format("2006-01-02 15:04 -0700") }

func between(from, to time.Time) string {
	switch d := to.Sub(from); {
	case d >= 48*time.Hour:
		return count(int(d/(24*time.Hour)), "day")
	case d >= time.Hour:
		return count(int(d/time.Hour), "hour")
	default:
		return count(int(d/time.Minute), "minute")
	}
}

// short cuts a text to some 160 characters at a space, line breaks as spaces.
func short(s string) string {
	const limit = 160
	out := make([]rune, 0, limit+1)
	space := false
	for _, r := range s {
		if r == ' ' || r == '\n' || r == '\r' || r == '\t' {
			space = len(out) > 0
			if space && len(out) >= limit-20 {
				return string(append(out, '…'))
			}
			continue
		}
		if space {
			out, space = append(out, ' '), false
		}
		if out = append(out, r); len(out) >= limit {
			return string(append(out, '…'))
		}
	}
	return string(out)
}
