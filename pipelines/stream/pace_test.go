package stream_test

import (
	"context"
	"errors"
	"testing"

	"crmhub/pipelines/stream"
)

// A batch that is late must find a place at the committer: there are never
// more batches in flight than places, however few rows they have.
func TestBatchesInFlightAreBounded(t *testing.T) {
	enter, leave := stream.Gate(1_000_000)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for range stream.MaxBatches {
		if err := enter(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := enter(over, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("a batch more than there are places: %v, want it to wait until its context ends", err)
	}
	leave(1)
	if err := enter(t.Context(), 1); err != nil {
		t.Errorf("after one has left: %v", err)
	}
}

// A batch greater than the bound passes alone.
func TestAGreatBatchPassesAlone(t *testing.T) {
	enter, leave := stream.Gate(100)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := enter(over, 500); err != nil {
		t.Errorf("a great batch alone: %v", err)
	}
	if err := enter(over, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("a batch beside it: %v, want it to wait", err)
	}
	leave(500)
	if err := enter(over, 60); err != nil {
		t.Error(err)
	}
	if err := enter(over, 41); !errors.Is(err, context.Canceled) {
		t.Errorf("41 rows beside 60 of 100: %v, want them to wait", err)
	}
}
