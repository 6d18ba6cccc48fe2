package main

import (
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// heap sets how the collector works, unless the user does (GOGC, GOMEMLIMIT).
type heap struct {
	mu      sync.Mutex
	limited bool
	closed  chan struct{}
}

// streamingMemory is what reading and examining mail may take before the collector works harder, in bytes.
const streamingMemory = 144 << 20

// limitHeap is for mail that passes through. Little of it is alive at a time: the heap may grow to several times of that, but from the limit on the collector
// shall rather work than let memory grow.
func limitHeap() *heap {
	h := &heap{closed: make(chan struct{})}
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return h
	}
	h.limited = true
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(streamingMemory)
	go h.watch()
	return h
}

// heapPatience is how long much has to be alive before the limit is raised: one monstrous message passes.
const heapPatience = 10 * time.Second

// watch raises the limit where so much stays alive that the collector would do nothing but collect.
func (h *heap) watch() {
	tick := time.NewTicker(heapPatience)
	defer tick.Stop()
	alive := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	limit, before := int64(streamingMemory), int64(0)
	for {
		select {
		case <-h.closed:
			return
		case <-tick.C:
		}
		metrics.Read(alive)
		now := int64(alive[0].Value.Uint64())
		fits := max(streamingMemory, roomFor(min(before, now)))
		before = now
		if fits > limit || fits < limit-limit/8 {
			limit = fits
			h.set(limit)
		}
	}
}

// roomFor is a limit at which the collector still gets on where so many bytes are alive: an eighth of them more, and what is not heap.
func roomFor(alive int64) int64 { return alive + alive/8 + 20<<20 }

func (h *heap) set(limit int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.limited {
		debug.SetMemoryLimit(limit)
	}
}

// lift takes the limit away, for what holds everything in memory: it would only make the collector work.
func (h *heap) lift() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.limited {
		h.limited = false
		debug.SetGCPercent(100)
		debug.SetMemoryLimit(math.MaxInt64)
	}
}

func (h *heap) close() { close(h.closed) }
