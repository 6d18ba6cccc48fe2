package html_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	xhtml "golang.org/x/net/html"

	"onrecord/pkg/dossier"
	"onrecord/pkg/dossier/words"
	"onrecord/pkg/evidence"
	"onrecord/pkg/notice"
)

// notInThePage are kinds of facts that the page leaves to dossier.json, each with the reason; a path ends what lies below it.
var notInThePage = map[string]string{
	"messages[].text":                                        "TestBodyIsTheText compares it",
	"messages[].text_source":                                 "told in a sentence; TestWhatThePageSays reads it",
	"messages[].authentication.recorded[].instance":          "of ARC fields alone, where the set tells it",
	"quotes[].state":                                         "the list that it stands in",
	"quotes[].passages[].quoted_span":                        "the passages stand there",
	"quotes[].passages[].original_span":                      "the passages stand there",
	"messages[].authentication.recorded[].version":           "always 1",
	"messages[].authentication.recorded[].results[].version": "always 1",
	"schema":                                                         "names the form of the JSON",
	"messages[].header[].name":                                       "stands in raw",
	"messages[].received[].raw":                                      "stands in the header, verbatim",
	"messages[].authentication.recorded[].raw":                       "stands in the header, verbatim",
	"messages[].authentication.arc.sets[].results.raw":               "stands in the header, verbatim",
	"messages[].authentication.arc.sets[].message":                   "stands in the header, verbatim",
	"messages[].authentication.arc.sets[].seal":                      "stands in the header, verbatim",
	"messages[].date.raw":                                            "stands in the header, verbatim",
	"messages[].instants[].index":                                    "the field's name is told",
	"messages[].clocks[].instants":                                   "the text names both times",
	"messages[].clocks[].seconds":                                    "the text tells it",
	"messages[].clocks[].kind":                                       "the text tells it",
	"messages[].parts[].offset":                                      "for programs that cut a part out",
	"messages[].parts[].length":                                      "for programs that cut a part out",
	"messages[].authentication.dkim[].key.record":                    "stands in dkim-keys.txt",
	"messages[].authentication.dkim[].key_alternatives":              "counted; they stand in dkim-keys.txt",
	"messages[].authentication.arc.checks[].key":                     "its state is told; it stands in dkim-keys.txt",
	"messages[].authentication.spf[].index":                          "the field's name is told",
	"messages[].authentication.dmarc[].index":                        "the field's name is told",
	"messages[].authentication.arc.sets[].results.version":           "always 1",
	"messages[].authentication.arc.sets[].results.results[].version": "always 1",
	"messages[].authentication.arc.sets[].results.field":             "the table is of these fields",
	"messages[].authentication.arc.sets[].results.instance":          "that of its set",
	"statements[].span":                                              "the place of the mark",
	"statements[].language":                                          "the language of the mark-up",
	"statements[].topic_id":                                          "the section of the matter",
	"quotes[].span":                                                  "the exhibit shows the quotation",
	"timeline[].text":                                                "told from the fields, in the page's language",
	"silence[].text":                                                 "told from the fields, in the page's language",
	"sequence[].text":                                                "told from the fields, in the page's language",
	"quotes[].text":                                                  "told from the fields, in the page's language",
	"reports[].text":                                                 "told from the fields, in the page's language",
	"gaps[].text":                                                    "told from the fields, in the page's language",
	"clocks[].text":                                                  "told from the fields, in the page's language",
	"undelivered[].why":                                              "told from the fields, in the page's language",
	"contradictions[].why":                                           "told from the fields, in the page's language",
	"contradictions[].evidence[].why":                                "told from the fields, in the page's language",
	"recipients[].headline":                                          "told from the fields, in the page's language",
	"threads[].id":                                                   "the anchor of the conversation",
	"topics[].id":                                                    "the anchor of the matter",
	"topics[].thread":                                                "the exhibits tell it",
	"gaps[].thread":                                                  "the exhibits tell it",
	"sequence[].topic":                                               "both statements stand under it",
	"contradictions[].topic":                                         "both statements stand under it",
}

