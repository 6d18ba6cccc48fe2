package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"onrecord/pkg/digest"
	"onrecord/pkg/dossier"
	"onrecord/pkg/seal"
)

// clock says whose word the time is.
func (e *env) clock() string {
	if e.fixed {
		return "SOURCE_DATE_EPOCH, as given; no clock"
	}
	return machineClock
}

// event fills in who does something, when and with what. With SOURCE_DATE_EPOCH everything is left out that differs from machine to machine: the same input gives the same bytes.
func (e *env) event(x seal.Event) seal.Event {
	x.Time, x.Clock, x.Program = e.now().UTC().Format(time.RFC3339), e.clock(), "onrecord "+version
	x.Arguments = shownArguments(e.args, e.fixed)
	if e.fixed {
		return x
	}
	if u, err := user.Current(); err == nil {
		x.Account = u.Username
	}
	x.Host, _ = os.Hostname()
	x.Digest = e.digest()
	return x
}

// shownArguments gives the arguments without passwords in URLs and, if asked, without the place of the output.
func shownArguments(args []string, withoutOutput bool) []string {
	all := []string{}
	skip := false
	for _, a := range args {
		if skip {
			skip = false
			continue
		}
		if withoutOutput {
			if skip = a == "-o" || a == "--output"; skip || strings.HasPrefix(a, "--output=") || strings.HasPrefix(a, "-o") && len(a) > 2 && a[2] != '-' {
				continue
			}
		}
		if before, u, ok := strings.Cut(a, "://"); ok && strings.Contains(u, "@") {
			flag, scheme, found := strings.Cut(before, "=")
			if !found {
				flag, scheme = "", before
			} else {
				flag += "="
			}
			a = flag + redacted(scheme+"://"+u)
		}
		all = append(all, a)
	}
	return all
}

// programDigest is the digest of the program's own file; "" where it cannot be read.
func programDigest() string {
	name, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return fmt.Sprintf("sha256:%x", h.Sum(nil))
}

func readCustody(root *os.Root) ([]byte, error) {
	b, err := root.ReadFile(seal.CustodyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, failed("", "%w", err)
	}
	return b, nil
}

// recordCustody adds lines to the dossier's record.
func (e *env) recordCustody(root *os.Root, events ...seal.Event) error {
	record, err := readCustody(root)
	if err != nil {
		return err
	}
	filled := slices.Clone(events)
	for i := range filled {
		filled[i] = e.event(filled[i])
	}
	record, err = seal.AppendEvents(record, filled...)
	if err != nil {
		return &outcome{code: exitMismatch, err: fmt.Errorf("%s: %w", seal.CustodyFile, err), hint: "onrecord verify tells more"}
	}
	if err := seal.Replace(root, seal.CustodyFile, record); err != nil {
		return failed("", "%w", err)
	}
	return nil
}

// digestsOf gives the digests of files of the dossier.
func digestsOf(root *os.Root, names ...string) ([]seal.FileDigest, error) {
	var all []seal.FileDigest
	for _, name := range names {
		f, err := root.Open(name)
		if err != nil {
			return nil, failed("", "%w", err)
		}
		sum, _, err := digest.OfReader(f)
		f.Close()
		if err != nil {
			return nil, failed("", "%w", err)
		}
		all = append(all, seal.FileDigest{Path: name, SHA256: sum})
	}
	return all, nil
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// sealBag begins the record of a new dossier, which is whole but not yet in its place, and seals it if that is wanted. What no authority has stamped is told by notStamped: the
// dossier is good without.
func (p *buildPlan) sealBag(ctx context.Context, e *env, bag *seal.Bag, d *dossier.Dossier) (notStamped, err error) {
	root, err := os.OpenRoot(bag.Dir())
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if p.seal != nil && p.seal.pdf {
		if _, err := p.seal.signPDF(ctx, e, root); err != nil {
			return nil, err
		}
	}
	manifest := seal.SHA256.PayloadManifest()
	payload, _ := bag.TagSHA256(manifest)
	tags, err := digestsOf(root, tagManifest, "tagmanifest-sha512.txt")
	if err != nil {
		return nil, err
	}
	l := d.Ledger
	collected := seal.Event{Action: "collected", Files: []seal.FileDigest{{Path: manifest, SHA256: payload}}, Result: fmt.Sprintf("%s; %s found = %d kept + %d duplicate + %d excluded + %d failed", count(len(d.Sources), "source", "sources"),
		count(l.Found, "message", "messages"), l.Kept, l.Duplicate, l.Excluded, l.Failed)}
	built := seal.Event{Action: "built", Files: tags, Result: count(d.Count, "exhibit", "exhibits") + "; evidence digest " + d.EvidenceDigest.String()}
	record, err := seal.AppendEvents(nil, e.event(collected), e.event(built))
	if err != nil {
		return nil, err
	}
	if err := root.WriteFile(seal.CustodyFile, record, 0o666); err != nil { // Commit brings it to the disk with the rest
		return nil, err
	}
	if p.seal == nil {
		return nil, nil
	}
	defer p.seal.close()
	done, sealErr := p.seal.seal(ctx, e, root, false)
	if sealErr != nil && (ctx.Err() != nil || done.empty() && len(p.seal.signers)+len(p.seal.tsa) > 0) {
		return nil, sealErr
	}
	return sealErr, e.recordCustody(root, seal.Event{Action: "sealed", Result: done.result(), Files: done.digests})
}
