package people

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/casefile"
)

// add takes `Ann Lee <ann@a.example>`, each with a mark: "<" wrote, ">" received, "*" is a list, "!" wrote by machine.
func add(t testing.TB, r *Resolver, marked ...string) []Ref {
	t.Helper()
	var refs []Ref
	for _, s := range marked {
		use := map[byte]Use{'<': AsAuthor, '>': AsRecipient, '*': AsRecipient | AsList, '!': AsAuthor | AsGenerated}[s[0]]
		require.NotZero(t, use, s)
		name, address, _ := strings.Cut(s[1:], "<")
		refs = append(refs, r.Add(Mailbox{Name: strings.TrimSpace(name), Address: strings.TrimSuffix(address, ">")}, use))
	}
	return refs
}

func TestMergeWithoutAnswers(t *testing.T) {
	tests := []struct {
		name  string
		a, b  string
		same  bool
		says  string // in MergedBecause, or in Possible
		extra []string
	}{
		{"case of the address is no difference", "<Ann Lee <Ann.Lee@Crane.example>", ">ann.lee@crane.example <ann.lee@CRANE.example>", true, "", nil},
		{"same name, one organisation", "<Ann Lee <ann.lee@crane.example>", "<Ann Lee <a.lee@crane.example>", true, "same full name, “Ann Lee”, within the organisation crane.example", nil},
		{"last name first", "<Ann Lee <ann.lee@crane.example>", "<Lee, Ann <alee@crane.example>", true, "same full name", nil},
		{"title, remark, accents, capitals", "<Dr. Renée Müller <r.muller@crane.example>", "<MÜLLER Renee (External) <rm@crane.example>", true, "same full name", nil},
		{"umlaut spelt with e", "<Jörg Müller <jm@crane.example>", "<Joerg Mueller <joerg.mueller@crane.example>", true, "same full name", nil},
		{"a middle initial on one side", "<Ann M. Lee <ann.lee@crane.example>", "<Ann Lee <alee@crane.example>", true, "same full name", nil},
		{"other middle initials", "<Ann M. Lee <ann.m.lee@crane.example>", "<Ann B. Lee <ann.b.lee@crane.example>", false, "told apart there", nil},
		{"subdomains", "<Ann Lee <ann.lee@crane.example>", "<Ann Lee <ann.lee@mail.crane.example>", true, "within the organisation", nil},
		{"post's address, own name", "<Ann Lee <ann.lee@crane.example>", "<Lee, Ann (Safety) <safety@crane.example>", true, "same full name", nil},
		{"numbered by the organisation", "<Ann Lee <ann.lee@crane.example>", "<Ann Lee <ann.lee2@crane.example>", false, "told apart there", nil},
		{"misspelt local part", "<Ann Lee <ann.lee@crane.example>", ">Ann Lee <ann.le@crane.example>", false, "misspelling", nil},
		{"wrong completion", "<Ann Lee <ann.lee@crane.example>", ">Ann Lee <patrick.lee@crane.example>", false, "another name", nil},
		{"no name on one", "<Ann Lee <ann.lee@crane.example>", "<<alee@crane.example>", false, "", nil},
		{"one word is no full name", "<Ann <ann@crane.example>", "<Ann <ann2@crane.example>", false, "", nil},
		{"a post's name", "<Planning Desk <planning@crane.example>", "<Planning Desk <desk@crane.example>", false, "", nil},
		{"sub-address", "<Ann Lee <ann@crane.example>", "><ann+bids@crane.example>", true, "ann+bids@crane.example is a sub-address of ann@crane.example", nil},
		{"sub-address under another's name", "<Ann Lee <ann@crane.example>", "<Bo Ek <ann+bo@crane.example>", false, "", nil},
		{"Gmail dots and googlemail", "<Ann Lee <ann.lee@gmail.com>", "<<annlee+x@googlemail.com>", true, "Gmail ignores dots", nil},
		{"dots elsewhere", "<Ann Lee <ann.lee@gmx.example>", "<<annlee@gmx.example>", false, "", nil},
		{"same name at a provider", "<Ann Lee <ann.lee@gmail.com>", "<Ann Lee <lee.ann@gmail.com>", false, "in different organisations", nil},
		{"same name in two organisations", "<Ann Lee <ann.lee@crane.example>", "<Ann Lee <ann.lee@harbour.example>", false, "in different organisations", nil},
		{"look-alike domain", "<Ann Lee <ann.lee@crane.example>", "<Ann Lee <ann.lee@crame.example>", false, "taken for each other", nil},
		{"list that munges From", "<Ann Lee <ann.lee@crane.example>", "<Ann Lee via Site <site@crane.example>", false, "", nil},
		{"list", "<Site Crew <crew@crane.example>", "*Site Crew <site@crane.example>", false, "", nil},
		{"shared mailbox", "<Ann Lee <ann.lee@crane.example>", "<Ann Lee <office@crane.example>", false, "", []string{"<Bo Ek <office@crane.example>"}},
		{"machine", "<Ann Lee <ann.lee@crane.example>", "!Ann Lee <jobs@crane.example>", false, "", nil},
		{"name without an address", "<Ann Lee <ann.lee@crane.example>", ">Lee, Ann", true, "only one correspondent bears this full name", nil},
		{"name without an address, two bearers", "<Ann Lee <ann.lee@crane.example>", ">Lee, Ann", false, "several people bear this name", []string{"<Ann Lee <ann.lee@harbour.example>"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := NewResolver(nil)
			refs := add(t, r, append([]string{tt.a, tt.b}, tt.extra...)...)
			book := r.Resolve()
			x, y := book.Person(refs[0]), book.Person(refs[1])
			require.Equal(t, tt.same, x == y, "%+v", book.Persons)
			var told []string
			for _, p := range book.Persons {
				told = append(told, p.MergedBecause...)
			}
			if !tt.same {
				for _, p := range book.Possible {
					told = append(told, p.Why)
				}
			}
			if tt.says == "" {
				assert.Empty(t, told)
			} else {
				assert.Contains(t, strings.Join(told, "\n"), tt.says)
			}
		})
	}
}

