package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"onrecord/pkg/archive"
	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/mbox"
	"onrecord/pkg/seal"
	"onrecord/pkg/verify"
)

type exportOptions struct {
	queryOptions
	output  string
	thread  string
	format  string
	build   bool
	dossier buildOptions
}

func newArchiveExportCommand(e *env) *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export STORE -o DIR [QUERY...]",
		Short: "messages back out, byte for byte, with proofs; or at once as a dossier",
		Long: `export writes the messages that fit (find has the same options; without any, all of them) into
a new directory: each with its exact bytes and, beside it, the proof that the log holds it
(c2sp.org/tlog-proof, against the last signed checkpoint). index.jsonl says where and since when
each was seen. SHA256SUMS is for sha256sum -c.

--build makes a dossier of them instead, with the proofs in archive/; "onrecord verify" checks
them offline against the checkpoint that they bear.
` + exitCodesHelp,
		Example: "  onrecord archive export mail.store -o out --from ada@example.org\n  onrecord archive export mail.store -o thread.dossier --thread '<id@example.org>' --build",
		Args:    argCount(1, -1, "a STORE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.output == "" {
				return usage("archive export: say with -o where to")
			}
			if o.format != "eml" && o.format != "mbox" {
				return usage("--format %q: there is eml and mbox", o.format)
			}
			if err := o.read(args[1:]); err != nil {
				return err
			}
			return withReader(e, args[0], func(s *archive.Store, r *archive.Reader) error {
				hits, err := o.hits(cmd.Context(), r)
				if err != nil {
					return err
				}
				if o.build {
					return o.buildDossier(cmd.Context(), e, s, r, hits)
				}
				return o.write(cmd.Context(), e, s, r, hits)
			})
		},
	}
	f := cmd.Flags()
	o.flags(f)
	f.StringVarP(&o.output, "output", "o", "", "directory to write")
	f.StringVar(&o.thread, "thread", "", "the whole thread of MESSAGE-ID")
	f.StringVar(&o.format, "format", "eml", "eml: a file for each; mbox: one file with the From_ lines that were seen")
	f.BoolVar(&o.build, "build", false, "make a dossier, with inclusion proofs")
	f.StringVar(&o.dossier.caseFile, "case", "", "with --build: case file")
	f.StringVar(&o.dossier.timezone, "timezone", "", "with --build: time zone for display")
	f.StringArrayVar(&o.dossier.keys, "keys", nil, "with --build: file with DKIM keys (repeatable)")
	f.BoolVarP(&o.dossier.quiet, "quiet", "q", false, "say nothing but warnings and errors")
	f.BoolVar(&o.dossier.force, "force", false, "with --build: replace a dossier that is there already")
	return cmd
}

// hits gives the messages to export. A number of them has to fit into memory, not the messages.
func (o *exportOptions) hits(ctx context.Context, r *archive.Reader) ([]archive.Hit, error) {
	if o.thread != "" {
		return threadOf(ctx, r, o.thread)
	}
	var all []archive.Hit
	_, err := o.found(ctx, r, func(h archive.Hit) error {
		all = append(all, h)
		return nil
	})
	if err == nil && len(all) == 0 {
		err = failed("\"onrecord archive find\" has the same options", "no message fits: nothing was written")
	}
	return all, err
}

// exportName is the name of a message's file: its number in the log and the beginning of its digest. Nothing of it comes out of mail.
func exportName(h archive.Hit) string { return fmt.Sprintf("%07d-%s", h.Entry, h.Digest.Hex()[:16]) }

// write makes the directory. It appears whole or not at all.
func (o *exportOptions) write(ctx context.Context, e *env, s *archive.Store, r *archive.Reader, hits []archive.Hit) (err error) {
	final := filepath.Clean(o.output)
	if list, err := os.ReadDir(final); err == nil && len(list) > 0 {
		return failed("choose another place with -o", "%s is not empty", o.output)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(final), "."+filepath.Base(final)+".onrecord-partial-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(tmp)
		}
	}()
	root, err := os.OpenRoot(tmp)
	if err != nil {
		return err
	}
	defer root.Close()
	x := &exporting{root: root, r: r, sums: new(bytes.Buffer), mbox: o.format == "mbox"}
	if err := x.all(ctx, s, hits); err != nil {
		return err
	}
	os.Remove(final) // an empty directory
	if err := os.Rename(tmp, final); err != nil {
		return err
	}
	if !o.dossier.quiet {
		fmt.Fprintf(e.stdout, "%s, %s, with proofs against a checkpoint of %d entries: %s\n", count(len(hits), "message", "messages"), sizeText(x.size), r.Head.Checkpoint.Size, harmless(o.output))
	}
	return nil
}

