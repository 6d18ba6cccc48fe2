package html_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"flag"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	xhtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/html"
	"onrecord/pkg/evidence"
	"onrecord/pkg/notice"
)

var keep = flag.String("keep", "", "write the sample page to this file, to look at it")
var keepExhibits = flag.Int("exhibits", 0, "so many exhibits in the page of -keep")

const evidenceDigest = "sha256:5f2a0c7be1c3f6f4d1c9a6d3b58c0b8b5a3b9d4a7d9a1e2f3c4b5a6978877665"

func write(t testing.TB, d *dossier.Dossier) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, html.Write(&b, d, html.Options{Zone: berlin(t), EvidenceDigest: evidenceDigest, Version: "1.0.0"}))
	return b.String()
}

func TestKeep(t *testing.T) {
	if *keep == "" {
		t.Skip("no -keep")
	}
	require.NoError(t, os.WriteFile(*keep, []byte(write(t, story(*keepExhibits))), 0o644))
}

// parse reads a page as a browser without script does.
func parse(page string) (*xhtml.Node, error) {
	return xhtml.ParseWithOptions(strings.NewReader(page), xhtml.ParseOptionEnableScripting(false))
}

// text is what a reader of the page reads below the element with this id.
func text(t *testing.T, page, id string) string {
	t.Helper()
	doc, err := parse(page)
	require.NoError(t, err)
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if a.Key != "id" || a.Val != id {
				continue
			}
			var b strings.Builder
			for c := range n.Descendants() {
				if c.Type == xhtml.TextNode {
					b.WriteString(c.Data)
				}
				switch c.DataAtom {
				case atom.Td, atom.Th, atom.P, atom.Li, atom.Dd, atom.Div, atom.Br, atom.Pre, atom.Span, atom.A, atom.Blockquote:
					b.WriteString(" ")
				}
			}
			return strings.Join(strings.Fields(b.String()), " ")
		}
	}
	require.Fail(t, "no element", id)
	return ""
}

