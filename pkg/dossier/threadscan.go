package dossier

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"onrecord/pkg/message"
	"onrecord/pkg/ordered"
	"onrecord/pkg/rows"
	"onrecord/pkg/source"
	"onrecord/pkg/thread"
)

// threadMembers reads the headers of all sources and returns the Message-IDs of the thread that Select.Thread is in.
func threadMembers(ctx context.Context, in Input) (map[string]bool, error) {
	b := thread.NewBuilder(func() (rows.File, error) { return in.Store.Spool() })
	var ids []string
	var failed error
	wanted := -1
	err := EachHeader(ctx, in.Prescan, in.Reader, in.Examiner.Limits, in.Workers, func(h message.Header) {
		t := thread.Input{Subject: h.Text("Subject"), ThreadIndex: h.Text("Thread-Index")}
		if list := messageIDs(h, "Message-ID"); len(list) > 0 {
			t.MessageID = list[0]
		}
		t.InReplyTo, t.References = messageIDs(h, "In-Reply-To"), messageIDs(h, "References")
		if t.MessageID == in.Select.Thread {
			wanted = len(ids)
		}
		ids = append(ids, t.MessageID)
		failed = cmp.Or(failed, b.Add(t))
	}, func(SourceFile) {})
	if err = cmp.Or(err, failed); err != nil {
		return nil, err
	}
	members := map[string]bool{}
	if wanted < 0 {
		return members, nil
	}
	order := make([]int32, len(ids))
	for i := range order {
		order[i] = int32(i)
	}
	forest, err := b.Build(order)
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		if id != "" && forest.ThreadOf(i) == forest.ThreadOf(wanted) {
			members[id] = true
		}
	}
	return members, nil
}

func messageIDs(h message.Header, name string) []string {
	var all []string
	for _, f := range h.All(name) {
		all = append(all, message.ParseMessageIDs(f.Unfolded())...)
	}
	return all
}

// EachHeader calls each with the header of every message of the sources, in order, and trouble with every source that gives none.
func EachHeader(ctx context.Context, files iter.Seq2[SourceFile, error], o source.Options, lim message.Limits, workers int,
	each func(message.Header), trouble func(SourceFile)) error {
	return EachMessage(ctx, files, o, workers, func(item source.Item) (message.Header, error) { return message.ReadHeader(item.Raw, lim) },
		func(_ source.Item, h message.Header) error {
			each(h)
			return nil
		}, trouble)
}

// EachMessage calls work for every message of the sources, several at a time, and emit with each result, in order; trouble with every source that gives none.
func EachMessage[T any](ctx context.Context, files iter.Seq2[SourceFile, error], o source.Options, workers int,
	work func(source.Item) (T, error), emit func(source.Item, T) error, trouble func(SourceFile)) error {
	type done struct {
		value T
		err   error
	}
	return ordered.Map(ctx, ordered.Limits{Workers: workers, Batch: batch, Flight: flight}, steps(files, o), weigh,
		func(s step) (d done) {
			if s.item.Raw != nil {
				d.value, d.err = work(s.item)
			}
			return d
		}, func(s step, d done) error {
			switch {
			case s.err != nil:
				return s.err
			case s.begin != nil && s.begin.Trouble != nil:
				trouble(*s.begin)
			case s.ended && s.end != nil:
				return s.end()
			case d.err != nil:
				return fmt.Errorf("%s: message at offset %d: %w", s.item.Origin.Source, s.item.Origin.Offset, d.err)
			case s.item.Raw != nil:
				return emit(s.item, d.value)
			}
			return nil
		})
}
