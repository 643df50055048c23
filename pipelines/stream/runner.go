// Package stream runs one pipeline as a Benthos stream in an environment of its own: source, mapping, schema, sink.
package stream

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/mappings"
	"crmhub/mdm/standardize"
	"crmhub/pipelines"
	"crmhub/record"
	"crmhub/schemas"
)

// Runner runs one pipeline. Its fields are set before the first call and not
// changed afterwards; a Runner runs one thing at a time.
type Runner struct {
	Pipeline *pipelines.Pipeline
	Source   connectors.Source
	Sink     pipelines.Sink
	Mapper   Mapper
	Schemas  *schemas.Set
	// Locale is what the connection says of its values.
	Locale standardize.Locale
	// Rules is a fingerprint of the mapping and the schemas. The Runner adds
	// what else decides how a row becomes records.
	Rules string
	// Now may be nil.
	Now func() time.Time
	// Events hears of progress; it is called by one goroutine at a time and
	// must be quick. It may be nil.
	Events func(Event)
	// FullRefresh reads everything anew, whatever was stored.
	FullRefresh bool
	// Replay marks a run over rows from quarantine.
	Replay bool
	// Threads is how many batches are mapped at once; 0 means GOMAXPROCS.
	Threads int
	// BatchRows bounds the rows of a batch; 0 leaves it to the source.
	BatchRows int
}

// Mapper turns one source row into canonical records; *mappings.Mapping does.
// It is safe for concurrent use, and neither keeps nor changes the row nor
// shares a part of it with what it returns. A row that it refuses is a
// *fault.Error without values; no output means that the row is filtered.
type Mapper interface {
	Map(row map[string]any) ([]mappings.Output, error)
}

// cellMapper is a Mapper that takes rows of cells as they are.
type cellMapper interface {
	// AppendCells appends to dst what Map gives of the row as an object.
	AppendCells(dst []mappings.Output, row *record.Cells) ([]mappings.Output, error)
}

var (
	_ Mapper     = (*mappings.Mapping)(nil)
	_ cellMapper = (*mappings.Mapping)(nil)
)

// Run runs the pipeline once, to the end of its source. The run is returned
// as far as it was begun, also with an error. The error is a *fault.Error:
// the source's or the store's own, or E41xx; with E4105 (too much in
// quarantine) the run is done all the same. When ctx ends, the batches in
// hand are stored and the run is Interrupted (E4104).
func (r *Runner) Run(ctx context.Context) (record.Run, error) {
	p := r.Pipeline
	streamName, err := r.streamName(ctx)
	if err != nil {
		return record.Run{}, err
	}
	if err := Check(p); err != nil {
		return record.Run{}, err
	}
	full := p.Source.ReadMode() == pipelines.Full || r.FullRefresh
	spec := record.RunSpec{
		Pipeline:    p.Name,
		Source:      p.Source.Connection,
		Stream:      streamName,
		Type:        p.Type,
		Incremental: !full,
		FullRefresh: r.FullRefresh,
		Sweep:       p.Source.Deletes == pipelines.DeletesSweep && !r.Replay,
		MaxDeleted:  p.Limits.MaxDeleted.Fraction,
		// A count of 0 is a fraction of 0.
		MaxDeletedRows: p.Limits.MaxDeleted.Count,
		Replay:         r.Replay,
		Rules:          r.rules(),
	}
	run, err := r.Sink.Begin(ctx, spec)
	if err != nil {
		return record.Run{}, storeFault(err)
	}
	s := newSession(r, streamName, run)
	status, cause := s.run(ctx)
	end, err := r.Sink.End(context.WithoutCancel(ctx), run.ID, status, cause)
	if end.ID == "" {
		end = s.progress()
		end.Status, end.Error = status, cause
	}
	s.finish(end)
	if cause != nil {
		return end, cause
	}
	if err != nil {
		return end, storeFault(err)
	}
	if c := end.Counts; p.Limits.MaxQuarantined.Passed(c.Quarantined, c.Read) {
		return end, fault.New("E4105", p.Place("limits", "max_quarantined"),
			"count", c.Quarantined, "read", c.Read, "limit", p.Limits.MaxQuarantined)
	}
	return end, nil
}

// rules is a fingerprint of all that turns the pipeline's rows into records.
func (r *Runner) rules() string {
	p, zone := r.Pipeline, "UTC"
	if r.Locale.Zone != nil {
		zone = r.Locale.Zone.String()
	}
	h := sha256.New()
	for _, part := range []string{
		r.Rules, p.Mapping, string(p.Type), string(p.Source.Deletes), strings.Join(p.Source.Key, "\x00"), quote(p.Processors),
		r.Locale.Country, zone, r.Locale.Dates,
	} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// streamName returns the pipeline's stream, or the only one that the source has.
func (r *Runner) streamName(ctx context.Context) (string, error) {
	p := r.Pipeline
	if p.Source.Stream != "" {
		return p.Source.Stream, nil
	}
	streams, err := r.Source.Discover(ctx)
	if err != nil {
		return "", sourceFault(err, p.Name)
	}
	if len(streams) == 1 {
		return streams[0].Name, nil
	}
	names := make([]string, 0, 20)
	for _, s := range streams {
		if len(names) == cap(names) {
			names = append(names, "…")
			break
		}
		names = append(names, s.Name)
	}
	return "", fault.New("E4012", p.Place("source"), "count", len(streams), "known", strings.Join(names, ", "))
}

func sourceFault(err error, stream string) error {
	if fault.Of(err) != nil {
		return err
	}
	return fault.New("E4101", "", "stream", stream).Because(err)
}

func storeFault(err error) error {
	if fault.Of(err) != nil {
		return err
	}
	return fault.New("E4107", "").Because(err)
}
