// Command onrecord turns e-mail exports into evidence: a dossier that shows who warned whom about what, when, and who knew.
package main

import (
	"os"

	_ "time/tzdata" // --timezone works on machines without a time zone database
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