// inWords gives, for kinds of values that the page says in words, how it says them.
func inWords(path, v string, d *dossier.Dossier) string {
	w := words.For("en")
	last := path[strings.LastIndexByte(path, '.')+1:]
	switch {
	case strings.HasSuffix(path, "acts[]"), last == "act", last == "to_act":
		return w.Act(notice.Act(v))
	case last == "basis":
		return w.Basis(evidence.Basis(v))
	case last == "origin" && !strings.Contains(path, "key"):
		return w.Origin(notice.Origin(v))
	case path == "timeline[].kind":
		if w.Act(notice.Act(v)) != v {
			return w.Act(notice.Act(v))
		}
		return w.Kind(notice.EntryKind(v))
	case path == "notices[].evidence[].kind", path == "contradictions[].evidence[].kind", path == "sequence[].notice":
		return w.Evidence(notice.EvidenceKind(v))
	case path == "gaps[].kind":
		return w.Gap(notice.GapKind(v))
	case path == "reports[].kind":
		return w.Outcome(notice.OutcomeKind(v))
	case last == "tie":
		return w.Tie(notice.TieKind(v))
	case path == "quotes[].passages[].kind":
		return w.Difference(v)
	case path == "sequence[].relation":
		return w.Relation(notice.Relation(v))
	case strings.HasPrefix(path, "clocks[]") && last == "phase":
		return w.Phase(v)
	case path == "messages[].copies[].class":
		return w.CopyClass(evidence.CopyClass(v))
	case path == "messages[].authentication.arc.chain":
		return w.Chain(evidence.ARCChain(v))
	case path == "people[].kind":
		if v == "" {
			return ""
		}
		return map[string]string{"person": "", "list": "distribution list", "automatic": "automatic sender"}[v]
	case strings.HasSuffix(path, "policy[]"):
		return w.Policy(v)
	case last == "body_hash":
		return map[string]string{"match": "matches: the body", "mismatch": "does not match: the body", "partial": "matches in part"}[v]
	case path == "messages[].authentication.dkim[].signature", path == "messages[].authentication.arc.checks[].signature":
		return map[string]string{"valid": "valid: made with the key", "invalid": "not valid for this header", "unchecked": "not checked: no usable key"}[v]
	case strings.HasSuffix(path, "key.origin"):
		return map[string]string{"file": "from a key file", "dns": "from the DNS", "none": "none at hand"}[v]
	case path == "messages[].authentication.signatures[].form":
		return map[string]string{"detached": "beside the content"}[v]
	case path == "messages[].export.hint":
		return v
	}
	for i := range d.People {
		if d.People[i].ID == v {
			return d.People[i].Name
		}
	}
	return v
}

