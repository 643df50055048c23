package column

import (
	"strings"
	"unicode/utf8"
)

// url compares web addresses.
type url struct{ plainly }

func newURL() *url {
	return &url{plainly{base{URL, []string{"exact", "site", "name", "near", "different"}, []string{"exact", "site"}}}}
}

// Append reads a web address without scheme, www and closing slash.
func (c *url) Append(dst []byte, text string) []byte {
	s := strings.ToLower(clean(text))
	for _, head := range []string{"http://", "https://", "http:", "https:", "//", "www."} {
		s = strings.TrimPrefix(s, head)
	}
	s, _, _ = strings.Cut(s, "#")
	s = strings.TrimRight(s, "/ ")
	if i := strings.LastIndexByte(s, '/'); i > 0 && (strings.HasPrefix(s[i:], "/index.") || strings.HasPrefix(s[i:], "/default.") || s[i:] == "/home") {
		s = s[:i]
	}
	if s == "" || !strings.Contains(s, ".") {
		return dst
	}
	return append(dst, clip(s)...)
}

// hostOf returns the host of a web address.
func hostOf(v Packed) string {
	host, _, _ := strings.Cut(string(v), "/")
	return host
}

// hosts are sites on which everybody has pages: there the whole address tells.
var hosts = set(`facebook.com linkedin.com twitter.com x.com instagram.com youtube.com wikipedia.org en.wikipedia.org google.com maps.google.com yelp.com tripadvisor.com amazon.com ebay.com github.com medium.com weibo.com taobao.com tmall.com jd.com 1688.com alibaba.com`)

// Level compares two web addresses.
func (c *url) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	if a == b {
		return 1
	}
	p, q := hostOf(a), hostOf(b)
	if hosts[p] || hosts[q] {
		return 5
	}
	if p == q {
		return 2
	}
	if n := domainName(p); n == domainName(q) && utf8.RuneCountInString(n) >= 4 {
		return 3
	}
	if x, y := spell(p), spell(q); min(x.runes, y.runes) >= 7 && slips(&x, &y, 1) {
		return 4
	}
	return 5
}

// Keys returns the address and its site.
func (c *url) Keys(dst []Key, v Packed, _ uint32) []Key {
	if v == "" {
		return dst
	}
	dst = append(dst, Key{0, hash(0, string(v))})
	if host := hostOf(v); !hosts[host] {
		dst = append(dst, Key{1, hash(1, domainName(host))})
	}
	return dst
}
