package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"onrecord/pkg/digest"
	"onrecord/pkg/dkim"
	"onrecord/pkg/dossier"
	"onrecord/pkg/message"
	"onrecord/pkg/ordered"
	"onrecord/pkg/source"
)

// keyring finds DKIM keys in snapshots and, if asked, in the DNS, each name once, and remembers what was used.
type keyring struct {
	given    *dkim.Keys
	resolver *resolver // nil: the DNS is not asked

	mu    sync.Mutex
	used  *dkim.Keys
	asked map[string]*answer
}

type answer struct {
	once    sync.Once
	records []dkim.Record
	err     error
}

func openKeyring(e *env, files []string, dns string) (*keyring, error) {
	k := &keyring{given: new(dkim.Keys), used: new(dkim.Keys), asked: map[string]*answer{}}
	for _, name := range files {
		set, err := readKeyFile(name)
		if err != nil {
			return nil, err
		}
		for _, line := range set.Skipped() {
			e.warn("%s: not understood: %s", name, line)
		}
		if set.Len() == 0 {
			return nil, failed("a key file holds lines such as: selector._domainkey.example.com. IN TXT \"v=DKIM1; p=...\"", "%s holds no DKIM key", name)
		}
		k.given.Merge(set)
	}
	switch dns {
	case "off", "":
	case "system":
		k.resolver = newResolver("", e.now)
	default:
		if _, _, err := net.SplitHostPort(dns); err != nil {
			return nil, usage("--dns %q: there is off, system, and HOST:PORT of a name server", dns)
		}
		k.resolver = newResolver(dns, e.now)
	}
	return k, nil
}

func readKeyFile(name string) (*dkim.Keys, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, failed("", "%w", err)
	}
	defer f.Close()
	set, err := dkim.ReadKeys(f, dkim.OriginFile)
	if err != nil {
		return nil, failed("", "%s: %w", name, err)
	}
	return set, nil
}

// lookup is a dkim.Lookup. It is safe for concurrent use.
func (k *keyring) lookup(ctx context.Context, name string) ([]dkim.Record, error) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	k.mu.Lock()
	a := k.asked[name]
	if a == nil {
		a = &answer{}
		k.asked[name] = a
	}
	k.mu.Unlock()
	a.once.Do(func() {
		a.records, a.err = k.given.Lookup(ctx, name)
		if len(a.records) == 0 && a.err == nil && k.resolver != nil {
			a.records, a.err = k.resolver.txt(ctx, name)
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		for _, r := range a.records {
			k.used.Add(r)
		}
	})
	return a.records, a.err
}

// failures tells which names the DNS gave no answer for, not even that there is none.
func (k *keyring) failures() []string {
	var all []string
	for name, a := range k.asked {
		if a.err != nil {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// resolver asks a name server for TXT records.
type resolver struct {
	server string // HOST:PORT, "" for the system's
	r      *net.Resolver
	now    func() time.Time
}

// lookupTimeout bounds one look-up, retries included.
const lookupTimeout = 15 * time.Second

func newResolver(server string, now func() time.Time) *resolver {
	r := &resolver{server: server, now: now, r: &net.Resolver{PreferGo: true}}
	if server != "" {
		r.r.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, server)
		}
	}
	return r
}

func (r *resolver) txt(ctx context.Context, name string) ([]dkim.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	// The dot keeps the system's search list out of it.
	texts, err := r.r.LookupTXT(ctx, name+".")
	var de *net.DNSError
	if errors.As(err, &de) && de.IsNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", name, err)
	}
	at := r.now().UTC()
	server := r.server
	if server == "" {
		server = "system"
	}
	records := make([]dkim.Record, 0, len(texts))
	for _, t := range texts {
		records = append(records, dkim.Record{Name: name, TXT: t, Origin: dkim.OriginDNS, RetrievedAt: &at, Resolver: server})
	}
	return records, nil
}

