package mappings

import (
	"runtime/debug"

	"crmhub/fault"
	"crmhub/record"
)

// plan is where the columns that a mapping asks for stand under a header.
type plan struct {
	header  *record.Header
	columns []int
}

// planOf returns the plan for a header, which is hardly ever another one than
// the last.
func (m *Mapping) planOf(h *record.Header) *plan {
	if p := m.plan.Load(); p != nil && p.header == h {
		return p
	}
	p := &plan{header: h, columns: make([]int, len(m.columns))}
	for i, name := range m.columns {
		p.columns[i] = h.Column(name)
	}
	m.plan.Store(p)
	return p
}

// AppendCells appends to dst what Map gives of a row of cells. Texts in it are
// parts of the row's.
func (m *Mapping) AppendCells(dst []Output, row *record.Cells) (out []Output, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fault.New("E3204", "", "mapping", m.name).Because(&panicked{p, debug.Stack()})
		}
	}()
	if m.fast == nil {
		return m.appended(dst, row)
	}
	in, _ := m.inputs.Get().(*input)
	if in == nil {
		in = &input{seen: make([]record.Repeated, len(m.columns))}
	}
	in.cells, in.columns = row, m.planOf(row.Header).columns
	result, ok := quick(m.fast, in)
	in.cells = nil
	m.inputs.Put(in)
	if !ok {
		return m.appended(dst, row)
	}
	if object, is := result.(map[string]any); is && m.tidied {
		o, err := m.taken(object, m.envelope)
		return append(dst, o), err
	}
	all, err := m.outputs(result, m.tidied)
	return append(dst, all...), err
}

// appended is AppendCells by Bloblang.
func (m *Mapping) appended(dst []Output, row *record.Cells) ([]Output, error) {
	all, err := m.bloblang(row.Map())
	return append(dst, all...), err
}
