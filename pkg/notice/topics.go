package notice

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// tie tells why a statement belongs to its topic.
type tie uint8

const (
	tieNone     tie = iota
	tieFirst        // it is the first
	tieWords        // words in common with earlier statements of the topic
	tieBeside       // it stands beside another statement of the topic, in the same message
	tieReply        // its message answers one that speaks of the topic
	tieQuote        // its message quotes a statement of the topic
	tieAffair       // the affair has this topic so far; nothing nearer is known
	tieCaseFile     // the case file says so
)

var tieWhy = [...]string{
	tieFirst: "", tieWords: "has words in common with earlier statements", tieBeside: "stands beside one in the same message",
	tieReply: "its message answers one of these", tieQuote: "its message quotes one of these",
	tieAffair: "same people, same time; no other topic was found", tieCaseFile: "the case file says so",
}

// matter is a topic.
type matter struct {
	members  Run   // in analysis.members
	named    int32 // in caseTopics; -1: the case file does not name it
	size     int32 // statements so far
	stems    int32 // counted in words
	warnings int32
	warns    bool
}

const (
	maxTopicStems = 300 // of one topic
	maxWordTopics = 12  // topics of a scope that one word leads to
	bigScope      = 400 // statements of a scope above which nothing is tied for want of anything nearer
)

// findTopics gives each statement its topic.
func (a *analysis) findTopics() error {
	a.nameTopics()
	x := &search{analysis: a, caseMatters: map[int32]int32{}}
	if err := x.listen(); err != nil {
		return err
	}
	if err := x.scopes(); err != nil {
		return err
	}
	x.gists = nil
	var all pairs
	for i := range a.Input.Statements {
		if b := &a.Input.Statements[i]; !b.Rejected {
			all = append(all, pair(a.scopeOf(b.Message), int32(i)))
		}
	}
	slices.Sort(all)
	for len(all) > 0 {
		n := 1
		for n < len(all) && first(all[n]) == first(all[0]) {
			n++
		}
		x.topicsOf(all[:n])
		all = all[n:]
	}
	x.numberTopics()
	return a.findLabels()
}

func first(pair uint64) int32 { return int32(pair >> 32) }

// gathering is one scope whose topics are being found.
type gathering struct {
	*search
	size   int
	byWord map[uint32][]int32 // topics in a.matters, by stem
	of     map[int32]beside   // message → its last statement
	main   map[int32]subject  // message → the topic that most of its warnings are about
	tally  map[[2]int32]int32 // warnings of a message on a topic
	most   int32              // the topic of the scope with most warnings, -1 before the first
}

type beside struct{ topic, statement int32 }

type subject struct {
	topic    int32
	warnings int32
}

func (a *search) topicsOf(list pairs) {
	order := make([]int32, 0, len(list))
	for _, p := range list {
		order = append(order, second(p))
	}
	slices.SortStableFunc(order, func(x, y int32) int { // as they were sent; those of one message stay in place
		bx, by := &a.Input.Statements[x], &a.Input.Statements[y]
		return cmp.Or(a.at(bx).compare(a.at(by)), cmp.Compare(x, y))
	})
	g := &gathering{search: a, size: len(order), byWord: map[uint32][]int32{},
		of: map[int32]beside{}, main: map[int32]subject{}, tally: map[[2]int32]int32{}, most: -1}
	for _, i := range order {
		g.place(i)
	}
}

// place finds the topic of a statement.
func (g *gathering) place(i int32) {
	b, s := &g.Input.Statements[i], &g.spoken[i]
	words := cut(g.stems, s.words)
	if s.named >= 0 {
		t, known := g.caseMatters[s.named]
		if !known {
			t = g.begin(s.named)
			g.caseMatters[s.named] = t
		}
		g.join(i, t, tieCaseFile)
		return
	}
	best, score, scores := g.bestByWords(words)
	at, how := g.nearest(i)
	another := b.Acts.Any(ofWarning) && s.additive || b.Acts.Any(opens) && s.definite && how == tieBeside && len(words) >= 3 && scores[at] == 0
	switch {
	case at < 0 && best < 0:
		g.join(i, g.begin(-1), tieFirst)
	case another && best >= 0 && best != at && score >= 1:
		g.join(i, best, tieWords)
	case another && (at < 0 || scores[at] < 2) && (best < 0 || score < 1 || best == at):
		g.join(i, g.begin(-1), tieFirst)
	case best >= 0 && score >= 0.5 && (at < 0 || best == at || score > scores[at]+0.5 && (how != tieBeside || score >= 1)):
		g.join(i, best, tieWords)
	case at >= 0 && (how != tieAffair || g.size <= bigScope):
		g.join(i, at, how)
	case best >= 0 && score >= 0.5:
		g.join(i, best, tieWords)
	default:
		g.join(i, g.begin(-1), tieFirst)
	}
}

