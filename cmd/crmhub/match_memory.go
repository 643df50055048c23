package main

import (
	"context"
	"errors"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"crmhub/fault"
	"crmhub/governance/crypt"
	"crmhub/mdm/spill"
)

// leastMemory is the least that --memory may say, in bytes: what the program
// itself needs, and room to work in.
const leastMemory = 100 << 20

// within runs a command in as much memory as is said, a size such as 4GB; ""
// says nothing. What doesn't fit lies in files without a name.
func (a *app) within(memory *string, run func(ctx context.Context, args []string) error) func(ctx context.Context, args []string) error {
	return func(ctx context.Context, args []string) (err error) {
		if os.Getenv("GOGC") == "" && (*memory != "" || os.Getenv("GOMEMLIMIT") == "") {
			defer debug.SetGCPercent(debug.SetGCPercent(filePercent))
		}
		if *memory == "" {
			return run(ctx, args)
		}
		limit, ok := sizeOf(*memory)
		if !ok || limit < leastMemory {
			return fault.New("E6230", "", "least", "100MB")
		}
		ctx, space, err := spill.Open(ctx, os.TempDir(), limit, crypt.NewPad())
		if err != nil {
			return fault.New("E6231", os.TempDir(), "reason", fault.Reason(err)).Because(err)
		}
		// A quarter at least is for what is mapped.
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(limit - limit/4))
		a.space = space
		defer func() {
			cause := context.Cause(ctx)
			if closed := space.Close(); err == nil {
				err = closed
			}
			if errors.Is(cause, spill.ErrFull) {
				err = fault.New("E6232", os.TempDir()).Because(err)
			}
		}()
		return run(ctx, args)
	}
}

// filePercent is the pace of Go's collector while a file is matched: what is
// held is large and without pointers, so that a collection costs little, and
// garbage would take as much again.
const filePercent = 20

// sizeOf reads a size in bytes such as 500MB or 4GB.
func sizeOf(s string) (int64, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	for _, unit := range []struct {
		name  string
		bytes int64
	}{{"KB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"TB", 1 << 40}} {
		if number, ok := strings.CutSuffix(s, unit.name); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
			if err != nil || !(n > 0) || n > float64(math.MaxInt64/unit.bytes) {
				return 0, false
			}
			return int64(n * float64(unit.bytes)), true
		}
	}
	return 0, false
}
