package store

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"sync"
	"time"
)

// holder says who holds the lock, for the one who is refused.
type holder struct {
	What  string    `json:"what"`
	Host  string    `json:"host"`
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
}

// Advisory locks of PostgreSQL: numbers of this program's own, beside the
// schema's, since a database may hold a store in each schema.
const (
	writerLock  = 0x63726d01
	migrateLock = 0x63726d02
)

// Lock takes the store's one lock for writers: what says for what. A second
// one gets E5005 (exit code 11), which names the holder. A holder that died
// holds nothing: the lock is the operating system's on the file beside an embedded
// store, or the session's on PostgreSQL. release may be called twice.
func (d *DB) Lock(ctx context.Context, what string) (release func() error, err error) {
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	free, err := d.engine.lock(ctx, holder{What: what, Host: host, PID: os.Getpid(), Since: d.Now().Truncate(time.Second)})
	if err != nil {
		return nil, d.fault(err)
	}
	var once sync.Once
	return func() error {
		var err error
		once.Do(func() { err = free() })
		return err
	}, nil
}

// locked is the fault that names the holder, as far as raw tells.
func locked(raw []byte) error {
	h := holder{What: "?", Host: "?"}
	if err := json.Unmarshal(raw, &h); err != nil {
		h = holder{What: "?", Host: "?"} // the holder has not written its name yet
	}
	pid, since := "?", "?"
	if h.PID != 0 {
		pid, since = strconv.Itoa(h.PID), h.Since.Format(time.RFC3339)
	}
	return fault("E5005", "", []any{"what", h.What, "host", h.Host, "pid", pid, "since", since})
}

func (e *postgresEngine) lock(ctx context.Context, h holder) (func() error, error) {
	raw, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	conn, err := e.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	var got bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1, hashtext(current_schema()))", writerLock).Scan(&got); err != nil {
		conn.Release()
		return nil, err
	}
	if !got {
		defer conn.Release()
		var other []byte
		if err := conn.QueryRow(ctx, "SELECT (SELECT value FROM meta WHERE name = 'lock')").Scan(&other); err != nil {
			return nil, err
		}
		return nil, locked(other)
	}
	// The lock lives as long as this session, which leaves the pool for it.
	session := conn.Hijack()
	free := func() error {
		// Closing alone would give the lock back a moment later.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		_, err := session.Exec(ctx, "SELECT pg_advisory_unlock($1, hashtext(current_schema()))", writerLock)
		if session.IsClosed() {
			return nil // the server lost the session, and the lock with it
		}
		return errors.Join(err, session.Close(ctx))
	}
	if _, err := session.Exec(ctx, "INSERT INTO meta (name, value) VALUES ('lock', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value", raw); err != nil {
		return nil, joinClose(err, free)
	}
	return free, nil
}
