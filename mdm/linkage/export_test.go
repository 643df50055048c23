package linkage

import "context"

// Redundancy returns how many pairs of texts are compared at most to find the
// fields of a table that repeat others, how many bytes of texts are kept for it,
// and the names of the fields that are left.
func Redundancy(ctx context.Context, t *Table) (compared, kept int, left []string, err error) {
	e := &engine{t: t, o: &Options{}}
	if err := e.recognise(ctx); err != nil {
		return 0, 0, nil, err
	}
	used := make([]int, len(t.headers))
	for i := range used {
		used[i] = i
	}
	d := &data{rows: t.rows}
	if d.order, err = t.canonical(ctx, used, -1); err != nil {
		return 0, 0, nil, err
	}
	if d.fields, err = fields(ctx, t, e.columns, used); err != nil {
		return 0, 0, nil, err
	}
	for _, f := range d.fields {
		if err := f.encode(ctx, t, d.order, func(*field) {}); err != nil {
			return 0, 0, nil, err
		}
	}
	r, err := newRepeats(ctx, d.fields)
	if err != nil {
		return 0, 0, nil, err
	}
	for _, g := range r.fields {
		compared += 2 * len(g.rows) * (len(r.fields) - 1)
		kept += len(g.texts)
	}
	if err := d.distinctFields(ctx); err != nil {
		return 0, 0, nil, err
	}
	for _, f := range d.fields {
		left = append(left, f.name)
	}
	return compared, kept, left, nil
}
