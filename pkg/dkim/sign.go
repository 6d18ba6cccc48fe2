package dkim

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// SignOptions says how to sign.
type SignOptions struct {
	Domain, Selector string
	Key              crypto.Signer // *rsa.PrivateKey or ed25519.PrivateKey
	Algorithm        string        // "": rsa-sha256 or ed25519-sha256, as the key is; rsa-sha1 is for fixtures of old mail
	Canonicalization string        // "": relaxed/relaxed
	Fields           []string      // h=; nil: the fields that matter, as far as the message has them
	Identity         string        // i=
	SignedAt         time.Time     // t=; zero: none
	ExpiresAt        time.Time     // x=; zero: none
	BodyLength       *int64        // l=
}

// Sign makes a DKIM-Signature field (RFC 6376 §5), with CRLF line endings, to be put on top of the header. It is for the fixtures of this project:
// the same input gives the same field. Line endings of header and body are read as Verify reads them.
func Sign(header []Field, body io.Reader, o SignOptions) (field string, err error) {
	algorithm, err := signingAlgorithm(o)
	if err != nil {
		return "", err
	}
	forms := strings.Split(o.Canonicalization, "/")
	if o.Canonicalization == "" {
		forms = []string{string(relaxed), string(relaxed)}
	}
	if len(forms) != 2 {
		return "", fmt.Errorf("canonicalization %q: want header/body", o.Canonicalization)
	}
	hash := crypto.SHA256
	if algorithm == "rsa-sha1" {
		hash = crypto.SHA1
	}
	cr := bareCR(header)
	s := &sink{hash: hash.New(), limit: -1}
	if o.BodyLength != nil {
		s.limit = *o.BodyLength
	}
	w := newBodyWriter(canon(forms[1]), cr)
	w.sinks = []*sink{s}
	if err := (bodyWriters{w}).pass(body); err != nil {
		return "", err
	}
	at, _ := indexOf(header)
	names := o.Fields
	if names == nil {
		for _, name := range mattering {
			for range at[name] {
				names = append(names, titleCase(name))
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "DKIM-Signature: v=1; a=%s; c=%s/%s;\r\n\td=%s; s=%s;", algorithm, forms[0], forms[1], o.Domain, o.Selector)
	if o.Identity != "" {
		fmt.Fprintf(&b, " i=%s;", o.Identity)
	}
	if !o.SignedAt.IsZero() {
		fmt.Fprintf(&b, " t=%d;", o.SignedAt.Unix())
	}
	if !o.ExpiresAt.IsZero() {
		fmt.Fprintf(&b, " x=%d;", o.ExpiresAt.Unix())
	}
	if o.BodyLength != nil {
		fmt.Fprintf(&b, " l=%d;", *o.BodyLength)
	}
	fmt.Fprintf(&b, "\r\n\th=%s;\r\n\tbh=%s;\r\n\tb=", strings.Join(names, ":\r\n\t "), base64.StdEncoding.EncodeToString(s.hash.Sum(nil)))

	var lower []string
	for _, name := range names {
		lower = append(lower, fieldName(name))
	}
	form := canon(forms[0])
	var text []byte
	for _, i := range signedFields(lower, at, -1) {
		if i >= 0 {
			text = form.appendField(text, header[i].Raw, cr)
		}
	}
	text = bytes.TrimSuffix(form.appendField(text, []byte(b.String()), cr), crlf)
	h := hash.New()
	h.Write(text)
	digest, how := h.Sum(nil), hash
	if algorithm == "ed25519-sha256" {
		how = 0 // RFC 8463 §3: the digest is the message that Ed25519 signs
	}
	signature, err := o.Key.Sign(nil, digest, how)
	if err != nil {
		return "", err
	}
	for encoded := base64.StdEncoding.EncodeToString(signature); encoded != ""; {
		n := min(len(encoded), 72)
		b.WriteString(encoded[:n])
		if encoded = encoded[n:]; encoded != "" {
			b.WriteString("\r\n\t ")
		}
	}
	return b.String() + "\r\n", nil
}

func signingAlgorithm(o SignOptions) (string, error) {
	if o.Algorithm != "" {
		return o.Algorithm, nil
	}
	switch o.Key.(type) {
	case *rsa.PrivateKey:
		return "rsa-sha256", nil
	case ed25519.PrivateKey:
		return "ed25519-sha256", nil
	}
	return "", errors.New("the key is neither RSA nor Ed25519")
}
