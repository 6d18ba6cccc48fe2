package review

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"onrecord/pkg/casefile"
)

// Command is one decision as it can be typed: a verb and what it is about.
type Command struct {
	Verb string
	Args []string
}

// verb is one kind of decision.
type verb struct {
	name  string
	form  string // of its arguments
	short string
	least int
	most  int
	do    func(s *Session, ed *casefile.Editor, st *standing, args []string) (said string, err error)
}

func verbs() []verb {
	return []verb{
		{"keep", "ID [TOPIC]", "the suggestion is right", 1, 2, (*Session).keep},
		{"reject", "ID [REASON]", "the suggestion is wrong", 1, 2, (*Session).reject},
		{"label", "ID ACT,ACT…", "it does something else", 2, 2, (*Session).label},
		{"topic", "ID TOPIC", "keep it, and say what it is about", 2, 2, (*Session).topic},
		{"open", "ID", "take the decision back", 1, 1, (*Session).reopen},
		{"mark", "EXHIBIT QUOTE ACT,ACT… [TOPIC]", "a sentence that was not suggested", 3, 4, (*Session).mark},
		{"unmark", "EXHIBIT QUOTE", "take such a mark away", 2, 2, (*Session).unmark},
		{"merge", "PERSON PERSON…", "they are one person", 2, 50, (*Session).merge},
		{"apart", "PERSON PERSON", "they are not the same person", 2, 2, (*Session).apart},
		{"name", "PERSON NAME", "the name to print", 2, 2, (*Session).name},
		{"role", "PERSON ROLE", "what the person is", 2, 2, (*Session).role},
		{"side", "PERSON SIDE", "whom the person belongs to", 2, 2, (*Session).side},
		{"list", "PERSON", "it is a distribution list", 1, 1, (*Session).list},
		{"title", "TEXT", "of the matter", 1, 1, matterVerb("title")},
		{"reference", "TEXT", "of the matter: file number, docket", 1, 1, matterVerb("reference")},
		{"prepared-by", "TEXT", "who prepares the dossier", 1, 1, matterVerb("prepared_by")},
		{"event", "ID|EXHIBIT|TIME TITLE [KIND]", "something that happened then", 2, 3, (*Session).event},
		{"phase", "ID|EXHIBIT|TIME PHASE [CLOCK]", "a phase of a clock began then", 2, 3, (*Session).phase},
		{"limit", "TIME PHASE [CLOCK]", "how long after the start of the clock the phase is due", 2, 3, (*Session).limit},
	}
}

// CommandHelp lists the commands, one a line.
func CommandHelp() []string {
	var all []string
	for _, v := range verbs() {
		all = append(all, fmt.Sprintf("%-44s %s", v.name+" "+v.form, v.short))
	}
	return all
}

// ParseCommand reads one line: words separated by blanks, a word with blanks in double or single quotes, a comment after "#". An empty Command stands for a line without any.
func ParseCommand(line string) (Command, error) {
	list, err := split(line)
	if err != nil || len(list) == 0 {
		return Command{}, err
	}
	c := Command{strings.ToLower(list[0]), list[1:]}
	for _, v := range verbs() {
		if v.name != c.Verb {
			continue
		}
		if len(c.Args) < v.least || len(c.Args) > v.most {
			return c, fmt.Errorf("%s takes %s", v.name, v.form)
		}
		return c, nil
	}
	var names []string
	for _, v := range verbs() {
		names = append(names, v.name)
	}
	return c, fmt.Errorf("there is no command %q: there is %s", c.Verb, strings.Join(names, ", "))
}

// split cuts a line into words. In double quotes a backslash keeps the next character as it is.
func split(line string) ([]string, error) {
	var list []string
	var word strings.Builder
	in, quote, escaped := false, rune(0), false
	for _, r := range line {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case quote == '"' && r == '\\':
			escaped = true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'' && !in:
			in, quote = true, r
		case r == ' ' || r == '\t' || r == '\r' || r == '\n':
			if in {
				list = append(list, word.String())
			}
			word.Reset()
			in = false
		case r == '#' && !in:
			return list, nil
		default:
			in = true
			word.WriteRune(r)
		}
	}
	if quote != 0 {
		return nil, errors.New("a quotation mark is not closed")
	}
	if in {
		list = append(list, word.String())
	}
	return list, nil
}

