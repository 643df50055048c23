package spill_test

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"sync"
	"testing"

	"crmhub/mdm/spill"
)

// flip is a keystream that anybody could undo.
type flip struct{}

func (flip) XOR(p []byte, at uint64) {
	for i := range p {
		p[i] ^= byte(at+uint64(i))*7 | 0x80
	}
}

// open returns a space of the test.
func open(t *testing.T, limit int64) (*spill.Space, string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return nil, t.TempDir()
	}
	dir := t.TempDir()
	_, s, err := spill.Open(context.Background(), dir, limit, flip{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, dir
}

func TestArraysKeepWhatIsPutIn(t *testing.T) {
	s, dir := open(t, 1)
	a := spill.Make[uint32](s, 1<<20)
	b := spill.Growing[uint64](s)
	for i := range a {
		a[i] = uint32(i) * 3
		b = append(b, uint64(i)*5)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("files with a name = %v, %v, want none", files, err)
	}
	for i := range a {
		if a[i] != uint32(i)*3 || b[i] != uint64(i)*5 {
			t.Fatalf("item %d = %d, %d, want %d, %d", i, a[i], b[i], i*3, i*5)
		}
	}
	spill.Free(s, a)
	spill.Free(s, b)
	spill.Free(s, make([]uint32, 4))
}

func TestTextIsHiddenAndReadAnywhere(t *testing.T) {
	for _, name := range []string{"memory", "files"} {
		t.Run(name, func(t *testing.T) {
			var s *spill.Space
			if name == "files" {
				s, _ = open(t, 1)
			}
			x, y := spill.NewText(s), spill.NewText(s)
			for range 1000 {
				x.Append([]byte("Zoe "))
				y.Append([]byte("Zoe "))
			}
			for from := range uint64(50) {
				if got, want := string(x.View(nil, from, from+7)), string(bytes.Repeat([]byte("Zoe "), 20)[from:from+7]); got != want {
					t.Fatalf("View from %d = %q, want %q", from, got, want)
				}
			}
			if got := x.String(4, 8); got != "Zoe " || x.String(4, 4) != "" {
				t.Errorf("String = %q, want %q", got, "Zoe ")
			}
			if x.Touch(5); x.Len() != 4000 {
				t.Errorf("Len = %d, want 4000", x.Len())
			}
			x.Free()
			if x.Len() != 0 {
				t.Errorf("Len after Free = %d, want 0", x.Len())
			}
		})
	}
}

func TestKeepHoldsThreeEighthsOfTheLimit(t *testing.T) {
	if runtime.GOOS != "linux" {
		return
	}
	const items = 1 << 16
	s, _ := open(t, 8*items)
	a := spill.Keep[uint16](s, items)
	if len(a) != items {
		t.Fatalf("Keep = %d items, want %d", len(a), items)
	}
	if b := spill.Keep[uint16](s, items); b != nil {
		t.Errorf("Keep beyond three eighths of the limit = %d items, want nil", len(b))
	}
	h := spill.Hot[uint16](s, items)
	if h[items-1] = 7; len(h) != items || h[items-1] != 7 {
		t.Errorf("Hot beyond three eighths of the limit = %d items, want %d", len(h), items)
	}
	spill.Free(s, h)
	spill.Free(s, a)
	if b := spill.Keep[uint16](s, items); len(b) != items {
		t.Errorf("Keep after Free = %d items, want %d", len(b), items)
	}
}

// TestWorkWaitsForPagesToGo holds that arrays that are taken out of memory over
// and over keep what they hold, whoever waits for it or doesn't.
func TestWorkWaitsForPagesToGo(t *testing.T) {
	spill.Breathe(t.Context())
	(*spill.Space)(nil).Breathe()
	if runtime.GOOS != "linux" {
		return
	}
	const items = 1 << 20
	ctx, s, err := spill.Open(t.Context(), t.TempDir(), 1, flip{})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Limit(); got != 1 {
		t.Errorf("Limit = %d, want 1", got)
	}
	a := spill.Make[uint32](s, items)
	var wg sync.WaitGroup
	for w := range uint32(4) {
		wg.Go(func() {
			for round := range uint32(8) {
				for i := w; i < items; i += 4 {
					if i/4%(1<<12) == 0 {
						spill.Breathe(ctx)
					}
					if a[i] != round*i {
						t.Errorf("round %d: item %d = %d, want %d", round, i, a[i], round*i)
						return
					}
					a[i] += i
				}
			}
		})
	}
	wg.Wait()
	spill.Free(s, a)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestAFolderThatIsNotThere(t *testing.T) {
	if _, _, err := spill.Open(context.Background(), t.TempDir()+"/none", 1, flip{}); err == nil {
		t.Error("Open below no folder = nil, want an error")
	}
}
