package column

import (
	"strings"
)

// url compares web addresses.
type url struct{ base }

func newURL() *url {
	return &url{base{URL, []string{"exact", "site", "name", "near", "different"}, []string{"exact", "site"}}}
}

// site is a web address, taken apart.
type site struct{ host, name spelling }

// Value reads a web address without scheme, www and closing slash.
func (c *url) Value(text string) Value {
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
		return Value{}
	}
	host, _, _ := strings.Cut(s, "/")
	v := folded(s)
	v.parts = &site{spell(host), spell(domainName(host))}
	return v
}

// hosts are sites on which everybody has pages: there the whole address tells.
var hosts = set(`facebook.com linkedin.com twitter.com x.com instagram.com youtube.com wikipedia.org en.wikipedia.org google.com maps.google.com yelp.com tripadvisor.com amazon.com ebay.com github.com medium.com weibo.com taobao.com tmall.com jd.com 1688.com alibaba.com`)

// Level compares two web addresses.
func (c *url) Level(a, b *Value) uint8 {
	if a.Text == "" || b.Text == "" {
		return Missing
	}
	if a.Text == b.Text {
		return 1
	}
	x, y := a.parts.(*site), b.parts.(*site)
	switch {
	case hosts[x.host.text] || hosts[y.host.text]:
		return 5
	case x.host.text == y.host.text:
		return 2
	case x.name.text == y.name.text && x.name.runes >= 4:
		return 3
	case min(x.host.runes, y.host.runes) >= 7 && slips(&x.host, &y.host, 1):
		return 4
	}
	return 5
}

// Keys returns the address and its site.
func (c *url) Keys(dst []Key, v *Value) []Key {
	if v.Text == "" {
		return dst
	}
	dst = append(dst, Key{0, hash(0, v.Text)})
	if s := v.parts.(*site); !hosts[s.host.text] {
		dst = append(dst, Key{1, hash(1, s.name.text)})
	}
	return dst
}
