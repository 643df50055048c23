package hub

import (
	"context"
	"strings"

	"crmhub/fault"
	"crmhub/mappings"
	"crmhub/pipelines"
	"crmhub/pipelines/stream"
)

// sampleRows is how many rows of each pipeline a check sends through the stages.
const sampleRows = 200

// CheckResult is what a check found of one pipeline; of the project's common
// files where Pipeline is empty.
type CheckResult struct {
	Pipeline string
	Faults   []*fault.Error
	Warnings []*fault.Error
	// Sampled rows went through all stages, Refused of them would be
	// quarantined, Filtered dropped by the mapping; Records came out.
	Sampled, Refused, Filtered, Records int
}

// Check looks at the project's files, connects, and sends a sample of every
// pipeline's rows through all stages. It writes nothing and opens no store.
// No names means every pipeline.
func (h *Hub) Check(ctx context.Context, names []string) ([]CheckResult, error) {
	common := CheckResult{Warnings: h.config.Warnings()}
	if _, err := h.schemaSet(); err != nil {
		common.Faults = append(common.Faults, Faults(err)...)
	}
	if _, err := h.matchModel(); err != nil {
		common.Faults = append(common.Faults, Faults(err)...)
	}
	if _, err := h.ring(); err != nil {
		common.Faults = append(common.Faults, Faults(err)...)
	}
	common.Faults = append(common.Faults, h.checkConnections()...)
	common.Faults = append(common.Faults, h.checkNotify(ctx)...)
	common.Faults = append(common.Faults, h.checkPairs()...)
	list, err := h.chosen(names, len(names) == 0)
	if err != nil {
		common.Faults = append(common.Faults, Faults(err)...)
	}
	results := []CheckResult{common}
	if len(common.Faults) > 0 && h.schemas == nil {
		return results, nil
	}
	for _, p := range list {
		if ctx.Err() != nil {
			return results, context.Cause(ctx)
		}
		results = append(results, h.checkPipeline(ctx, p))
	}
	return results, nil
}

// checkPairs runs the golden pairs of the project's own mappings.
func (h *Hub) checkPairs() (all []*fault.Error) {
	folder := h.config.Folder("mappings")
	if folder == nil {
		return nil
	}
	pairs, err := mappings.TestPairs(folder)
	all = Faults(err)
	for _, p := range pairs {
		all = append(all, Faults(p.Err)...)
	}
	return all
}

// checkConnections judges every connection's parameters without connecting.
func (h *Hub) checkConnections() (all []*fault.Error) {
	for _, name := range h.config.Connections() {
		src, _, err := h.source("", name, nil)
		if err != nil {
			all = append(all, Faults(err)...)
			continue
		}
		if err := src.Close(); err != nil {
			all = append(all, Faults(err)...)
		}
	}
	return all
}

func (h *Hub) checkPipeline(ctx context.Context, p *pipelines.Pipeline) CheckResult {
	res := CheckResult{Pipeline: p.Name}
	run, err := h.runner(p, func(w *fault.Error) { res.Warnings = append(res.Warnings, w) })
	if err != nil {
		res.Faults = Faults(err)
		return res
	}
	defer func() {
		if err := run.Source.Close(); err != nil {
			res.Faults = append(res.Faults, Faults(err)...)
		}
	}()
	if err := stream.Check(p); err != nil {
		res.Faults = append(res.Faults, Faults(err)...)
	}
	if err := run.Source.Check(ctx); err != nil {
		res.Faults = append(res.Faults, Faults(err)...)
		return res
	}
	samples, err := run.Preview(ctx, sampleRows)
	if err != nil {
		res.Faults = append(res.Faults, Faults(err)...)
	}
	byCode := map[string]int{}
	var keyed, columns []string
	for _, s := range samples {
		columns = union(columns, s.Row)
		res.Sampled++
		res.Records += len(s.Records)
		if s.Filtered {
			res.Filtered++
		}
		if s.Key != "" {
			keyed = append(keyed, s.Key)
		}
		if s.Refusal != nil {
			res.Refused++
			if f := fault.Of(s.Refusal.Fault); f != nil {
				byCode[string(f.Code)]++
			}
		}
	}
	res.Warnings = append(res.Warnings, h.renamed(p, columns)...)
	if res.Refused > 0 {
		res.Warnings = append(res.Warnings, fault.New("W1404", p.Path, "count", res.Refused, "sampled", res.Sampled, "codes", strings.Join(sorted(byCode), ", ")))
	}
	if class := looksLike(keyed); class != "" && !keyClassGiven(p) {
		res.Warnings = append(res.Warnings, fault.New("W1403", p.Place("source"), "pipeline", p.Name, "class", class))
	}
	return res
}

// Faults returns every fault in err, joined ones one by one; an error without
// a code becomes E9002.
func Faults(err error) []*fault.Error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*fault.Error
		for _, e := range joined.Unwrap() {
			all = append(all, Faults(e)...)
		}
		return all
	}
	if f := fault.Of(err); f != nil {
		return []*fault.Error{f}
	}
	return []*fault.Error{fault.New("E9002", "", "what", fault.Reason(err)).Because(err)}
}
