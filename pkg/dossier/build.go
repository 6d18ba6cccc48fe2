package dossier

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strings"
	"time"

	"onrecord/pkg/casefile"
	"onrecord/pkg/digest"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/notice"
	"onrecord/pkg/people"
	"onrecord/pkg/rows"
	"onrecord/pkg/source"
	"onrecord/pkg/thread"
)

// Input is what a build needs. Everything that touches the world comes in through it.
type Input struct {
	Sources  iter.Seq2[SourceFile, error]
	Prescan  iter.Seq2[SourceFile, error] // the same sources once more, for Select.Thread; else not used
	Reader   source.Options
	Examiner *evidence.Examiner
	Finder   *notice.Finder
	Case     *casefile.Case // nil without a case file
	Select   Selection
	Store    Store
	Workers  int // messages examined at the same time
	// Progress, if set, is told after each message how many bytes of sources it took.
	Progress func(bytes int64)
}

// SourceFile is one file to take messages from.
type SourceFile struct {
	Source  Source         // Path, File, Size, SHA256, ModifiedAt, Notes and, with Trouble, Ledger are set by the giver
	Kind    source.Kind    // ignored with Trouble
	Content source.Content // ignored with Trouble
	Trouble *source.Trouble
	Close   func() error // called when all its messages are examined; may be nil
}

// Store keeps what is too much for memory.
type Store interface {
	// AddMessage keeps message seq, its number in order of reading from 0.
	AddMessage(seq int, content io.Reader) error
	// Place gives message seq its exhibit number, in order of exhibits, when all messages are added; count is their number. It returns the exhibit's file in the dossier and that file's digest.
	Place(seq, exhibit, count int) (file string, sum digest.Digest, err error)
	// Spool makes a temporary file.
	Spool() (evidence.Spool, error)
}

// Selection says which messages become exhibits. The zero Selection takes all.
type Selection struct {
	Since, Until time.Time // by Record.Sent; Until is exclusive
	Participant  string    // an address in From, Sender, Reply-To, To, Cc or Bcc
	Thread       string    // a Message-ID: its whole thread

	members map[string]bool // Message-IDs of that thread
}

// Selection reads the selection out of the options of a build.
func (o *Options) Selection() (Selection, error) {
	s := Selection{Participant: o.Participant, Thread: o.Thread}
	zone, err := time.LoadLocation(o.Timezone)
	if err != nil {
		return s, err
	}
	if s.Since, err = parseDay(o.Since, zone); err != nil {
		return s, fmt.Errorf("since: %w", err)
	}
	if s.Until, err = parseDay(o.Until, zone); err != nil {
		return s, fmt.Errorf("until: %w", err)
	}
	return s, nil
}

// parseDay reads a date, which begins at midnight in zone, or an RFC 3339 time; "" is no bound.
func parseDay(s string, zone *time.Location) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is neither a date such as 2026-03-01 nor a time such as 2026-03-01T09:30:00+01:00", s)
	}
	return t, nil
}

func (s *Selection) takes(r *evidence.Record) bool {
	// A message without any time is not known to lie outside: it is taken.
	if at := r.Sent().Time; at != nil && (!s.Since.IsZero() && at.Before(s.Since) || !s.Until.IsZero() && !at.Before(s.Until)) {
		return false
	}
	if s.Participant != "" && !participates(r, s.Participant) {
		return false
	}
	return s.members == nil || s.members[r.MessageID]
}

func participates(r *evidence.Record, address string) bool {
	for _, list := range [...][]message.Address{r.From, r.Sender, r.ReplyTo, r.To, r.Cc, r.Bcc} {
		for _, a := range list {
			if strings.EqualFold(a.Address, address) {
				return true
			}
		}
	}
	return false
}

// ErrNoMessages says that the sources hold no message, or that the selection left none.
var ErrNoMessages = errors.New("no message found")

// kept is what a message that becomes an exhibit is found by. A mailbox has hundreds of thousands of them: they are on disk.
type kept struct {
	Order     int64  // Unix nanoseconds of Record.Sent, for the order of exhibits; undated if it has no time
	Offset    int64  // of its record in the spool
	Length    int32  // of its record in the spool
	Note      int64  // in the journal
	ID        uint64 // hash of its Message-ID, 0 without one
	Content   uint64 // first bytes of its content key
	Canonical uint64 // first bytes of its digest but for line endings
	Recorded  notice.Moment
	Skew      int64 // by how many seconds its Date is after its oldest hop
}

const undated = math.MaxInt64

type builder struct {
	in      Input
	d       *Dossier
	spool   evidence.Spool
	written int64

	kept     *rows.Table[kept]
	byDigest tags
	order    []int32 // when all are read: the kept messages by exhibit
	place    []int32 // the other way round, from 0; nil once the analysis runs

	copies     map[int32][]evidence.Copy
	copyOf     map[int32]int32 // the first exhibit with the same content, for all but that one; both are indices in kept
	resolver   *people.Resolver
	threads    *thread.Builder
	messages   *rows.Table[notice.Message]   // beside kept, while they are read; persons are people.Ref until they are resolved
	ordered    []notice.Message              // in exhibit order, from then on
	recipients *rows.Table[notice.Recipient] // as they are read; Person is a people.Ref until they are resolved
	told       []notice.Recipient            // the same from then on
	delivered  *rows.Table[int32]            // as they are read: people.Ref
	served     []int32                       // the same from then on
	addressees []int32                       // of statements in messages inside of messages: people.Ref
	statements rows.Rows[notice.Brief]       // Message is an index in kept
	inner      []innerOrigin
	journal    *rows.Journal // what analysis needs of single messages only now and then
	note       []byte        // scratch
	returns    map[int32][]notice.Report
	returned   map[int32]uint64 // hash of the Message-ID of the message that a report brings back
	keys       map[string]bool  // key names that no key was at hand for
}

// Build reads all sources and returns the dossier. Exhibits are numbered in order of time (Record.Sent), then of reading.
// Broken mail is data; an error is of the world, or ErrNoMessages. The spool that the Messages of the dossier are read from is the caller's to close.
func Build(ctx context.Context, in Input) (*Dossier, error) {
	d, err := Start(ctx, in)
	if err == nil {
		err = d.Wait()
	}
	return d, err
}

// Start is Build that returns while what the messages show together is still being worked out: Encode can write the messages meanwhile. Until Wait has
// returned, the dossier is for nothing else, and the spools stay open.
func Start(ctx context.Context, in Input) (*Dossier, error) {
	spool, err := in.Store.Spool()
	if err != nil {
		return nil, err
	}
	more := func() (rows.File, error) { return in.Store.Spool() }
	b := &builder{in: in, d: &Dossier{Schema: Schema}, spool: spool, byDigest: newTags(), kept: rows.NewTable[kept](more), journal: rows.NewJournal(more),
		messages: rows.NewTable[notice.Message](more), recipients: rows.NewTable[notice.Recipient](more), delivered: rows.NewTable[int32](more),
		copies: map[int32][]evidence.Copy{}, copyOf: map[int32]int32{}, returns: map[int32][]notice.Report{}, returned: map[int32]uint64{},
		keys: map[string]bool{}, resolver: people.NewResolver(in.Case), threads: thread.NewBuilder(more)}
	if in.Select.Thread != "" {
		if b.in.Select.members, err = threadMembers(ctx, in); err != nil {
			return nil, err
		}
	}
	if err := b.collect(ctx); err != nil {
		return nil, err
	}
	if b.kept.Len() == 0 {
		return b.d, ErrNoMessages
	}
	b.in.Finder.Release()
	return b.d, b.assemble()
}
