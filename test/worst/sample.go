package main

import (
	"context"
	"errors"
	"time"
)

// sample is what one request cost.
type sample struct {
	cpu      time.Duration
	peak     int64 // memory, in bytes
	waits    waits // of small reviews meanwhile
	answer   string
	timedOut bool
	ended    bool // the server did
}

// The answers of requests that have none.
const (
	answerNone  = "no response"
	answerEnded = "server ended"
)

// connected is a server with the connections for one request at a time.
type connected struct {
	*process
	large, small *client
	cleanMemory  int64 // after a healthy request
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

// sample sends a body and measures what it costs, while another connection sends small reviews. Their cost is in the
// result, for healthy and for hostile bodies.
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

// readCost reads what the server has used since before.
func (c *connected) readCost(ctx context.Context, s *sample, before time.Duration) (err error) {
	var after time.Duration
	if s.timedOut { // it goes on
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
