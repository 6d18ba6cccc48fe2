package pdf

import (
	"iter"

	"onrecord/pkg/evidence"
)

// ahead ranges over messages while the next ones are already being read and decoded beside it, a few at a time.
// The reading has ended when the range has.
func ahead(messages iter.Seq2[*evidence.Record, error]) iter.Seq2[*evidence.Record, error] {
	type item struct {
		record *evidence.Record
		err    error
	}
	return func(yield func(*evidence.Record, error) bool) {
		items, stop := make(chan item, 8), make(chan struct{})
		go func() {
			defer close(items)
			for r, err := range messages {
				select {
				case items <- item{r, err}:
				case <-stop:
					return
				}
			}
		}()
		defer func() {
			close(stop)
			for range items { // until the reader is through with its file
			}
		}()
		for i := range items {
			if !yield(i.record, i.err) {
				return
			}
		}
	}
}
