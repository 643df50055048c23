package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// sessions are connections beside the pool's, for locks that live as long as a session. One
// that gave its locks back serves who asks next: were each taken from the pool and ended, the pool
// would work with new connections all the time, to which the server has to explain every statement again.
type sessions struct {
	config *pgx.ConnConfig
	mu     sync.Mutex
	idle   []*pgx.Conn
	closed bool
}

// idleSessions is how many sessions without a lock are kept.
const idleSessions = 4

// open returns a session that holds no lock.
func (s *sessions) open(ctx context.Context) (*pgx.Conn, error) {
	for c := s.take(); c != nil; c = s.take() {
		if c.Ping(ctx) == nil {
			return c, nil
		}
		// The server ended it meanwhile, or ctx did, of which connecting tells.
		if err := end(ctx, c); err != nil {
			return nil, err
		}
	}
	return pgx.ConnectConfig(ctx, s.config.Copy())
}

func (s *sessions) take() *pgx.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.idle) - 1
	if last < 0 {
		return nil
	}
	c := s.idle[last]
	s.idle = s.idle[:last]
	return c
}

// release gives a session's locks back.
func (s *sessions) release(ctx context.Context, c *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, err := c.Exec(ctx, "SELECT pg_advisory_unlock_all()")
	if c.IsClosed() {
		return nil // the server lost the session, and the locks with it
	}
	if err == nil && s.keep(c) {
		return nil
	}
	return errors.Join(err, c.Close(ctx))
}

// keep keeps a session for the next, unless there are enough.
func (s *sessions) keep(c *pgx.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.idle) >= idleSessions {
		return false
	}
	s.idle = append(s.idle, c)
	return true
}

// close ends the sessions that hold no lock; the others end when they are released.
func (s *sessions) close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	var errs []error
	for c := s.take(); c != nil; c = s.take() {
		errs = append(errs, end(context.Background(), c))
	}
	return errors.Join(errs...)
}

// end ends a session that holds no lock and may be lost already.
func end(ctx context.Context, c *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if c.IsClosed() {
		return nil
	}
	return c.Close(ctx)
}
