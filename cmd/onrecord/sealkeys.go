package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/term"

	"onrecord/pkg/cms"
	"onrecord/pkg/sshsig"
	"onrecord/pkg/timestamp"
)

// sshNamespace is what SSH signatures of dossiers are made for: the same key's signature for another purpose is none of a dossier.
const sshNamespace = "onrecord"

// signer makes detached signatures.
type signer struct {
	name        string // of the files in seal/
	suffix      string // .sig (SSHSIG) or .p7s (CMS)
	shown       string // what the key was given as
	signer      string // whose it is
	fingerprint string
	sign        func(ctx context.Context, content []byte, at time.Time) ([]byte, error)
	signPDF     func(ctx context.Context, content io.Reader) ([]byte, error) // PAdES; nil: this key signs no PDF
}

// sealPlan is sealOptions with the keys read and the passphrases asked for.
type sealPlan struct {
	sealOptions
	signers []signer
	closers []func() error
	down    bool // the first authority did not answer: signatures go without its stamp
	warn    func(format string, args ...any)
}

func (p *sealPlan) close() {
	for _, c := range p.closers {
		c()
	}
}

func (o sealOptions) plan(e *env) (*sealPlan, error) {
	p := &sealPlan{sealOptions: o, warn: e.warn}
	p.role = strings.Join(strings.Fields(o.role), " ")
	if p.role == "" {
		return nil, usage("--role: say in what role you sign, such as \"collected by\"")
	}
	if o.pdf && o.cert == "" && o.pkcs12 == "" {
		return nil, usage("--sign-pdf needs a certificate: --cert with --key, or --pkcs12")
	}
	if err := p.checkAuthorities(); err != nil {
		return nil, err
	}
	for _, file := range o.sshKeys {
		s, err := p.sshSigner(e, file)
		if err != nil {
			p.close()
			return nil, err
		}
		p.signers = append(p.signers, s)
	}
	if (o.cert == "") != (o.key == "") {
		return nil, usage("--cert and --key belong together")
	}
	if o.cert != "" {
		s, err := p.certSigner(e)
		if err != nil {
			return nil, err
		}
		p.signers = append(p.signers, s)
	}
	if o.pkcs12 != "" {
		s, err := p.pkcs12Signer(e)
		if err != nil {
			return nil, err
		}
		p.signers = append(p.signers, s)
	}
	return p, nil
}

// secret gives the passphrase of a key: from the file, or from the terminal.
func (p *sealPlan) secret(e *env, file string) ([]byte, error) {
	if p.passphrase != "" {
		f, err := os.Open(p.passphrase)
		if err != nil {
			return nil, failed("", "%w", err)
		}
		defer f.Close()
		line, err := bufio.NewReader(f).ReadBytes('\n')
		return bytes.TrimRight(line, "\r\n"), ignoreEOF(err)
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, failed("give it with --passphrase-file, or use the SSH agent", "the key %s needs a passphrase, and there is no terminal to ask at", file)
	}
	defer tty.Close()
	fd := int(tty.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, failed("", "%w", err)
	}
	fmt.Fprintf(tty, "Passphrase of %s: ", harmless(file))
	defer fmt.Fprintln(tty)
	type typed struct {
		secret []byte
		err    error
	}
	c := make(chan typed, 1)
	go func() {
		secret, err := term.ReadPassword(fd)
		c <- typed{secret, err}
	}()
	select {
	case t := <-c:
		return t.secret, t.err
	case <-e.done:
		term.Restore(fd, before) // what is typed next is shown again
		return nil, e.stopped()
	}
}

func (p *sealPlan) sshSigner(e *env, file string) (signer, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return signer{}, failed("", "%w", err)
	}
	if public, comment, _, _, err := ssh.ParseAuthorizedKey(text); err == nil {
		key, err := p.fromAgent(public)
		if err != nil {
			return signer{}, failed("ssh-add loads a key into the agent", "%s: %w", file, err)
		}
		return p.sshSignerOf(key, file, comment), nil
	}
	key, err := ssh.ParsePrivateKey(text)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		secret, serr := p.secret(e, file)
		if serr != nil {
			return signer{}, serr
		}
		key, err = ssh.ParsePrivateKeyWithPassphrase(text, secret)
	}
	if errors.Is(err, x509.IncorrectPasswordError) {
		err = cms.ErrPassphrase
	}
	if err != nil {
		return signer{}, failed("", "%s: %w", file, err)
	}
	comment := ""
	if public, err := os.ReadFile(file + ".pub"); err == nil {
		if k, c, _, _, err := ssh.ParseAuthorizedKey(public); err == nil && bytes.Equal(k.Marshal(), key.PublicKey().Marshal()) {
			comment = c
		}
	}
	return p.sshSignerOf(key, file, comment), nil
}

