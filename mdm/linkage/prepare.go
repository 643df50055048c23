package linkage

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"crmhub/fault"
	"crmhub/mdm/column"
)

// Column is what a column of the table was taken for.
type Column struct {
	Name string
	Kind column.Kind
	// Why says in a sentence what it was recognised by.
	Why fault.Text
}

// prepare makes a table ready for comparing: by the fields of a model, or by
// what its columns were taken for.
func prepare(ctx context.Context, t *Table, columns []Column, o *Options) (*data, error) {
	tie, m := t.Column(o.ID), o.Model
	defer func() {
		for i := range t.columns {
			t.columns[i].values.forget()
		}
	}()
	d := &data{rows: t.rows, space: t.space}
	var used []int
	for i := range columns {
		if i != tie && columns[i].Kind != column.Ignored {
			used = append(used, i)
		}
	}
	var err error
	if d.order, err = t.canonical(ctx, used, tie); err != nil {
		return nil, err
	}
	d.place(t.from)
	for i := range t.columns {
		t.columns[i].values.seal()
	}
	if m == nil {
		if d.fields, err = fields(ctx, t, columns, used); err != nil {
			return nil, err
		}
	} else if d.fields, err = m.fields(t); err != nil {
		return nil, err
	}
	errs := make([]error, len(d.fields))
	release := func(*field) {}
	if o.Discard {
		release = t.releaser(o, d.fields)
	}
	order := t.heaviest(d.fields)
	if err := parallel(ctx, len(order), func(i int) { errs[i] = d.fields[order[i]].encode(ctx, t, d.order, release) }); err != nil {
		return nil, err
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	if m == nil {
		d.fields = slices.DeleteFunc(d.fields, func(f *field) bool { return len(f.holders) < 3 || d.oneSided(f) })
		if err := d.distinctFields(ctx); err != nil {
			return nil, err
		}
		d.keepTelling(t)
	}
	if len(d.fields) == 0 {
		return nil, fault.New("E6209", "")
	}
	if err := d.gather(ctx); err != nil {
		return nil, err
	}
	if d.space != nil {
		if err := d.lay(ctx); err != nil {
			return nil, err
		}
	}
	d.brief()
	return d, nil
}

// heaviest returns the numbers of fields, those first that take longest to
// encode: of many columns and values.
func (t *Table) heaviest(fields []*field) []int {
	values, order := make([]int, len(fields)), make([]int, len(fields))
	for i, f := range fields {
		order[i] = i
		for _, c := range f.columns {
			values[i] += t.columns[c].values.len()
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
	return order
}

// oneSided reports whether the rows of one file only have values of a field, so
// that it tells of no pair.
func (d *data) oneSided(f *field) bool {
	file := uint32(0)
	for i, c := range f.codes {
		if c == 0 || d.source == nil {
			continue
		}
		if file != 0 && d.source[i] != file {
			return false
		}
		file = d.source[i]
	}
	return file != 0
}

// fields returns the fields of a model for a table.
func (m *Model) fields(t *Table) ([]*field, error) {
	var out []*field
	for _, x := range m.Fields {
		f := &field{name: x.Name}
		for i, name := range x.Columns {
			c := t.Column(name)
			if c < 0 {
				return nil, fault.New("E6208", "", "name", name, "nearest", fault.Nearest(name, t.headers))
			}
			kind, _ := column.ParseKind(x.Kinds[i])
			f.columns, f.kinds = append(f.columns, c), append(f.kinds, kind)
		}
		kind, _ := column.ParseKind(x.Kind)
		f.compare(t, kind, nil)
		out = append(out, f)
	}
	return out, nil
}

// fields makes a field of each column, and one of the columns that tell of one
// thing together.
func fields(ctx context.Context, t *Table, columns []Column, used []int) ([]*field, error) {
	headers, guesses := make([]string, len(used)), make([]column.Guess, len(used))
	for i, c := range used {
		headers[i], guesses[i] = columns[c].Name, column.Guess{Kind: columns[c].Kind}
	}
	whole := map[int]*field{}
	grouped := map[int]bool{}
	as := map[*field]column.Kind{}
	for _, g := range column.Together(headers, guesses) {
		f := &field{name: g.Kind.String()}
		for _, i := range g.Columns {
			f.columns, f.kinds = append(f.columns, used[i]), append(f.kinds, guesses[i].Kind)
			grouped[i] = true
		}
		whole[g.Columns[0]], as[f] = f, g.Kind
	}
	var out []*field
	names := map[string]int{}
	for i, c := range used {
		f := whole[i]
		if f == nil && !grouped[i] {
			f = &field{name: columns[c].Name, columns: []int{c}, kinds: []column.Kind{columns[c].Kind}}
			as[f] = columns[c].Kind
		}
		if f == nil {
			continue
		}
		if names[f.name]++; names[f.name] > 1 {
			f.name += " " + strconv.Itoa(names[f.name])
		}
		out = append(out, f)
	}
	return out, parallel(ctx, len(out), func(i int) { out[i].compare(t, as[out[i]], t.makers(out[i], out, as)) })
}

// compare gives the field its comparer; makers are the columns that tell what
// a title belongs to.
func (f *field) compare(t *Table, kind column.Kind, makers []*tableColumn) {
	if len(f.columns) > 1 {
		if c, ok := column.NewComposite(kind, f.kinds); ok {
			f.comparer = c
			return
		}
	}
	c := &t.columns[f.columns[0]]
	f.comparer = column.New(kind, column.Options{Values: c.sample(20 * sampleValues), Told: t.told(c, makers)})
}

// keepTelling keeps the fields that tell most of their rows, at most maxFields,
// in their order, and remembers the columns of the others.
func (d *data) keepTelling(t *Table) {
	if len(d.fields) <= maxFields {
		return
	}
	best := slices.Clone(d.fields)
	slices.SortStableFunc(best, func(a, b *field) int { return cmp.Compare(b.tells(), a.tells()) })
	for _, f := range best[maxFields:] {
		for _, c := range f.columns {
			d.unused = append(d.unused, t.headers[c])
		}
	}
	d.fields = slices.DeleteFunc(d.fields, func(f *field) bool { return !slices.Contains(best[:maxFields], f) })
}

// tooWide is the note of a table of more fields than are compared.
func (d *data) tooWide() []Note {
	if len(d.unused) == 0 {
		return nil
	}
	names, more, others := strings.Join(d.unused[:min(len(d.unused), namedColumns)], ", "), "", ""
	if n := len(d.unused) - namedColumns; n > 0 {
		more, others = fmt.Sprintf(" and %d more", n), fmt.Sprintf(" 等 %d 列", len(d.unused))
	}
	return []Note{{
		English: fmt.Sprintf("the %d columns or groups of columns that tell most are compared; these are not: %s%s", maxFields, names, more),
		Chinese: fmt.Sprintf("只比较信息量最大的 %d 个列或列组；未比较：%s%s", maxFields, names, others),
	}}
}

// namedColumns is how many columns are named that are not compared.
const namedColumns = 12

// tells returns how many bits the field says of a pair of rows on average:
// the share of pairs where both have a value, times the entropy of its values.
func (f *field) tells() float64 {
	if f.filled == 0 {
		return 0
	}
	n := float64(f.filled)
	share := n / float64(len(f.codes))
	same := 0.0
	for _, h := range f.holders[1:] {
		same += float64(h) / n * float64(h) / n
	}
	return share * share * -log2(same)
}

// identifying marks the fields that tell related things apart: what a person,
// a company, a work has for itself. Of several of a kind it is the one that
// tells most.
func (d *data) identifying() []bool {
	out := make([]bool, len(d.fields))
	for _, kind := range []column.Kind{
		column.GivenName, column.FullName, column.Organisation, column.Title, column.Date, column.NationalID, column.TaxID, column.Identifier, column.MiddleName, column.Year,
	} {
		if kind == column.Year && !d.ofPeople() {
			continue // that of an album, a journal
		}
		best := -1
		for k, f := range d.fields {
			if f.comparer.Kind() == kind && f.own() && !d.belongs(f) && (best < 0 || f.tells() > d.fields[best].tells()) {
				best = k
			}
		}
		if best >= 0 {
			out[best] = true
		}
	}
	return out
}

// tellsNames reports whether a field with a name, or what is made of one, is
// left beside those that a rule rests on.
func (d *data) tellsNames(r rule) bool {
	for k, f := range d.fields {
		if naming[f.comparer.Kind()] && !r.uses(k) {
			return true
		}
	}
	return false
}

// naming are the kinds of names and what is made of them.
var naming = map[column.Kind]bool{
	column.FullName: true, column.GivenName: true, column.FamilyName: true, column.Organisation: true,
	column.Title: true, column.Email: true, column.URL: true,
}

// ofPeople reports whether rows tell of people, whose years are those of birth.
func (d *data) ofPeople() bool {
	return slices.ContainsFunc(d.fields, func(f *field) bool {
		k := f.comparer.Kind()
		return k == column.GivenName || k == column.Gender || k == column.NationalID
	})
}

// own reports whether a field may tell a thing by what it has for itself: an
// identifier that many rows share is that of what they belong to, a practice,
// a department.
func (f *field) own() bool {
	if f.comparer.Kind() != column.Identifier {
		return true
	}
	const most = 8
	return f.crowd() <= most
}

// belongs reports whether a name is that of what a thing belongs to: a name
// that many more rows share than another name of theirs is that of an employer,
// a brewery, a director.
func (d *data) belongs(f *field) bool {
	const more = 2.5
	return titles[f.comparer.Kind()] && slices.ContainsFunc(d.fields, func(other *field) bool {
		return titles[other.comparer.Kind()] && 2*other.filled > d.rows && more*other.crowd() < f.crowd()
	})
}

// titles are the kinds of names that tell a thing by themselves.
var titles = map[column.Kind]bool{column.FullName: true, column.Organisation: true, column.Title: true}

// crowd returns how many rows share the value of a row on average.
func (f *field) crowd() float64 {
	pairs := 0.0
	for _, h := range f.holders[1:] {
		pairs += float64(h) * float64(h)
	}
	return pairs / math.Max(1, float64(f.filled))
}

// placing marks the fields that tell namesakes apart: where a thing is, when
// it was born, what numbers it has.
func (d *data) placing() []bool {
	out, people := make([]bool, len(d.fields)), d.ofPeople()
	for k, f := range d.fields {
		out[k] = f.comparer.Kind() == column.Year && people || slices.Contains([]column.Kind{
			column.Phone, column.Address, column.Street, column.HouseNumber, column.District, column.City, column.Postcode,
			column.Date, column.NationalID, column.TaxID, column.Identifier,
		}, f.comparer.Kind())
	}
	return out
}

// shared marks the levels of a telling field that related things reach: people
// of a family share its name. family is the level of those who share that and
// no more, 0 where there is none.
func (f *field) shared() (levels [16]bool, family int) {
	if f.comparer.Kind() == column.FullName {
		for l, name := range f.comparer.Levels() {
			levels[l+1] = slices.Contains([]string{"family", "word", "similar", "different"}, name)
			if name == "family" {
				family = l + 1
			}
		}
	}
	return levels, family
}

// astray is how often matches agree by little at most where most rows have the
// field; 1 where nothing is known. telling says that it tells related things
// apart. A person's sex is hardly ever taken down wrong; without that bound
// husband and wife would be taken for the matches.
func (f *field) astray(telling bool) float64 {
	switch k := f.comparer.Kind(); {
	case k == column.Gender:
		return 0.15
	case telling || k == column.Email:
		return 0.5
	}
	return 1
}

// weak marks the levels of a telling field, or of mailboxes, that agree by little: all that
// people of a family have of their names in common, the products of a maker, or
// the mailboxes of people who are called alike.
func (f *field) weak() (levels [16]bool) {
	levels[f.levels()] = true
	for l, name := range f.comparer.Levels() {
		if slices.Contains(weakLevels[f.comparer.Kind()], name) {
			levels[l+1] = true
		}
	}
	return levels
}

// weakLevels are the levels of agreeing by little, by kind, beside the last.
var weakLevels = map[column.Kind][]string{
	column.FullName:     {"word", "family", "given", "similar"},
	column.Organisation: {"similar", "low"},
	column.Title:        {"number", "low", "word"},
	column.Email:        {"shared", "digits", "similar", "domain"},
}
