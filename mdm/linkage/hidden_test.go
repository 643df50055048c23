package linkage_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"crmhub/mdm/column"
	"crmhub/mdm/linkage"
	"crmhub/mdm/spill"
)

// files hands what lies in the files of a space, region by region. Arrays that
// grow end in a hole, of which the beginning says enough.
func files(t *testing.T, look func([]byte)) {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	memory, err := os.Open("/proc/self/mem")
	if err != nil {
		t.Fatal(err)
	}
	defer memory.Close()
	for line := range strings.Lines(string(maps)) {
		if !strings.Contains(line, "/crmhub-") {
			continue
		}
		span, _, _ := strings.Cut(line, " ")
		first, last, _ := strings.Cut(span, "-")
		from, _ := strconv.ParseInt(first, 16, 64)
		to, _ := strconv.ParseInt(last, 16, 64)
		b := make([]byte, min(to-from, 4<<20))
		n, err := memory.ReadAt(b, from)
		if err != nil && n == 0 {
			continue // let go of meanwhile
		}
		look(b[:n])
	}
}

// TestNothingPersonalLiesInAFile holds that while pairs are compared the files
// of a space hold no value, and no brief of one.
func TestNothingPersonalLiesInAFile(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // there are no such files elsewhere
	}
	rows, _ := people(5_000, 9)
	phone := column.New(column.Phone, column.Options{Country: "GB"}).(column.Briefer)
	brief := make([]uint64, phone.BriefWords())
	var secrets [][]byte
	for i := 0; i < len(rows); i += 200 {
		text := strings.Split(rows[i], "|")[4]
		if text == "" {
			continue
		}
		phone.Brief(brief, column.Packed(phone.Append(nil, text)))
		secrets = append(secrets, binary.NativeEndian.AppendUint64(nil, brief[0]), []byte(text), []byte(strings.ReplaceAll(text, " ", "")))
	}
	for _, tt := range []struct {
		name string
		key  spill.Keystream
		want bool // something is found
	}{
		{"hidden", veil{}, false},
		{"in clear, to see that this test finds it", clear{}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tab := spilled(t, 1<<40, tt.key, rows)
			var once sync.Once
			found, looked := 0, 0
			dedupe(t, tab, linkage.Options{Progress: func(s linkage.Stage, done, _ int64) {
				if s != linkage.Comparing || done == 0 {
					return
				}
				once.Do(func() {
					files(t, func(b []byte) {
						looked += len(b)
						for _, x := range secrets {
							if bytes.Contains(b, x) {
								found++
							}
						}
					})
				})
			}})
			if looked == 0 || found > 0 != tt.want {
				t.Errorf("%d of %d secrets found in %d bytes of files, want any: %v", found, len(secrets), looked, tt.want)
			}
		})
	}
}

// clear hides nothing.
type clear struct{}

func (clear) XOR([]byte, uint64) {}
