package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"onrecord/pkg/digest"
	"onrecord/pkg/seal"
)

// tagManifest is what seals are over: it lists every other file that says something, among them the manifests of the messages.
const tagManifest = "tagmanifest-sha256.txt"

// sealOptions are the flags of seal, and of build where it is to seal at once.
type sealOptions struct {
	sshKeys    []string
	cert       string
	key        string
	pkcs12     string
	passphrase string
	name       string
	role       string
	signer     string
	tsa        []string
	tsaPolicy  string
	timeout    time.Duration
	pdf        bool
	ots        []string
}

func (o *sealOptions) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.sshKeys, "ssh-key", nil, "sign with this SSH key; a public key (.pub) asks the SSH agent (repeatable)")
	f.StringVar(&o.cert, "cert", "", "sign with this X.509 certificate (PEM, its chain behind it), and --key")
	f.StringVar(&o.key, "key", "", "private key of --cert (PEM)")
	f.StringVar(&o.pkcs12, "pkcs12", "", "sign with the key and certificate in this PKCS#12 file (.p12, .pfx)")
	f.StringVar(&o.passphrase, "passphrase-file", "", "file whose first line is the passphrase of the key (default: it is asked for)")
	f.StringVar(&o.role, "role", "collected by", "role in which you sign: collected by, reviewed by, …")
	f.StringVar(&o.signer, "signer", "", "your name (default: what the key or certificate says)")
	f.StringVar(&o.name, "seal-name", "", "name of the files in seal/ (default: that of the key)")
	f.StringArrayVar(&o.tsa, "tsa", nil, "URL of a time-stamping authority (RFC 3161) to be asked for a trusted time-stamp (repeatable)")
	f.StringVar(&o.tsaPolicy, "tsa-policy", "", "policy that the authority shall stamp under, such as 1.3.6.1.4.1.13762.3")
	f.StringArrayVar(&o.ots, "ots", nil, "URL of an OpenTimestamps calendar to submit to; where that was done, to ask whether it is anchored (repeatable)")
	f.BoolVar(&o.pdf, "sign-pdf", false, "sign dossier.pdf too (PAdES), so that PDF readers show the signature; before any other seal")
	f.DurationVar(&o.timeout, "tsa-timeout", 30*time.Second, "how long to wait for an answer of an authority")
}

// wanted tells whether anything is to be signed or stamped.
func (o *sealOptions) wanted() bool {
	return len(o.sshKeys)+len(o.tsa)+len(o.ots) > 0 || o.cert != "" || o.key != "" || o.pkcs12 != ""
}

func newSealCommand(e *env) *cobra.Command {
	var o sealOptions
	var stampAgain, asJSON, quiet bool
	cmd := &cobra.Command{
		Use:   "seal DOSSIER",
		Short: "sign and time-stamp a dossier",
		Long: `seal signs tagmanifest-sha256.txt, which lists every file that says something about the messages
and the manifests of the messages, and asks authorities for trusted time-stamps over it. What it
makes lies in seal/ and can be checked with ssh-keygen, openssl cms and openssl ts alone (README.txt
of the dossier tells how). Several people may seal one after the other, each in their role.
Passphrases are asked for, or come from a file or the SSH agent, never from the command line.
Only the authorities and calendars that --tsa and --ots name are asked over the network, and they
learn a digest alone.` + "\n" + exitCodesHelp,
		Example: "  onrecord seal thread.mbox.dossier --ssh-key ~/.ssh/id_ed25519 --role \"collected by\" --tsa https://tsa.example/tsr\n" +
			"  onrecord seal thread.mbox.dossier --cert anna.pem --key anna.key --role \"reviewed by\"",
		Args: oneArg("a DOSSIER directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runSeal(cmd.Context(), e, o, args[0], stampAgain, asJSON, quiet)
		},
	}
	f := cmd.Flags()
	o.flags(f)
	f.BoolVar(&stampAgain, "stamp-again", false, "stamp all that lies in seal/, before the certificates or digests of the old stamps grow weak (needs --tsa)")
	f.BoolVar(&asJSON, "json", false, "print what was done for programs")
	f.BoolVarP(&quiet, "quiet", "q", false, "print nothing but warnings and errors")
	return cmd
}

