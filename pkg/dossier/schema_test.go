package dossier_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/authres"
	"onrecord/pkg/corpora"
	"onrecord/pkg/dkim"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
	"onrecord/pkg/remark"
	"onrecord/pkg/smime"
	"onrecord/pkg/source"
	"onrecord/pkg/thread"
	"onrecord/pkg/trace"
)

// schemas compiles the schema as it is, and a strict form of it that knows no other members than those it describes.
var schemas = sync.OnceValues(func() (loose, strict *jsonschema.Schema) {
	compile := func(doc any) *jsonschema.Schema {
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		if err := c.AddResource("schema.json", doc); err != nil {
			panic(err)
		}
		return c.MustCompile("schema.json")
	}
	return compile(schemaDocument(false)), compile(schemaDocument(true))
})

func schemaDocument(strict bool) any {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(dossier.JSONSchema()))
	if err != nil {
		panic(err)
	}
	if strict {
		close(doc)
	}
	return doc
}

// close turns additionalProperties: true to false everywhere.
func close(v any) {
	switch v := v.(type) {
	case map[string]any:
		if v["additionalProperties"] == true {
			v["additionalProperties"] = false
		}
		for _, x := range v {
			close(x)
		}
	case []any:
		for _, x := range v {
			close(x)
		}
	}
}

// requireValid validates dossier.json against both forms.
func requireValid(t testing.TB, b []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	require.NoError(t, err)
	loose, strict := schemas()
	require.NoError(t, loose.Validate(doc))
	require.NoError(t, strict.Validate(doc), "a member that the schema does not describe")
}

func TestSchemaIsASchema(t *testing.T) {
	c := jsonschema.NewCompiler()
	meta, err := c.Compile("https://json-schema.org/draft/2020-12/schema")
	require.NoError(t, err)
	assert.NoError(t, meta.Validate(schemaDocument(false)))
}

// Every schema says what it describes.
func TestSchemaDescribes(t *testing.T) {
	doc := schemaDocument(false).(map[string]any)
	defs := doc["$defs"].(map[string]any)
	check := func(path string, props map[string]any) {
		for name, p := range props {
			p := p.(map[string]any)
			target, _ := p["$ref"].(string)
			if target == "" && path == "exhibit" {
				continue
			}
			def, _ := defs[strings.TrimPrefix(target, "#/$defs/")].(map[string]any)
			assert.True(t, p["description"] != nil || def["description"] != nil, "%s.%s has no description", path, name)
		}
	}
	check("", doc["properties"].(map[string]any))
	for name, def := range defs {
		if props, ok := def.(map[string]any)["properties"].(map[string]any); ok {
			check(name, props)
			if name != "exhibit" {
				assert.Equal(t, true, def.(map[string]any)["additionalProperties"], name)
			}
		}
	}
}

func TestMillValidates(t *testing.T) {
	in := mill(t)
	requireValid(t, encode(t, in.mustBuild(t)))
	in.matter = millCase
	b := encode(t, in.mustBuild(t))
	requireValid(t, b)
	// What the mill's mail is there for.
	for _, want := range []string{`"class": "identical bytes"`, `"class": "same content, other transport header"`, `"class": "same Message-ID, modified"`,
		`"class": "same Message-ID, different content"`, `"raw_base64"`, `"part": "`, `"origin": "marked"`, `"origin": "rejected"`, `"origin": "suggested"`,
		`"kind": "event"`, `"kind": "bounce"`, `"kind": "read-receipt"`, `"kind": "recipients-dropped"`, `"signature": "valid"`, `"trusted": true`, `"chain": "fail"`,
		`"basis": "signature time"`, `"basis": "envelope line"`, `"basis": "none"`, `"edrm_mih": null`, `"header.d#2"`, `"kind": "depth-limit"`, `"kind": "quoted"`, `"against"`} {
		assert.True(t, strings.Contains(string(b), want), want)
	}
}

// fixture reads the mail of a story that other packages share.
func fixture(t testing.TB, name string) map[string]string {
	t.Helper()
	dir := filepath.Join("..", "..", "testdata", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("%v: this test did not run", err)
	}
	files := tree(t, os.DirFS(dir), 1)
	maps.DeleteFunc(files, func(p, _ string) bool { return strings.HasPrefix(p, "source/") || strings.HasPrefix(p, "keys/") })
	return files
}

func TestFixturesValidate(t *testing.T) {
	for _, name := range []string{"story", "variants"} {
		t.Run(name, func(t *testing.T) {
			in := input{files: fixture(t, name), workers: 2}
			requireValid(t, encode(t, in.mustBuild(t)))
		})
	}
}

