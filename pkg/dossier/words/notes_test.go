package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// notesOf are the calls by which other packages write notes and reasons into the JSON, and which argument is the sentence.
var notesOf = map[string]map[string]int{
	"../../people":   {"merge": 2, "infer": 2, "leave": 2},
	"../../trace":    {"note": 0},
	"../../datetime": {"note": 0},
	"../../dkim": {"Tell": 1, "And": 1, "note": 1, "because": 1, "malformed": 1, "reject": 1, "breaks": 2, "dated": 1, "try": 1, "with": 2, "one": 4,
		"Errorf": 0, "New": 0},
	"../../smime":    {"Tell": 1, "And": 1, "note": 1, "because": 1},
	"../../authres":  {"note": 0},
	"../../evidence": {"Tell": 1, "And": 1, "note": 3},
}

// completed gives the sentences that a part of one stands in, where a package puts it together.
var completed = map[string]func(string) []string{
	"dated": func(s string) []string { return []string{s + " on X", s + " (the signature does not say when)"} },
	"try":   undoneWith("the body hash fits once "), "one": undoneWith("the signature fits once "),
	"with": func(s string) []string {
		one, more := strings.Replace(s, "X", "line is", 1), strings.Replace(s, "X", "X lines are", 1)
		return append(undoneWith("the body hash fits once ")(one), undoneWith("the body hash fits once ")(more)...)
	},
}

func undoneWith(first string) func(string) []string {
	return func(s string) []string { return []string{first + s, "and once " + s} }
}

// elsewhere are sentences whose parts are made elsewhere: TestFree has them whole.
// TestTold has those of clocks. No view shows what Sign and the reading of key files complain of.
var elsewhere = regexp.MustCompile(`^X: X$|\b(the|its) X was made at X|^a tag is empty|^the key is neither|^line too long|^X, and X$|^X( on X| \(the signature does not say when\))?$|^canonicalization X|^a key file|^">From " is read|^its (base64|quoted-printable) is decoded|^the fields of the first part|^onrecord|holds? no .* private key`)

// Every note that these packages can write has its translation.
func TestNotesHaveTranslations(t *testing.T) {
	found := 0
	tongues := map[string]*Words{}
	for _, lang := range Languages()[1:] {
		tongues[lang] = For(lang)
	}
	for dir, calls := range notesOf {
		names, err := fs.Glob(os.DirFS(dir), "*.go")
		require.NoError(t, err)
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path.Join(dir, name), nil, 0)
			require.NoError(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				called := ""
				switch f := call.Fun.(type) {
				case *ast.SelectorExpr:
					called = f.Sel.Name
				case *ast.Ident:
					called = f.Name
				}
				at, ok := calls[called]
				if !ok || at >= len(call.Args) {
					return true
				}
				sentence, literal := spoken(call.Args[at])
				if !literal {
					return true
				}
				found++
				whole := []string{sentence}
				if complete, ok := completed[called]; ok {
					whole = complete(sentence)
				}
				for _, sentence := range whole {
					for lang, say := range tongues {
						said, ok := say.Free(sentence)
						assert.True(t, ok && said != sentence || elsewhere.MatchString(sentence), "%s %s: no %s for %q", dir, name, lang, sentence)
					}
				}
				return true
			})
		}
	}
	assert.Greater(t, found, 200)
}

// spoken gives the sentence that an expression makes, with X for what varies; literal is false if nothing of it is known.
func spoken(e ast.Expr) (s string, literal bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "X", false
		}
		s, err := strconv.Unquote(e.Value)
		return regexp.MustCompile(`%[-+0-9.]*[a-z]`).ReplaceAllString(s, "X"), err == nil
	case *ast.BinaryExpr:
		x, a := spoken(e.X)
		y, b := spoken(e.Y)
		return x + y, a || b
	case *ast.CallExpr:
		if f, ok := e.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Sprintf" && len(e.Args) > 0 {
			return spoken(e.Args[0])
		}
	}
	return "X", false
}
