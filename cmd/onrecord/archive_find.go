package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"onrecord/pkg/archive"
	"onrecord/pkg/dossier"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
	"onrecord/pkg/source"
)

// queryOptions is a query as it is given on the command line.
type queryOptions struct {
	archive.Query
	since, until string
	act          string
}

func (o *queryOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.From, "from", "", "written by ADDRESS; \"@example.org\": by somebody of that domain; without @: a part of an address")
	f.StringVar(&o.To, "to", "", "addressed (To, Cc, Bcc) to ADDRESS")
	f.StringVar(&o.Participant, "participant", "", "from or to ADDRESS")
	f.StringVar(&o.since, "since", "", "dated on or after DATE (2006-01-02 or RFC 3339)")
	f.StringVar(&o.until, "until", "", "dated before DATE")
	f.StringVar(&o.Subject, "subject", "", "these words stand in the subject")
	f.StringVar(&o.Text, "text", "", "these words stand in subject or text")
	f.StringVar(&o.MessageID, "message-id", "", "the message with this Message-ID")
	f.StringVar(&o.act, "act", "", "a statement of this kind is suggested in it: "+actNames())
}

// acts are the kinds of statements that can be looked for.
func acts() []notice.Act {
	return []notice.Act{"warning", "request", "order", "threat", "approval", "acknowledgement", "confirmation", "denial", "blame", "incident", "notification"}
}

func actNames() string {
	var all []string
	for _, a := range acts() {
		all = append(all, string(a))
	}
	return strings.Join(all, ", ")
}

// read checks the options; words are the arguments: a Message-ID in angle brackets, an address, or words of the text.
func (o *queryOptions) read(words []string) error {
	for _, d := range [...]struct {
		flag, text string
		into       **time.Time
	}{{"since", o.since, &o.Since}, {"until", o.until, &o.Until}} {
		if d.text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, d.text)
		if err != nil {
			t, err = time.Parse(time.DateOnly, d.text)
		}
		if err != nil {
			return usage("--%s %q is no date: 2006-01-02 and RFC 3339 are", d.flag, d.text)
		}
		*d.into = &t
	}
	if o.act != "" && !slices.Contains(acts(), notice.Act(o.act)) {
		return usage("--act %q: there is %s", o.act, actNames())
	}
	for _, w := range words {
		into := &o.Text
		switch {
		case strings.HasPrefix(w, "<") && strings.HasSuffix(w, ">"):
			into = &o.MessageID
		case strings.Contains(w, "@") && !strings.ContainsAny(w, " \t"):
			into = &o.Participant
		}
		if into != &o.Text && *into != "" {
			return usage("%q and %q: one at a time", *into, w)
		}
		*into = strings.TrimSpace(*into + " " + w)
	}
	return nil
}

// matches looks for statements, if that was asked for: they do not stand in the index.
type actFilter struct {
	act      notice.Act
	finder   *notice.Finder
	examiner *evidence.Examiner
}

func (o *queryOptions) filter() *actFilter {
	if o.act == "" {
		return nil
	}
	return &actFilter{notice.Act(o.act), notice.NewFinder(), &evidence.Examiner{Limits: message.DefaultLimits()}}
}

func (f *actFilter) matches(ctx context.Context, r *archive.Reader, h archive.Hit) (bool, error) {
	if f == nil {
		return true, nil
	}
	raw, err := r.Beginning(h)
	if err != nil {
		return false, err
	}
	x, err := f.examiner.Examine(ctx, source.Item{Raw: raw})
	if err != nil {
		return false, err
	}
	defer x.Close()
	for _, s := range f.finder.Find(dossier.FinderText(x.Record)).Statements {
		if slices.Contains(s.Acts, f.act) {
			return true, nil
		}
	}
	return false, nil
}

// found gives the messages that fit. With an act the limit counts those that were looked at before it only if there is none.
func (o *queryOptions) found(ctx context.Context, r *archive.Reader, visit func(archive.Hit) error) (int, error) {
	q, filter, limit := o.Query, o.filter(), o.Limit
	if filter != nil {
		q.Limit = 0
	}
	n := 0
	for h, err := range r.Find(ctx, q) {
		if err != nil {
			return n, err
		}
		ok, err := filter.matches(ctx, r, h)
		if err != nil {
			return n, err
		}
		if !ok {
			continue
		}
		if n++; filter != nil && limit > 0 && n > limit {
			break
		}
		if err := visit(h); err != nil {
			return n, err
		}
	}
	return n, nil
}

