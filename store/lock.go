package store

import (
	"context"
	"encoding/json"
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
	// The lock lives as long as this session.
	session, err := e.sessions.open(ctx)
	if err != nil {
		return nil, err
	}
	free := func() error { return e.sessions.release(ctx, session) }
	var got bool
	if err := session.QueryRow(ctx, "SELECT pg_try_advisory_lock($1, hashtext(current_schema()))", writerLock).Scan(&got); err != nil {
		return nil, joinClose(err, free)
	}
	if !got {
		var other []byte
		err := session.QueryRow(ctx, "SELECT (SELECT value FROM meta WHERE name = 'lock')").Scan(&other)
		if err == nil {
			err = locked(other)
		}
		return nil, joinClose(err, free)
	}
	if _, err := session.Exec(ctx, "INSERT INTO meta (name, value) VALUES ('lock', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value", raw); err != nil {
		return nil, joinClose(err, free)
	}
	return free, nil
}
