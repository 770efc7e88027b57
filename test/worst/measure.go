package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"ippool-webhook/test/worst/bodies"
)

// bench collects measurements.
type bench struct {
	options
	progress io.Writer

	single []*measurement
	many   []*burst
}

// measurement is the cost of a single body.
type measurement struct {
	subject
	samples []sample
	healthy *baseline
}

// baseline is the cost of the healthy body of a size, operation and path.
type baseline struct {
	subject
	samples []sample
	last    time.Time // of the last sample
}

// measureAll measures all bodies one at a time, then many copies of the worst ones.
func (b *bench) measureAll(ctx context.Context) error {
	for _, size := range b.sizes {
		for _, path := range []string{validatePath, mutatePath} {
			s := &series{bench: b, baselines: map[string]*baseline{}}
			for _, operation := range []string{bodies.Create, bodies.Update} {
				s.baselines[operation] = &baseline{subject: healthy(size, operation, path)}
			}
			if err := s.measure(ctx, b.hostile(size, path)); err != nil {
				return err
			}
		}
	}
	return b.measureBursts(ctx)
}

// series measures bodies of one size and path, one after the other. It uses the same server as long as no body has changed its
// state.
type series struct {
	*bench
	baselines map[string]*baseline // by operation
	server    *connected           // nil if the next body needs a new server
}

func (s *series) measure(ctx context.Context, subjects []subject) error {
	defer s.stopServer()
	for i, subject := range subjects {
		_, _ = fmt.Fprintf(s.progress, "%d of %d: %s\n", i+1, len(subjects), subject)
		m := &measurement{subject: subject, healthy: s.baselines[subject.operation]}
		s.single = append(s.single, m)
		body := subject.body()
		for range s.rounds {
			if err := s.compare(ctx, m, body); err != nil {
				return fmt.Errorf("%s: %w", subject, err)
			}
			if m.timedOut() || m.cheap() {
				break // more samples would not change the report
			}
		}
	}
	return nil
}

// compare measures a body once. It also measures the healthy body, unless that was recent.
func (s *series) compare(ctx context.Context, m *measurement, body []byte) error {
	if err := s.prepareServer(ctx, m.healthy); err != nil {
		return err
	}
	const recent = 5 * time.Second // other load on the machine is about the same
	if time.Since(m.healthy.last) > recent {
		sample, err := s.server.sample(ctx, m.path, m.healthy.body(), false, s.timeout)
		if err != nil {
			return err
		}
		if sample.answer != "allowed" {
			return fmt.Errorf("the response to the healthy body is %q", sample.answer)
		}
		m.healthy.samples, m.healthy.last = append(m.healthy.samples, sample), time.Now()
	}
	sample, err := s.server.sample(ctx, m.path, body, m.chunked, s.timeout)
	if err != nil {
		return err
	}
	m.samples = append(m.samples, sample)
	return s.checkServer(sample)
}

// prepareServer starts a server, unless there is one, and sends it a healthy body.
func (s *series) prepareServer(ctx context.Context, healthy *baseline) (err error) {
	if s.server != nil {
		return nil
	}
	if s.server, err = s.connect(ctx, s.gomaxprocs[0]); err != nil {
		return err
	}
	if _, err := s.server.sample(ctx, healthy.path, healthy.body(), false, s.timeout); err != nil {
		return err
	}
	if _, err := s.server.settle(ctx); err != nil {
		return err
	}
	s.server.cleanMemory, err = s.server.memory(memoryNow)
	return err
}

// checkServer stops the server if the last body has left it in another state than a healthy body does.
func (s *series) checkServer(last sample) error {
	if last.ended || last.timedOut {
		s.stopServer()
		return nil
	}
	memory, err := s.server.memory(memoryNow)
	if err == nil && memory > s.server.cleanMemory*5/4 {
		s.stopServer()
	}
	return err
}

func (s *series) stopServer() {
	if s.server != nil {
		s.server.stop()
		s.server = nil
	}
}

// median returns the median of a value of the samples.
func median[T int64 | time.Duration](samples []sample, read func(sample) T) T {
	values := make([]T, len(samples))
	for i := range samples {
		values[i] = read(samples[i])
	}
	slices.Sort(values)
	if len(values) == 0 {
		return 0
	}
	return values[len(values)/2]
}

func sampleCPU(s sample) time.Duration { return s.cpu }
func samplePeak(s sample) int64        { return s.peak }

func (m *measurement) cpu() time.Duration { return median(m.samples, sampleCPU) }
func (m *measurement) peak() int64        { return median(m.samples, samplePeak) }

// cpuRatio and peakRatio compare the body with the healthy one.
func (m *measurement) cpuRatio() float64 {
	return float64(m.cpu()) / max(float64(median(m.healthy.samples, sampleCPU)), 1)
}

func (m *measurement) peakRatio() float64 {
	return float64(m.peak()) / max(float64(median(m.healthy.samples, samplePeak)), 1)
}

func (m *measurement) waits() (all waits) {
	for i := range m.samples {
		all.add(m.samples[i].waits)
	}
	return all
}

func (m *measurement) timedOut() bool {
	return slices.ContainsFunc(m.samples, func(s sample) bool { return s.timedOut })
}

// cheap reports whether the body costs less than half of the budget.
func (m *measurement) cheap() bool { return m.cpuRatio() < maxCPURatio/2.0 }

// answer returns the answer to the last of the requests.
func (m *measurement) answer() string {
	if len(m.samples) == 0 {
		return answerNone
	}
	return m.samples[len(m.samples)-1].answer
}
