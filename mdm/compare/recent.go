package compare

import (
	"hash/maphash"
	"strings"
	"sync/atomic"

	"crmhub/mdm/standardize"
)

// NewTransient returns a dictionary that keeps only what came of late: its
// features serve for keys, not for comparing.
func NewTransient() *Dictionary {
	return &Dictionary{seed: maphash.MakeSeed(), recent: &recent{}}
}

// Own returns a dictionary that remembers with d and serves one goroutine: what
// New and Fill give lasts until the next call of either.
func (d *Dictionary) Own() *Dictionary {
	return &Dictionary{seed: d.seed, recent: d.recent, short: &[]Token{}}
}

// slots is how many values of a kind a transient dictionary remembers.
const slots = 1 << 12

// longest bounds the values that are remembered, in bytes.
const longest = 64

// recent remembers names and places, which come again and again and cost a
// reading each. A value that falls on another's slot takes it. It is safe for
// concurrent use: what a slot points to is never changed.
type recent struct {
	people [slots]atomic.Pointer[Token]
	places [slots]atomic.Pointer[shortPlace]
}

// shortPlace is a place as a record names it, and its token.
type shortPlace struct {
	name  string
	token *Token
}

func (r *recent) token(d *Dictionary, sp space, text string) *Token {
	if sp == words && d.short != nil {
		*d.short = append(*d.short, Token{Text: text, Word: noWord})
		return &(*d.short)[len(*d.short)-1]
	}
	if sp != people || len(text) > longest {
		t := &Token{Text: text}
		d.fill(t, sp)
		return t
	}
	slot := &r.people[maphash.String(d.seed, text)%slots]
	if t := slot.Load(); t != nil && t.Text == text {
		return t
	}
	t := &Token{Text: strings.Clone(text)} // what text is part of may be large
	d.fill(t, sp)
	slot.Store(t)
	return t
}

// shortPlace returns the token of a place by the name that a record has.
func (d *Dictionary) shortPlace(name string) *Token {
	if name == "" {
		return nil
	}
	if d.recent == nil || len(name) > longest {
		return d.token(places, standardize.ShortPlace(name))
	}
	slot := &d.recent.places[maphash.String(d.seed, name)%slots]
	if p := slot.Load(); p != nil && p.name == name {
		return p.token
	}
	p := &shortPlace{name: strings.Clone(name)}
	p.token = d.token(places, standardize.ShortPlace(p.name))
	slot.Store(p)
	return p.token
}
