package record

import "strings"

// Repeated keeps boxed values of one column that come again and again, such
// as a country or a status: a value that was seen needs no new memory. A
// column whose values hardly repeat stops looking. It is used by one goroutine
// at a time.
type Repeated struct {
	slots      [32]any
	asked, hit int
	off        bool
}

// Box returns s as a value.
func (v *Repeated) Box(s string) any {
	if v.off || s == "" || len(s) > 64 {
		return s
	}
	if v.asked++; v.asked == 4096 {
		if v.off = v.hit < v.asked/4; v.off {
			clear(v.slots[:]) // the values of such a column are people's own
			return s
		}
		v.asked, v.hit = 0, 0
	}
	at := (uint(len(s))*7 + uint(s[0]) + uint(s[len(s)-1])*3 + uint(s[len(s)/2])*5) % uint(len(v.slots))
	if old, ok := v.slots[at].(string); ok && old == s {
		v.hit++
		return v.slots[at]
	}
	boxed := any(strings.Clone(s)) // what s is part of may be large
	v.slots[at] = boxed
	return boxed
}