// withReader opens a store for questions.
func withReader(e *env, dir string, do func(s *archive.Store, r *archive.Reader) error) error {
	return withStore(dir, func(s *archive.Store) error {
		r, err := s.Reader()
		if err != nil {
			return err
		}
		defer r.Close()
		if r.Behind > 0 {
			e.warn("the index is %s behind: the last messages are not found; the next add, or index --rebuild, makes it whole", count(int(r.Behind), "run", "runs"))
		}
		return do(s, r)
	})
}

const shownHits = 200

func newArchiveFindCommand(e *env) *cobra.Command {
	var o queryOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "find STORE [QUERY...]",
		Short: "find messages by address, date, words, Message-ID, kind of statement",
		Long: `find lists the messages that fit all that is given, oldest taken in first. QUERY is words of the
text, an address, or a Message-ID in angle brackets. Words are found whole and without regard
to case, in the subject and in the first 64 KiB of the text. Dates are those that the message
claims. --act reads each message that fits the rest and looks for statements in it.
` + exitCodesHelp,
		Args: argCount(1, -1, "a STORE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.read(args[1:]); err != nil {
				return err
			}
			return withReader(e, args[0], func(_ *archive.Store, r *archive.Reader) error {
				out := newHitWriter(e, r, asJSON)
				n, err := o.found(cmd.Context(), r, out.write)
				if err == nil {
					err = out.flush()
				}
				if err == nil && o.Limit > 0 && n >= o.Limit && !asJSON {
					e.hint("these are the last %d that were taken in; --limit 0 shows all", o.Limit)
				}
				return err
			})
		},
	}
	o.flags(cmd.Flags())
	cmd.Flags().IntVar(&o.Limit, "limit", shownHits, "show so many, those that were taken in last; 0: all")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line for programs, with every place where the message was seen")
	return cmd
}

func newArchiveThreadCommand(e *env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "thread STORE MESSAGE-ID", Short: "the whole thread of a message",
		Args: argCount(2, 2, "a STORE and a MESSAGE-ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withReader(e, args[0], func(_ *archive.Store, r *archive.Reader) error {
				hits, err := threadOf(cmd.Context(), r, args[1])
				if err != nil {
					return err
				}
				out := newHitWriter(e, r, asJSON)
				for _, h := range hits {
					if err := out.write(h); err != nil {
						return err
					}
				}
				return out.flush()
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line for programs")
	return cmd
}

func threadOf(ctx context.Context, r *archive.Reader, id string) ([]archive.Hit, error) {
	hits, err := r.Thread(ctx, id)
	if err == nil && len(hits) == 0 {
		err = failed("the Message-ID is written as in its header; \"onrecord archive find STORE WORDS\" looks for text", "no message with this Message-ID, and none that cites it, is in the store: %s", id)
	}
	slices.SortStableFunc(hits, func(a, b archive.Hit) int {
		if a.Date == nil || b.Date == nil {
			return 0
		}
		return a.Date.Compare(*b.Date)
	})
	return hits, err
}

// hitWriter prints messages: for people one a line, for programs one object a line.
type hitWriter struct {
	out    *bufio.Writer
	r      *archive.Reader
	asJSON bool
}

func newHitWriter(e *env, r *archive.Reader, asJSON bool) *hitWriter {
	return &hitWriter{bufio.NewWriter(e.stdout), r, asJSON}
}

// listed is a message in --json.
type listed struct {
	archive.Hit
	Sightings []archive.Sighting `json:"sightings"`
}

func (w *hitWriter) write(h archive.Hit) error {
	if !w.asJSON {
		date := "undated         "
		if h.Date != nil {
			date = h.Date.Format("2006-01-02 15:04")
		}
		_, err := fmt.Fprintf(w.out, "%s  %-28s  %s  %s\n", date, oneLine(h.From), oneLine(clip(cmpOr(strings.Join(strings.Fields(h.Subject), " "), "(no subject)"), 80)), oneLine(h.MessageID))
		return err
	}
	seen, err := w.r.Sightings(h.Entry)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(listed{h, seen})
}

func (w *hitWriter) flush() error { return w.out.Flush() }
