// Package pkg_test holds the rules of the house: which package may import which, who owns which module, and what no package under pkg may do. It
// reads the source files themselves, because Go's test cache does not see what "go list" reads.
package pkg_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// layers, from the lowest to the highest. A package imports only packages of strictly lower layers. A new package takes the layer that its imports give it.
var layers = [...][]string{
	{"pkg/corpora", "pkg/datetime", "pkg/digest", "pkg/jsonout", "pkg/ordered", "pkg/cms", "pkg/cos", "pkg/ots", "pkg/remark", "pkg/rows", "pkg/sshsig", "pkg/testpki"},
	{"pkg/authres", "pkg/casefile", "pkg/dkim", "pkg/mbox", "pkg/merkle", "pkg/message", "pkg/trace", "pkg/tnef", "pkg/smime", "pkg/idtime", "pkg/exporter", "pkg/pades", "pkg/pdfa/rules", "pkg/timestamp"},
	{"pkg/mailgen", "pkg/pdfa", "pkg/source"},
	{"pkg/evidence", "pkg/notice/model"},
	{"pkg/archive", "pkg/notice", "pkg/people", "pkg/thread"},
	{"pkg/dossier"},
	{"pkg/dossier/words"},
	{"pkg/certificate", "pkg/dossier/html", "pkg/dossier/pdf", "pkg/loadfile", "pkg/review", "pkg/seal"},
	{"pkg/verify"},
	{"cmd/onrecord", "testdata/bench/splithash", "testdata/evaluate", "testdata/gen", "testdata/testreport", "testdata/train"},
}

// owners says which packages may import a module from outside; nobody: tests alone. Tests may import any of them. A package path below a module has an entry of its own
// where another package owns it.
var owners = map[string][]string{
	"github.com/chromedp/cdproto":              {},
	"github.com/chromedp/chromedp":             {},
	"github.com/emersion/go-message":           {"pkg/message"},
	"github.com/go-text/typesetting":           {"pkg/dossier/pdf"},
	"github.com/jung-kurt/gofpdf":              {"pkg/dossier/pdf"},
	"github.com/klauspost/compress":            {"pkg/archive", "pkg/pdfa"},
	"github.com/pdfcpu/pdfcpu":                 {},
	"github.com/schollz/progressbar/v3":        {"cmd/onrecord"},
	"github.com/spf13/cobra":                   {"cmd/onrecord"},
	"github.com/spf13/pflag":                   {"cmd/onrecord"},
	"github.com/stretchr/testify":              {},
	"github.com/santhosh-tekuri/jsonschema/v6": {},
	"go.yaml.in/yaml/v3":                       {"pkg/casefile"},
	"golang.org/x/crypto":                      {"cmd/onrecord", "pkg/sshsig"},
	"golang.org/x/image":                       {"pkg/dossier/pdf"},
	"golang.org/x/mod":                         {"pkg/merkle"},
	"golang.org/x/net/dns/dnsmessage":          {},
	"golang.org/x/net/html":                    {"pkg/message"},
	"golang.org/x/net/idna":                    {"pkg/people"},
	"golang.org/x/net/publicsuffix":            {"pkg/dkim", "pkg/evidence", "pkg/people"},
	"golang.org/x/sys":                         {"pkg/seal"},
	"golang.org/x/term":                        {"cmd/onrecord"},
	"golang.org/x/text/encoding":               {"pkg/verify"},
	"golang.org/x/text/transform":              {},
	"golang.org/x/text/unicode/bidi":           {"pkg/dossier/pdf"},
	"golang.org/x/text/width":                  {"pkg/review"},
	"golang.org/x/text/unicode/norm":           {"pkg/dossier/pdf", "pkg/people", "pkg/seal"},
	"software.sslmate.com/src/go-pkcs12":       {"pkg/cms"},
	"modernc.org/sqlite":                       {"pkg/archive"},
}

// worldly imports reach out of the program: a package under pkg gets readers, writers, a clock and look-ups from its caller.
var worldly = regexp.MustCompile(`^(flag|log|log/slog|net|net/http|net/smtp|net/rpc|os|os/.+|syscall|unsafe|C)$`)

// mayTouchTheSystem says which packages under pkg are where files are written, or serve tests alone.
var mayTouchTheSystem = map[string]string{
	"pkg/archive": "writes the store",
	"pkg/seal":    "writes the dossier directory",
	"pkg/corpora": "for tests only",
	"pkg/testpki": "for tests only",
}

type file struct {
	pkg  string // "pkg/mbox"
	name string // "pkg/mbox/split.go"
	test bool
	ast  *ast.File
}

// parsed gives every Go file of the repository.
func parsed(t *testing.T) ([]file, *token.FileSet) {
	t.Helper()
	root := os.DirFS("..")
	set := token.NewFileSet()
	var files []file
	for _, top := range []string{"cmd", "pkg", "testdata"} {
		require.NoError(t, fs.WalkDir(root, top, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(name) != ".go" {
				return err
			}
			text, err := fs.ReadFile(root, name)
			require.NoError(t, err)
			tree, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
			require.NoError(t, err)
			files = append(files, file{pkg: path.Dir(name), name: name, test: strings.HasSuffix(name, "_test.go"), ast: tree})
			return nil
		}))
	}
	require.Greater(t, len(files), 50, "the walk found the repository")
	return files, set
}

func importsOf(t *testing.T, f file) []string {
	t.Helper()
	var all []string
	for _, spec := range f.ast.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		all = append(all, p)
	}
	return all
}

func layerOf(pkg string) int {
	return slices.IndexFunc(layers[:], func(l []string) bool { return slices.Contains(l, pkg) })
}

