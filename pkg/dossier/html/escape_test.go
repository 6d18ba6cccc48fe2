package html

import (
	"bufio"
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/dossier/words"
)

func escaped(s string) string {
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	escape(w, s)
	w.Flush()
	return b.String()
}

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"plain, grüße 日本 😀":     "plain, grüße 日本 😀",
		`<a href="x" id='y'>&`:  "&lt;a href=&#34;x&#34; id=&#39;y&#39;&gt;&amp;",
		"a\tb\nc":               "a\tb\nc",
		"a\r\nb\rc":             "a\nb[U+000D]c",
		"\x00\x07\x1b[31m\x7f":  "[U+0000][U+0007][U+001B][31m[U+007F]",
		"\u202egpj.exe\u2069":   "[U+202E]gpj.exe[U+2069]",
		"a\u0085b\u200bc\ufeff": "a[U+0085]b[U+200B]c[U+FEFF]",
		"\xff\xc3(\xed\xa0\x80": "[0xFF][0xC3]([0xED][0xA0][0x80]",
		"\ufffd":                "\ufffd", // a replacement character that was written as such
		"\U000E0041\U0010FFFF":  "[U+E0041][U+10FFFF]",
		"می\u200cخواهم 👩\u200d🚒 x\u0301": "می\u200cخواهم 👩\u200d🚒 x\u0301", // joiners and marks are part of scripts and emoji
	} {
		assert.Equal(t, want, escaped(in), "%q", in)
	}
}

// Invariant: what is written holds no character that means something to HTML, none that is invisible, and gives the text back where that has neither.
func FuzzEscape(f *testing.F) {
	f.Add("<script>\x00\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		out := escaped(s)
		require.True(t, utf8.ValidString(out))
		require.False(t, strings.ContainsAny(out, "<>\"'\x00\x1b\r\u202e\u2066\u200b"))
		for _, r := range out {
			require.False(t, r >= 0x80 && invisible(r), "%U", r)
		}
		if out == html.EscapeString(s) || !strings.Contains(out, "[") {
			require.Equal(t, strings.ReplaceAll(s, "\r\n", "\n"), html.UnescapeString(out))
		}
	})
}

// Nothing but constants of this package may become markup: nobody converts to the type, and nobody writes past page.m and escape.
func TestMarkupIsConstant(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	writes := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if id, ok := call.Fun.(*ast.Ident); ok {
				assert.NotEqual(t, "markup", id.Name, "%s converts to markup", name)
			}
			if method, ok := call.Fun.(*ast.SelectorExpr); ok {
				if field, ok := method.X.(*ast.SelectorExpr); ok && field.Sel.Name == "w" {
					writes++
					assert.Contains(t, []string{"page.go WriteString", "html.go Flush", "exhibit.go Write"}, name+" "+method.Sel.Name)
				}
			}
			return true
		})
	}
	assert.Equal(t, 3, writes, "page.m, the flush at the end, and the look at the sticky error")
}

// No word is missing in a language, and every phrase is in the catalogue.
func TestWordsAreComplete(t *testing.T) {
	say := english()
	for i := range say.VerifySteps {
		say.VerifySteps[i].Command = ""
	}
	for _, phrase := range slices.Concat(words.Phrases(say), words.Phrases(&say.findingWords), words.Phrases(&say.beyondWords)) {
		assert.True(t, phrase == say.Lang || words.Has(phrase), "not in the catalogue: %s", phrase)
		if words.Has(phrase) {
			for _, lang := range words.Languages() {
				assert.Equal(t, strings.Count(phrase, "%s"), strings.Count(words.For(lang).T(phrase), "%s"), "%s: %s", lang, phrase)
			}
		}
	}
	for _, lang := range words.Languages() {
		w := speak(words.For(lang))
		assert.Equal(t, lang, w.Lang)
		var walk func(v reflect.Value, path string)
		walk = func(v reflect.Value, path string) {
			switch v.Kind() {
			case reflect.Pointer:
				walk(v.Elem(), path)
			case reflect.Struct:
				for i := range v.NumField() {
					if name := v.Type().Field(i).Name; name != "Command" && name != "None" {
						walk(v.Field(i), path+"."+v.Type().Field(i).Name)
					}
				}
			case reflect.Array, reflect.Slice:
				assert.NotZero(t, v.Len(), path)
				for i := range v.Len() {
					walk(v.Index(i), path)
				}
			case reflect.Map:
				assert.NotZero(t, v.Len(), path)
				for _, k := range v.MapKeys() {
					walk(v.MapIndex(k), path+"."+k.String())
				}
			case reflect.String:
				assert.NotEmpty(t, v.String(), path)
			}
		}
		walk(reflect.ValueOf(w), w.Lang)
	}
}

func TestSizesOfStyleAndScript(t *testing.T) {
	for name, embedded := range map[string]markup{"style.css": style, "unfold.js": unfoldScript, "script.js": filterScript, "drawing.js": drawingScript, "sha256.js": sha256Script, "check.js": checkScript} {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.Equal(t, string(b), string(embedded))
		assert.NotContains(t, string(embedded), "</", "%s would end its element", name)
		assert.NotContains(t, string(embedded), "http", "%s loads nothing", name)
		assert.NotContains(t, string(embedded), "\r", "%s: a parser would change it, and its digest in the policy would not fit", name)
	}
}