func newKeysCommand(e *env) *cobra.Command {
	var output, dns string
	var known []string
	cmd := &cobra.Command{
		Use:   "keys SOURCE...",
		Short: "fetch and keep the DKIM keys that the mail needs",
		Long: `keys looks up every DKIM key that signatures in the sources name, once each, and writes them
with time and resolver as zone-file text. Domains change their keys: what is fetched today
can be checked for ever. A snapshot that is there already (-o) is added to; nothing in it is lost.` + "\n" + exitCodesHelp,
		Example: "  onrecord keys thread.mbox -o dkim-keys.txt",
		Args:    someArgs("a SOURCE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runKeys(cmd.Context(), e, args, output, dns, known)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "snapshot to write or add to (default: standard output)")
	cmd.Flags().StringVar(&dns, "dns", "system", "name server: system, or HOST:PORT; off lists the names alone")
	cmd.Flags().StringArrayVar(&known, "keys", nil, "keys that are at hand already (repeatable)")
	return cmd
}

func runKeys(ctx context.Context, e *env, args []string, output, dns string, known []string) error {
	ring, err := openKeyring(e, known, dns)
	if err != nil {
		return err
	}
	src := &sources{args: args, stdin: e.stdin, keeper: inPlace{}, spool: temporaryInput}
	arguments, err := src.check()
	if err != nil {
		return err
	}
	names := map[string]bool{}
	var order []string
	failedSources := 0
	err = dossier.EachHeader(ctx, src.all(arguments), readerOptions(), message.DefaultLimits(), runtime.GOMAXPROCS(0), func(h message.Header) {
		fields := make([]dkim.Field, len(h))
		for i, f := range h {
			fields[i] = dkim.Field{Name: f.Name, Raw: f.Raw}
		}
		for _, n := range dkim.Names(fields) {
			if !names[n] {
				names[n] = true
				order = append(order, n)
			}
		}
	}, func(s dossier.SourceFile) {
		if s.Trouble.Kind == source.Failed {
			failedSources++
			e.warn("%s: %s", s.Source.Path, s.Trouble.Reason)
		}
	})
	if err != nil {
		return err
	}
	if dns == "off" {
		for _, n := range order {
			fmt.Fprintln(e.stdout, harmless(n))
		}
		return nil
	}
	// Look-ups wait for others, not for this machine: more of them than there are processors.
	lim := ordered.Limits{Workers: 16, Batch: 1, Flight: 64}
	missing := 0
	type found struct {
		n   int
		err error
	}
	err = ordered.Map(ctx, lim, func(yield func(string) bool) {
		for _, n := range order {
			if !yield(n) {
				return
			}
		}
	}, func(string) int64 { return 1 }, func(n string) found {
		r, err := ring.lookup(ctx, n)
		return found{len(r), err}
	}, func(n string, f found) error {
		if f.err != nil {
			e.warn("%v", f.err)
		}
		if f.n == 0 {
			missing++
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := writeKeys(e, ring.used, output); err != nil {
		return err
	}
	e.say("note", "%s named, %d found, %d without a record", count(len(order), "key", "keys"), len(order)-missing, missing)
	switch {
	case len(ring.failures()) > 0:
		return failed("run the same command again: what was found is kept", "%s could not be looked up", count(len(ring.failures()), "name", "names"))
	case failedSources > 0:
		return &outcome{code: exitPartial}
	}
	return nil
}

// writeKeys writes the snapshot, whole or not at all.
func writeKeys(e *env, k *dkim.Keys, output string) error {
	if output == "" {
		_, err := k.WriteTo(e.stdout)
		return err
	}
	if _, err := os.Stat(output); err == nil {
		old, err := readKeyFile(output)
		if err != nil {
			return err
		}
		old.Merge(k)
		k = old
	}
	return replaceFile(output, func(w io.Writer) error {
		_, err := k.WriteTo(w)
		return err
	})
}

// inPlace reads sources where they lie.
type inPlace struct{}

func (inPlace) keep(_ string, r *os.File) (source.Content, string, digest.Digest, int64, error) {
	c := contentOf{r}
	return c, "", digest.Digest{}, c.Size(), nil
}

func temporaryInput() (*os.File, error) { return unnamedFile("") }