// The sample page says what the dossier says, in its place.
func TestWhatThePageSays(t *testing.T) {
	page := write(t, story(0))
	for id, want := range map[string][]string{
		"glance": {
			"2 warnings by 1 person between 3 Mar 2025 and 4 Mar 2025; 3 people had notice of at least one that they did not write. 3 of them had it before the incident first told of on 11 Apr 2025 (exhibit 5). 1 denial or blame stands against them.",
			"A person confirmed 1 of them; the program suggests the others.",
			"“Without it the ram can close on an operator’s hand.” Against this: Inès Fabre, 20 Jun 2025, Exhibit 7 confirmed “nobody ever told me that the light curtain was out.”",
			"replied to Tom Reyes alone, 2 recipients dropped Dropped: Mara Lindqvist, Jon Adeyemi",
			"8 of 9 DKIM signatures could be checked against a key", "old._domainkey.lists.example", "1 message could not be read.", "1 message is cited but not held.",
		},
		"timeline": {
			"Timeline, drawing 1", "Jon Adeyemi dropped from the recipients, exhibit 2", "Accident at press 4 ", "67 days",
			"20 Jun 2025, 22:00:00 +02:00 in the mail 15:00:00 −05:00 · sender’s clock denial", "17 Jun 2025, 10:20:00 +02:00 stated in the case file",
			"Suggestions that a person rejected", "Ich habe Sie am 4. März gewarnt.",
		},
		"knowledge": {
			"Tom Reyes 3 Mar 2025 quoted it Exhibit 2 was addressed Exhibit 1", "the sentence stands quoted in exhibit 2", "no evidence",
		},
		"contradictions": {"Said before", "somebody will lose a hand at press 4", "Said afterwards", "That is no verdict on who is right."},
		"recipients":     {"Exhibit 4 Exhibit 3 – Mara Lindqvist, Jon Adeyemi Tom Reyes"},
		"people":         {"Mara Lindqvist mara@stamping.example m.lindqvist@home.example safety engineer Lindqvist Side: claimant", "Stamping Works Ltd company stamping.example", "Domains that look alike", "stamping.example Mara Lindqvist starnping.example Jon Adeyemi stamping.example and starnping.example read alike", "the case file says so", "Line Four Crew distribution list"},
		"threads":        {"<risk-report@stamping.example> cited by Exhibit 1"},
		"x1": {"the Message-ID was made 25 h 47 min after the Date", "4 Mar 2025, 11:00:05 +01:00 put into the Message-ID by the sender’s program Message-ID Mozilla, to the second",
			"3 Mar 2025, 09:12:44 +01:00 as in the mail · recorded by mx.stamping.example", "envelope line From mara@stamping.example",
			"matches: the body is the one that was signed", "valid: made with the key of the signing domain", "from a key file, 2048 bits", "the signature had an end date, which has passed",
			"recorded by a trusted server", "claimed in the message itself", "192.0.2.25", "3 s", "clock runs backwards by 1s", "Received: from out.stamping.example",
			"278f18ef57c6bf0b79b0d954e2966f6b5db25ab60aa58d45e7e585960e8e7750", "EDRM MIH",
		},
		"x1-s1":   {"Without it the ram can close on an operator’s hand."},
		"x2":      {"1 Stillstandsplan.pdf application/pdf 2 31 207 bytes", "Programs Microsoft Outlook Seen by X-MS-TNEF-Correlator"},
		"x4":      {"S/MIME Inès Fabre", "the certificate names the sender’s address", "not checked: no root was named", "1 Jan 2024, 01:00:00 +01:00"},
		"x3":      {"checked for another domain than the sender’s", "spf=softfail not listed sender moved", "does not match: the body is not the one that was signed", "a footer was added below the text", "arc", "not checked", "reply-to", "120 bytes", "1 other key record is known"},
		"x5":      {"The mail is HTML; this is its text. On opening, this mail would have loaded something from 2 hosts; nothing was loaded here: pixel.tracker.example ×2 (1 invisible picture), static.stamping.example ×3. Pictures and trackers"},
		"x6":      {"the date cannot be read: yesterday"},
		"x7":      {"X-Old: caf[0xE9]", "unknown (HELO x)"},
		"x8":      {"Enclosed message, part 2: Re: Re: Light curtain on press 4", "4. März.eml", "Gefährdungsbeurteilung.pdf"},
		"x8-s13":  {"I warn you again in writing"},
		"sources": {"13 found = 8 kept + 1 duplicate + 3 excluded + 1 failed", "mboxrd", "looks like an Outlook data file", "Thunderbird"},
		"copies":  {"Exhibit 1 identical bytes export/press4.mbox at byte 44\u202f000, 4211 bytes; envelope line From - Mon Mar 3 08:12:44 2025; Maildir flags RS"},
		"defects": {"bare-cr 1 Exhibit 2"},
		"list":    {"20 Jun 2025 Mara Lindqvist Re: Statement on the accident"},
		"verify":  {"sha256sum -c manifest-sha256.txt", evidenceDigest},
		"method":  {"timezone Europe/Berlin"},
	} {
		got := text(t, page, id)
		for _, w := range want {
			assert.Contains(t, got, strings.Join(strings.Fields(w), " "), id)
		}
	}
	masthead := page[:strings.Index(page, `<main`)]
	for _, w := range []string{"Press 4: the removed light curtain", "ST-2025-17", "By this machine’s clock – no trusted time-stamp.", evidenceDigest, "onrecord 1.0.0", "1\u00a0Jul\u00a02025, 12:00:00 +02:00"} {
		assert.Contains(t, masthead, w)
	}
}

func TestSameInputSamePage(t *testing.T) {
	assert.Equal(t, write(t, story(20)), write(t, story(20)))
}

