// Package hub opens the parts of a project, joins them, and offers the verbs that the command line calls.
package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/governance/crypt"
	"crmhub/hub/config"
	"crmhub/mappings"
	"crmhub/mdm"
	"crmhub/pipelines"
	"crmhub/schemas"
	"crmhub/store"
	"crmhub/store/golden"
	"crmhub/store/journal"
)

// The proofs that the store is what the lower floors ask for.
var (
	_ pipelines.Sink = (*golden.Store)(nil)
	_ mdm.Store      = (*golden.Store)(nil)
)

// Options say how a project is opened. The zero value reads the process's
// environment and clock, logs nothing and knows no connector.
type Options struct {
	Registry connectors.Registry
	Log      *slog.Logger
	Now      func() time.Time
	Env      func(string) (string, bool)
	// Who is the person at work, for the journal.
	Who string
	// Version is the program's, for what it leaves behind.
	Version string
	// Lang is the language of texts that go into results.
	Lang fault.Lang
}

// Hub is one project. Its parts are opened when a verb needs them and stay
// open until Close. A Hub is used by one goroutine at a time.
type Hub struct {
	config *config.Config
	o      Options
	// ahead is by how much the hub's clock runs before the machine's, so that
	// runs stay in order where that one was set back.
	ahead atomic.Int64

	db       *store.DB
	golden   *golden.Store
	journal  *journal.Journal
	schemas  *schemas.Set
	mappings *mappings.Set
	model    *mdm.Model
	// modelPrint names the model and, of a project's own, its content.
	modelPrint string
	pipes      map[string]*pipelines.Pipeline
}

// Open opens the project in dir: it reads hub.yaml and nothing else.
func Open(dir string, o Options) (*Hub, error) {
	c, err := config.Load(dir, o.Env)
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Env == nil {
		o.Env = os.LookupEnv
	}
	return &Hub{config: c, o: o}, nil
}

// Close closes what was opened.
func (h *Hub) Close() error {
	if h.db == nil {
		return nil
	}
	db := h.db
	h.db = nil
	return db.Close()
}

// Config returns the project's hub.yaml.
func (h *Hub) Config() *config.Config { return h.config }

// now is the machine's clock, never before the last run's.
func (h *Hub) now() time.Time { return h.o.Now().Add(time.Duration(h.ahead.Load())) }

// ring reads the project's key ring.
func (h *Hub) ring() (*crypt.Ring, error) {
	path, err := h.config.Keyring()
	if err != nil {
		return nil, err
	}
	return crypt.ReadRing(path)
}

// open opens the store and what stands on it. The second call does nothing.
func (h *Hub) open(ctx context.Context) error {
	if h.db != nil {
		return nil
	}
	set, err := h.schemaSet()
	if err != nil {
		return err
	}
	model, err := h.matchModel()
	if err != nil {
		return err
	}
	ring, err := h.ring()
	if err != nil {
		return err
	}
	url, err := h.config.Store()
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, store.Config{URL: url, Dir: h.config.Dir, Ring: ring, Log: h.o.Log, Now: h.now})
	if err != nil {
		return err
	}
	h.db = db
	h.journal = journal.New(db)
	h.golden = golden.New(db, golden.Options{Schemas: set, Features: model.Features, Model: h.modelPrint})
	return nil
}

// locked opens the store, takes its lock, runs f and lets the lock go.
func (h *Hub) locked(ctx context.Context, what string, f func() error) (err error) {
	if err := h.open(ctx); err != nil {
		return err
	}
	release, err := h.db.Lock(ctx, what)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	return f()
}

// schemaSet returns the canonical schemas, the project's own before the shipped ones.
func (h *Hub) schemaSet() (*schemas.Set, error) {
	if h.schemas == nil {
		s, err := schemas.Load(h.config.Folder("schemas"))
		if err != nil {
			return nil, err
		}
		h.schemas = s
	}
	return h.schemas, nil
}

func (h *Hub) mappingSet() (*mappings.Set, error) {
	if h.mappings == nil {
		s, err := mappings.Load(h.config.Folder("mappings"))
		if err != nil {
			return nil, err
		}
		h.mappings = s
	}
	return h.mappings, nil
}

// modelFile is the project's match model, where it has one.
const modelFile = "mdm/customer.yaml"

func (h *Hub) matchModel() (*mdm.Model, error) {
	if h.model != nil {
		return h.model, nil
	}
	data, err := os.ReadFile(h.config.Abs(modelFile))
	var m *mdm.Model
	switch {
	case errors.Is(err, os.ErrNotExist):
		m, err = mdm.DefaultModel(), nil
	case err != nil:
		return nil, fault.New("E1103", modelFile, "reason", fault.Reason(err)).Because(err)
	default:
		m, err = mdm.ParseModel(modelFile, data)
	}
	if err != nil {
		return nil, err
	}
	h.model, h.modelPrint = m, m.Version()
	if data != nil {
		sum := sha256.Sum256(data)
		h.modelPrint += "+" + hex.EncodeToString(sum[:8])
	}
	return m, nil
}

// warnClock sets the hub's clock to just after the last run where the
// machine's stands before it, and says so.
func (h *Hub) warnClock(ctx context.Context, events func(Event)) error {
	last, err := h.lastRun(ctx)
	if err != nil {
		return err
	}
	behind := last.Sub(h.o.Now())
	if behind <= 0 {
		return nil
	}
	h.ahead.Store(int64(behind + time.Millisecond))
	events(Event{Kind: Warned, At: h.now(), Fault: fault.New("W1401", "", "behind", behind.Round(time.Second))})
	return nil
}

// lastRun returns when the latest run began or ended; zero where there is none.
func (h *Hub) lastRun(ctx context.Context) (time.Time, error) {
	runs, err := h.journal.Runs(ctx, "", 1)
	if err != nil || len(runs) == 0 {
		return time.Time{}, err
	}
	if runs[0].Finished.After(runs[0].Started) {
		return runs[0].Finished, nil
	}
	return runs[0].Started, nil
}

// kind says which folder of pipelines a file belongs to.
func isPipelineFile(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}