func runSeal(ctx context.Context, e *env, o sealOptions, dir string, stampAgain, asJSON, quiet bool) error {
	if !o.wanted() {
		return usage("seal needs a key (--ssh-key, --cert with --key, --pkcs12), an authority (--tsa) or a calendar (--ots)")
	}
	if stampAgain && len(o.tsa) == 0 {
		return usage("--stamp-again needs --tsa URL")
	}
	p, err := o.plan(e)
	if err != nil {
		return err
	}
	defer p.close()
	root, err := openDossier(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	lock, err := seal.Lock(dir)
	if err != nil {
		return failed("", "%s: %w", dir, err)
	}
	defer lock.Close()
	if err := restorePDF(root); err != nil {
		return err
	}
	if err := intact(root, dir); err != nil {
		return err
	}
	if o.pdf {
		files, err := p.signPDF(ctx, e, root)
		if err != nil {
			return err
		}
		if err := e.recordCustody(root, seal.Event{Action: "sealed", Result: "the PDF was signed", Files: files}); err != nil {
			return err
		}
	}
	done, sealErr := p.seal(ctx, e, root, stampAgain)
	if done.empty() && sealErr != nil {
		return sealErr
	}
	if err := e.recordCustody(root, seal.Event{Action: "sealed", Result: done.result(), Files: done.digests}); err != nil {
		return err
	}
	if asJSON {
		enc := json.NewEncoder(e.stdout)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(done); err != nil {
			return err
		}
	} else if !quiet {
		done.print(e, dir)
	}
	return sealErr
}

// intact refuses to seal what is not as its manifests say.
func intact(root *os.Root, dir string) error {
	c, err := seal.Check(root.FS())
	if err != nil {
		return failed("", "%w", err)
	}
	if len(c.Problems) > 0 {
		return &outcome{code: exitMismatch, err: fmt.Errorf("%s is not as its manifests say (%s): it is not sealed", dir, c.Problems[0].Path), hint: "onrecord verify tells what differs"}
	}
	return nil
}

// sealed is what was done.
type sealed struct {
	Signatures []signature    `json:"signatures"`
	Stamps     []stamp        `json:"time_stamps"`
	NotYet     []string       `json:"not_stamped_yet"` // requests that no authority has answered
	Calendars  *calendarState `json:"opentimestamps,omitempty"`

	digests []seal.FileDigest
}

type signature struct {
	File   string `json:"file"`
	Role   string `json:"role"`
	Signer string `json:"signer"`
	Key    string `json:"key"`
}

type stamp struct {
	File      string    `json:"file"`
	Time      time.Time `json:"time"`
	Authority string    `json:"authority"`
	Policy    string    `json:"policy"`
	Over      string    `json:"over"`
}

// calendarState is what the OpenTimestamps proof comes to.
type calendarState struct {
	File      string `json:"file"`
	Submitted int    `json:"submitted"` // to so many calendars
	Anchored  int    `json:"anchored"`  // in so many blocks
}

func (s *sealed) empty() bool {
	return len(s.Signatures)+len(s.Stamps)+len(s.NotYet) == 0 && s.Calendars == nil
}

func (s *sealed) result() string {
	r := count(len(s.Signatures), "signature", "signatures") + ", " + count(len(s.Stamps), "time-stamp", "time-stamps")
	if len(s.NotYet) > 0 {
		r += fmt.Sprintf(", %d not stamped yet", len(s.NotYet))
	}
	if c := s.Calendars; c != nil {
		r += fmt.Sprintf(", OpenTimestamps: submitted to %s, anchored in %s", count(c.Submitted, "calendar", "calendars"), count(c.Anchored, "block", "blocks"))
	}
	return r
}

func (s *sealed) print(e *env, dir string) {
	fmt.Fprintf(e.stdout, "%s: %s\n", harmless(dir), s.result())
	for _, x := range s.Signatures {
		fmt.Fprintf(e.stdout, "  %s  %s %s, key %s\n", oneLine(x.File), oneLine(x.Role), oneLine(x.Signer), x.Key)
	}
	for _, x := range s.Stamps {
		fmt.Fprintf(e.stdout, "  %s  stamped %s by %s over %s\n", oneLine(x.File), x.Time.Format(time.RFC3339), oneLine(x.Authority), oneLine(x.Over))
	}
	for _, x := range s.NotYet {
		fmt.Fprintf(e.stdout, "  %s  not stamped yet\n", oneLine(x))
	}
}

// add writes a file into seal/ and remembers it.
func (s *sealed) add(root *os.Root, name string, content []byte) (string, error) {
	if err := seal.AddSeal(root, name, content); err != nil {
		return "", failed("", "%w", err)
	}
	file := "seal/" + name
	s.digests = append(s.digests, seal.FileDigest{Path: file, SHA256: digest.Of(content)})
	return file, nil
}

// seal signs and stamps the dossier in root. What was done before an error is done.
func (p *sealPlan) seal(ctx context.Context, e *env, root *os.Root, stampAgain bool) (*sealed, error) {
	done := &sealed{Signatures: []signature{}, Stamps: []stamp{}, NotYet: []string{}}
	manifest, err := root.ReadFile(tagManifest)
	if err != nil {
		return done, failed("", "%w", err)
	}
	custody, err := readCustody(root)
	if err != nil {
		return done, err
	}
	_, head, err := seal.ReadCustody(custody)
	if err != nil {
		return done, &outcome{code: exitMismatch, err: fmt.Errorf("%s: %w: it is not sealed", seal.CustodyFile, err)}
	}
	for _, s := range p.signers {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		name, err := freeName(root, s.name, s.suffix)
		if err != nil {
			return done, err
		}
		sig, err := s.sign(ctx, manifest, e.now())
		if err != nil {
			return done, failed("", "%s: %w", s.shown, err)
		}
		st := seal.Statement{Signature: name, Dossier: digest.Of(manifest).String(), Role: p.role, Signer: s.signer, Key: s.fingerprint,
			Time: e.now().UTC().Format(time.RFC3339), Clock: e.clock(), Custody: head, Program: "onrecord " + version}
		over, err := s.sign(ctx, st.Text(), e.now())
		if err != nil {
			return done, failed("", "%s: %w", s.shown, err)
		}
		for _, f := range []struct {
			name    string
			content []byte
		}{{name + ".txt", st.Text()}, {name + ".txt" + s.suffix, over}, {name, sig}} { // the signature last: with it the rest is there
			if _, err := done.add(root, f.name, f.content); err != nil {
				return done, err
			}
		}
		done.Signatures = append(done.Signatures, signature{"seal/" + name, p.role, s.signer, s.fingerprint})
	}
	err = p.stamp(ctx, e, root, done, manifest, stampAgain)
	if ctx.Err() != nil {
		return done, ctx.Err()
	}
	return done, cmpErr(p.calendars(ctx, root, done, manifest), err)
}

// freeName gives a name in seal/ that nothing has: a second signature with the same key does not replace the first.
func freeName(root *os.Root, base, suffix string) (string, error) {
	for n := 1; ; n++ {
		name := base + suffix
		if n > 1 {
			name = fmt.Sprintf("%s-%d%s", base, n, suffix)
		}
		_, err := root.Lstat("seal/" + name)
		if errors.Is(err, fs.ErrNotExist) {
			return name, nil
		}
		if err != nil {
			return "", failed("", "%w", err)
		}
	}
}

// sealFiles lists what lies in seal/, by name.
func sealFiles(root *os.Root) ([]string, error) {
	entries, err := fs.ReadDir(root.FS(), "seal")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, entry := range entries {
		if entry.Type().IsRegular() && !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names, err
}