func TestMergeByAnswer(t *testing.T) {
	tests := []struct {
		name                string
		parent, parentTo    string
		author, to          string
		one, other          int // indexes into parent, parentTo, author, to
		same                bool
		because, orPossible string
	}{
		{"answered from home", "<Bo Ek <bo@crane.example>", ">Ann Lee <ann.lee@crane.example>", "<Ann Lee <ann.lee@letters.example>", ">Bo Ek <bo@crane.example>", 1, 2, true,
			"ann.lee@letters.example answered a message that was sent to ann.lee@crane.example, and both bear the name “Ann Lee”", ""},
		{"short given name", "<Bo Ek <bo@crane.example>", ">Leopold Lindt <l.lindt@crane.example>", "<Leo Lindt <leo@letters.example>", ">Bo Ek <bo@crane.example>", 1, 2, true,
			"their names agree (“Leo Lindt”, “Leopold Lindt”)", ""},
		{"initial of the family name", "<Bo Ek <bo@crane.example>", ">Rafael Quint <rafael.quint@crane.example>", "<Rafa Q <rafael@letters.example>", ">Bo Ek <bo@crane.example>", 1, 2, true, "their names agree", ""},
		{"an address without a name", "<Bo Ek <bo@crane.example>", ">Ann Lee <ann.lee@crane.example>", "<<alee@crane.example>", ">Bo Ek <bo@crane.example>", 1, 2, true, "agrees with the address", ""},
		{"another family name", "<Bo Ek <bo@crane.example>", ">Ann Lee <ann.lee@crane.example>", "<Ann Moor <ann.moor@letters.example>", ">Bo Ek <bo@crane.example>", 1, 2, false, "", ""},
		{"look-alike domain", "<Bo Ek <bo@harbour.example>", ">Ann Lee <ann.lee@crane.example>", "<Ann Lee <ann.lee@crarne.example>", ">Bo Ek <bo@harbour.example>", 1, 2, false, "", "taken for each other"},
		{"still a recipient", "<Bo Ek <bo@crane.example>", ">Ann Lee <ann.lee@crane.example>", "<Ann Lee <ann.lee@letters.example>", ">Ann Lee <ann.lee@crane.example>", 1, 2, false, "", "different organisations"},
		{"answer went to an address that never wrote", "<Ann Lee <ann.lee@crane.example>", ">Bo Ek <bo@crane.example>", "<Bo Ek <bo@crane.example>", ">Ann Lee <ann.lee@letters.example>", 0, 3, false, "", "may be a mistake"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := NewResolver(nil)
			refs := add(t, r, tt.parent, tt.parentTo, tt.author, tt.to)
			r.Replied(refs[2], refs[3:], refs[0], refs[1:2])
			book := r.Resolve()
			p := book.Person(refs[tt.one])
			require.Equal(t, tt.same, p == book.Person(refs[tt.other]), "%+v", book)
			if tt.same {
				require.Len(t, book.Persons[p].MergedBecause, 1)
				assert.Contains(t, book.Persons[p].MergedBecause[0], tt.because)
				assert.Empty(t, book.Possible)
			} else if tt.orPossible != "" {
				assert.Contains(t, fmt.Sprint(book.Possible), tt.orPossible)
			}
		})
	}
}

