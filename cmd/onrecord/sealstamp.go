package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"onrecord/pkg/timestamp"
)

// stampAttempts is how often an authority that does not answer is asked.
const stampAttempts = 3

// maxAnswer bounds what an authority may answer, in bytes: a token with its certificates has some thousands.
const maxAnswer = 1 << 20

func (p *sealPlan) checkAuthorities() error {
	for _, u := range slices.Concat(p.tsa, p.ots) {
		parsed, err := url.Parse(u)
		if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
			return usage("%q is no http or https URL", redacted(u))
		}
	}
	if p.tsaPolicy != "" {
		if _, err := parseOID(p.tsaPolicy); err != nil {
			return usage("--tsa-policy %q: %v", p.tsaPolicy, err)
		}
	}
	return nil
}

func parseOID(s string) (asn1.ObjectIdentifier, error) {
	var oid asn1.ObjectIdentifier
	for part := range strings.SplitSeq(s, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return nil, errors.New("want numbers with dots between, such as 1.3.6.1.4.1.13762.3")
		}
		oid = append(oid, n)
	}
	if len(oid) < 2 {
		return nil, errors.New("want at least two numbers")
	}
	return oid, nil
}

// redacted is a URL without the password in it.
func redacted(u string) string {
	if parsed, err := url.Parse(u); err == nil {
		return parsed.Redacted()
	}
	return "the URL"
}

// stamp asks each authority. A request that none has answered stays in seal/ and is sent again by the next run: until then the dossier says that it is not stamped yet.
func (p *sealPlan) stamp(ctx context.Context, e *env, root *os.Root, done *sealed, manifest []byte, again bool) error {
	if len(p.tsa) == 0 {
		return nil
	}
	waiting, next, err := pendingStamps(root)
	if err != nil {
		return err
	}
	var failures []error
	for i, authority := range p.tsa {
		number := next
		var q timestamp.Query
		switch {
		case i < len(waiting):
			number = waiting[i]
			text, err := root.ReadFile(fmt.Sprintf("seal/stamp-%d.tsq", number))
			if err != nil {
				return failed("", "%w", err)
			}
			if q, err = timestamp.ParseQuery(text); err != nil {
				return failed("remove it", "seal/stamp-%d.tsq: %w", number, err)
			}
		default:
			if q, err = p.newQuery(root, done, number, manifest, again); err != nil {
				return err
			}
			next++
		}
		name := fmt.Sprintf("stamp-%d", number)
		over := tagManifest
		if _, err := root.Lstat("seal/" + name + ".list"); err == nil {
			over = "seal/" + name + ".list"
		}
		answer, token, err := timestamp.Stamp(ctx, p.post, authority, q)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			done.NotYet = append(done.NotYet, "seal/"+name+".tsq")
			failures = append(failures, fmt.Errorf("%s: %w", redacted(authority), err))
			continue
		}
		var chain []byte
		for _, c := range token.Certificates() {
			chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
		}
		if _, err := done.add(root, name+".pem", chain); err != nil {
			return err
		}
		file, err := done.add(root, name+".tsr", answer)
		if err != nil {
			return err
		}
		done.Stamps = append(done.Stamps, stamp{file, token.Time, token.Authority(), token.Policy.String(), over})
	}
	if len(failures) > 0 {
		return failed("run onrecord seal with --tsa again: the requests are kept in seal/", "not stamped yet: %w", errors.Join(failures...))
	}
	return nil
}