// Apply makes one decision in a case file. What it says is for a person; after an error the editor is to be thrown away.
func (s *Session) Apply(ed *casefile.Editor, c Command) (said string, err error) {
	st := s.stand(ed.Case())
	return s.apply(ed, &st, c)
}

func (s *Session) apply(ed *casefile.Editor, st *standing, c Command) (string, error) {
	for _, v := range verbs() {
		if v.name == c.Verb && len(c.Args) >= v.least && len(c.Args) <= v.most {
			return v.do(s, ed, st, c.Args)
		}
	}
	return "", fmt.Errorf("there is no command %q of this form", c.Verb)
}

// statement finds a suggestion by its id.
func (s *Session) statement(id string) (int, error) {
	i, ok := s.itemOf[strings.ToLower(id)]
	switch {
	case !ok:
		return 0, fmt.Errorf("there is no suggestion %q", id)
	case s.items[i].same != nil:
		return 0, fmt.Errorf("%s asks for two persons: merge or apart", id)
	}
	return i, nil
}

// own gives the mark that a decision on an item is to be written as: the one that stands, else a new one with words that find the sentence.
func (s *Session) own(i int, d *decided, reject bool) (casefile.Mark, error) {
	for _, m := range d.marks {
		if m.Reject == reject {
			return m, nil
		}
	}
	it := &s.items[i]
	quote, err := s.quote(it.mail, it.said.Text, it.said.Span)
	m := s.in(it.mail)
	m.Quote = quote
	return m, err
}

// in names a message as marks do: by its Message-ID where it has one that a case file can hold, else by its exhibit number.
func (s *Session) in(m int) casefile.Mark {
	id := s.mails[m].id
	bare := strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">")
	if bare == "" || strings.ContainsAny(bare, "<> \t\r\n") || "<"+bare+">" != id || strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == 0xfffd }) {
		return casefile.Mark{Exhibit: s.mails[m].exhibit}
	}
	return casefile.Mark{MessageID: id}
}

// quote gives words that lead to a place in a message. The same words earlier in it would be found first: then words before it are taken in.
func (s *Session) quote(m int, text string, span [2]int) (string, error) {
	quote := strings.Join(strings.Fields(text), " ")
	at, found := s.locate(m, quote)
	if !found {
		return "", errors.New("its words cannot be found again in the message: mark it by hand")
	}
	if overlap(at, span) {
		return quote, nil
	}
	body := s.mails[m].text
	from, _ := byteSpan(body, span)
	before := strings.Fields(body[:from])
	for n := 1; n <= 12 && n <= len(before); n++ {
		longer := strings.Join(before[len(before)-n:], " ") + " " + quote
		if at, found := s.locate(m, longer); found && overlap(at, span) {
			for _, i := range s.mails[m].items {
				if o := s.items[i].said.Span; overlap(o, at) && o != span {
					return "", errors.New("the same words stand earlier in the message, and words that would tell them apart belong to another suggestion: mark it by hand")
				}
			}
			return longer, nil
		}
	}
	return "", errors.New("the same words stand earlier in the message: mark it by hand, with words around it")
}

// settle removes what stands in the way of a decision and writes it.
func (s *Session) settle(ed *casefile.Editor, d *decided, m casefile.Mark) error {
	for _, old := range d.marks {
		if old.Line != m.Line && (old.Reject != m.Reject || m.Reject) {
			if err := ed.RemoveMark(old); err != nil {
				return err
			}
		}
	}
	if m.Reject {
		return ed.AddRejection(m)
	}
	return ed.AddMark(m)
}

func (s *Session) keepAs(ed *casefile.Editor, st *standing, id string, acts []string, topic string) error {
	i, err := s.statement(id)
	if err != nil {
		return err
	}
	d := &st.of[i]
	m, err := s.own(i, d, false)
	if err != nil {
		return err
	}
	if m.Acts = acts; acts == nil {
		m.Acts = s.acts(i, d)
	}
	if topic != "" {
		if err := ed.AddTopic(casefile.Topic{Name: topic}); err != nil {
			return err
		}
		m.Topic = topic
	}
	return s.settle(ed, d, m)
}