// Where two recipients' names agree with the one who answers, nobody knows which of them it is.
func TestAnswerOfOneOfTwo(t *testing.T) {
	r := NewResolver(nil)
	refs := add(t, r, "<Bo Ek <bo@crane.example>", ">Ann Lee <ann.lee@crane.example>", ">Anna Lee <anna.lee@crane.example>", "<Ann Lee <ann@letters.example>")
	r.Replied(refs[3], refs[:1], refs[0], refs[1:3])
	book := r.Resolve()
	assert.Len(t, book.Persons, 4)
}

func TestCaseFile(t *testing.T) {
	c := &casefile.Case{People: []casefile.Person{
		{Name: "Dr Ann Lee", Addresses: []string{"ann@crane.example", "a77@letters.example", "gone@crane.example"}, Aliases: []string{"Annie L"}, Role: "engineer", Side: "claimant",
			Not: []string{"ann+2@crane.example"}, Line: 4},
		{Name: "Site", Addresses: []string{"site@crane.example"}, List: true, Line: 9},
		{Name: "Bo Ek", Role: "director", Line: 12},
		{Name: "Cy Dorn", Line: 15},
	}}
	r := NewResolver(c)
	refs := add(t, r, "<Ann Lee <ANN@crane.example>", "<Lee <a77@letters.example>", ">Ann Lee <ann+2@crane.example>", "<Annie L <al@home.example>", "<Annie L <al@cramne.example>",
		">The Site <site@crane.example>", ">Bo Ek <bo@crane.example>", "<Bo Ek <bo@harbour.example>")
	book := r.Resolve()
	ann := book.Person(refs[0])
	assert.Equal(t, Person{ID: "p1", Name: "Dr Ann Lee", Addresses: []string{"ANN@crane.example", "a77@letters.example", "al@home.example"},
		Names: []string{"Ann Lee", "Lee", "Annie L"}, Role: "engineer", Side: "claimant", Kind: Human, MergedBecause: []string{
			"the case file says in line 4 that ANN@crane.example and a77@letters.example are Dr Ann Lee",
			"the case file says in line 4 that “Annie L” is Dr Ann Lee: ANN@crane.example, al@home.example",
		}}, book.Persons[ann])
	assert.NotEqual(t, ann, book.Person(refs[2]), "the case file forbids it")
	assert.NotEqual(t, ann, book.Person(refs[4]), "an alias does not reach a look-alike domain")
	assert.Equal(t, List, book.Persons[book.Person(refs[5])].Kind)
	assert.Equal(t, book.Person(refs[6]), book.Person(refs[7]), "the only entry of that name has no address")
	assert.Equal(t, "director", book.Persons[book.Person(refs[6])].Role)
	notes := strings.Join(book.Notes, "\n")
	assert.Contains(t, notes, "line 4: gone@crane.example of Dr Ann Lee stands in no message")
	assert.Contains(t, notes, "al@cramne.example is not taken for Dr Ann Lee")
	assert.Contains(t, notes, "line 15: Cy Dorn stands in no message")
	for _, p := range book.Possible {
		assert.NotContains(t, p.Why, "ann+2@", "what the case file decided is no question any more")
	}
}

