package hub

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"crmhub/fault"
	"crmhub/record"
)

// Fingerprint names the project's key ring.
func (h *Hub) Fingerprint() (string, error) {
	r, err := h.ring()
	if err != nil {
		return "", err
	}
	return r.Fingerprint(), nil
}

// NewStore reports whether the store is an embedded one that no run made yet.
func (h *Hub) NewStore() bool {
	if h.config.StoreKind() != "sqlite" {
		return false
	}
	url, err := h.config.Store()
	if err != nil {
		return false
	}
	path := strings.TrimPrefix(strings.TrimPrefix(url, "sqlite:"), "//")
	_, err = os.Stat(h.config.Abs(path))
	return errors.Is(err, os.ErrNotExist)
}

// Files parses everything that the user writes and returns how many pipelines
// there are. Faults are joined.
func (h *Hub) Files() (pipelines int, err error) {
	_, schemaErr := h.schemaSet()
	_, modelErr := h.matchModel()
	all, pipeErr := h.allPipelines()
	faults := []error{schemaErr, modelErr, pipeErr}
	if maps, err := h.mappingSet(); err != nil {
		faults = append(faults, err)
	} else {
		for _, name := range sorted(all) {
			_, err := maps.Mapping(all[name].Mapping)
			faults = append(faults, err)
		}
	}
	return len(all), errors.Join(faults...)
}

// Reach connects to a connection and asks for the least.
func (h *Hub) Reach(ctx context.Context, connection string) (err error) {
	src, _, err := h.source("", connection, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	return src.Check(ctx)
}

// Status is how a store is.
type Status struct {
	// Holder is who holds the lock (E5005); nil where it is free.
	Holder *fault.Error
	// LastRun is when the latest run began or ended.
	LastRun    time.Time
	Unfinished []record.Run
	// Quarantined and Dirty count open items, and records that wait to be resolved.
	Quarantined, Dirty int64
	// Damage is what the database says of its own structure.
	Damage error
}

// Status opens the store and looks around. It writes nothing.
func (h *Hub) Status(ctx context.Context) (s Status, err error) {
	if err := h.open(ctx); err != nil {
		return s, err
	}
	release, err := h.db.Lock(ctx, "doctor")
	switch f := fault.Of(err); {
	case err == nil:
		if err := release(); err != nil {
			return s, err
		}
	case f != nil && f.Code == "E5005":
		s.Holder = f
	default:
		return s, err
	}
	if s.LastRun, err = h.lastRun(ctx); err != nil {
		return s, err
	}
	runs, err := h.journal.Runs(ctx, "", 0)
	if err != nil {
		return s, err
	}
	latest := map[string]bool{}
	for _, r := range runs {
		// A run that another process holds is not left behind.
		if !latest[r.Pipeline] && s.Holder == nil && (r.Status == record.Running || r.Status == record.Interrupted) {
			s.Unfinished = append(s.Unfinished, r)
		}
		latest[r.Pipeline] = true
	}
	reasons, err := h.journal.Reasons(ctx)
	if err != nil {
		return s, err
	}
	for _, r := range reasons {
		s.Quarantined += r.Rows
	}
	if s.Dirty, _, err = h.golden.Stat(ctx); err != nil {
		return s, err
	}
	s.Damage = h.db.Integrity(ctx)
	return s, nil
}
