package store

import (
	"context"
	"encoding/json"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// passLock is the lock that those who share the writers' lock meet at.
const passLock = 0x63726d03

// Share takes the store's lock beside others that share it: what says for
// what. Whoever wants the lock for himself gets E5005 while anyone shares it, and
// the other way round. An embedded store is shared with nobody: there it is Lock.
func (d *DB) Share(ctx context.Context, what string) (release func() error, err error) {
	e, ok := d.engine.(*postgresEngine)
	if !ok {
		return d.Lock(ctx, what)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	raw, err := json.Marshal(holder{What: what, Host: host, PID: os.Getpid(), Since: d.Now().Truncate(time.Second)})
	if err != nil {
		return nil, err
	}
	s, err := e.sessions.open(ctx)
	if err != nil {
		return nil, d.fault(err)
	}
	var got bool
	if err := s.QueryRow(ctx, "SELECT pg_try_advisory_lock_shared($1, hashtext(current_schema()))", writerLock).Scan(&got); err != nil {
		return nil, d.fault(joinClose(err, func() error { return e.sessions.release(ctx, s) }))
	}
	if !got {
		var other []byte
		err := s.QueryRow(ctx, "SELECT (SELECT value FROM meta WHERE name = 'lock')").Scan(&other)
		if err == nil {
			err = locked(other)
		}
		return nil, d.fault(joinClose(err, func() error { return e.sessions.release(ctx, s) }))
	}
	if _, err := s.Exec(ctx, "INSERT INTO meta (name, value) VALUES ('lock', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value", raw); err != nil {
		return nil, d.fault(joinClose(err, func() error { return e.sessions.release(ctx, s) }))
	}
	return sync.OnceValue(func() error { return e.sessions.release(ctx, s) }), nil
}

// Gate is where several that work on one store meet: each is inside together
// with others, or alone. It is a session of the database: who loses it is
// outside. It is used by one goroutine.
type Gate struct {
	db       *DB
	sessions *sessions
	s        *pgx.Conn
}

// Gate returns a gate of the store; ok is false for an embedded one, at which
// nobody meets.
func (d *DB) Gate(ctx context.Context) (g *Gate, ok bool, err error) {
	e, ok := d.engine.(*postgresEngine)
	if !ok {
		return nil, false, nil
	}
	s, err := e.sessions.open(ctx)
	if err != nil {
		return nil, true, d.fault(err)
	}
	return &Gate{d, &e.sessions, s}, true, nil
}

func (g *Gate) run(ctx context.Context, sql string) error {
	_, err := g.s.Exec(ctx, "SELECT "+sql+"($1, hashtext(current_schema()))", passLock)
	return g.db.fault(err)
}

// Alone waits until nobody is inside, and goes in alone.
func (g *Gate) Alone(ctx context.Context) error { return g.run(ctx, "pg_advisory_lock") }

// Admit lets others in beside the one who was alone; nobody can have been alone
// in between.
func (g *Gate) Admit(ctx context.Context) error {
	if err := g.run(ctx, "pg_advisory_lock_shared"); err != nil {
		return err
	}
	return g.run(ctx, "pg_advisory_unlock")
}

// Leave goes out.
func (g *Gate) Leave(ctx context.Context) error {
	_, err := g.s.Exec(ctx, "SELECT pg_advisory_unlock_all()")
	return g.db.fault(err)
}

// Close goes out for good.
func (g *Gate) Close() error { return g.db.fault(g.sessions.release(context.Background(), g.s)) }
