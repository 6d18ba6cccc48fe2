// Package ordered knows how to work on a sequence with several goroutines and hand the results on in the order of the sequence, with bounded memory.
package ordered

import (
	"context"
	"iter"
	"sync"
)

// Limits bound what is under way.
type Limits struct {
	Workers int   // goroutines that work; at least 1
	Batch   int64 // weight of what one worker takes at a time: small items are not handed over one by one
	Flight  int64 // weight of all items taken from the sequence whose results are not handed on yet
}

// maxBatchItems bounds a batch of items of weight 0.
const maxBatchItems = 256

type job[I, O any] struct {
	items  []I
	weight int64
	done   chan []O
}

// Map calls work for every item of in, in up to lim.Workers goroutines, and emit for every item with its result, in the order of in, in the caller's goroutine.
// weight tells what an item costs in memory, in bytes; a single item heavier than lim.Flight is taken alone. Map stops at the first error of emit or of ctx;
// all goroutines have ended when it returns.
func Map[I, O any](ctx context.Context, lim Limits, in iter.Seq[I], weight func(I) int64, work func(I) O, emit func(I, O) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel(nil)

	todo := make(chan *job[I, O])
	order := make(chan *job[I, O], 1024)
	room := newRoom(lim.Flight)
	defer room.close()

	for range max(lim.Workers, 1) {
		wg.Go(func() {
			for j := range todo {
				results := make([]O, len(j.items))
				for i, item := range j.items {
					if ctx.Err() == nil {
						results[i] = work(item)
					}
				}
				j.done <- results
			}
		})
	}
	wg.Go(func() {
		defer close(todo)
		defer close(order)
		send := func(j *job[I, O]) bool {
			if !room.take(j.weight) {
				return false
			}
			select {
			case order <- j:
			case <-ctx.Done():
				return false
			}
			select {
			case todo <- j:
			case <-ctx.Done():
				j.done <- make([]O, len(j.items))
				return false
			}
			return true
		}
		var j *job[I, O]
		for item := range in {
			if j == nil {
				j = &job[I, O]{done: make(chan []O, 1)}
			}
			j.items = append(j.items, item)
			j.weight += weight(item)
			if j.weight >= lim.Batch || len(j.items) >= maxBatchItems {
				if !send(j) {
					return
				}
				j = nil
			}
			if ctx.Err() != nil {
				return
			}
		}
		if j != nil {
			send(j)
		}
	})

	for j := range order {
		results := <-j.done
		if err := context.Cause(ctx); err != nil {
			return err
		}
		for i, item := range j.items {
			if err := emit(item, results[i]); err != nil {
				return err
			}
		}
		room.give(j.weight)
	}
	return context.Cause(ctx)
}

// room is a weighted semaphore that always lets one through when nothing else is under way.
type room struct {
	mu     sync.Mutex
	free   *sync.Cond
	limit  int64
	used   int64
	closed bool
}

func newRoom(limit int64) *room {
	r := &room{limit: limit}
	r.free = sync.NewCond(&r.mu)
	return r
}

func (r *room) take(n int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.closed && r.used > 0 && r.used+n > r.limit {
		r.free.Wait()
	}
	r.used += n
	return !r.closed
}

func (r *room) give(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used -= n
	r.free.Broadcast()
}

func (r *room) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.free.Broadcast()
}
