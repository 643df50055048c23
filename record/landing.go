package record

import "time"

// Position says where a source is read up to. It is JSON that only the
// connector understands; it may hold keys, so it is stored sealed.
type Position []byte

// Landing is one source row on its way into the store: what it became.
// Records and Refusal both empty means that the mapping filtered the row.
type Landing struct {
	Place Place
	// Key is the source row's key; empty where the row has none.
	Key string
	// Records are what the row became. All of them have the row's source and
	// stream; none may share a ref. A record of an earlier version of this row
	// that is not among them is tombstoned.
	Records []Record
	// Refusal is why the row goes to quarantine instead.
	Refusal *Refusal
	// Deleted marks a row whose source reports it as gone: what it became
	// before is tombstoned.
	Deleted bool
	// Raw returns the row as Refusal.Row would hold it, for a row that the
	// store itself refuses; without it the records are kept in its place.
	Raw func() []byte
}

// Refusal is a row that a stage refused, whole.
type Refusal struct {
	Stage Stage
	Fault error // a *fault.Error
	// Row is the source row as canonical JSON, or the raw bytes where it could
	// not be decoded. It is stored sealed; its keyed hash names the item.
	Row []byte
}

// Stage is a step on the way from source to store.
type Stage string

// The stages that may refuse a row.
const (
	StageRead     Stage = "read"
	StageProcess  Stage = "process" // the user's own Benthos processors
	StageMap      Stage = "map"
	StageValidate Stage = "validate"
	StageLand     Stage = "land"
)

// RunID names one execution of a pipeline; UUIDv7 text.
type RunID string

// Status is the state of a run.
type Status string

// The states of a run. Interrupted and Running runs are continued by the next
// run of the same pipeline, under their id and counters.
const (
	Running     Status = "running"
	Done        Status = "done"
	Failed      Status = "failed"
	Interrupted Status = "interrupted"
	RolledBack  Status = "rolled_back"
)

// Counts is the equation of a run: Read is the sum of the next six. They count
// source rows; a row counts once (created before updated before deleted before
// unchanged, if its records differ).
type Counts struct {
	Read        int64 `json:"read"`
	Created     int64 `json:"created"`
	Updated     int64 `json:"updated"`
	Unchanged   int64 `json:"unchanged"`
	Deleted     int64 `json:"deleted"`
	Filtered    int64 `json:"filtered"`
	Quarantined int64 `json:"quarantined"`
	// Swept is what a sweep deleted without reading it; not part of the equation.
	Swept int64 `json:"swept"`
	// Records is what the rows became, by type.
	Records map[Type]int64 `json:"records,omitempty"`
}

// Unexplained returns the rows that were read and went nowhere. Anything but
// 0 means the run is not a success.
func (c Counts) Unexplained() int64 {
	return c.Read - c.Created - c.Updated - c.Unchanged - c.Deleted - c.Filtered - c.Quarantined
}

// Add adds d to c.
func (c *Counts) Add(d Counts) {
	c.Read += d.Read
	c.Created += d.Created
	c.Updated += d.Updated
	c.Unchanged += d.Unchanged
	c.Deleted += d.Deleted
	c.Filtered += d.Filtered
	c.Quarantined += d.Quarantined
	c.Swept += d.Swept
	for t, n := range d.Records {
		if c.Records == nil {
			c.Records = map[Type]int64{}
		}
		c.Records[t] += n
	}
}

// Run is one execution of a pipeline as the journal keeps it.
type Run struct {
	ID       RunID
	Pipeline string
	Source   string // the connection
	Stream   string
	Status   Status
	Started  time.Time
	Finished time.Time // zero while it goes on
	Counts   Counts
	// Position is where reading goes on; nil at the start.
	Position Position
	// Resumed says that an unfinished run was taken up again.
	Resumed bool
	// Error is the fault that ended a failed run, a *fault.Error.
	Error error
	// Replay marks a run that replays quarantine.
	Replay bool
}

// RunSpec is what a pipeline asks of the store when it begins a run.
type RunSpec struct {
	Pipeline string
	Source   string
	Stream   string
	// Type is the pipeline's canonical type, which its records have unless
	// the mapping says otherwise.
	Type Type
	// Incremental runs begin at the position where the last good run ended;
	// others begin anew unless an unfinished run is continued.
	Incremental bool
	// FullRefresh ignores every stored position.
	FullRefresh bool
	// Sweep deletes, at the end of a complete read, what the run did not see.
	Sweep bool
	// MaxDeleted bounds a sweep: a fraction of the stream's current records
	// (0.05) beyond which nothing is deleted and the run fails.
	MaxDeleted float64
	// MaxDeletedRows bounds a sweep by a number of records in place of
	// MaxDeleted, where it is not 0.
	MaxDeletedRows int64
	Replay         bool
	// Rules is a fingerprint of what turns the pipeline's rows into records:
	// mapping, schema, locale. A record that came under other rules is replaced
	// by one of the same instant; under the same rules their plaintexts decide.
	Rules string
}
