package crypt_test

import (
	"bytes"
	"crypto/aes"
	"encoding/hex"
	"math/big"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"crmhub/governance/crypt"
)

// The examples for AES-256 of NIST SP 800-38B, appendix D.3.
func TestCMACGivesTheValuesOfTheStandard(t *testing.T) {
	key := unhex(t, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
	message := unhex(t, "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
	sum := crypt.CMAC(key)
	for _, tt := range []struct {
		n    int
		want string
	}{
		{0, "028962f61b7bf89efc6b551f4667d983"},
		{16, "28a7023f452e8f82bd4bf28d8c37c35c"},
		{40, "aaf3d8f1de5640c232f5b169b9c911e6"},
		{64, "e1992190549f6ed5696a2c056c315410"},
	} {
		if got := sum(message[:tt.n]); hex.EncodeToString(got[:]) != tt.want {
			t.Errorf("CMAC of %d bytes = %x, want %s", tt.n, got, tt.want)
		}
	}
}

// slowCMAC is the standard written down word by word, in whole numbers.
func slowCMAC(t *testing.T, key, message []byte) (sum [16]byte) {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	encrypt := func(x *big.Int) *big.Int {
		var b [16]byte
		x.FillBytes(b[:])
		block.Encrypt(b[:], b[:])
		return new(big.Int).SetBytes(b[:])
	}
	top := new(big.Int).Lsh(big.NewInt(1), 128)
	subkey := func(x *big.Int) *big.Int {
		y := new(big.Int).Lsh(x, 1)
		if y.Cmp(top) >= 0 {
			y.Xor(y.Sub(y, top), big.NewInt(0x87))
		}
		return y
	}
	k1 := subkey(encrypt(new(big.Int)))
	k2 := subkey(k1)
	n := max(1, (len(message)+15)/16)
	state := new(big.Int)
	for i := range n {
		part := message[i*16 : min(len(message), i*16+16)]
		m := new(big.Int).SetBytes(part)
		switch {
		case i < n-1:
		case len(part) == 16:
			m.Xor(m, k1)
		default:
			padded := append(append(append([]byte(nil), part...), 0x80), make([]byte, 15-len(part))...)
			m.SetBytes(padded).Xor(m, k2)
		}
		state = encrypt(m.Xor(m, state))
	}
	state.FillBytes(sum[:])
	return sum
}

func TestCMACIsTheStandardsForAnyInput(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		key := make([]byte, 32)
		for i := range key {
			key[i] = byte(r.Uint32())
		}
		sum := crypt.CMAC(key)
		for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 33, 1007, 1008, 1023, 1024, 1025, 1040, 2048, r.IntN(5000), r.IntN(100)} {
			message := make([]byte, n)
			for i := range message {
				message[i] = byte(r.Uint32())
			}
			cut := r.IntN(n + 1)
			want := slowCMAC(t, key, message)
			if got := sum(message[:cut], nil, message[cut:]); got != want {
				t.Fatalf("CMAC of %d bytes in parts of %d and %d = %x, want %x", n, cut, n-cut, got, want)
			}
		}
	}
}

func TestTokenIsTheCMACOfSpaceAndValue(t *testing.T) {
	key := bytes.Repeat([]byte{9}, 32)
	x := crypt.NewIndex(key)
	for _, tt := range []struct{ space, value string }{
		{"", ""}, {"email", "li@example.cn"}, {"search:full_name", "王小明"}, {strings.Repeat("s", 200), strings.Repeat("v", 3000)},
	} {
		want := slowCMAC(t, key, append(crypt.AppendAD(nil, tt.space), tt.value...))
		if got := x.Token(tt.space, tt.value); got != want {
			t.Errorf("Token(%.20q, %.20q) = %x, want %x", tt.space, tt.value, got, want)
		}
		if got := x.TokenOf(tt.space, []byte(tt.value)); got != want {
			t.Errorf("TokenOf(%.20q, %.20q) = %x, want %x", tt.space, tt.value, got, want)
		}
	}
}

func TestCMACServesManyAtOnce(t *testing.T) {
	key := bytes.Repeat([]byte{3}, 32)
	sum := crypt.CMAC(key)
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			message := bytes.Repeat([]byte{byte(g)}, 40+g)
			want := slowCMAC(t, key, message)
			for range 200 {
				if got := sum(message); got != want {
					t.Errorf("goroutine %d: CMAC = %x, want %x", g, got, want)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestAKeyOfAnotherLengthIsAMistake(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("NewIndex took a key of 16 bytes")
		}
	}()
	crypt.NewIndex(make([]byte, 16))
}
