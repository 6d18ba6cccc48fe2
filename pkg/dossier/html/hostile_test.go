package html_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	xhtml "golang.org/x/net/html"

	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
)

// hostile is what a sender who wants to act in the reader's browser would try, in one text.
var hostile = `<script>alert(1)</script>"><img src=x onerror=alert(2)>'><svg/onload=alert(3)><a href="javascript:alert(4)">` +
	`</style></title></textarea></pre></code></bdi></td></table></article><!--<![CDATA[&lt;&#60;` +
	"https://tracker.example/p.gif javascript:alert(5) \x1b[31mred\x1b[0m \x00 \x07 \u202etxt.exe\u202c \u2066x\u2069 \u200b\ufeff \x85\xff\xfe\r" +
	strings.Repeat("A", 10_000)

// corrupt appends the text to every string below v that is not empty; the fields named in except keep their values. It counts, by field, the strings it met.
func corrupt(v reflect.Value, payload, field string, except []string, met map[string]int) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			corrupt(v.Elem(), payload, field, except, met)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !slices.Contains(except, v.Type().Name()+"."+f.Name) {
				corrupt(v.Field(i), payload, v.Type().Name()+"."+f.Name, except, met)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			corrupt(v.Index(i), payload, field, except, met)
		}
	case reflect.String:
		if v.Type() != reflect.TypeFor[string]() && slices.Contains(except, "typed") {
			return
		}
		met[field] += 0
		if v.String() != "" {
			met[field]++
			v.SetString(v.String() + payload)
		}
	}
}

// attacked is the story with the text in every field; with structure it spares the fields whose values choose among markups.
func attacked(t *testing.T, payload string, structure bool) (*dossier.Dossier, map[string]int) {
	d := story(0)
	records := messages(t, d)
	met := map[string]int{}
	var except []string
	if structure {
		except = []string{"typed", "Signature.Policy", "Record.TextSource", "Statement.Language", "Topic.Language", "RecordedResult.Field"}
	}
	d.Messages = nil
	corrupt(reflect.ValueOf(d), payload, "", except, met)
	for _, r := range records {
		corrupt(reflect.ValueOf(r), payload, "", except, met)
	}
	d.Messages = sequence(records)
	return d, met
}

func within(n *xhtml.Node, class string) bool {
	for ; n != nil; n = n.Parent {
		if slices.Contains(strings.Fields(attribute(n, "class")), class) {
			return true
		}
	}
	return false
}

// inventory lists every element of a page with the names of its attributes, in order, but for those within elements of the classes in except.
func inventory(t *testing.T, page string, except ...string) (elements []string, attributes []xhtml.Attribute) {
	doc, err := parse(page)
	require.NoError(t, err)
	for n := range doc.Descendants() {
		if slices.ContainsFunc(except, func(class string) bool { return within(n, class) }) {
			continue
		}
		assert.NotEqual(t, xhtml.CommentNode, n.Type, "there are no comments")
		if n.Type != xhtml.ElementNode {
			continue
		}
		e := n.Data
		for _, a := range n.Attr {
			e += " " + a.Key
			attributes = append(attributes, a)
		}
		elements = append(elements, e)
	}
	return elements, attributes
}

// notShown are fields that the page does not show: they repeat the header, or matter to programs alone.
var notShown = []string{"Host.User", "Key.Resolver", "Field.Version", "Result.Version", "Received.Raw", "Part.Encoding", "Part.ContentID", "Key.Record"}

func TestNothingFromMailBecomesMarkup(t *testing.T) {
	const derived = "standing" // what is established follows from what the message says: other facts, other lines
	benign, _ := inventory(t, write(t, story(0)), derived)
	d, met := attacked(t, hostile, true)
	page := write(t, d)
	got, _ := inventory(t, page, derived)
	assert.Equal(t, benign, got, "the same elements with the same attributes, whatever the mail says")
	for field, n := range met {
		if !strings.HasSuffix(field, "Base64") && !slices.Contains(notShown, field) {
			assert.Positive(t, n, "the story leaves %s empty", field)
		}
	}
	assert.Greater(t, len(met), 100, "fields that were attacked")
}

