package golden

import (
	"bytes"
	"context"
	"encoding/json"

	"crmhub/fault"
	"crmhub/record"
	"crmhub/store"
)

// run is one execution of a pipeline as the store works with it.
type run struct {
	n    int64
	id   record.RunID
	spec record.RunSpec
	// landed says that this process landed something for it; newcomers is made then.
	landed    bool
	newcomers *newcomers
}

const runColumns = "n, id, pipeline, spec, status, counts, started, finished, failure, wrapped, position, position_tag"

// storedRun is a row of the table run.
type storedRun struct {
	run
	status            record.Status
	counts            record.Counts
	started, finished int64
	failure           []byte
	wrapped, position []byte
	tag               []byte
}

func scanRun(r store.Row) (storedRun, error) {
	x := storedRun{
		run: run{n: r.Int(0), id: record.RunID(r.Text(1))}, status: record.Status(r.Text(4)), started: r.Int(6), finished: r.Int(7),
		failure: r.Bytes(8), wrapped: r.Bytes(9), position: r.Bytes(10), tag: r.Bytes(11),
	}
	if err := json.Unmarshal(r.Bytes(3), &x.spec); err != nil {
		return x, err
	}
	return x, json.Unmarshal(r.Bytes(5), &x.counts)
}

// sealPosition seals a position, which may hold keys, and names it for
// comparison.
func (s *Store) sealPosition(pipeline string, p record.Position) (wrapped, sealed, tag []byte, err error) {
	if len(p) == 0 {
		return nil, nil, nil, nil
	}
	t := s.db.ContentToken("position", string(p))
	wrapped, sealed, err = s.db.SealOne("position", []byte(pipeline), p)
	return wrapped, sealed, t[:], err
}

func (s *Store) openPosition(pipeline string, wrapped, sealed []byte) (record.Position, error) {
	return s.db.OpenOne("position", []byte(pipeline), wrapped, sealed)
}

// RunRow is a run as the journal reads it.
type RunRow struct {
	N    int64 // the store's own number: the greater, the newer
	Spec record.RunSpec
	record.Run
}

// ReadRuns reads runs; which begins with WHERE, or ORDER BY.
func (s *Store) ReadRuns(ctx context.Context, tx *store.Tx, which string, args ...any) ([]RunRow, error) {
	var all []RunRow
	err := tx.Each(ctx, func(r store.Row) error {
		x, err := scanRun(r)
		if err != nil {
			return err
		}
		v, err := s.view(x)
		all = append(all, RunRow{x.n, x.spec, v})
		return err
	}, "SELECT "+runColumns+" FROM run "+which, args...)
	return all, err
}

// view returns the run as the other rooms see it.
func (s *Store) view(x storedRun) (record.Run, error) {
	p, err := s.openPosition(x.spec.Pipeline, x.wrapped, x.position)
	v := record.Run{
		ID: x.id, Pipeline: x.spec.Pipeline, Source: x.spec.Source, Stream: x.spec.Stream, Status: x.status,
		Started: instant(x.started), Counts: x.counts, Position: p, Replay: x.spec.Replay,
	}
	if x.finished != 0 {
		v.Finished = instant(x.finished)
	}
	if f := OpenFailure(x.failure); f != nil {
		v.Error = f
	}
	return v, err
}

// failure is how a run keeps the fault that ended it.
type failure struct {
	Code  fault.Code        `json:"code"`
	Place string            `json:"place,omitempty"`
	Args  map[string]string `json:"args,omitempty"`
}

func packFailure(cause error) ([]byte, error) {
	if cause == nil {
		return nil, nil
	}
	e := fault.Of(cause)
	if e == nil {
		return nil, nil // its text might hold a value; the status says enough
	}
	return json.Marshal(failure{e.Code, e.Place, e.Args})
}

// OpenFailure returns the fault that a run keeps, nil where it keeps none. One
// whose code this program does not know comes back without its texts.
func OpenFailure(raw []byte) *fault.Error {
	var f failure
	if len(raw) == 0 || json.Unmarshal(raw, &f) != nil {
		return nil
	}
	return &fault.Error{Code: f.Code, Place: f.Place, Args: f.Args}
}

