// Command gen writes the mail of package mailgen for benchmarks and experiments: go run ./testdata/gen -kind mailbox -size 100000000 -o big.mbox
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"

	"onrecord/pkg/mailgen"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gen: error:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer) (err error) {
	flags := flag.NewFlagSet("gen", flag.ExitOnError)
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "gen: write mail for tests\n\n-kind mailbox: an mbox of -size bytes. The other kinds are hostile; -size counts:")
		for _, k := range mailgen.Kinds() {
			fmt.Fprintf(flags.Output(), "  %-11s %s\n", k[0], k[1])
		}
		fmt.Fprintln(flags.Output(), "\nflags:")
		flags.PrintDefaults()
	}
	kind := flags.String("kind", "mailbox", "what to write")
	size := flags.Int64("size", 100_000_000, "bytes, or what the kind counts")
	seed := flags.Uint64("seed", 1, "of -kind mailbox: another seed gives other mail")
	out := flags.String("o", "", "file to write (default: standard output)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	w := stdout
	if *out != "" {
		file, err := os.Create(*out)
		if err != nil {
			return err
		}
		defer func() {
			if closeErr := file.Close(); err == nil {
				err = closeErr
			}
		}()
		w = file
	}
	if *kind != "mailbox" {
		return mailgen.Hostile(*kind, w, *size)
	}
	buffered := bufio.NewWriterSize(w, 1<<20)
	if err := mailgen.Mailbox(buffered, *seed, *size); err != nil {
		return err
	}
	return buffered.Flush()
}
