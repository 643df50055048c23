// Package linkage finds the rows of tables that are the same thing: it reads the columns' kinds, trains itself without labels, and groups the rows.
package linkage

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"crmhub/mdm/spill"
)

// Stage is what a run is doing.
type Stage string

// The stages of a run, in their order.
const (
	Reading    Stage = "read"
	Preparing  Stage = "prepare"
	Blocking   Stage = "block"
	Training   Stage = "train"
	Comparing  Stage = "compare"
	Clustering Stage = "cluster"
)

// Options say how a run decides. The zero Options find everything out alone.
type Options struct {
	// ID names the column of the record ids, which is no evidence; it orders
	// rows of equal content.
	ID string
	// Source names the column of the system that a row is from, which is no evidence.
	Source string
	// Model is used in place of training; nil trains one.
	Model *Model
	// Threshold is the least weight in bits, prior included, of rows that are
	// one; nil takes the model's, or the one of the best expected F1.
	Threshold *float64
	// Judged is what people say of rows; for Link, of rows of two files.
	// OnePerSource lets a cluster have one row of each Source at most; it is not
	// for Link.
	Judged       []Judgement
	OnePerSource bool
	// OneToOne links each row to at most one row of the other file.
	OneToOne bool
	// NoPairs leaves out the pairs of a result of Dedupe, which take memory.
	NoPairs bool
	// Discard says that the rows of the table are not asked for again, so that
	// their memory can serve the run.
	Discard bool
	// Progress is told what the run does, from one goroutine at a time; nil tells nobody.
	Progress func(s Stage, done, total int64)
}

// MaxThreshold is the greatest threshold in bits, either way.
const MaxThreshold = 200

// Result is what a run found.
type Result struct {
	// Cluster numbers the cluster of each row of the table from 0; Clusters
	// counts them, Largest is the size of the largest.
	Cluster  []uint32
	Clusters int
	Largest  int
	// Bridges counts the pairs that may match and lie between two clusters, as
	// their other pairs disagree; Connected is how many rows the largest
	// component has that pairs alone would make.
	Bridges   int
	Connected int
	// Pairs are the pairs that may match, or the links.
	Pairs []Pair
	// Columns says what each column was taken for.
	Columns []Column
	// Compared counts the pairs that were compared.
	Compared int64
	// Threshold is the least weight of a match in bits, prior included.
	// Precision and Recall are what is expected of the pairs above it, without
	// labels; Review counts the pairs around it that are worth a look.
	Threshold         float64
	Precision, Recall float64
	Review            int
	// Notes are what a user should know of the run.
	Notes []Note
	// Model is what was learnt, or what was given.
	Model *Model
}

// Pair is two rows of the table, the log odds that they match, in bits, and
// the probability that these stand for.
type Pair struct {
	Left, Right int
	Bits        float64
	Probability float64
}

// Note is a sentence for the user.
type Note struct {
	English string `json:"en"`
	Chinese string `json:"zh"`
}

func (o *Options) progress(s Stage, done, total int64) {
	if o.Progress != nil {
		o.Progress(s, done, total)
	}
}

// workers is how many goroutines share the work; results don't depend on it.
func workers() int { return runtime.GOMAXPROCS(0) }

// parallel calls work for pieces 0 to n-1, several at a time, and returns
// when all are done. After ctx ended no further piece is begun; the error is
// that of ctx.
func parallel(ctx context.Context, n int, work func(piece int)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers(), n) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				spill.Breathe(ctx)
				work(i)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

// each is parallel for work that is not broken off.
func each(n int, work func(piece int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers(), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	wg.Wait()
}

// spans calls work for the ranges that n items are cut into.
func spans(ctx context.Context, n, size int, work func(from, to int)) error {
	return parallel(ctx, (n+size-1)/size, func(i int) { work(i*size, min(n, (i+1)*size)) })
}
