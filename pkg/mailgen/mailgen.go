// Package mailgen makes mail for this project's own tests and benchmarks: a mailbox of any size that looks like office and list mail, hostile
// messages of any size, the story in testdata/story and the cases in testdata/variants. It knows how the messages of RFC 5322 and RFC 2045, the
// trace fields of RFC 5321 §4.4 in the dialects of several servers, DKIM-Signature (RFC 6376), ARC (RFC 8617), reports (RFC 3464, RFC 8098) and mbox
// files are written; it reads none. All people, firms and hosts are invented: .example domains (RFC 2606) and documentation addresses
// (RFC 5737, RFC 3849). The same arguments give the same bytes, on every machine and in every Go version.
package mailgen

import (
	"bytes"
	"encoding/base64"
	"io"
	"math/bits"
)

// Mailbox writes an mbox file (mboxrd, LF) of whole messages, at least size bytes and at most one message more; nothing for a size of 0 or less.
// The messages are threads of office and list mail in four languages, all different, 12 to 16 kB on average. Their DKIM-Signature fields were made
// without a key: about half have the right body hash (the field X-Body-Hash says which: right or wrong), no signature is valid. An error is one of w.
func Mailbox(w io.Writer, seed uint64, size int64) error {
	g := newMailbox(seed)
	for written := int64(0); written < size; {
		g.next()
		n, err := w.Write(g.out)
		if err != nil {
			return err
		}
		written += int64(n)
	}
	return nil
}

// random is SplitMix64: small, fast, and fixed for ever, which math/rand promises only in part.
type random struct{ state uint64 }

func (r *random) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// n gives a number from 0 to n-1.
func (r *random) n(n int) int {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int(hi)
}

// percent is true in p of 100 cases.
func (r *random) percent(p int) bool { return r.n(100) < p }

func pick[T any](r *random, from []T) T { return from[r.n(len(from))] }

const (
	hexDigits = "0123456789abcdef"
	idLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)

// letters appends n characters of an alphabet.
func (r *random) letters(b []byte, n int, alphabet string) []byte {
	for range n {
		b = append(b, alphabet[r.n(len(alphabet))])
	}
	return b
}

// base64Lines gives n bytes or a little less of random base64 text in lines of 76.
func (r *random) base64Lines(n int) []byte {
	data := make([]byte, 57)
	out := make([]byte, 0, n)
	for len(out)+77 <= n {
		for i := range data {
			data[i] = byte(r.next() >> 56)
		}
		out = base64.StdEncoding.AppendEncode(out, data)
		out = append(out, '\n')
	}
	return out
}

// appendMboxRD appends lines with one more '>' before each line that is ">"* "From ".
func appendMboxRD(out, text []byte) []byte {
	if !bytes.Contains(text, []byte("From ")) {
		return append(out, text...)
	}
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From ")) {
			out = append(out, '>')
		}
		out = append(out, line...)
	}
	return out
}
