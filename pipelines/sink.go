package pipelines

import (
	"context"

	"crmhub/record"
)

// Sink takes what a pipeline's rows became. The store implements it.
//
// A run is Begin, any number of Prepare and Commit, then End. Prepare may be called
// concurrently; Commit is called by one goroutine, in the order of reading.
type Sink interface {
	// Begin opens a run, or takes up the unfinished run of the same pipeline
	// under its id, counters and position.
	Begin(ctx context.Context, s record.RunSpec) (record.Run, error)
	// Prepare does what needs no transaction: it hashes and seals. The result
	// is handed to Commit unchanged, or dropped.
	Prepare(ctx context.Context, run record.RunID, rows []record.Landing) (any, error)
	// Commit lands prepared batches, their counters and the position after
	// them in one transaction. from is the position that the run stood at:
	// another one in the store means that another worker went on, and the
	// commit is refused. It returns the run's counts so far.
	Commit(ctx context.Context, run record.RunID, prepared []any, from, to record.Position) (record.Counts, error)
	// End closes a run. With status Done it first sweeps, where the run's spec
	// says so; it returns a fault where the sweep would pass its limit, and the
	// run is Failed.
	End(ctx context.Context, run record.RunID, status record.Status, cause error) (record.Run, error)
}
