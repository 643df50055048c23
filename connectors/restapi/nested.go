package restapi

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// nested reads lines of which some belong to the record before them, and hands
// over each record with the list of its lines in it. A line whose record does
// not stand right before it, among its other lines, is errOrphan: put into
// another record, or left out, it would be lost.
func nested(r io.Reader, n *Nested, record func(raw []byte) error) error {
	g := gatherer{n: n, record: record}
	if err := lines(r, g.line); err != nil {
		return err
	}
	return g.hand()
}

// gatherer is one record and the lines that belong to it.
type gatherer struct {
	n      *Nested
	record func(raw []byte) error
	raw    []byte
	id     string
	inside bytes.Buffer
}

func (g *gatherer) line(raw []byte) error {
	tree, err := decode(raw)
	if err != nil {
		return err
	}
	parent := text(lookup(tree, g.n.Parent))
	if parent == "" {
		if err := g.hand(); err != nil {
			return err
		}
		g.raw, g.id = append(g.raw[:0], raw...), text(lookup(tree, g.n.ID))
		return nil
	}
	if g.raw == nil || parent != g.id {
		return errOrphan
	}
	if g.inside.Len() > 0 {
		g.inside.WriteByte(',')
	}
	if g.inside.Len()+len(raw) > maxRecord {
		return errLarge
	}
	g.inside.Write(raw)
	return nil
}

// hand hands over the record that is whole now. The list is written into its
// text, which keeps every digit: an object ends with a brace.
func (g *gatherer) hand() error {
	if g.raw == nil {
		return nil
	}
	body, isObject := bytes.CutSuffix(bytes.TrimSpace(g.raw), []byte("}"))
	if !isObject {
		return g.record(g.raw) // a record that is no object is quarantined
	}
	var out bytes.Buffer
	out.Write(body)
	if len(bytes.TrimSpace(body)) > 1 {
		out.WriteByte(',')
	}
	path := strings.Split(g.n.Into, ".")
	for i, name := range path {
		if i > 0 {
			out.WriteByte('{')
		}
		out.WriteString(strconv.Quote(name) + ":")
	}
	out.WriteByte('[')
	out.Write(g.inside.Bytes())
	out.WriteByte(']')
	out.WriteString(strings.Repeat("}", len(path)))
	g.raw, g.id = nil, ""
	g.inside.Reset()
	return g.record(out.Bytes())
}