// Real mail has what nobody invents.
func TestCorporaValidate(t *testing.T) {
	for _, c := range []struct {
		pack string
		step int // each step-th file
		most int // bytes of a file
	}{{"mbox-variants", 40, 1 << 20}, {"fixtures", 4, 256 << 10}, {"warnings", 3, 1 << 20}, {"spamassassin", 60, 1 << 20}} {
		t.Run(c.pack, func(t *testing.T) {
			t.Parallel()
			files := tree(t, os.DirFS(corpora.Dir(t, c.pack)), c.step)
			maps.DeleteFunc(files, func(_, content string) bool { return len(content) > c.most })
			in := input{files: files, workers: 2}
			d := in.mustBuild(t)
			require.Greater(t, d.Count, 20)
			b := encode(t, d)
			requireValid(t, b)
			requireWhole(t, b)
			requireRecordsEncode(t, b)
		})
	}
}

// The schema must be able to say no.
func TestSchemaRefuses(t *testing.T) {
	whole := encode(t, mill(t).mustBuild(t))
	loose, strict := schemas()
	for name, spoil := range map[string]func(d map[string]any){
		"another schema":            func(d map[string]any) { d["schema"] = "onrecord/dossier/2" },
		"a digest in upper case":    func(d map[string]any) { d["evidence_digest"] = strings.ToUpper(d["evidence_digest"].(string)) },
		"null for a list":           func(d map[string]any) { d["case_warnings"] = nil },
		"a member missing":          func(d map[string]any) { delete(d, "ledger") },
		"a member missing, deeper":  func(d map[string]any) { delete(first(d, "messages"), "cc") },
		"an exhibit without number": func(d map[string]any) { first(d, "messages")["exhibit"] = json.Number("0") },
		"a time without offset":     func(d map[string]any) { first(d, "timeline")["at"] = "2026-03-02T08:00:00" },
		"an unknown basis":          func(d map[string]any) { first(d, "timeline")["basis"] = "hearsay" },
		"an unknown act":            func(d map[string]any) { first(d, "statements")["acts"] = []any{"shout"} },
		"no act":                    func(d map[string]any) { first(d, "statements")["acts"] = []any{} },
		"a span of one":             func(d map[string]any) { first(d, "statements")["span"] = []any{json.Number("1")} },
		"a message that is no .eml": func(d map[string]any) { first(d, "messages")["file"] = "../0001.eml" },
		"an unknown kind of defect": func(d map[string]any) {
			first(d, "messages")["defects"] = []any{map[string]any{"kind": "x", "detail": "", "offset": json.Number("0")}}
		},
		"a nested record of nothing": func(d map[string]any) {
			first(d, "messages")["nested"] = []any{map[string]any{"part": "1", "message": nil}}
		},
	} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(whole))
		require.NoError(t, err)
		require.NoError(t, strict.Validate(doc))
		spoil(doc.(map[string]any))
		assert.Error(t, loose.Validate(doc), name)
	}
	// A later version's member is for the strict form alone to refuse.
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(whole))
	require.NoError(t, err)
	first(doc.(map[string]any), "messages")["later"] = "x"
	assert.NoError(t, loose.Validate(doc))
	assert.Error(t, strict.Validate(doc))
}

func first(d map[string]any, list string) map[string]any {
	return d[list].([]any)[0].(map[string]any)
}