// Every kind of fact that stands in dossier.json stands in the page: the test walks over the JSON of a dossier that has each of them, and names what the page lacks.
func TestThePageHasEveryFactOfTheJSON(t *testing.T) {
	d := story(0)
	var encoded bytes.Buffer
	require.NoError(t, dossier.Encode(&encoded, d))
	var doc any
	require.NoError(t, json.Unmarshal(encoded.Bytes(), &doc))
	page := write(t, d)
	page = regexp.MustCompile(`<a class="al".*?</a>`).ReplaceAllString(page, "")
	plain := squeeze(xhtml.UnescapeString(regexp.MustCompile(`<(?:br|wbr)>|</?(?:bdi|i)>`).ReplaceAllString(page, "")))
	tagless := squeeze(xhtml.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")))
	plain += tagless
	shown := func(path string, v any) bool {
		switch v := v.(type) {
		case string:
			if at, err := time.Parse(time.RFC3339, v); err == nil {
				return strings.Contains(page, `datetime="`+at.Format(time.RFC3339)+`"`)
			}
			v = strings.TrimPrefix(strings.ReplaceAll(v, "\ufffd", "[0xE9]"), "sha256:")
			if len(v) > 1 && v[0] == 's' && strings.Trim(v[1:], "0123456789") == "" { // a statement
				return strings.Contains(page, "-"+v+`"`)
			}
			return strings.Contains(plain, squeeze(inWords(path, v, d)))
		case float64:
			switch n := int(v); {
			case strings.Contains(path, "econds"):
				return true // told in hours and days, which TestFindings reads
			case v != float64(n):
				return strings.Contains(plain, fmt.Sprintf("%d %%", int(100*v+.5)))
			default:
				digits := fmt.Sprint(n)
				if at := len(digits) - 3; at > 1 { // from five digits on in groups
					digits = digits[:at] + " " + digits[at:]
				}
				if at := len(digits) - 7; at > 0 {
					digits = digits[:at] + " " + digits[at:]
				}
				return strings.Contains(plain, digits)
			}
		}
		return true
	}
	kinds, missing := map[string]bool{}, map[string][]string{}
	type node struct {
		path string
		v    any
	}
	for queue := []node{{"", doc}}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if strings.HasSuffix(at.path, ".said") || strings.HasSuffix(at.path, ".remarks") { // why and notes once more
			continue
		}
		path := regexp.MustCompile(`^messages\[\](\.nested\[\]\.message)+`).ReplaceAllString(at.path, "messages[]")
		if _, known := notInThePage[path]; known {
			kinds[path] = true
			continue
		}
		switch v := at.v.(type) {
		case map[string]any:
			for key, inner := range v {
				queue = append(queue, node{strings.TrimPrefix(at.path+"."+key, "."), inner})
			}
		case []any:
			for _, inner := range v {
				queue = append(queue, node{at.path + "[]", inner})
			}
		case nil:
		case string:
			if v != "" && !strings.HasSuffix(path, "_base64") {
				kinds[path] = true
				if !shown(path, v) {
					missing[path] = append(missing[path], v)
				}
			}
		default:
			if v != 0.0 {
				kinds[path] = true
				if !shown(path, v) {
					missing[path] = append(missing[path], fmt.Sprint(v))
				}
			}
		}
	}
	for path, values := range missing {
		assert.Failf(t, "not in the page", "%s: %q", path, values[:min(3, len(values))])
	}
	for path := range notInThePage {
		assert.True(t, kinds[path], "the sample has no %s", path)
	}
	assert.Greater(t, len(kinds), 200)
	for _, path := range leaves(t) {
		assert.True(t, kinds[path], "a kind of fact that the schema knows and the sample has none of: %s", path)
	}
}

// squeeze makes one line of a text, without the spaces that do not break.
func squeeze(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s)), " ")
}

// leaves lists the texts, times and numbers that the schema of dossier.json knows, by path.
func leaves(t *testing.T) []string {
	var schema struct {
		Properties map[string]any `json:"properties"`
		Defs       map[string]any `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(dossier.JSONSchema(), &schema))
	var out []string
	type node struct {
		path string
		def  any
	}
	var queue []node
	for name, def := range schema.Properties {
		queue = append(queue, node{name, def})
	}
	for ; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if _, known := notInThePage[at.path]; known || strings.HasSuffix(at.path, ".said[]") || strings.HasSuffix(at.path, ".remarks[]") || at.path == "clocks[].start.seconds" || strings.Contains(at.path, "nested[]") || strings.HasSuffix(at.path, "_base64") {
			continue
		}
		def, _ := at.def.(map[string]any)
		for def["$ref"] != nil {
			def, _ = schema.Defs[strings.TrimPrefix(def["$ref"].(string), "#/$defs/")].(map[string]any)
		}
		for _, some := range []string{"anyOf", "oneOf"} {
			if list, ok := def[some].([]any); ok {
				for _, one := range list {
					queue = append(queue, node{at.path, one})
				}
			}
		}
		if props, ok := def["properties"].(map[string]any); ok {
			for name, inner := range props {
				queue = append(queue, node{at.path + "." + name, inner})
			}
		} else if items := def["items"]; items != nil {
			queue = append(queue, node{at.path + "[]", items})
		} else if kind := fmt.Sprint(def["type"]); strings.Contains(kind, "string") || strings.Contains(kind, "integer") || strings.Contains(kind, "number") {
			out = append(out, at.path)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