// newQuery writes a new request: over the tag manifest, or, where stamps are to be renewed, over a list of all that lies in seal/ until now (RFC 4998 §5.3: the
// digests of the renewal are SHA-512, whatever the old ones were).
func (p *sealPlan) newQuery(root *os.Root, done *sealed, number int, manifest []byte, again bool) (timestamp.Query, error) {
	name := fmt.Sprintf("stamp-%d", number)
	sum := sha256.Sum256(manifest)
	h, d := crypto.SHA256, sum[:]
	if again {
		list, err := stampList(root)
		if err != nil {
			return timestamp.Query{}, err
		}
		long := sha512.Sum512(list)
		h, d = crypto.SHA512, long[:]
		if _, err := done.add(root, name+".list", list); err != nil {
			return timestamp.Query{}, err
		}
	}
	q, err := timestamp.NewQuery(h, d, rand.Reader)
	if err != nil {
		return q, err
	}
	if p.tsaPolicy != "" {
		q.Policy, _ = parseOID(p.tsaPolicy) // checked by plan
	}
	der, err := q.DER()
	if err != nil {
		return q, err
	}
	_, err = done.add(root, name+".tsq", der)
	return q, err
}

// stampList is a list as sha512sum writes it: the tag manifests and all that lies in seal/.
func stampList(root *os.Root) ([]byte, error) {
	names, err := sealFiles(root)
	if err != nil {
		return nil, failed("", "%w", err)
	}
	files := []string{tagManifest, "tagmanifest-sha512.txt"}
	for _, n := range names {
		if request, ok := strings.CutSuffix(n, ".tsq"); ok && !slices.Contains(names, request+".tsr") {
			continue // not stamped yet
		}
		if n == otsFile {
			continue // it grows when a calendar has anchored it
		}
		files = append(files, "seal/"+n)
	}
	var b bytes.Buffer
	for _, file := range files {
		content, err := root.ReadFile(file)
		if err != nil {
			return nil, failed("", "%w", err)
		}
		fmt.Fprintf(&b, "%x  %s\n", sha512.Sum512(content), file)
	}
	return b.Bytes(), nil
}

// pendingStamps gives the numbers of requests without an answer, and the first number that is free.
func pendingStamps(root *os.Root) (waiting []int, next int, err error) {
	names, err := sealFiles(root)
	if err != nil {
		return nil, 0, failed("", "%w", err)
	}
	next = 1
	for _, n := range names {
		stem, _, _ := strings.Cut(strings.TrimPrefix(n, "stamp-"), ".")
		number, err := strconv.Atoi(stem)
		if !strings.HasPrefix(n, "stamp-") || err != nil {
			continue
		}
		next = max(next, number+1)
		if strings.HasSuffix(n, ".tsq") && !slices.Contains(names, fmt.Sprintf("stamp-%d.tsr", number)) {
			waiting = append(waiting, number)
		}
	}
	slices.Sort(waiting)
	return waiting, next, nil
}

// post sends a request to an authority, and again where it does not answer or is not ready.
func (p *sealPlan) post(ctx context.Context, url string, request []byte) ([]byte, error) {
	return p.patiently(ctx, func() (*http.Request, error) {
		r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(request))
		if err == nil {
			r.Header.Set("Content-Type", "application/timestamp-query")
			r.Header.Set("Accept", "application/timestamp-reply")
			r.Header.Set("User-Agent", "onrecord/"+version)
		}
		return r, err
	})
}

// patiently sends a request, and again where nobody answers or the server is not ready.
func (p *sealPlan) patiently(ctx context.Context, request func() (*http.Request, error)) ([]byte, error) {
	var last error
	for attempt := range stampAttempts {
		if attempt > 0 {
			select {
			case <-time.After(time.Duration(attempt) * time.Second):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		r, err := request()
		if err != nil {
			return nil, err
		}
		answer, again, err := p.once(ctx, r)
		if err == nil || !again {
			return answer, err
		}
		last = err
	}
	return nil, fmt.Errorf("%w (asked %d times)", last, stampAttempts)
}

func (p *sealPlan) once(ctx context.Context, r *http.Request) (answer []byte, again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	resp, err := http.DefaultClient.Do(r.WithContext(ctx))
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err // the URL may hold a password
		}
		return nil, true, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch {
	case err != nil:
		return nil, true, err
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests:
		return nil, true, fmt.Errorf("it answered %s", resp.Status)
	case resp.StatusCode != http.StatusOK:
		return nil, false, fmt.Errorf("it answered %s", resp.Status)
	}
	return body, false, nil
}