// The schema has the members of the Go types, in their order, and requires those that are always written.
func TestSchemaHasTheMembersOfTheTypes(t *testing.T) {
	order := orderedSchema(t)
	for def, typ := range map[string]reflect.Type{
		"source": reflect.TypeFor[dossier.Source](), "ledger": reflect.TypeFor[dossier.Ledger](), "tool": reflect.TypeFor[dossier.Tool](),
		"options": reflect.TypeFor[dossier.Options](), "case": reflect.TypeFor[dossier.Case](), "keys": reflect.TypeFor[dossier.KeySummary](),
		"record": reflect.TypeFor[evidence.Record](), "origin": reflect.TypeFor[source.Origin](), "digests": reflect.TypeFor[evidence.Digests](),
		"copy": reflect.TypeFor[evidence.Copy](), "address": reflect.TypeFor[message.Address](), "date": reflect.TypeFor[evidence.Date](),
		"instant": reflect.TypeFor[evidence.Instant](), "reading": reflect.TypeFor[evidence.Reading](), "header_field": reflect.TypeFor[evidence.HeaderField](),
		"received": reflect.TypeFor[trace.Received](), "host": reflect.TypeFor[trace.Host](), "delivery": reflect.TypeFor[evidence.Delivery](),
		"authentication": reflect.TypeFor[evidence.Authentication](), "auth_field": reflect.TypeFor[authres.Field](), "auth_result": reflect.TypeFor[authres.Result](),
		"recorded_result": reflect.TypeFor[evidence.RecordedResult](), "dkim_signature": reflect.TypeFor[dkim.Signature](), "dkim_key": reflect.TypeFor[dkim.Key](), "remark": reflect.TypeFor[remark.Remark](),
		"arc": reflect.TypeFor[evidence.ARC](), "arc_set": reflect.TypeFor[authres.ARCSet](), "part": reflect.TypeFor[message.Part](), "defect": reflect.TypeFor[message.Defect](),
		"nested": reflect.TypeFor[evidence.Nested](), "person": reflect.TypeFor[people.Person](), "thread": reflect.TypeFor[thread.Thread](),
		"missing": reflect.TypeFor[thread.Missing](), "recipient_change": reflect.TypeFor[notice.RecipientChange](), "statement": reflect.TypeFor[notice.Statement](),
		"notice": reflect.TypeFor[notice.Notice](), "notice_evidence": reflect.TypeFor[notice.Evidence](), "contradiction": reflect.TypeFor[notice.Contradiction](),
		"timeline_entry": reflect.TypeFor[notice.Entry](), "topic": reflect.TypeFor[notice.Topic](), "against": reflect.TypeFor[notice.Against](),
		"sequel": reflect.TypeFor[notice.Sequel](), "silence": reflect.TypeFor[notice.Silence](), "quotation": reflect.TypeFor[notice.Quotation](),
		"difference": reflect.TypeFor[notice.Difference](), "report": reflect.TypeFor[notice.DeliveryReport](), "undelivered": reflect.TypeFor[notice.Undelivered](),
		"gap": reflect.TypeFor[notice.Gap](), "clock": reflect.TypeFor[notice.Clock](), "reading_of_clock": reflect.TypeFor[notice.Reading](),
		"possible_same": reflect.TypeFor[dossier.PossibleSame](), "lookalike": reflect.TypeFor[people.LookAlike](),
		"arc_check": reflect.TypeFor[dkim.ARCCheck](), "content_signature": reflect.TypeFor[smime.Signature](), "signer": reflect.TypeFor[smime.Signer](),
		"mark": reflect.TypeFor[evidence.Mark](), "clock_note": reflect.TypeFor[evidence.ClockNote](), "unpacked": reflect.TypeFor[evidence.Unpacked](),
		"export": reflect.TypeFor[evidence.Export](), "remote": reflect.TypeFor[message.Remote](), "party": reflect.TypeFor[dossier.Party](),
	} {
		all, always := members(typ)
		assert.Equal(t, all, order[def].properties, def)
		assert.Equal(t, always, order[def].required, def)
		delete(order, def)
	}
	for _, named := range []string{"exhibit", "digest", "time", "basis", "properties", "tags", "dkim_policy"} {
		delete(order, named)
	}
	assert.Empty(t, order, "definitions that stand for no type")

	// The whole is written member by member: its order is that of the bytes.
	var doc struct {
		Required   []string
		Properties json.RawMessage
	}
	require.NoError(t, json.Unmarshal(dossier.JSONSchema(), &doc))
	assert.Equal(t, keys(t, encode(t, mill(t).mustBuild(t))), keys(t, doc.Properties))
	assert.Equal(t, keys(t, doc.Properties), doc.Required)
}

// members gives the JSON members of a struct type, and those that are always written.
func members(typ reflect.Type) (all, always []string) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		tag := f.Tag.Get("json")
		name, opts, _ := strings.Cut(tag, ",")
		switch {
		case f.Anonymous && tag == "":
			in, out := members(f.Type)
			all, always = append(all, in...), append(always, out...)
		case tag == "-" || !f.IsExported():
		default:
			all = append(all, name)
			if opts != "omitempty" && opts != "omitzero" {
				always = append(always, name)
			}
		}
	}
	return all, always
}

type definition struct{ properties, required []string }

