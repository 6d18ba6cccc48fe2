package mailgen

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"onrecord/pkg/dkim"
)

// File is one file to be written; Path is a slash path below the directory that the function speaks of.
type File struct {
	Path string
	Data []byte
}

// Story makes the files of testdata/story from its folders source and keys, which files must hold: the thread as an mbox (mboxrd, LF), as .eml
// files (CRLF) and as a Maildir (LF), and the public keys as a zone file.
func Story(files fs.FS) ([]File, error) {
	sources, err := fs.Glob(files, "source/*.txt")
	if err != nil {
		return nil, err
	}
	c := &composer{files}
	var mbox []byte
	var eml, maildir []File
	for i, name := range sources {
		m, err := c.compose(name)
		if err != nil {
			return nil, err
		}
		mbox = appendMboxMessage(mbox, m)
		base := strings.TrimSuffix(path.Base(name), ".txt")
		eml = append(eml, File{"eml/" + base + ".eml", CRLF(m.Raw)})
		unique := fmt.Sprintf("%d.M%06dP%d.mail,S=%d,W=%d", m.Received.Unix(), 104729*(i+1)%1000000, 2207+13*i, len(m.Raw), len(CRLF(m.Raw)))
		if m.Flags == "new" {
			maildir = append(maildir, File{"maildir/new/" + unique, m.Raw})
		} else {
			maildir = append(maildir, File{"maildir/cur/" + unique + "!2," + m.Flags, m.Raw})
		}
	}
	zone, err := zoneFile(files)
	if err != nil {
		return nil, err
	}
	out := append([]File{{"thread.mbox", mbox}, {"dkim-keys.zone", zone}}, eml...)
	return append(out, maildir...), nil
}

// appendMboxMessage appends a message as an mboxrd writer does.
func appendMboxMessage(mbox []byte, m *Message) []byte {
	mbox = fmt.Appendf(mbox, "From %s %s\n", m.Sender, m.Received.Format(time.ANSIC))
	mbox = appendMboxRD(mbox, m.Raw)
	if !bytes.HasSuffix(mbox, []byte("\n")) {
		mbox = append(mbox, '\n')
	}
	return append(mbox, '\n')
}

// CRLF gives a text of LF lines with CRLF line endings.
func CRLF(lf []byte) []byte { return bytes.ReplaceAll(lf, []byte("\n"), []byte("\r\n")) }

// zoneFile gives the key records of keys/ (not of keys/unpublished) in the form in which onrecord keeps them.
func zoneFile(files fs.FS) ([]byte, error) {
	names, err := fs.Glob(files, "keys/"+keyPrefix+"*.pem")
	if err != nil {
		return nil, err
	}
	var keys dkim.Keys
	at := time.Date(2026, 2, 2, 9, 0, 0, 0, time.UTC)
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		key, err := parseKey(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		txt, err := keyRecord(key)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		owner := strings.TrimSuffix(strings.TrimPrefix(path.Base(name), keyPrefix), ".pem")
		keys.Add(dkim.Record{Name: owner, TXT: txt, RetrievedAt: &at, Resolver: "192.0.2.53"})
	}
	var b bytes.Buffer
	_, err = keys.WriteTo(&b)
	return b.Bytes(), err
}

// keyRecord is the DNS record of a private key's public half (RFC 6376 §3.6.1, RFC 8463 §4).
func keyRecord(key crypto.Signer) (string, error) {
	if public, ok := key.Public().(ed25519.PublicKey); ok {
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public), nil
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return "", err
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der), nil
}