func TestHostileEnumerations(t *testing.T) {
	d, _ := attacked(t, hostile, false)
	page := write(t, d)
	benign, _ := inventory(t, write(t, story(0)))
	got, _ := inventory(t, page)
	known := map[string]bool{}
	for _, e := range benign {
		tag, attributes, _ := strings.Cut(e, " ")
		for a := range strings.FieldsSeq(" _ " + attributes) {
			known[tag+" "+a] = true
		}
	}
	for _, e := range got {
		tag, attributes, _ := strings.Cut(e, " ")
		for a := range strings.FieldsSeq(" _ " + attributes) {
			assert.True(t, known[tag+" "+a], "an element or attribute that a benign page does not have: %.80s", e)
		}
	}
}

func TestNoRequestIsPossible(t *testing.T) {
	for name, d := range map[string]*dossier.Dossier{"benign": story(0), "hostile": first(attacked(t, hostile, false))} {
		t.Run(name, func(t *testing.T) {
			page := write(t, d)
			elements, attributes := inventory(t, page)
			for _, a := range attributes {
				switch a.Key {
				case "href":
					assert.True(t, strings.HasPrefix(a.Val, "#") || a.Val == "data:,", "an inner link: %.80q", a.Val)
				case "src", "srcset", "action", "formaction", "style", "background", "poster", "ping", "data", "srcdoc", "http-equiv":
					assert.Equal(t, "http-equiv", a.Key)
				default:
					assert.False(t, strings.HasPrefix(a.Key, "on"), a.Key)
				}
				if name == "benign" {
					assert.NotContains(t, a.Val, "http:")
					assert.NotContains(t, a.Val, "https:")
				}
			}
			for _, e := range elements {
				tag, _, _ := strings.Cut(e, " ")
				assert.NotContains(t, []string{"img", "iframe", "object", "embed", "form", "base", "video", "audio", "source", "frame", "foreignobject", "animate", "set", "image"}, tag)
			}
			assert.Equal(t, 5, strings.Count(page, "<script"), "ours alone")
			assert.Equal(t, 1, strings.Count(page, "<style"), "one style, ours")
		})
	}
}

func first[A, B any](a A, _ B) A { return a }

// Every id is unique, every inner link has its target, every reference of aria and of the drawing holds.
func TestLinksHold(t *testing.T) {
	for name, d := range map[string]*dossier.Dossier{"benign": story(0), "hostile": first(attacked(t, "<b>\"\u202e", true)), "empty": {}} {
		t.Run(name, func(t *testing.T) {
			if d.Messages == nil {
				d.Messages = sequence([]*evidence.Record{})
			}
			_, attributes := inventory(t, write(t, d))
			ids := map[string]bool{}
			for _, a := range attributes {
				if a.Key == "id" {
					assert.False(t, ids[a.Val], "twice: %s", a.Val)
					ids[a.Val] = true
				}
			}
			for _, a := range attributes {
				switch {
				case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
					assert.True(t, ids[a.Val[1:]], "no target: %s", a.Val)
				case a.Key == "aria-labelledby":
					for id := range strings.FieldsSeq(a.Val) {
						assert.True(t, ids[id], "no label: %s", id)
					}
				}
			}
		})
	}
}

// The bytes of the page are well formed: what is written is what a parser reads, tag for tag.
func TestWellFormed(t *testing.T) {
	d, _ := attacked(t, hostile, false)
	for name, d := range map[string]*dossier.Dossier{"benign": story(0), "hostile": d} {
		t.Run(name, func(t *testing.T) {
			void := map[string]bool{"meta": true, "link": true, "br": true, "wbr": true, "input": true}
			z := xhtml.NewTokenizer(strings.NewReader(write(t, d)))
			var open []string
			for {
				switch z.Next() {
				case xhtml.ErrorToken:
					assert.Empty(t, open)
					return
				case xhtml.StartTagToken:
					tag, _ := z.TagName()
					if !void[string(tag)] {
						open = append(open, string(tag))
					}
				case xhtml.EndTagToken:
					tag, _ := z.TagName()
					require.NotEmpty(t, open)
					require.Equal(t, open[len(open)-1], string(tag), "closed in order: %s", fmt.Sprint(open))
					open = open[:len(open)-1]
				}
			}
		})
	}
}

// A name that runs from right to left stays by itself in the line: nothing of ours is turned around.
func TestRightToLeftIsIsolated(t *testing.T) {
	for text, isolated := range map[string]bool{"شركة ١": true, "דנה": true, "a \U0001E900": true, "Müller 日本 😀 \u202eevil": false} {
		d := story(0)
		d.People[0].Name = text
		page := write(t, d)
		assert.Equal(t, isolated, strings.Contains(page, "<bdi>"+text+"</bdi>"), text)
		assert.Equal(t, isolated, strings.Contains(page, "<bdi>"), text)
	}
}