// Begin opens a run, or takes up the unfinished run of the same pipeline, under
// its id, counters and position, where that one read the same stream in the
// same way. A full refresh ends the unfinished one and begins anew.
func (s *Store) Begin(ctx context.Context, spec record.RunSpec) (record.Run, error) {
	var out record.Run
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		if was, err := tx.Meta(ctx, modelName); err != nil {
			return err
		} else if was == nil && s.o.Model != "" {
			if err := tx.SetMeta(ctx, modelName, []byte(s.o.Model)); err != nil {
				return err
			}
		}
		var open []storedRun
		err := tx.Each(ctx, func(r store.Row) error {
			x, err := scanRun(r)
			if x.spec.Replay == spec.Replay {
				open = append(open, x)
			}
			return err
		}, "SELECT "+runColumns+" FROM run WHERE pipeline = $1 AND status IN ('running', 'interrupted') ORDER BY n DESC", spec.Pipeline)
		if err != nil {
			return err
		}
		for i, x := range open {
			same := x.spec.Source == spec.Source && x.spec.Stream == spec.Stream && x.spec.Incremental == spec.Incremental && x.spec.Sweep == spec.Sweep
			if i == 0 && same && !spec.FullRefresh {
				out, err = s.resume(ctx, tx, x, spec)
			} else {
				err = s.close(ctx, tx, x, record.Failed, fault.New("E5011", "", "run", x.id))
			}
			if err != nil {
				return err
			}
		}
		if out.ID != "" {
			return nil
		}
		out, err = s.start(ctx, tx, spec)
		return err
	})
	return out, err
}

func (s *Store) resume(ctx context.Context, tx *store.Tx, x storedRun, spec record.RunSpec) (record.Run, error) {
	raw, err := json.Marshal(spec)
	if err != nil {
		return record.Run{}, err
	}
	x.spec, x.status, x.finished, x.failure = spec, record.Running, 0, nil
	if err := tx.Do(ctx, "UPDATE run SET spec = $2, status = 'running', finished = 0, failure = NULL WHERE n = $1", x.n, raw); err != nil {
		return record.Run{}, err
	}
	s.remember(x.run)
	v, err := s.view(x)
	v.Resumed = true
	return v, err
}

func (s *Store) start(ctx context.Context, tx *store.Tx, spec record.RunSpec) (record.Run, error) {
	n, err := tx.Int(ctx, "SELECT coalesce(max(n), 0) + 1 FROM run")
	if err != nil {
		return record.Run{}, err
	}
	x := storedRun{run: run{n: n, id: record.RunID(idText(s.ids.next(s.db.Now(), 1)[0])), spec: spec}, status: record.Running, started: s.db.Now().UnixMicro()}
	baseWrapped, base, from, err := s.standing(ctx, tx, spec)
	if err != nil {
		return record.Run{}, err
	}
	if spec.Incremental && !spec.FullRefresh && !spec.Replay {
		if x.wrapped, x.position, x.tag, err = s.sealPosition(spec.Pipeline, from); err != nil {
			return record.Run{}, err
		}
	}
	raw, err := json.Marshal(spec)
	if err != nil {
		return record.Run{}, err
	}
	counts, err := json.Marshal(x.counts)
	if err != nil {
		return record.Run{}, err
	}
	err = tx.Do(ctx, `INSERT INTO run (n, id, pipeline, spec, status, counts, started, finished, wrapped, position, position_tag, base_wrapped, base)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, $12)`,
		n, string(x.id), spec.Pipeline, raw, string(x.status), counts, x.started, x.wrapped, x.position, x.tag, baseWrapped, base)
	if err != nil {
		return record.Run{}, err
	}
	s.remember(x.run)
	return s.view(x)
}

// standing returns the position at which the pipeline's last good run ended,
// sealed, and open where that run read the same stream.
func (s *Store) standing(ctx context.Context, tx *store.Tx, spec record.RunSpec) (wrapped, sealed []byte, from record.Position, err error) {
	var last int64
	_, err = tx.One(ctx, func(r store.Row) error {
		wrapped, sealed, last = r.Bytes(0), r.Bytes(1), r.Int(2)
		return nil
	}, "SELECT wrapped, position, run FROM position WHERE pipeline = $1", spec.Pipeline)
	if err != nil || sealed == nil {
		return nil, nil, nil, err
	}
	same := false
	_, err = tx.One(ctx, func(r store.Row) error {
		var was record.RunSpec
		err := json.Unmarshal(r.Bytes(0), &was)
		same = was.Source == spec.Source && was.Stream == spec.Stream
		return err
	}, "SELECT spec FROM run WHERE n = $1", last)
	if err != nil || !same {
		return wrapped, sealed, nil, err
	}
	from, err = s.openPosition(spec.Pipeline, wrapped, sealed)
	return wrapped, sealed, from, err
}

