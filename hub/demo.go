package hub

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"crmhub/deploy/demo"
	"crmhub/fault"
	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store/golden"
	"crmhub/store/journal"
)

// demoMark is the file by which a demo knows a folder that a demo made.
const demoMark = ".crmhub-demo"

// DemoResult is what a demo made and found.
type DemoResult struct {
	Dir string
	Run RunResult
	// Records are current customer records, Customers the golden records made
	// of them, Shared those with more than one record, Largest the most
	// records of one customer.
	Records, Customers, Shared, Largest int
	Quarantine                          []journal.Reason
	// Story is one customer, masked; Why says of each of its records after the
	// first what joined it.
	Story GoldenView
	Why   []Link
	// Precision and Recall compare all pairs of records with the truth.
	Precision, Recall float64
	Backup            BackupView
	Took              time.Duration
}

// Link is what joined a record to one before it.
type Link struct {
	Record, To RecordView
	mdm.Waterfall
}

// Demo lays the bundled project into dir and runs it from nothing: all
// pipelines, a backup, and what came of it. A folder that is not empty and
// that no demo made is refused (E1112).
func Demo(ctx context.Context, dir string, o Options, events func(Event)) (res DemoResult, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	began := o.Now()
	if err := layDemo(dir, o); err != nil {
		return res, err
	}
	h, err := Open(dir, o)
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	names, err := demo.Pipelines()
	if err != nil {
		return res, err
	}
	res.Dir = dir
	if res.Run, err = h.Run(ctx, RunRequest{Names: names}, events); err != nil {
		return res, err
	}
	for _, p := range res.Run.Pipelines {
		// Rows in quarantine are part of the story; what else fails is not.
		if p.Err != nil && p.Status != record.Done {
			return res, p.Err
		}
	}
	if res.Backup, err = h.BackupCreate(ctx, ""); err != nil {
		return res, err
	}
	if res.Quarantine, err = h.journal.Reasons(ctx); err != nil {
		return res, err
	}
	if err := h.judgeDemo(ctx, &res); err != nil {
		return res, err
	}
	err = h.tellStory(ctx, &res)
	res.Took = o.Now().Sub(began)
	return res, err
}

// layDemo empties the folder of a former demo and lays the project anew.
func layDemo(dir string, o Options) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.New("E1104", dir, "reason", fault.Reason(err)).Because(err)
	}
	if len(entries) > 0 {
		if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == demoMark }) {
			return fault.New("E1112", dir)
		}
		for _, e := range entries {
			if e.Name() == demoMark {
				continue // goes last, so that a demo cut off here is still known
			}
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return fault.New("E1104", dir, "reason", fault.Reason(err)).Because(err)
			}
		}
		if err := os.Remove(filepath.Join(dir, demoMark)); err != nil {
			return fault.New("E1104", dir, "reason", fault.Reason(err)).Because(err)
		}
	}
	if _, err := Init(dir, o.Lang, o.Now()); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, demoMark), nil, 0o644); err != nil {
		return fault.New("E1104", dir, "reason", fault.Reason(err)).Because(err)
	}
	if err := demo.Write(dir); err != nil {
		return fault.New("E1104", dir, "reason", fault.Reason(err)).Because(err)
	}
	return nil
}

// judgeDemo counts what was made, and compares every pair with the truth.
func (h *Hub) judgeDemo(ctx context.Context, res *DemoResult) error {
	truth, err := demo.Truth()
	if err != nil {
		return err
	}
	var found, right, real int
	size := map[string]int{}
	for _, e := range truth {
		size[e]++
	}
	for _, n := range size {
		real += pairs(n)
	}
	err = h.golden.Each(ctx, func(g golden.View) error {
		n := len(g.Members)
		res.Customers++
		res.Records += n
		res.Largest = max(res.Largest, n)
		if n > 1 {
			res.Shared++
		}
		known, same := 0, map[string]int{}
		for _, m := range g.Members {
			if e, ok := truth[m.Ref]; ok {
				known++
				same[e]++
			}
		}
		found += pairs(known)
		for _, n := range same {
			right += pairs(n)
		}
		return nil
	})
	res.Precision, res.Recall = share(right, found), share(right, real)
	return err
}

func pairs(n int) int { return n * (n - 1) / 2 }

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// tellStory looks at one customer and asks of each record what joined it: from
// the first record on, always the strongest tie to one that was joined before.
func (h *Hub) tellStory(ctx context.Context, res *DemoResult) error {
	g, err := h.golden.Find(ctx, demo.Story())
	if err != nil {
		return err
	}
	if res.Story, err = h.Golden(ctx, golden.IDText(g.ID), Reveal{}); err != nil {
		return err
	}
	ids := make([]entity.RecordID, len(g.Members))
	for i, m := range g.Members {
		ids[i] = m.RecordID
	}
	slices.Sort(ids)
	rest, err := h.golden.Members(ctx, ids)
	if err != nil || len(rest) == 0 {
		return err
	}
	k := h.keyClasses()
	view := func(m entity.Member) RecordView {
		return RecordView{Source: m.Ref.Source, Stream: m.Ref.Stream, Key: k.show(m.Ref, Reveal{})}
	}
	joined, rest := rest[:1:1], rest[1:]
	for len(rest) > 0 {
		var best Link
		next := -1
		for i, m := range rest {
			for _, to := range joined {
				if w := h.model.Explain(to, m); next < 0 || w.Score > best.Score {
					next, best = i, Link{view(m), view(to), w}
				}
			}
		}
		res.Why = append(res.Why, best)
		joined = append(joined, rest[next])
		rest = slices.Delete(slices.Clone(rest), next, next+1)
	}
	return nil
}
