//go:build !race

package crypt_test

import (
	"bytes"
	"testing"

	"crmhub/governance/crypt"
)

// The race detector makes pools forget on purpose, so this holds without it.
func TestHotPathsDoNotAllocate(t *testing.T) {
	x := crypt.NewIndex(bytes.Repeat([]byte{7}, 32))
	k := crypt.TemporaryKey()
	buf := make([]byte, 0, 128)
	for name, f := range map[string]func(){
		"Token": func() { x.Token("email", "li@example.cn") },
		"Seal":  func() { buf = k.Seal(buf[:0], field, fieldAD) },
	} {
		if n := testing.AllocsPerRun(100, f); n > 0 {
			t.Errorf("%s allocates %v times, want 0", name, n)
		}
	}
}