// Two people of the case file stay two, whatever else speaks for one.
func TestCaseFileKeepsPeopleApart(t *testing.T) {
	r := NewResolver(&casefile.Case{People: []casefile.Person{
		{Name: "Ann Lee (safety)", Addresses: []string{"ann.lee@crane.example"}}, {Name: "Ann Lee (payroll)", Addresses: []string{"a.lee@crane.example"}}}})
	refs := add(t, r, "<Ann Lee <ann.lee@crane.example>", "<Ann Lee <a.lee@crane.example>", "<Ann Lee <alee@mail.crane.example>")
	book := r.Resolve()
	assert.NotEqual(t, book.Person(refs[0]), book.Person(refs[1]))
}

func TestKindsAndNames(t *testing.T) {
	tests := []struct {
		name     string
		seen     []string
		kind     Kind
		wantName string
	}{
		{"no-reply", []string{"<Crane Shop <no-reply@crane.example>"}, Automatic, "Crane Shop"},
		{"mailer-daemon", []string{"<Mail Delivery System <MAILER-DAEMON@mx.crane.example>"}, Automatic, "Mail Delivery System"},
		{"VERP bounces", []string{"><bounces+17-ann=crane.example@lists.example>"}, Automatic, "bounces+17-ann=crane.example@lists.example"},
		{"a machine's mailbox", []string{"!Build <ci@crane.example>", "!Build <ci@crane.example>"}, Automatic, "Build"},
		{"a person whose program wrote once", []string{"!Ann Lee <ann@crane.example>", "<Ann Lee <ann@crane.example>"}, Human, "Ann Lee"},
		{"list", []string{"*Site <site@lists.example>"}, List, "Site"},
		{"undisclosed recipients", []string{">undisclosed-recipients:"}, List, "undisclosed-recipients:"},
		{"only an address", []string{">ann@crane.example <ann@crane.example>"}, Human, "ann@crane.example"},
		{"most used, best spelling", []string{"<LEE, Renee <rl@crane.example>", "<LEE, Renee <rl@crane.example>", "<Renée Lee <rl@crane.example>", "<Bobby Q <rl@crane.example>"}, Human, "Renée Lee"},
		{"two words before one", []string{">Ann <ann@crane.example>", ">Ann <ann@crane.example>", "<Ann Lee <ann@crane.example>"}, Human, "Ann Lee"},
		{"comma form alone is turned", []string{"<Lee, Dr. Ann (Safety) <ann@crane.example>"}, Human, "Dr. Ann Lee"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := NewResolver(nil)
			refs := add(t, r, tt.seen...)
			book := r.Resolve()
			require.Len(t, book.Persons, 1)
			assert.Equal(t, tt.kind, book.Persons[book.Person(refs[0])].Kind)
			assert.Equal(t, tt.wantName, book.Persons[0].Name)
			assert.NotNil(t, book.Persons[0].Addresses)
			assert.NotNil(t, book.Persons[0].MergedBecause)
		})
	}
}

