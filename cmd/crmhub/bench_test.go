package main_test

import (
	"testing"
)

// BenchmarkVersion measures a whole process that does the least: what every
// command line pays before it begins.
func BenchmarkVersion(b *testing.B) {
	for b.Loop() {
		if err := program(b, "version").Run(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/run")
}
