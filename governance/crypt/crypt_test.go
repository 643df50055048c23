package crypt_test

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"crmhub/fault"
	"crmhub/governance/crypt"
)

var november = time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)

func newRing(t testing.TB) *crypt.Ring {
	t.Helper()
	r, err := crypt.NewRing(november)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func wantCode(t testing.TB, err error, code fault.Code) {
	t.Helper()
	if f := fault.Of(err); f == nil || f.Code != code {
		t.Errorf("error = %v, want %s", err, code)
	}
}

// place is the associated data of a field, as the store makes it.
func place(store, subject, field string) []byte {
	return crypt.AppendAD(nil, "1", store, "customer", subject, field)
}

func TestWhatIsSealedOpens(t *testing.T) {
	r := newRing(t)
	ad := crypt.AppendAD(nil, "store-1", "subject-1")
	k, wrapped, err := r.NewDataKey(ad)
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.OpenDataKey(wrapped, ad)
	if err != nil {
		t.Fatal(err)
	}
	src := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		plain, field := make([]byte, src.IntN(300)), make([]byte, src.IntN(60))
		fill(src, plain)
		fill(src, field)
		sealed := k.Seal([]byte("before"), plain, field)
		if got, want := len(sealed), len("before")+len(plain)+crypt.Overhead; got != want {
			t.Fatalf("sealed length = %d, want %d", got, want)
		}
		got, err := again.Open([]byte("kept"), sealed[len("before"):], field)
		if err != nil || !bytes.Equal(got, append([]byte("kept"), plain...)) {
			t.Fatalf("Open of %d bytes = %x, %v", len(plain), got, err)
		}
		if len(plain) > 8 && bytes.Contains(sealed, plain) {
			t.Fatal("the sealed value holds the plaintext")
		}
	}
}

func fill(src *rand.Rand, b []byte) {
	for i := range b {
		b[i] = byte(src.Uint32())
	}
}

func TestASealedValueOpensOnlyInItsPlace(t *testing.T) {
	k := crypt.TemporaryKey()
	email := k.Seal(nil, []byte("li@example.cn"), place("store-1", "subject-1", "email"))
	for _, tt := range []struct {
		name string
		at   []byte
	}{
		{"another field", place("store-1", "subject-1", "phone")},
		{"another subject", place("store-1", "subject-2", "email")},
		{"another store", place("store-2", "subject-1", "email")},
		{"the parts cut elsewhere", place("store-1", "subject-", "1email")},
		{"no place", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := k.Open(nil, email, tt.at)
			wantCode(t, err, "E7005")
			if got != nil {
				t.Errorf("Open gave %q beside its error", got)
			}
		})
	}
}

func TestEveryFlippedBitAndEveryCutIsNoticed(t *testing.T) {
	k := crypt.TemporaryKey()
	at := place("s", "1", "name")
	sealed := k.Seal(nil, []byte("李明"), at)
	for i := range len(sealed) * 8 {
		bad := bytes.Clone(sealed)
		bad[i/8] ^= 1 << (i % 8)
		if _, err := k.Open(nil, bad, at); err == nil {
			t.Errorf("bit %d flipped, and it opened", i)
		}
	}
	for n := range sealed {
		if _, err := k.Open(nil, sealed[:n], at); err == nil {
			t.Errorf("cut to %d bytes, and it opened", n)
		}
	}
}

func TestAnotherKeyIsNamedNotTried(t *testing.T) {
	a, b := crypt.TemporaryKey(), crypt.TemporaryKey()
	_, err := b.Open(nil, a.Seal(nil, []byte("x"), nil), nil)
	wantCode(t, err, "E7004")
}

func TestAssociatedDataIsUnambiguous(t *testing.T) {
	seen := map[string][]string{}
	for _, parts := range [][]string{
		nil, {""}, {"", ""}, {"a"}, {"a", ""}, {"", "a"}, {"ab"}, {"a", "b"}, {"\x01a"}, {"\x01", "a"},
	} {
		ad := string(crypt.AppendAD(nil, parts...))
		if other, twice := seen[ad]; twice {
			t.Errorf("%q and %q give the same associated data", other, parts)
		}
		seen[ad] = parts
	}
}

func TestNoNonceComesTwice(t *testing.T) {
	k := crypt.TemporaryKey()
	const workers, each = 8, 5000
	nonces := make([][][12]byte, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for range each {
				sealed := k.Seal(nil, nil, nil)
				nonces[w] = append(nonces[w], [12]byte(sealed[6:18]))
			}
		})
	}
	wg.Wait()
	seen := make(map[[12]byte]bool, workers*each)
	for _, list := range nonces {
		for _, n := range list {
			if seen[n] {
				t.Fatalf("nonce %x came twice", n)
			}
			seen[n] = true
		}
	}
}

func TestTokensAreEqualForEqualValuesOfOneSpace(t *testing.T) {
	x := crypt.NewIndex(bytes.Repeat([]byte{7}, 32))
	other := crypt.NewIndex(bytes.Repeat([]byte{8}, 32))
	a := x.Token("email", "li@example.cn")
	if got := x.Token("email", "li@example.cn"); got != a {
		t.Error("equal values have different tokens")
	}
	for name, got := range map[string][16]byte{
		"another value": x.Token("email", "li@example.co"), "another space": x.Token("phone", "li@example.cn"),
		"cut elsewhere": x.Token("emaill", "i@example.cn"), "another key": other.Token("email", "li@example.cn"),
	} {
		if got == a {
			t.Errorf("%s: same token", name)
		}
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				if x.Token("email", "li@example.cn") != a {
					t.Error("token differs under concurrency")
					return
				}
			}
		})
	}
	wg.Wait()
}

func FuzzOpen(f *testing.F) {
	k := crypt.KeyOf(bytes.Repeat([]byte{1}, 32))
	sealed := k.Seal(nil, []byte("a value"), []byte("ad"))
	f.Add(sealed, []byte("ad"))
	f.Add(sealed[:20], []byte(""))
	f.Add([]byte{1, 1}, []byte("ad"))
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, data, ad []byte) {
		got, err := k.Open(nil, data, ad)
		if err != nil {
			if fault.Of(err) == nil || got != nil {
				t.Errorf("Open = %x, %v: want nothing and a fault", got, err)
			}
			return
		}
		// Only what this key sealed opens: the seed, that is.
		if string(got) != "a value" || string(ad) != "ad" {
			t.Errorf("%x opened to %q", data, got)
		}
	})
}
