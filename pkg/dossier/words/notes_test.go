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
}

// elsewhere are sentences whose parts are made elsewhere: TestFree has them whole.
var elsewhere = regexp.MustCompile(`^X, and X$`)

// Every note that these packages can write has its translation.
func TestNotesHaveTranslations(t *testing.T) {
	found := 0
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
				f, ok := call.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				at, ok := calls[f.Sel.Name]
				if !ok || at >= len(call.Args) {
					return true
				}
				sentence, literal := spoken(call.Args[at])
				if !literal {
					return true
				}
				found++
				for _, lang := range Languages()[1:] {
					said, ok := For(lang).Free(sentence)
					assert.True(t, ok && said != sentence || elsewhere.MatchString(sentence), "%s %s: no %s for %q", dir, name, lang, sentence)
				}
				return true
			})
		}
	}
	assert.Greater(t, found, 30)
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
