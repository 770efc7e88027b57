package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ippool-webhook/test/worst/bodies"
)

// burst is the cost of many copies of a body that are sent at the same time.
type burst struct {
	subject
	copies     int
	gomaxprocs int
	statuses   map[string]int // number of responses with each status
	peak       int64
	waits      waits
	stopped    bool // this program stopped the server, which used too much memory
	ended      bool // the server ended by itself
}

// measureBursts measures many copies of the healthy body, and of each of the worst bodies.
func (b *bench) measureBursts(ctx context.Context) error {
	worst := b.worst()
	if len(worst) == 0 {
		return nil
	}
	largest := slices.Max(b.sizes)
	subjects := append([]subject{healthy(largest, bodies.Update, validatePath)}, worst...)
	for _, gomaxprocs := range b.gomaxprocs {
		for _, subject := range subjects {
			_, _ = fmt.Fprintf(b.progress, "%d at a time, GOMAXPROCS %d: %s\n", b.copies, gomaxprocs, subject)
			result, err := b.burst(ctx, subject, gomaxprocs)
			if err != nil {
				return fmt.Errorf("%d at a time: %s: %w", b.copies, subject, err)
			}
			b.many = append(b.many, result)
		}
	}
	return nil
}

// worst returns the worst body of each of the worst kinds, by CPU time and by memory. It compares absolute values, not ratios,
// because other requests wait longest for the largest bodies.
func (b *bench) worst() []subject {
	var subjects []subject
	seen := map[string]bool{}
	for _, order := range []func(x, y *measurement) int{
		func(x, y *measurement) int { return cmp.Compare(y.cpu(), x.cpu()) },
		func(x, y *measurement) int { return cmp.Compare(y.peak(), x.peak()) },
	} {
		sorted := slices.SortedStableFunc(slices.Values(b.single), order)
		kinds := map[string]bool{}
		for _, m := range sorted {
			if len(kinds) == b.top {
				break
			}
			if kinds[m.name] {
				continue
			}
			kinds[m.name] = true
			if id := m.String(); !seen[id] {
				seen[id] = true
				subjects = append(subjects, m.subject)
			}
		}
	}
	return subjects
}

// burst sends many copies of a body at the same time, for the time in sustain.
func (b *bench) burst(ctx context.Context, s subject, gomaxprocs int) (*burst, error) {
	server, err := b.connect(ctx, gomaxprocs)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	senders, err := server.connectMany(ctx, b.copies)
	defer func() {
		for _, c := range senders {
			c.close()
		}
	}()
	if err != nil {
		return nil, err
	}
	result := &burst{subject: s, copies: b.copies, gomaxprocs: gomaxprocs}
	body := s.body()
	limited, cancel := context.WithTimeout(ctx, b.sustain+b.timeout)
	defer cancel()
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		result.stopped = server.stopAbove(limited, 4*b.shipped.memoryLimit) // clearly above the limit, but not enough to harm the machine
	}()
	finish := sendSmall(limited, server.small)
	result.statuses = b.sendCopies(limited, server.process, senders, s, body)
	result.waits = finish()
	peak, err := server.memory(memoryPeak)
	cancel()
	<-watched
	result.peak = max(peak, server.lastMemory)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case result.stopped:
		return result, nil
	case server.hasEnded() != nil:
		result.ended = true
		return result, nil
	default:
		return result, err
	}
}

func (b *burst) String() string {
	return fmt.Sprintf("%d at a time, GOMAXPROCS %d: %s", b.copies, b.gomaxprocs, b.subject)
}

// sendCopies sends a body over all connections at the same time, for the time in sustain. It returns the number of responses
// with each status.
func (b *bench) sendCopies(ctx context.Context, p *process, clients []*client, s subject, body []byte) map[string]int {
	end := time.Now().Add(b.sustain)
	statuses := map[string]int{}
	var mu sync.Mutex
	var senders sync.WaitGroup
	for _, c := range clients {
		senders.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil && p.hasEnded() == nil {
				status, err := c.status(ctx, s.path, body, s.chunked)
				text := strconv.Itoa(status)
				if err != nil {
					text = "none"
				}
				mu.Lock()
				statuses[text]++
				mu.Unlock()
			}
		})
	}
	senders.Wait()
	return statuses
}

// answers lists the number of responses with each status.
func (b *burst) answers() string {
	text := make([]string, 0, len(b.statuses))
	for _, status := range slices.Sorted(maps.Keys(b.statuses)) {
		text = append(text, fmt.Sprintf("%s: %d", status, b.statuses[status]))
	}
	return strings.Join(text, ", ")
}
