package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/spf13/cobra"

	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/source"
)

func newInspectCommand(e *env) *cobra.Command {
	var o struct {
		json  bool
		keys  []string
		dns   string
		trust trustOptions
	}
	cmd := &cobra.Command{
		Use:   "inspect SOURCE...",
		Short: "show what each message says of itself: headers, hops, authentication, digests",
		Long: `inspect shows each message of the sources: key header fields, the way it took with the delays,
what servers recorded about it, what its DKIM signatures show, digests, parts and defects.
--json prints one JSON object a line, of the form of messages[] in dossier.json.` + "\n" + exitCodesHelp,
		Example: "  onrecord inspect message.eml\n  onrecord inspect --json thread.mbox | jq -r .digests.message",
		Args:    someArgs("a SOURCE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runInspect(cmd.Context(), e, args, o.json, o.keys, o.dns, o.trust)
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "one JSON object a line")
	cmd.Flags().StringArrayVar(&o.keys, "keys", nil, "file with DKIM keys (repeatable)")
	cmd.Flags().StringVar(&o.dns, "dns", "off", "look DKIM keys up: off, system, or HOST:PORT of a name server")
	o.trust.flags(cmd.Flags())
	return cmd
}

func runInspect(ctx context.Context, e *env, args []string, asJSON bool, keyFiles []string, dns string, trust trustOptions) error {
	signers, err := trust.signers()
	if err != nil {
		return err
	}
	ring, err := openKeyring(e, keyFiles, dns)
	if err != nil {
		return err
	}
	src := &sources{args: args, stdin: e.stdin, keeper: inPlace{}, spool: temporaryInput}
	arguments, err := src.check()
	if err != nil {
		return err
	}
	x := &evidence.Examiner{Limits: message.DefaultLimits(), Keys: ring.lookup, Trust: trust.servers, Signers: signers, Now: e.now(), Spool: temporarySpool}
	out := bufio.NewWriterSize(e.stdout, 256<<10)
	p := newPaint(e.stdout)
	shown, troubled := 0, 0
	buffers := sync.Pool{New: func() any { return new(bytes.Buffer) }}
	err = dossier.EachMessage(ctx, src.all(arguments), readerOptions(), runtime.GOMAXPROCS(0), func(item source.Item) (*bytes.Buffer, error) {
		ex, err := x.Examine(ctx, item)
		if err != nil {
			return nil, err
		}
		defer ex.Close()
		b := buffers.Get().(*bytes.Buffer)
		b.Reset()
		if asJSON {
			b.Grow(min(2*int(item.Origin.Length), 1<<20)) // most records are not longer
			text, err := dossier.EncodeRecord(b.AvailableBuffer(), ex.Record)
			b.Write(text) // in place, unless the buffer was too small
			return b, err
		}
		showRecord(b, p, ex.Record)
		return b, nil
	}, func(_ source.Item, b *bytes.Buffer) error {
		if shown++; shown > 1 && !asJSON {
			out.WriteString("\n")
		}
		_, err := out.Write(b.Bytes())
		buffers.Put(b)
		return err
	}, func(s dossier.SourceFile) {
		if s.Trouble.Kind == source.Failed {
			troubled++
		}
		e.warn("%s: %s", s.Source.Path, s.Trouble.Reason)
		if s.Trouble.Hint != "" {
			e.hint("%s", s.Trouble.Hint)
		}
	})
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	if err != nil {
		return err
	}
	for _, name := range ring.failures() {
		e.warn("the name server gave no answer for %s", name)
	}
	switch {
	case shown == 0:
		return failed("", "%w in %s", dossier.ErrNoMessages, count(len(args), "source", "sources"))
	case troubled > 0:
		return &outcome{code: exitPartial}
	}
	return nil
}

// showRecord writes the view for a terminal.
func showRecord(b *bytes.Buffer, p paint, r *evidence.Record) {
	v := &recordView{b: b, p: p}
	v.title(r)
	v.fields(r)
	v.hops(r)
	v.standing(r)
	v.authentication(r)
	v.digests(r)
	v.parts(r)
	v.unpacked(r)
	v.defects(r)
	for _, n := range r.Nested {
		fmt.Fprintf(b, "\n%s\n", p.bold("message inside, part "+oneLine(n.Part)))
		showRecord(b, p, n.Record) // bounded by evidence's bounds on nesting
	}
}