func TestOrderAndEmptyMailbox(t *testing.T) {
	r := NewResolver(nil)
	assert.Equal(t, NoRef, r.Add(Mailbox{}, AsAuthor))
	assert.Equal(t, NoRef, r.Add(Mailbox{Name: " \t"}, AsRecipient))
	refs := add(t, r, "<Bo Ek <bo@crane.example>", "<Ann Lee <ann.lee@crane.example>", "<Lee, Ann <al@crane.example>", ">Bo Ek <bo@crane.example>")
	r.Add(Mailbox{Name: "al", Address: "<mailto:AL@crane.example>"}, AsRecipient)
	long := strings.Repeat("a", 300)
	assert.NotEqual(t, r.Add(Mailbox{Address: long + "1@crane.example"}, AsRecipient), r.Add(Mailbox{Address: long + "2@crane.example"}, AsRecipient))
	book := r.Resolve()
	assert.Equal(t, -1, book.Person(NoRef))
	assert.Equal(t, -1, book.Person(99))
	require.Len(t, book.Persons, 4)
	assert.Equal(t, "p1", book.Persons[book.Person(refs[0])].ID)
	assert.Equal(t, []string{"al@crane.example", "ann.lee@crane.example"}, book.Persons[1].Addresses, "the most used one first")
	assert.Equal(t, []string{"Lee, Ann", "al", "Ann Lee"}, book.Persons[1].Names)
}

// A mailbox that sends in everybody's name (a tracker, a list) costs no memory for each of the names.
func TestNamesOfOneMailboxAreBounded(t *testing.T) {
	r := NewResolver(nil)
	for i := range 1000 {
		r.Add(Mailbox{Name: fmt.Sprintf("Ann Lee%c%c", 'a'+i%26, 'a'+i/26%26), Address: "tracker@crane.example"}, AsAuthor)
	}
	assert.Len(t, r.names, mostNames)
	book := r.Resolve()
	assert.Len(t, book.Persons[0].Names, mostNames)
	assert.Contains(t, book.Persons[0].Name, "Ann Lee")
}

func TestNames(t *testing.T) {
	for raw, want := range map[string][2]string{ // shown, key
		`"Lee, Ann"`:                  {"Ann Lee", "ann lee"},
		"Lee, Ann, Dr.":               {"Ann Lee Dr.", "ann lee"},
		"Ann Lee, PhD":                {"Ann Lee", "ann lee"},
		"'Ann Lee' via Site":          {"Ann Lee", "ann lee"},
		"Ann Lee [EXT] (Crane Ltd)":   {"Ann Lee", "ann lee"},
		"ann.lee@crane.example":       {"", ""},
		"O’Brien, Síle":               {"Síle O’Brien", "obrien sile"},
		"Иван Петров":                 {"Иван Петров", "иван петров"},
		"Bob Lee Jr.":                 {"Bob Lee Jr.", "bob jr lee"},
		"A. Lee":                      {"A. Lee", ""},
		"Crane 4 Control":             {"Crane 4 Control", ""},
		"Ann\u202e Lee\x1b[31m":       {"Ann Lee [31m", "ann lee"},
		"":                            {"", ""},
		strings.Repeat("x ", 100_000): {strings.TrimSpace(strings.Repeat("x ", 100)), ""},
	} {
		n := parseName(raw)
		if strings.Contains(raw, "\x1b") { // an unclosed bracket hides the rest
			want[0] = "Ann Lee"
		}
		assert.Equal(t, want[0], n.shown, "%.40q", raw)
		assert.Equal(t, want[1], n.key, "%.40q", raw)
	}
	assert.True(t, parseName("Ann Lee via Site").via)
	assert.True(t, agree(parseName("Rafa Q"), parseName("Rafael Quint")))
	assert.True(t, agree(parseName("A. Lee"), parseName("Ann Lee")))
	assert.False(t, agree(parseName("Ann Lee"), parseName("Anna Leech")), "two beginnings are not enough")
	assert.False(t, agree(parseName("Ann Lee"), parseName("Ann Moor")))
	assert.False(t, agree(parseName("A L"), parseName("Ann Lee")) && agree(parseName("A L"), parseName("A Q")))
}

