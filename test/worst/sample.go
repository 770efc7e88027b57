package main

import (
	"context"
	"errors"
	"time"
)

// sample is the cost of one request.
type sample struct {
	cpu      time.Duration
	peak     int64 // memory, in bytes
	waits    waits // of small reviews at the same time
	answer   string
	timedOut bool
	ended    bool // the server ended by itself
}

// The answers of requests without a response.
const (
	answerNone  = "no response"
	answerEnded = "server ended"
)

// connected is a server with connections for one large and one small request at a time.
type connected struct {
	*process
	large, small *client
	cleanMemory  int64 // memory after a healthy request
}

func (o *options) connect(ctx context.Context, gomaxprocs int) (*connected, error) {
	p, err := o.startProcess(ctx, gomaxprocs)
	if err != nil {
		return nil, err
	}
	clients, err := p.connectMany(ctx, 2)
	if err != nil {
		p.stop()
		return nil, err
	}
	return &connected{process: p, large: clients[0], small: clients[1]}, nil
}

func (c *connected) stop() {
	c.large.close()
	c.small.close()
	c.process.stop()
}

// sample sends a body and measures its cost, while another connection sends small reviews. Their cost is in the result, for
// healthy and for hostile bodies.
func (c *connected) sample(ctx context.Context, path string, body []byte, chunked bool, timeout time.Duration) (sample, error) {
	before, err := c.settle(ctx)
	if err != nil {
		return sample{}, err
	}
	c.resetPeak()
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	finish := sendSmall(limited, c.small)
	answer, answerErr := c.large.decision(limited, path, body, chunked)
	s := sample{answer: answer, waits: finish()}
	switch {
	case ctx.Err() != nil:
		return s, ctx.Err()
	case c.hasEnded() != nil:
		s.answer, s.ended = answerEnded, true
		return s, nil
	case errors.Is(answerErr, context.DeadlineExceeded):
		s.answer, s.timedOut = answerNone, true
	case answerErr != nil:
		s.answer = answerNone
	}
	return s, c.readCost(ctx, &s, before)
}

// readCost reads the CPU time since before, and the peak of the memory.
func (c *connected) readCost(ctx context.Context, s *sample, before time.Duration) (err error) {
	var after time.Duration
	if s.timedOut { // the server still works on the request
		after, err = c.cpu()
	} else {
		after, err = c.settle(ctx)
	}
	if err != nil {
		return err
	}
	s.cpu = after - before
	s.peak, err = c.memory(memoryPeak)
	return err
}