func (s *Store) remember(r run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs[r.id] = &r
}

// openRun returns what the store has to know of an open run.
func (s *Store) openRun(ctx context.Context, id record.RunID) (*run, error) {
	s.mu.Lock()
	r, ok := s.runs[id]
	s.mu.Unlock()
	if ok {
		return r, nil
	}
	err := s.db.View(ctx, func(tx *store.Tx) error {
		x, err := loadRun(ctx, tx, id)
		r = &x.run
		return err
	})
	if err == nil {
		s.remember(*r)
	}
	return r, err
}

func loadRun(ctx context.Context, tx *store.Tx, id record.RunID) (storedRun, error) {
	var x storedRun
	found, err := tx.One(ctx, func(r store.Row) (err error) {
		x, err = scanRun(r)
		return err
	}, "SELECT "+runColumns+" FROM run WHERE id = $1", string(id))
	if err == nil && !found {
		err = fault.New("E5014", "", "run", id)
	}
	return x, err
}

// fence locks an open run for the transaction and refuses one that has gone
// on elsewhere.
func (s *Store) fence(ctx context.Context, tx *store.Tx, id record.RunID, from record.Position) (storedRun, error) {
	if err := tx.Do(ctx, "UPDATE run SET status = status WHERE id = $1", string(id)); err != nil {
		return storedRun{}, err
	}
	x, err := loadRun(ctx, tx, id)
	if err != nil {
		return x, err
	}
	var tag []byte
	if len(from) > 0 {
		t := s.db.ContentToken("position", string(from))
		tag = t[:]
	}
	if x.status != record.Running || !bytes.Equal(tag, x.tag) {
		return x, fault.New("E5011", "", "run", id)
	}
	return x, nil
}

// End closes a run. With status Done it sweeps first, where the run's spec says
// so; where the sweep would pass its limit it returns E5013, nothing is deleted, and the
// run is Failed. A run that is not open gives E5011.
func (s *Store) End(ctx context.Context, id record.RunID, status record.Status, cause error) (record.Run, error) {
	var out record.Run
	var refused error
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		refused = nil
		x, err := loadRun(ctx, tx, id)
		if err != nil {
			return err
		}
		if x.status != record.Running {
			return fault.New("E5011", "", "run", id)
		}
		if status == record.Done && x.spec.Sweep && !x.spec.Replay {
			swept, err := s.sweep(ctx, tx, x)
			if f := fault.Of(err); f != nil && f.Code == "E5013" {
				status, cause, refused = record.Failed, f, f
			} else if err != nil {
				return err
			}
			x.counts.Swept += swept
		}
		if status == record.Done && !x.spec.Replay {
			if err := tx.Do(ctx, `INSERT INTO position (pipeline, wrapped, position, run) VALUES ($1, $2, $3, $4)
				ON CONFLICT (pipeline) DO UPDATE SET wrapped = excluded.wrapped, position = excluded.position, run = excluded.run`,
				x.spec.Pipeline, x.wrapped, x.position, x.n); err != nil {
				return err
			}
		}
		if err := s.close(ctx, tx, x, status, cause); err != nil {
			return err
		}
		if x, err = loadRun(ctx, tx, id); err != nil {
			return err
		}
		out, err = s.view(x)
		return err
	})
	if err == nil {
		err = refused
		if status != record.Interrupted {
			s.mu.Lock()
			delete(s.runs, id)
			s.mu.Unlock()
		}
	}
	return out, err
}

// close writes a run's end.
func (s *Store) close(ctx context.Context, tx *store.Tx, x storedRun, status record.Status, cause error) error {
	raw, err := packFailure(cause)
	if err != nil {
		return err
	}
	counts, err := json.Marshal(x.counts)
	if err != nil {
		return err
	}
	if err := tx.Do(ctx, "UPDATE run SET status = $2, finished = $3, failure = $4, counts = $5 WHERE n = $1", x.n, string(status), s.db.Now().UnixMicro(), raw, counts); err != nil {
		return err
	}
	if status == record.Interrupted {
		return nil // what it has seen is needed when it goes on
	}
	err = tx.Do(ctx, "DELETE FROM run_seen WHERE run = $1", x.n)
	return err
}
