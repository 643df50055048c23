package file_test

import (
	"bytes"
	"context"
	"runtime"
	"testing"

	"crmhub/connectors"
)

// TestMemoryStaysFlat holds that a file is never held in memory: neither a
// text, nor a packed one, nor one in a legacy encoding.
func TestMemoryStaysFlat(t *testing.T) {
	const rows = 150_000
	dir := t.TempDir()
	content := customers(rows)
	write(t, dir, "t.csv", content)
	content = bytes.ReplaceAll(content, []byte("李雷"), []byte("\xc0\xee\xc0\xd7"))
	for _, s := range []string{"中山路", "号", "楼", "上海市", "上海", "雷", "李"} {
		content = bytes.ReplaceAll(content, []byte(s), []byte("\xc9\xcf"))
	}
	write(t, dir, "gb.csv", content)
	size := len(content)
	content = nil
	for _, name := range []string{"t.csv", "gb.csv"} {
		var before, now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		n, most := 0, uint64(0)
		err := open(t, dir, map[string]any{"path": name}).Read(context.Background(), connectors.Request{}, func(_ context.Context, b connectors.Batch) error {
			if n += len(b.Rows); n%25_000 == 0 {
				runtime.GC()
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapAlloc)
			}
			return nil
		})
		if err != nil || n != rows {
			t.Fatalf("%s: %d rows, %v", name, n, err)
		}
		if used := int64(most) - int64(before.HeapAlloc); used > 12<<20 {
			t.Errorf("%s of %d MB is read with %d MB", name, size>>20, used>>20)
		}
	}
}