// bestByWords counts the words that each topic has in common; a word of several topics counts a part for each.
func (g *gathering) bestByWords(words []uint32) (best int32, score float64, scores map[int32]float64) {
	best, scores = -1, map[int32]float64{}
	for _, w := range words {
		in := g.byWord[w]
		for _, t := range in {
			scores[t] += 1 / float64(len(in))
		}
	}
	for t, s := range scores {
		if s > score || s == score && (best < 0 || t < best) {
			best, score = t, s
		}
	}
	return best, score, scores
}

// nearest gives the topic that a statement speaks of where its words do not tell: that of the statement beside it, of what its message answers, of what it
// quotes, or the one that its affair is about.
func (g *gathering) nearest(i int32) (int32, tie) {
	message := g.Input.Statements[i].Message
	beside, is := g.of[message]
	b := &g.Input.Statements[i]
	if is && (g.spoken[i].pointing || b.Acts.Any(tells) && g.Input.Statements[beside.statement].Acts.Any(tells)) {
		return beside.topic, tieBeside
	}
	other := int32(-1)
	for up, n := g.Messages[message].Parent, 0; g.holds(up) && n < 20; up, n = g.Messages[up].Parent, n+1 {
		if m, known := g.main[up]; known && m.warnings > 0 {
			return m.topic, tieReply
		} else if known && other < 0 {
			other = m.topic
		}
	}
	for _, q := range g.quotedBy.of(message) {
		if t := g.spoken[second(q)].topic; t >= 0 {
			return t, tieQuote
		}
	}
	if is {
		return beside.topic, tieBeside
	}
	if other >= 0 {
		return other, tieReply
	}
	return g.most, tieAffair
}

func (g *gathering) begin(named int32) int32 {
	g.matters = append(g.matters, matter{named: named})
	return int32(len(g.matters) - 1)
}

func (g *gathering) join(i, t int32, why tie) {
	s, m := &g.spoken[i], &g.matters[t]
	if m.size == 0 && why != tieCaseFile {
		why = tieFirst
	}
	s.topic, s.tie = t, why
	m.size++
	b := &g.Input.Statements[i]
	m.warns = m.warns || b.Acts.Any(tells)
	g.of[b.Message] = beside{t, i}
	main, known := g.main[b.Message]
	if b.Acts.Any(ofWarning) {
		m.warnings++
		if g.most < 0 || m.warnings > g.matters[g.most].warnings {
			g.most = t
		}
		key := [2]int32{b.Message, t}
		g.tally[key]++
		if n := g.tally[key]; !known || n > main.warnings {
			g.main[b.Message] = subject{t, n}
		}
	} else if !known {
		g.main[b.Message] = subject{t, 0}
	}
	if g.most < 0 {
		g.most = t
	}
	for _, w := range cut(g.stems, s.words) {
		in := g.byWord[w]
		if m.stems < maxTopicStems && len(in) < maxWordTopics && !slices.Contains(in, t) {
			m.stems++
			g.byWord[w] = append(in, t)
		}
	}
}

