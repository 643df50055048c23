package hub

import (
	"time"

	"crmhub/fault"
	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/record"
)

// EventKind says what an Event reports.
type EventKind string

// The kinds of events, in the order in which a run reports them.
const (
	Started   EventKind = "started"   // a pipeline's run began, or was taken up again
	Progress  EventKind = "progress"  // rows were committed
	Warned    EventKind = "warning"   // something to look at; the run goes on
	Landed    EventKind = "landed"    // a pipeline's run ended, well or not
	Resolving EventKind = "resolving" // dirty records are being resolved
	Resolved  EventKind = "resolved"  // no record is dirty any more
)

// Event is one step of a command that runs pipelines. Every renderer gets the
// same ones: bars, lines, NDJSON.
type Event struct {
	Kind     EventKind
	At       time.Time
	Pipeline string
	Run      record.RunID
	// Resumed says that an unfinished run goes on.
	Resumed bool
	Counts  record.Counts
	// Stage, Done and Total say how far resolving is, in records; Total is 0
	// where it is not known.
	Stage       mdm.Stage
	Done, Total int64
	// Fault is the warning, or what ended the run.
	Fault *fault.Error
}

// PipelineResult is how one pipeline's run ended.
type PipelineResult struct {
	Pipeline string
	Run      record.RunID
	Status   record.Status
	Resumed  bool
	Counts   record.Counts
	Err      error
}

// ResolveResult is what resolving did.
type ResolveResult struct {
	mdm.Stats
	Took time.Duration
}

// RunResult is how a command that runs pipelines ended.
type RunResult struct {
	Pipelines []PipelineResult
	Resolve   ResolveResult
	Took      time.Duration
}

// RecordView is one source record as it is shown.
type RecordView struct {
	Source    string          `json:"source"`
	Stream    string          `json:"stream"`
	Type      record.Type     `json:"type,omitempty"`
	Key       string          `json:"key"`
	ID        entity.RecordID `json:"-"`
	UpdatedAt *time.Time      `json:"updated_at,omitempty"`
	Fields    record.Fields   `json:"fields,omitempty"`
}

// Origin is where a golden value comes from.
type Origin struct {
	From []RecordView `json:"from"`
	Rule string       `json:"rule"`
}

// GoldenView is one golden record as it is shown: masked unless revealed.
type GoldenView struct {
	ID             string            `json:"id"`
	Type           record.Type       `json:"type"`
	Status         string            `json:"status"`
	RedirectedFrom string            `json:"redirected_from,omitempty"`
	Version        int64             `json:"version"`
	UpdatedAt      time.Time         `json:"updated_at"`
	Fields         record.Fields     `json:"fields"`
	Provenance     map[string]Origin `json:"provenance,omitempty"`
	Members        []RecordView      `json:"members"`
	Related        []RecordView      `json:"related,omitempty"`
	// Quality is set where one record is asked for.
	Quality *QualityView `json:"quality,omitempty"`
}