// exporting writes messages into a directory that cannot be left.
type exporting struct {
	root *os.Root
	r    *archive.Reader
	sums *bytes.Buffer
	mbox bool
	size int64
}

func (x *exporting) all(ctx context.Context, s *archive.Store, hits []archive.Hit) error {
	for _, dir := range [...]string{"messages", "proofs"} {
		if err := x.root.Mkdir(dir, 0o700); err != nil {
			return err
		}
	}
	index, err := x.create("index.jsonl")
	if err != nil {
		return err
	}
	list := bufio.NewWriter(index)
	var joined *os.File
	if x.mbox {
		if joined, err = x.create("messages/mail.mbox"); err != nil {
			return err
		}
		defer joined.Close()
	}
	for _, h := range hits {
		if err := ctx.Err(); err != nil {
			return err
		}
		seen, err := x.r.Sightings(h.Entry)
		if err != nil {
			return err
		}
		if err := x.message(h, seen, joined); err != nil {
			return err
		}
		proof, err := x.r.Proof(h.Entry)
		if err != nil {
			return err
		}
		text, err := proof.MarshalText()
		if err != nil {
			return err
		}
		if err := x.file("proofs/"+exportName(h)+".tlog-proof", text); err != nil {
			return err
		}
		if err := printJSON(list, listed{h, seen}); err != nil {
			return err
		}
		x.size += h.Size
	}
	if err := list.Flush(); err != nil {
		return err
	}
	if err := index.Close(); err != nil {
		return err
	}
	if joined != nil {
		if err := joined.Sync(); err != nil {
			return err
		}
	}
	if err := x.file("log-key.txt", []byte(s.Config.PublicKey+"\n")); err != nil {
		return err
	}
	return x.file("SHA256SUMS", x.sums.Bytes())
}

func (x *exporting) create(name string) (*os.File, error) {
	return x.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}