// numberTopics orders the topics by their first statement and leaves out those that speak of no warning, incident or notification and hold but one statement.
func (a *search) numberTopics() {
	a.topicOf, a.tieOf = make([]int32, len(a.spoken)), make([]tie, len(a.spoken))
	number := make([]int32, len(a.matters))
	for t := range number {
		number[t] = -1
	}
	var kept []matter
	for i := range a.spoken {
		t := a.spoken[i].topic
		if a.topicOf[i] = -1; t < 0 {
			continue
		}
		m := a.matters[t]
		if !m.warns && m.size < 2 && m.named < 0 {
			continue
		}
		if number[t] < 0 {
			number[t] = int32(len(kept))
			kept = append(kept, m)
		}
		a.topicOf[i], a.tieOf[i] = number[t], a.spoken[i].tie
	}
	end := uint32(0)
	for t := range kept {
		kept[t].members = Run{Start: end}
		end += uint32(kept[t].size)
	}
	a.matters, a.members = slices.Clone(kept), make([]int32, end)
	for i, t := range a.topicOf {
		if t >= 0 {
			r := &a.matters[t].members
			a.members[r.Start+r.Len] = int32(i)
			r.Len++
		}
	}
}

func topicID(t int32) string {
	if t < 0 {
		return ""
	}
	return fmt.Sprintf("m%d", t+1)
}

// topics writes them out.
func (a *analysis) topics() iter.Seq[Topic] {
	return func(yield func(Topic) bool) {
		for t := range a.matters {
			if !yield(a.topic(int32(t))) {
				return
			}
		}
	}
}

func (a *analysis) topic(t int32) Topic {
	m := &a.matters[t]
	out := Topic{ID: topicID(t), Origin: Suggested, Statements: make([]string, 0, m.size), Why: make([]string, 0, m.size)}
	thread, same := int32(-1), true
	for _, i := range cut(a.members, m.members) {
		out.Statements = append(out.Statements, statementID(i))
		out.Why = append(out.Why, tieWhy[a.tieOf[i]])
		this := a.Messages[a.Input.Statements[i].Message].Thread
		same = same && (thread < 0 || thread == this)
		thread = this
	}
	if same && a.ThreadID != nil {
		out.Thread = a.ThreadID(thread)
	}
	out.Label, out.Language = a.labels[t].text, a.labels[t].language
	if m.named >= 0 {
		out.Origin = Marked
	}
	return out
}

// beginning gives the first words of a sentence.
func beginning(s string) string {
	const most = 48
	words := strings.Fields(s)
	n, size := 0, 0
	for n < len(words) && size+len(words[n]) <= most {
		size += len(words[n]) + 1
		n++
	}
	if n == len(words) {
		return strings.Join(words, " ")
	}
	return strings.Join(words[:max(n, 1)], " ") + "…"
}

// nameTopics lists the topics of the case file: those of topics, then those that marks name besides.
func (a *analysis) nameTopics() {
	if a.Case == nil {
		return
	}
	for _, t := range a.Case.Topics {
		n := caseTopic{name: t.Name}
		for _, w := range t.Words {
			if w = spaced(w); w != "  " {
				n.words = append(n.words, w)
			}
		}
		a.caseTopics = append(a.caseTopics, n)
	}
	for _, m := range a.Case.Marks {
		if m.Topic != "" && a.caseTopic(m.Topic) < 0 {
			a.caseTopics = append(a.caseTopics, caseTopic{name: m.Topic})
		}
	}
}

type caseTopic struct {
	name  string
	words []string // folded, a space at both ends
}

// spaced folds a text and sets single spaces around its words.
func spaced(s string) string {
	words := strings.FieldsFunc(fold(s), func(r rune) bool { return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r >= 0x80) })
	return " " + strings.Join(words, " ") + " "
}

// caseTopic finds a topic of the case file by its name; -1 for none.
func (a *analysis) caseTopic(name string) int32 {
	return int32(slices.IndexFunc(a.caseTopics, func(t caseTopic) bool { return strings.EqualFold(t.name, name) }))
}

// caseTopicOf tells which topic of the case file a statement belongs to: the one that its mark names, else the first one of whose words it has one.
func (a *analysis) caseTopicOf(s *Statement) int32 {
	if len(a.caseTopics) == 0 {
		return -1
	}
	if s.Origin == Marked && s.Rule == ruleMarked && s.Topic != "" {
		if t := a.caseTopic(s.Topic); t >= 0 {
			return t
		}
	}
	text := ""
	for k, t := range a.caseTopics {
		if len(t.words) > 0 && text == "" {
			text = spaced(s.Text)
		}
		if slices.ContainsFunc(t.words, func(w string) bool { return strings.Contains(text, w) }) {
			return int32(k)
		}
	}
	return -1
}
