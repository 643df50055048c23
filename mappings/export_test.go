package mappings

// Fast tells whether the mapping runs in Go.
func (m *Mapping) Fast() bool { return m.fast != nil }

// ByBloblang is Map by Bloblang alone.
func (m *Mapping) ByBloblang(row map[string]any) ([]Output, error) { return m.bloblang(row) }

// Quick is Map in Go alone; ok is false where Bloblang has to.
func (m *Mapping) Quick(row map[string]any) (outs []Output, ok bool, err error) {
	result, ok := quick(m.fast, &input{row: row})
	if !ok {
		return nil, false, nil
	}
	outs, err = m.outputs(result, m.tidied)
	return outs, true, err
}