func (x *exporting) file(name string, content []byte) error {
	f, err := x.create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// message writes one message: into the mbox if it can stand there without a change, else as a file.
func (x *exporting) message(h archive.Hit, seen []archive.Sighting, joined *os.File) error {
	if joined != nil && h.Size <= maxInMemory {
		var b bytes.Buffer
		if err := x.r.Copy(&b, h); err != nil {
			return err
		}
		if piece, ok := asMbox(b.Bytes(), seen); ok {
			_, err := joined.Write(piece)
			return err
		}
	}
	name := "messages/" + exportName(h) + ".eml"
	f, err := x.create(name)
	if err != nil {
		return err
	}
	err = x.r.Copy(f, h)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	fmt.Fprintf(x.sums, "%s  %s\n", h.Digest.Hex(), name)
	return err
}

// asMbox gives a message as it stands in an mbox: behind the From_ line that was seen, with an empty line after it. ok is false where a reader of the mbox would not get
// the same bytes back.
func asMbox(raw []byte, seen []archive.Sighting) (piece []byte, ok bool) {
	envelope := "From MAILER-DAEMON Thu Jan  1 00:00:00 1970"
	for _, s := range seen {
		if s.Envelope != "" {
			envelope = s.Envelope
			break
		}
	}
	piece = append(append([]byte(envelope), '\n'), raw...)
	if bytes.HasSuffix(raw, []byte("\n")) {
		piece = append(piece, '\n')
	} else {
		return nil, false // its last line would get an ending
	}
	n := 0
	for p, err := range mbox.Split(bytes.NewReader(piece), int64(len(piece)), mbox.Unknown, mbox.Options{}) {
		if err != nil || n > 0 || !bytes.Equal(p.Raw, raw) {
			return nil, false
		}
		n++
	}
	return piece, n == 1
}

// buildDossier makes a dossier of the messages, with a proof for each exhibit.
func (o *exportOptions) buildDossier(ctx context.Context, e *env, s *archive.Store, r *archive.Reader, hits []archive.Hit) error {
	b := o.dossier
	b.output, b.formats, b.sources, b.dns = o.output, usualViews(), "copy", "off"
	p, err := b.plan(e, []string{o.output})
	if err != nil {
		return err
	}
	total := int64(0)
	for _, h := range hits {
		total += h.Size
	}
	return p.build(ctx, e, mail{
		total: func() int64 { return total },
		open: func(store *bagStore) (all, again iter.Seq2[dossier.SourceFile, error]) {
			src := &sources{keeper: store, names: map[string]bool{}}
			return exported(src, store.temporary, r, hits), nil
		},
		seal: func(bag *seal.Bag, d *dossier.Dossier) error { return writeProofs(bag, d, s, r) },
	})
}

// exported gives messages of a store as sources: each is one of its own, named by its number in the log.
func exported(src *sources, temporary func() (*os.File, error), r *archive.Reader, hits []archive.Hit) iter.Seq2[dossier.SourceFile, error] {
	return func(yield func(dossier.SourceFile, error) bool) {
		for _, h := range hits {
			sf, err := exportedSource(src, temporary, r, h)
			if !yield(sf, err) || err != nil {
				return
			}
		}
	}
}

func exportedSource(src *sources, temporary func() (*os.File, error), r *archive.Reader, h archive.Hit) (dossier.SourceFile, error) {
	seen, err := r.Sightings(h.Entry)
	if err != nil {
		return dossier.SourceFile{}, err
	}
	f, err := temporary()
	if err != nil {
		return dossier.SourceFile{}, err
	}
	name := exportName(h) + ".eml"
	var content io.Reader
	if h.Size <= maxInMemory {
		var b bytes.Buffer
		if err := r.Copy(&b, h); err != nil {
			return dossier.SourceFile{}, err
		}
		content = &b
		// Lines that an mbox quotes are un-quoted by who reads an mbox.
		if quoted := mbox.QuotedLines(b.Bytes(), 1); len(quoted) > 0 && fromMbox(seen) {
			if piece, ok := asMbox(b.Bytes(), seen); ok {
				name, content = exportName(h)+".mbox", bytes.NewReader(piece)
			}
		}
		_, err = io.Copy(f, content)
	} else {
		err = r.Copy(f, h)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return dossier.SourceFile{}, err
	}
	sf, err := src.file(name, src.unique(name), func() (fs.File, error) { return f, nil }, true)
	sf.Source.ModifiedAt = nil // the time of our own temporary file says nothing
	return sf, err
}

func fromMbox(seen []archive.Sighting) bool {
	for _, s := range seen {
		if s.Envelope != "" {
			return true
		}
	}
	return false
}

// writeProofs adds to a dossier the proof that the store's log holds the bytes of each exhibit.
func writeProofs(bag *seal.Bag, d *dossier.Dossier, s *archive.Store, r *archive.Reader) error {
	if err := os.Mkdir(filepath.Join(bag.Dir(), verify.ProofDir), 0o777); err != nil {
		return err
	}
	if err := bag.WriteTag(verify.ProofDir+"/"+verify.ProofKey, []byte(s.Config.PublicKey+"\n")); err != nil {
		return err
	}
	var list bytes.Buffer
	for rec, err := range d.Messages {
		if err != nil {
			return err
		}
		entry, ok, err := r.EntryOf(digest.Digest(rec.Digests.Raw))
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("exhibit %d is not in the store, though it came from there", rec.Exhibit)
		}
		proof, err := r.Proof(entry)
		if err != nil {
			return err
		}
		text, err := proof.MarshalText()
		if err != nil {
			return err
		}
		if err := bag.WriteTag(verify.ProofFile(rec.Exhibit, d.Count), text); err != nil {
			return err
		}
		seen, err := r.Sightings(entry)
		if err != nil {
			return err
		}
		if err := printJSON(&list, exhibitSeen{rec.Exhibit, entry, digest.Digest(rec.Digests.Raw), seen}); err != nil {
			return err
		}
	}
	return bag.WriteTag(verify.ProofDir+"/"+verify.SightingsFile, list.Bytes())
}

// exhibitSeen says where the store saw an exhibit.
type exhibitSeen struct {
	Exhibit   int                `json:"exhibit"`
	Entry     int64              `json:"entry"`
	Digest    digest.Digest      `json:"digest"`
	Sightings []archive.Sighting `json:"sightings"`
}