func orderedSchema(t *testing.T) map[string]definition {
	var doc struct {
		Defs map[string]struct {
			Properties json.RawMessage
			Required   []string
		} `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(dossier.JSONSchema(), &doc))
	defs := map[string]definition{}
	for name, d := range doc.Defs {
		def := definition{required: d.Required}
		if d.Properties != nil {
			def.properties = keys(t, d.Properties)
		}
		defs[name] = def
	}
	return defs
}

// keys gives the names of an object's members in their order.
func keys(t testing.TB, object []byte) []string {
	dec := json.NewDecoder(bytes.NewReader(object))
	_, err := dec.Token()
	require.NoError(t, err)
	var all []string
	for dec.More() {
		key, err := dec.Token()
		require.NoError(t, err)
		all = append(all, key.(string))
		var skip json.RawMessage
		require.NoError(t, dec.Decode(&skip))
	}
	return all
}

// The closed sets of the schema are those of the code: every constant of the type, and no other.
func TestSchemaHasTheValuesOfTheCode(t *testing.T) {
	doc := schemaDocument(false).(map[string]any)
	at := func(def, member string) []string {
		d := doc["$defs"].(map[string]any)[def].(map[string]any)
		if member != "" {
			d = d["properties"].(map[string]any)[member].(map[string]any)
		}
		if items, ok := d["items"].(map[string]any); ok {
			d = items
		}
		var all []string
		for _, v := range d["enum"].([]any) {
			all = append(all, v.(string))
		}
		slices.Sort(all)
		return all
	}
	with := func(more ...string) func([]string) []string {
		return func(all []string) []string { return append(all, more...) }
	}
	for _, c := range []struct {
		def, member, pkg, typ string
		change                func([]string) []string
	}{
		{"basis", "", "evidence", "Basis", with()},
		{"copy", "class", "evidence", "CopyClass", with()},
		{"arc", "chain", "evidence", "ARCChain", with()},
		{"defect", "kind", "message", "DefectKind", with()},
		{"dkim_signature", "body_hash", "dkim", "BodyHash", with()},
		{"dkim_signature", "signature", "dkim", "Verdict", with()},
		{"dkim_signature", "kind", "dkim", "Kind", with()},
		{"dkim_key", "origin", "dkim", "KeyOrigin", with()},
		{"person", "kind", "people", "Kind", with()},
		{"statement", "acts", "notice", "Act", with()},
		{"statement", "origin", "notice", "Origin", with()},
		{"notice_evidence", "kind", "notice", "EvidenceKind", with()},
		{"timeline_entry", "kind", "notice", "EntryKind", with(constants(t, "notice", "Act")...)},
		{"source", "format", "source", "Format", with("")},
		{"against", "kind", "notice", "EvidenceKind", with()},
		{"sequel", "act", "notice", "Act", with()},
		{"sequel", "relation", "notice", "Relation", with()},
		{"sequel", "notice", "notice", "EvidenceKind", with("")},
		{"silence", "until", "notice", "UntilKind", with()},
		{"quotation", "state", "notice", "QuoteState", with()},
		{"report", "kind", "notice", "OutcomeKind", with()},
		{"report", "tie", "notice", "TieKind", with()},
		{"gap", "kind", "notice", "GapKind", with()},
	} {
		want := c.change(constants(t, c.pkg, c.typ))
		slices.Sort(want)
		assert.Equal(t, want, at(c.def, c.member), "%s.%s", c.def, c.member)
	}
	var policies []string
	for _, p := range at("dkim_policy", "") {
		if !strings.HasSuffix(p, "-unsigned") {
			policies = append(policies, p)
		}
	}
	want := untyped(t, "dkim", "Policy")
	slices.Sort(want)
	assert.Equal(t, want, policies)
}

// constants reads the values of all constants of a string type out of a package's source.
func constants(t *testing.T, pkg, typ string) []string {
	t.Helper()
	var all []string
	eachConstant(t, pkg, func(name, typeName, value string) {
		if typeName == typ {
			all = append(all, value)
		}
	})
	require.NotEmpty(t, all, "%s.%s", pkg, typ)
	return all
}

func untyped(t *testing.T, pkg, prefix string) []string {
	t.Helper()
	var all []string
	eachConstant(t, pkg, func(name, typeName, value string) {
		if typeName == "" && strings.HasPrefix(name, prefix) {
			all = append(all, value)
		}
	})
	require.NotEmpty(t, all)
	return all
}

func eachConstant(t *testing.T, pkg string, each func(name, typeName, value string)) {
	t.Helper()
	paths, err := fs.Glob(os.DirFS(".."), pkg+"/*.go")
	require.NoError(t, err)
	for _, p := range paths {
		if strings.HasSuffix(p, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", p), nil, 0)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.CONST {
				continue
			}
			for _, spec := range gen.Specs {
				v := spec.(*ast.ValueSpec)
				for i, name := range v.Names {
					if i >= len(v.Values) {
						continue
					}
					lit, ok := v.Values[i].(*ast.BasicLit)
					if !ok || lit.Kind != token.STRING {
						continue
					}
					value, err := strconv.Unquote(lit.Value)
					require.NoError(t, err)
					typeName := ""
					if v.Type != nil {
						typeName = fmt.Sprint(v.Type)
					}
					each(name.Name, typeName, value)
				}
			}
		}
	}
}