// The digests in the policy are those of the style and the script that stand in the page.
func TestPolicyFits(t *testing.T) {
	page := write(t, story(0))
	policy := xhtml.UnescapeString(regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1])
	assert.True(t, strings.HasPrefix(policy, "default-src 'none'; "))
	for tag, n := range map[string]int{"style": 1, "script": 5} {
		pieces := strings.Split(page, "<"+tag+">")[1:]
		require.Len(t, pieces, n)
		_, allowed, _ := strings.Cut(policy, tag+"-src ")
		allowed, _, _ = strings.Cut(allowed, ";")
		assert.Len(t, strings.Fields(allowed), n)
		for _, rest := range pieces {
			inner, _, _ := strings.Cut(rest, "</"+tag+">")
			sum := sha256.Sum256([]byte(inner))
			assert.Contains(t, allowed, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
		}
	}
	for _, want := range []string{"img-src data:", "form-action 'none'", "base-uri 'none'"} {
		assert.Contains(t, policy, want)
	}
	assert.NotContains(t, policy, "unsafe")
}

// A page without anything in it still says what it is, and what is not there.
func TestEmptyDossier(t *testing.T) {
	page := write(t, &dossier.Dossier{Messages: sequence([]*evidence.Record{{Exhibit: 1}})})
	assert.Contains(t, text(t, page, "glance"), "No warning, incident or notification was found")
	assert.Contains(t, page, "E-mail record")
	assert.Contains(t, text(t, page, "x1"), "(no subject)")
	assert.Contains(t, text(t, page, "x1"), "the message has no date")
}

// Headings go down one level at a time, every table has a caption and scoped heads, every field of the filter a label.
func TestStructureForAssistiveTechnology(t *testing.T) {
	doc, err := parse(write(t, story(0)))
	require.NoError(t, err)
	level, landmarks := 0, map[string]int{}
	for n := range doc.Descendants() {
		switch n.DataAtom {
		case atom.H1, atom.H2, atom.H3, atom.H4:
			next := int(n.Data[1] - '0')
			assert.LessOrEqual(t, next, level+1, "a level is left out before <%s>", n.Data)
			level = next
		case atom.Main, atom.Nav, atom.Header, atom.Footer:
			landmarks[n.Data]++
		case atom.Table:
			require.NotNil(t, n.FirstChild)
			assert.Equal(t, atom.Caption, n.FirstChild.DataAtom)
		case atom.Th:
			assert.NotEmpty(t, attribute(n, "scope"))
		case atom.Input, atom.Select:
			assert.Equal(t, atom.Label, n.Parent.DataAtom)
		case atom.Html:
			assert.Equal(t, "en", attribute(n, "lang"))
		}
	}
	assert.Equal(t, map[string]int{"main": 1, "nav": 1, "header": 1, "footer": 1}, landmarks)
}