func TestLocalParts(t *testing.T) {
	ann := []string{"ann", "marie", "lee"}
	for local, want := range map[string][2]bool{ // exactly, partly
		"ann.lee": {true, false}, "alee": {true, false}, "lee.a": {true, false}, "am_lee": {true, false}, "annmarielee": {true, false}, "ann.lee+bids": {true, false},
		"ann": {false, true}, "lee": {false, true}, "al": {false, false}, "ann.lee2": {false, false}, "safety": {false, false}, "": {false, false},
	} {
		exactly, partly := made(local, ann)
		assert.Equal(t, want, [2]bool{exactly, partly}, local)
	}
	exactly, _ := made(strings.Repeat("a", 64), []string{"a", "aa", "aaa", "aaaa", "aaaaa", "aaaaaa"})
	assert.False(t, exactly)
	assert.True(t, contradicts("patrick.lee", ann))
	assert.False(t, contradicts("a.lee", ann))
	assert.False(t, contradicts("safety", ann))
}

func TestLookAlikes(t *testing.T) {
	for _, pair := range [][2]string{{"crane.example", "crame.example"}, {"crane.example", "cranes.example"}, {"firm.com", "firm.co"}, {"modern.example", "modem.example"},
		{"crane-works.example", "craneworks.example"}, {"paypal.example", "paypa1.example"}, {"crane.example", "сrane.example"}, {"crane.example", "xn--rane-k6d.example"}, {"crane.example", "carne.example"}} {
		assert.True(t, lookAlike(pair[0], pair[1]), pair)
		assert.True(t, lookAlike(pair[1], pair[0]), pair)
	}
	for _, pair := range [][2]string{{"crane.example", "crane.example"}, {"crane.example", "harbour.example"}, {"firm.de", "firm.com"}, {"crane.example", ""}} {
		assert.False(t, lookAlike(pair[0], pair[1]), pair)
	}
}

// Every mailbox belongs to one person, the same input gives the same book, and nothing panics.
func FuzzResolve(f *testing.F) {
	f.Add("Ann Lee <ann.lee@crane.example>\nLee, Ann <a.lee@crane.example>\nAnn Lee <ann@letters.example>\n<alee+x@gmail.com>\n<a.lee@googlemail.com>")
	f.Add("Müller\nJoerg Mueller <jm@[192.0.2.1]>\n@\n<@>\n<a@>\n<+@x>\n\xff <\xff@\xff>")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		build := func() (*Book, []Ref) {
			r := NewResolver(&casefile.Case{People: []casefile.Person{{Name: lines[0], Not: lines[len(lines)-1:]}}})
			var refs []Ref
			for i, line := range lines {
				name, address, _ := strings.Cut(line, "<")
				refs = append(refs, r.Add(Mailbox{Name: name, Address: strings.TrimSuffix(address, ">")}, Use(1+i%15)))
			}
			for i := range refs {
				r.Replied(refs[i], refs[:i], refs[len(refs)-1-i], refs[i:])
			}
			return r.Resolve(), refs
		}
		book, refs := build()
		again, _ := build()
		require.Equal(t, book, again)
		for _, ref := range refs {
			if k := book.Person(ref); ref == NoRef {
				assert.Equal(t, -1, k)
			} else {
				require.GreaterOrEqual(t, k, 0)
				require.Less(t, k, len(book.Persons))
			}
		}
		for k, p := range book.Persons {
			assert.Equal(t, fmt.Sprintf("p%d", k+1), p.ID)
			assert.NotEmpty(t, p.Name)
		}
	})
}

// 400,000 messages among 50,000 addresses; the heap that the Resolver holds at the end is reported.
func BenchmarkResolve(b *testing.B) {
	for b.Loop() {
		before := heap()
		r := NewResolver(nil)
		var refs [4]Ref
		for i := range 400_000 {
			for k := range refs {
				n := (i*7 + k*7919*(i%13)) % 50_000
				use := AsRecipient
				if k == 0 {
					use = AsAuthor
				}
				refs[k] = r.Add(Mailbox{Name: fmt.Sprintf("Given%c Family%d", 'a'+n%26, n/2), Address: fmt.Sprintf("given%c.family%d@firm%d.example", 'a'+n%26, n/2, n%997)}, use)
			}
			r.Replied(refs[0], refs[1:], refs[1], refs[2:])
		}
		held := heap() - before
		book := r.Resolve()
		b.ReportMetric(float64(held)/1e6, "MB-held")
		b.ReportMetric(float64(len(book.Persons)), "persons")
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
