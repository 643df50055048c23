package crypt_test

import (
	"bytes"
	"testing"
	"time"

	"crmhub/fault"
	"crmhub/governance/crypt"
)

func newRing(t testing.TB) *crypt.Ring {
	t.Helper()
	r, err := crypt.NewRing(time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if f := fault.Of(err); f == nil || f.Code != code {
		t.Errorf("error = %v, want %s", err, code)
	}
}

func TestWhatIsSealedOpens(t *testing.T) {
	r := newRing(t)
	ad := crypt.AppendAD(nil, "store-1", "subject-1")
	k, wrapped, err := r.NewDataKey(ad)
	if err != nil {
		t.Fatal(err)
	}
	field := crypt.AppendAD(nil, "subject-1", "email")
	sealed := k.Seal(nil, []byte("li.ming@example.cn"), field)
	again, err := r.OpenDataKey(wrapped, ad)
	if err != nil {
		t.Fatal(err)
	}
	got, err := again.Open([]byte("kept:"), sealed, field)
	if err != nil || string(got) != "kept:li.ming@example.cn" {
		t.Errorf("Open = %q, %v", got, err)
	}
	if bytes.Contains(sealed, []byte("ming")) {
		t.Error("the sealed value holds the plaintext")
	}
	if got, want := len(sealed), len("li.ming@example.cn")+crypt.Overhead; got != want {
		t.Errorf("sealed length = %d, want %d", got, want)
	}
}