func (s *Session) keep(ed *casefile.Editor, st *standing, args []string) (string, error) {
	topic := ""
	if len(args) == 2 {
		topic = args[1]
	}
	return "kept " + args[0], s.keepAs(ed, st, args[0], nil, topic)
}

func (s *Session) reject(ed *casefile.Editor, st *standing, args []string) (string, error) {
	i, err := s.statement(args[0])
	if err != nil {
		return "", err
	}
	d := &st.of[i]
	m, err := s.own(i, d, true)
	if err != nil {
		return "", err
	}
	m.Reject = true
	if len(args) == 2 {
		m.Reason = args[1]
	}
	return "rejected " + args[0], s.settle(ed, d, m)
}

func (s *Session) label(ed *casefile.Editor, st *standing, args []string) (string, error) {
	acts, err := parseActs(args[1])
	if err != nil {
		return "", err
	}
	return args[0] + " is now: " + strings.Join(acts, ", "), s.keepAs(ed, st, args[0], acts, "")
}

func (s *Session) topic(ed *casefile.Editor, st *standing, args []string) (string, error) {
	if strings.TrimSpace(args[1]) == "" {
		return "", errors.New("a topic has a name")
	}
	return fmt.Sprintf("%s is about: %s", args[0], args[1]), s.keepAs(ed, st, args[0], nil, strings.TrimSpace(args[1]))
}

func (s *Session) reopen(ed *casefile.Editor, st *standing, args []string) (string, error) {
	i, err := s.statement(args[0])
	if err != nil {
		return "", err
	}
	for _, m := range st.of[i].marks {
		if err := ed.RemoveMark(m); err != nil {
			return "", err
		}
	}
	return args[0] + " is open again", nil
}

// parseActs reads names of acts with commas between them.
func parseActs(list string) ([]string, error) {
	var acts []string
	known := casefile.Acts()
	for name := range strings.SplitSeq(list, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("%q is no act: there is %s", name, strings.Join(known, ", "))
		}
		acts = append(acts, name)
	}
	slices.SortFunc(acts, func(a, b string) int { return slices.Index(known, a) - slices.Index(known, b) })
	return slices.Compact(acts), nil
}

// exhibit reads "e3" or "3".
func (s *Session) exhibit(arg string) (int, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(strings.ToLower(arg), "e"))
	if err != nil || n < 1 || n > len(s.mails) {
		return 0, fmt.Errorf("there is no exhibit %q: there is e1 to e%d", arg, len(s.mails))
	}
	return n - 1, nil
}

func (s *Session) mark(ed *casefile.Editor, _ *standing, args []string) (string, error) {
	in, err := s.exhibit(args[0])
	if err != nil {
		return "", err
	}
	acts, err := parseActs(args[2])
	if err != nil {
		return "", err
	}
	if _, found := s.locate(in, args[1]); !found {
		return "", fmt.Errorf("exhibit %d does not say %q", s.mails[in].exhibit, args[1])
	}
	m := s.in(in)
	m.Quote, m.Acts = strings.Join(strings.Fields(args[1]), " "), acts
	if len(args) == 4 && args[3] != "" {
		m.Topic = args[3]
		if err := ed.AddTopic(casefile.Topic{Name: m.Topic}); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("marked in exhibit %d: %s", s.mails[in].exhibit, strings.Join(acts, ", ")), ed.AddMark(m)
}

func (s *Session) unmark(ed *casefile.Editor, st *standing, args []string) (string, error) {
	in, err := s.exhibit(args[0])
	if err != nil {
		return "", err
	}
	quote := strings.Join(strings.Fields(args[1]), " ")
	for _, f := range st.further[in] {
		if strings.Join(strings.Fields(f.mark.Quote), " ") == quote {
			return fmt.Sprintf("unmarked in exhibit %d", s.mails[in].exhibit), ed.RemoveMark(f.mark)
		}
	}
	return "", fmt.Errorf("exhibit %d has no mark of one's own with these words", s.mails[in].exhibit)
}
