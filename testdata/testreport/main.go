// Command testreport reads "go test -json" on standard input and prints what a person wants of it: failures at once and in full, then every skipped
// test with its reason, then go test's own line for each package. It exits with 1 if anything failed or no test ran.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "testreport: error:", err)
		os.Exit(1)
	}
}

// event is a line of "go test -json" (go doc test2json, go help buildjson).
type event struct {
	Action, Package, Test, Output string
}

// test is a test, or a package where name is empty.
type test struct{ pkg, name string }

type report struct {
	w                       io.Writer
	open                    map[test][]string // output of what is not done yet
	order                   []test            // its keys, as they came
	skips                   []string
	packages                []string
	passed, failed, skipped int
	broken                  bool
}

func run(r io.Reader, w io.Writer) error {
	rep := &report{w: w, open: map[test][]string{}}
	in := bufio.NewScanner(r)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		var e event
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			fmt.Fprintln(w, in.Text()) // a line of go itself
			continue
		}
		rep.take(e)
	}
	if err := in.Err(); err != nil {
		return err
	}
	return rep.close()
}

func (r *report) take(e event) {
	t := test{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(r.w, e.Output)
	case "output":
		if _, ok := r.open[t]; !ok {
			r.order = append(r.order, t)
		}
		r.open[t] = append(r.open[t], e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.closePackage(e)
			return
		}
		r.closeTest(t, e.Action)
	}
}

func (r *report) closeTest(t test, action string) {
	lines := r.open[t]
	delete(r.open, t)
	switch action {
	case "pass":
		r.passed++
	case "fail":
		r.failed++
		r.print(lines)
	case "skip":
		r.skipped++
		r.skips = append(r.skips, fmt.Sprintf("%s %s: %s", t.pkg, t.name, reason(lines)))
	}
}

// closePackage keeps the package's own line. Of a package that failed, everything is printed that is not printed yet: a panic's text may stand with
// a test that never ended.
func (r *report) closePackage(e event) {
	own := test{e.Package, ""}
	for _, line := range r.open[own] {
		if isPackageLine(line) {
			r.packages = append(r.packages, line)
		}
	}
	rest := r.order[:0]
	for _, t := range r.order {
		if t.pkg != e.Package {
			rest = append(rest, t)
			continue
		}
		if e.Action == "fail" {
			r.print(r.open[t])
		}
		delete(r.open, t)
	}
	r.order = rest
	r.broken = r.broken || e.Action == "fail"
}

func isPackageLine(line string) bool {
	return strings.HasPrefix(line, "ok  \t") || strings.HasPrefix(line, "FAIL\t") || strings.HasPrefix(line, "?   \t")
}

func (r *report) print(lines []string) {
	for _, line := range lines {
		if !isPackageLine(line) && !strings.HasPrefix(line, "=== ") {
			fmt.Fprint(r.w, line)
		}
	}
}

// reason is what the test said when it gave up.
func reason(lines []string) string {
	var said []string
	for _, line := range lines {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			said = append(said, line)
		}
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, " ")
}

func (r *report) close() error {
	if len(r.skips) > 0 {
		slices.Sort(r.skips)
		fmt.Fprintf(r.w, "\nskipped:\n  %s\n", strings.Join(r.skips, "\n  "))
	}
	fmt.Fprintf(r.w, "\n%d passed, %d failed, %d skipped\n\n", r.passed, r.failed, r.skipped)
	slices.Sort(r.packages)
	for _, line := range r.packages {
		fmt.Fprint(r.w, line)
	}
	switch {
	case r.broken || r.failed > 0:
		return errors.New("tests failed")
	case r.passed == 0:
		return errors.New("no test ran")
	}
	return nil
}