func TestLayers(t *testing.T) {
	files, _ := parsed(t)
	seen := map[string]bool{}
	for _, f := range files {
		seen[f.pkg] = true
		if f.pkg == "pkg" {
			continue // this test
		}
		layer := layerOf(f.pkg)
		assert.GreaterOrEqual(t, layer, 0, "%s: give %s a layer in pkg/layers_test.go", f.name, f.pkg)
		for _, imported := range importsOf(t, f) {
			own, ok := strings.CutPrefix(imported, "onrecord/")
			if !ok || f.test && own == f.pkg {
				continue
			}
			if own == "pkg/corpora" || own == "pkg/mailgen" || own == "pkg/testpki" {
				assert.True(t, f.test || strings.HasPrefix(f.pkg, "testdata/"), "%s imports %s, which serves tests alone", f.name, own)
				continue
			}
			assert.Less(t, layerOf(own), layer, "%s imports %s, which is not of a lower layer", f.name, own)
		}
	}
	for _, layer := range layers {
		for _, pkg := range layer {
			assert.True(t, seen[pkg], "%s stands in the table and is not there", pkg)
		}
	}
}

func TestOwnersOfModules(t *testing.T) {
	files, _ := parsed(t)
	used := map[string]bool{}
	for _, f := range files {
		for _, imported := range importsOf(t, f) {
			first, _, _ := strings.Cut(imported, "/")
			if !strings.Contains(first, ".") {
				continue // the standard library, or ours
			}
			module := owned(imported)
			if !assert.NotEmpty(t, module, "%s imports %s: say in pkg/layers_test.go who owns it", f.name, imported) {
				continue
			}
			used[module] = true
			assert.True(t, f.test || slices.Contains(owners[module], f.pkg), "%s imports %s, which belongs to %v", f.name, imported, owners[module])
		}
	}
	for module, by := range owners {
		assert.True(t, used[module], "%s stands in the table and nobody imports it", module)
		for _, pkg := range by {
			used := slices.ContainsFunc(files, func(f file) bool {
				return f.pkg == pkg && !f.test && slices.ContainsFunc(importsOf(t, f), func(p string) bool { return owned(p) == module })
			})
			assert.True(t, used, "%s does not import %s any more", pkg, module)
		}
	}
}

// owned finds the longest entry of owners that holds an import path.
func owned(imported string) string {
	for p := imported; p != "."; p = path.Dir(p) {
		if _, ok := owners[p]; ok {
			return p
		}
	}
	return ""
}

func TestPackagesKnowNothingOfTheMachine(t *testing.T) {
	files, set := parsed(t)
	for _, f := range files {
		if f.test || !strings.HasPrefix(f.pkg, "pkg/") {
			continue
		}
		for _, imported := range importsOf(t, f) {
			assert.True(t, !worldly.MatchString(imported) || mayTouchTheSystem[f.pkg] != "", "%s imports %s", f.name, imported)
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				// Where files are written, the age of one may be asked for.
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && (n.Sel.Name == "Now" || n.Sel.Name == "Since" && mayTouchTheSystem[f.pkg] == "") {
					t.Errorf("%s: the clock is an argument", set.Position(n.Pos()))
				}
			case *ast.FuncDecl:
				assert.False(t, n.Recv == nil && n.Name.Name == "init", "%s: no init functions", set.Position(n.Pos()))
			}
			return true
		})
	}
}

// subject is what a package comment must hold: the document that it goes by, or in so many words what the package knows.
var subject = regexp.MustCompile(`RFC \d{3,5}|FIPS|NIST|ISO|W3C|\bknows\b|for tests only`)

func TestPackageDocs(t *testing.T) {
	files, _ := parsed(t)
	docs := map[string][]string{}
	for _, f := range files {
		if f.test {
			continue
		}
		docs[f.pkg] = append(docs[f.pkg], "")
		if f.ast.Doc != nil {
			docs[f.pkg] = append(docs[f.pkg], f.ast.Doc.Text())
		}
	}
	for pkg, all := range docs {
		all = slices.DeleteFunc(all, func(s string) bool { return s == "" })
		if !assert.Len(t, all, 1, "%s has one package comment", pkg) {
			continue
		}
		word := "Package "
		if !strings.HasPrefix(pkg, "pkg/") {
			word = "Command "
		}
		assert.True(t, strings.HasPrefix(all[0], word+path.Base(pkg)+" "), "%s: its comment begins with %q", pkg, word+path.Base(pkg))
		if word == "Package " {
			assert.Regexp(t, subject, all[0], "%s: its comment says what it knows and cites where that stands", pkg)
		}
	}
}

func TestNamesOfPackages(t *testing.T) {
	files, _ := parsed(t)
	for _, f := range files {
		for _, part := range strings.Split(f.pkg, "/") {
			assert.NotContains(t, []string{"internal", "util", "utils", "common", "helper", "helpers", "types", "misc"}, part, f.name)
		}
	}
}

// What shows at the root is fixed: a document lies beside the code that it describes.
func TestRootOfTheRepository(t *testing.T) {
	allowed := []string{"LICENSE", "Makefile", "README.md", "cmd", "go.mod", "go.sum", "pkg", "testdata"}
	made := regexp.MustCompile(`^(bin|.*\.dossier|coverage\.out|.*\.test)$`) // by make, and ignored by git
	entries, err := os.ReadDir("..")
	require.NoError(t, err)
	var found []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !made.MatchString(e.Name()) {
			found = append(found, filepath.Base(e.Name()))
		}
	}
	assert.Equal(t, allowed, found)
}
