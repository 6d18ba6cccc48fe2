package pdf

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"onrecord/pkg/dossier/words"
)

// Every phrase that the PDF says has its row in the catalogue: those of the labels, and those that stand in calls of T and N.
func TestPhrasesAreTranslated(t *testing.T) {
	phrases := words.Phrases(english())
	require.Greater(t, len(phrases), 200)
	set := token.NewFileSet()
	names, err := fs.Glob(os.DirFS("."), "*.go")
	require.NoError(t, err)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			f, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || f.Sel.Name != "T" && f.Sel.Name != "N" {
				return true
			}
			for _, a := range call.Args {
				if lit, ok := a.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					s, err := strconv.Unquote(lit.Value)
					require.NoError(t, err)
					phrases = append(phrases, s)
				}
			}
			return true
		})
	}
	commands := map[string]bool{}
	for _, s := range english().CheckSteps {
		commands[s.Command] = true
	}
	for _, p := range phrases {
		if strings.TrimSpace(p) != "" && !commands[p] {
			assert.True(t, words.Has(p), "no row for %q", p)
		}
	}
}

// A command is the same in every language.
func TestCommandsStayAsTheyAre(t *testing.T) {
	for _, lang := range words.Languages() {
		for i, s := range labelsIn(lang).CheckSteps {
			assert.Equal(t, english().CheckSteps[i].Command, s.Command, lang)
		}
	}
}
