package crypt_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"crmhub/governance/crypt"
)

func sealStream(t testing.TB, k crypt.DataKey, plain []byte, ad string, write int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := crypt.NewSealWriter(&out, k, []byte(ad))
	for len(plain) > 0 {
		n := min(write, len(plain))
		if _, err := w.Write(plain[:n]); err != nil {
			t.Fatal(err)
		}
		plain = plain[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAStreamOpensAsItWasSealed(t *testing.T) {
	k := crypt.TemporaryKey()
	src := rand.New(rand.NewPCG(3, 4))
	for _, size := range []int{0, 1, crypt.ChunkSize - 1, crypt.ChunkSize, crypt.ChunkSize + 1, 2 * crypt.ChunkSize, 300_000} {
		plain := make([]byte, size)
		fill(src, plain)
		for _, write := range []int{1 << 20, 4093} {
			sealed := sealStream(t, k, plain, "a", write)
			for name, r := range map[string]io.Reader{"whole": bytes.NewReader(sealed), "halves": iotest.HalfReader(bytes.NewReader(sealed))} {
				got, err := io.ReadAll(crypt.NewOpenReader(r, k, []byte("a")))
				if err != nil || !bytes.Equal(got, plain) {
					t.Errorf("%d bytes in writes of %d, %s: %d bytes, %v", size, write, name, len(got), err)
				}
			}
		}
	}
}

func TestADamagedStreamIsNoticed(t *testing.T) {
	k := crypt.TemporaryKey()
	const sealedChunk = crypt.ChunkSize + crypt.Overhead
	plain := make([]byte, 3*crypt.ChunkSize+100)
	fill(rand.New(rand.NewPCG(5, 6)), plain)
	good := sealStream(t, k, plain, "a", 1<<20)
	chunk := func(i int) []byte { return good[i*sealedChunk : min((i+1)*sealedChunk, len(good))] }
	flip := func(at int) []byte {
		b := bytes.Clone(good)
		b[at] ^= 1
		return b
	}
	for _, tt := range []struct {
		name string
		data []byte
		ad   string
	}{
		{"empty", nil, "a"},
		{"cut at a chunk", good[:2*sealedChunk], "a"},
		{"cut in a chunk", good[:2*sealedChunk+500], "a"},
		{"one byte short", good[:len(good)-1], "a"},
		{"one byte long", append(bytes.Clone(good), 0), "a"},
		{"chunks swapped", bytes.Join([][]byte{chunk(1), chunk(0), chunk(2), chunk(3)}, nil), "a"},
		{"chunk twice", bytes.Join([][]byte{chunk(0), chunk(0), chunk(1), chunk(2), chunk(3)}, nil), "a"},
		{"chunk missing", bytes.Join([][]byte{chunk(0), chunk(2), chunk(3)}, nil), "a"},
		{"last chunk twice", bytes.Join([][]byte{good, chunk(3)}, nil), "a"},
		{"last chunk alone", chunk(3), "a"},
		{"bit in the first header", flip(0), "a"},
		{"bit in a nonce", flip(sealedChunk + 8), "a"},
		{"bit in a chunk", flip(sealedChunk + 1000), "a"},
		{"bit in the last tag", flip(len(good) - 1), "a"},
		{"another place", good, "b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := io.ReadAll(crypt.NewOpenReader(bytes.NewReader(tt.data), k, []byte(tt.ad)))
			if err == nil {
				t.Fatal("it opened")
			}
			if !bytes.HasPrefix(plain, got) {
				t.Error("bytes that were not sealed came out before the error")
			}
			wantCode(t, err, "E7005")
		})
	}
	_, err := io.ReadAll(crypt.NewOpenReader(bytes.NewReader(good), crypt.TemporaryKey(), []byte("a")))
	wantCode(t, err, "E7004")
}

func TestAStreamPassesOnWhatItsReaderAndWriterSay(t *testing.T) {
	k := crypt.TemporaryKey()
	down := errors.New("down")
	good := sealStream(t, k, make([]byte, 2*crypt.ChunkSize), "a", 1<<20)
	for _, n := range []int{0, 10, crypt.ChunkSize + crypt.Overhead} {
		r := io.MultiReader(bytes.NewReader(good[:n]), iotest.ErrReader(down))
		if _, err := io.ReadAll(crypt.NewOpenReader(r, k, []byte("a"))); !errors.Is(err, down) {
			t.Errorf("after %d bytes: error = %v, want %v", n, err, down)
		}
	}
	w := crypt.NewSealWriter(failing{down}, k, nil)
	if _, err := w.Write(make([]byte, 3*crypt.ChunkSize)); !errors.Is(err, down) {
		t.Errorf("Write = %v, want %v", err, down)
	}
	if err := w.Close(); !errors.Is(err, down) {
		t.Errorf("Close = %v, want %v", err, down)
	}
	closed := crypt.NewSealWriter(io.Discard, k, nil)
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := closed.Write([]byte("x")); err == nil {
		t.Error("a closed stream takes more")
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func FuzzOpenStream(f *testing.F) {
	k := crypt.KeyOf(bytes.Repeat([]byte{1}, 32))
	f.Add(sealStream(f, k, []byte("a stream"), "a", 8))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := io.ReadAll(crypt.NewOpenReader(bytes.NewReader(data), k, []byte("a")))
		if err == nil && string(got) != "a stream" {
			t.Errorf("%x opened to %q", data, got)
		}
	})
}
