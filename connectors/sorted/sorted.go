// Package sorted signs the sorted parameters of a request, as the open platforms of Taobao and JD want them.
package sorted

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// Method is a way of signing: the words of TOP's parameter sign_method.
type Method string

// The ways of signing. MD5 puts the secret before and behind the text, the
// HMACs take it as their key.
const (
	MD5        Method = "md5"
	HMACMD5    Method = "hmac"
	HMACSHA256 Method = "hmac-sha256"
)

// Sign returns the signature of parameters, in upper-case hexadecimal: over
// each name and value, in the order of the names, nothing between them. sign
// itself, and what has no value, is not part of it.
func Sign(m Method, secret string, v url.Values) string {
	names := make([]string, 0, len(v))
	for name := range v {
		if name != "sign" && v.Get(name) != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var text strings.Builder
	for _, name := range names {
		text.WriteString(name + v.Get(name))
	}
	var sum []byte
	switch m {
	case HMACMD5:
		mac := hmac.New(md5.New, []byte(secret))
		mac.Write([]byte(text.String()))
		sum = mac.Sum(nil)
	case HMACSHA256:
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(text.String()))
		sum = mac.Sum(nil)
	default:
		whole := md5.Sum([]byte(secret + text.String() + secret))
		sum = whole[:]
	}
	return strings.ToUpper(hex.EncodeToString(sum))
}