func attribute(n *xhtml.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// The body on the page is the text of the record, character for character, whatever the spans say.
func TestBodyIsTheText(t *testing.T) {
	label := regexp.MustCompile(`<a class="al".*?</a>`)
	tags := regexp.MustCompile(`<[^>]*>`)
	body := "äb\n> quoted 😀\n> more\nend of it\n > indented\n"
	for name, spans := range map[string][][2]int{
		"none": nil, "one": {{0, 2}}, "over quoted lines": {{1, 20}}, "two that touch": {{0, 2}, {2, 8}}, "overlap": {{0, 9}, {4, 30}}, "inside": {{0, 30}, {4, 9}},
		"same": {{3, 8}, {3, 8}}, "empty": {{5, 5}}, "beyond the end": {{20, 4000}, {5000, 6000}}, "backwards": {{9, 3}}, "before the start": {{-7, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			d := &dossier.Dossier{Messages: sequence([]*evidence.Record{{Exhibit: 1, Text: body}})}
			for i, s := range spans {
				d.Statements = append(d.Statements, notice.Statement{ID: string(rune('a' + i)), Exhibit: 1, Span: s, Acts: []notice.Act{notice.Warning}})
			}
			page := write(t, d)
			_, rest, _ := strings.Cut(page, `<pre class="body" dir="auto">`+"\n")
			pre, _, found := strings.Cut(rest, "</pre>")
			require.True(t, found)
			assert.Equal(t, body, xhtml.UnescapeString(tags.ReplaceAllString(label.ReplaceAllString(pre, ""), "")))
			for i := range spans {
				assert.Equal(t, 1, strings.Count(pre, `id="x1-`+string(rune('a'+i))+`"`), "one anchor for each statement")
			}
		})
	}
}

// Many rows are written as several tables, none is lost, and links into them hold.
func TestLongTables(t *testing.T) {
	page := write(t, story(250))
	assert.Equal(t, 3, strings.Count(page, `<table class="cards index">`))
	assert.Contains(t, page, "Every exhibit with the digest of its file, 201–250")
	for _, n := range []string{"1", "100", "101", "250"} {
		_, list, _ := strings.Cut(page, `<section id="list"`)
		list, _, _ = strings.Cut(list, "</section>")
		assert.Equal(t, 1, strings.Count(list, `href="#x`+n+`"`), n)
	}
	_, rows, _ := strings.Cut(page, `<section id="timeline"`)
	rows, _, _ = strings.Cut(rows, "</section>")
	assert.Equal(t, 250+13+1, strings.Count(rows, "<tr data-")+strings.Count(rows, "<tr id=")+strings.Count(rows, `<tr class="plain" data-f`), "a row for each message, each statement (rejected ones in a table of their own) and the event")
}

// What is cut is counted and said.
func TestLongTextIsBoundAndSaid(t *testing.T) {
	page := write(t, &dossier.Dossier{Messages: sequence([]*evidence.Record{{Exhibit: 1, Text: strings.Repeat("é ", 300_000)}})})
	assert.Contains(t, text(t, page, "x1"), "The text goes on: 100 000 more characters are not shown; the exhibit’s file holds them.")
	assert.Less(t, len(page), 1_500_000)
}

// Messages nested without end are walked, not recursed into, and the rest is counted.
func TestDeepNesting(t *testing.T) {
	top := &evidence.Record{Exhibit: 1}
	for r, depth := top, 0; depth < 20_000; depth++ {
		r.Nested = []evidence.Nested{{Part: "1", Record: &evidence.Record{Text: "inner"}}}
		r = r.Nested[0].Record
	}
	page := write(t, &dossier.Dossier{Messages: sequence([]*evidence.Record{top})})
	assert.Equal(t, 50, strings.Count(page, `class="nested"`))
	assert.Contains(t, page, "1 more enclosed message is not shown")
}

func TestErrors(t *testing.T) {
	broken := errors.New("no such disk")
	d := story(0)
	d.Messages = func(yield func(*evidence.Record, error) bool) { yield(nil, broken) }
	assert.ErrorIs(t, html.Write(io.Discard, d, html.Options{}), broken)
	assert.ErrorIs(t, html.Write(failing{broken}, story(0), html.Options{}), broken)
	d = story(5_000) // stops at the first failed write, not after the last message
	read := 0
	all := d.Messages
	d.Messages = func(yield func(*evidence.Record, error) bool) {
		all(func(r *evidence.Record, err error) bool { read++; return yield(r, err) })
	}
	assert.ErrorIs(t, html.Write(failing{broken}, d, html.Options{}), broken)
	assert.Less(t, read, 100)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// Without a zone times are in UTC.
func TestZone(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, html.Write(&b, story(0), html.Options{}))
	assert.Contains(t, text(t, b.String(), "x1"), "3 Mar 2025, 08:12:41 +00:00 in the mail 09:12:41 +01:00 · sender’s clock")
	b.Reset()
	require.NoError(t, html.Write(&b, story(0), html.Options{Zone: time.FixedZone("", -11*3600)}))
	assert.Contains(t, text(t, b.String(), "x1"), "2 Mar 2025, 21:12:41 −11:00 in the mail 3 Mar 2025, 09:12:41 +01:00")
}

// BenchmarkWrite writes 1,000 exhibits; want at least 2,000 a second.
func BenchmarkWrite(b *testing.B) {
	d := story(1000)
	zone := berlin(b)
	var n counter
	b.ReportAllocs()
	for b.Loop() {
		n = 0
		if err := html.Write(&n, d, html.Options{Zone: zone, EvidenceDigest: evidenceDigest}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "exhibits/s")
	b.ReportMetric(float64(n)/1000, "bytes/exhibit")
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