func (p *sealPlan) sshSignerOf(key ssh.Signer, file, comment string) signer {
	return signer{name: p.fileName(strings.TrimSuffix(filepath.Base(file), ".pub")), suffix: ".sig", shown: file, signer: cmpOr(p.signer, comment), fingerprint: sshsig.Fingerprint(key.PublicKey()),
		sign: func(_ context.Context, content []byte, _ time.Time) ([]byte, error) {
			return sshsig.Sign(key, sshNamespace, bytes.NewReader(content))
		}}
}

// fromAgent finds a key in the SSH agent (SSH_AUTH_SOCK).
func (p *sealPlan) fromAgent(public ssh.PublicKey) (ssh.Signer, error) {
	socket := os.Getenv("SSH_AUTH_SOCK")
	if socket == "" {
		return nil, errors.New("it is a public key, and there is no SSH agent (SSH_AUTH_SOCK) to sign with it")
	}
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	p.closers = append(p.closers, conn.Close)
	keys, err := agent.NewClient(conn).Signers()
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if bytes.Equal(k.PublicKey().Marshal(), public.Marshal()) {
			return k, nil
		}
	}
	return nil, errors.New("the SSH agent does not hold this key")
}

func (p *sealPlan) certSigner(e *env) (signer, error) {
	text, err := os.ReadFile(p.cert)
	if err != nil {
		return signer{}, failed("", "%w", err)
	}
	chain, err := cms.ParseCertificates(text)
	if err != nil {
		return signer{}, failed("", "%s: %w", p.cert, err)
	}
	if text, err = os.ReadFile(p.key); err != nil {
		return signer{}, failed("", "%w", err)
	}
	key, err := cms.ParseKey(text, func() ([]byte, error) { return p.secret(e, p.key) })
	if err != nil {
		return signer{}, failed("", "%s: %w", p.key, err)
	}
	return p.cmsSigner(key, chain, p.cert), nil
}

func (p *sealPlan) pkcs12Signer(e *env) (signer, error) {
	der, err := os.ReadFile(p.pkcs12)
	if err != nil {
		return signer{}, failed("", "%w", err)
	}
	secret, err := p.secret(e, p.pkcs12)
	if err != nil {
		return signer{}, err
	}
	key, chain, err := cms.ParsePKCS12(der, string(secret))
	if err != nil {
		return signer{}, failed("", "%s: %w", p.pkcs12, err)
	}
	return p.cmsSigner(key, chain, p.pkcs12), nil
}

func (p *sealPlan) cmsSigner(key crypto.Signer, chain []*x509.Certificate, file string) signer {
	return signer{name: p.fileName(cmpOr(chain[0].Subject.CommonName, "certificate")), suffix: ".p7s", shown: file, signer: cmpOr(p.signer, chain[0].Subject.CommonName),
		fingerprint: certificateFingerprint(chain[0]),
		sign: func(ctx context.Context, content []byte, at time.Time) ([]byte, error) {
			return cms.Sign(bytes.NewReader(content), key, chain, cms.Options{SigningTime: at, TimeStamp: p.stampSignature(ctx)})
		},
		signPDF: func(ctx context.Context, content io.Reader) ([]byte, error) {
			return cms.Sign(content, key, chain, cms.Options{TimeStamp: p.stampSignature(ctx)})
		}}
}

// stampSignature gives what puts the first authority's time-stamp into a signature. A signature is good without: where the authority does not answer, it is told and goes without.
func (p *sealPlan) stampSignature(ctx context.Context) func([]byte) ([]byte, error) {
	if len(p.tsa) == 0 {
		return nil
	}
	return func(signature []byte) ([]byte, error) {
		if p.down {
			return nil, nil
		}
		sum := sha256.Sum256(signature)
		q, err := timestamp.NewQuery(crypto.SHA256, sum[:], rand.Reader)
		if err != nil {
			return nil, err
		}
		answer, _, err := timestamp.Stamp(ctx, p.post, p.tsa[0], q)
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			p.down = true
			p.warn("%s: %v: the signature bears no time-stamp of its own", redacted(p.tsa[0]), err)
			return nil, nil
		}
		return timestamp.TokenOf(answer)
	}
}

// certificateFingerprint is the SHA-256 of a certificate, as "openssl x509 -fingerprint -sha256" gives it but for the colons.
func certificateFingerprint(c *x509.Certificate) string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256(c.Raw))
}

// fileName makes a name in seal/ that every file system takes.
func (p *sealPlan) fileName(otherwise string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)), r == '-', r == '_':
			return unicode.ToLower(r)
		case r == ' ', r == '.', r == '@':
			return '-'
		}
		return -1
	}, cmpOr(p.name, otherwise))
	name = strings.Trim(name, "-")
	// What stamps are called is theirs.
	if name == "" || strings.HasPrefix(name, "stamp-") {
		name = "key-" + name
	}
	return name[:min(len(name), 60)]
}
