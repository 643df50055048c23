package sqldb

import (
	"strconv"
	"strings"
)

// alias names the table or query in every statement, so that an ORDER BY
// never means an output column.
const alias = "crm"

// plan is what a read selects from, and in which order.
type plan struct {
	d dialect
	// from is the table, or the query in brackets.
	from string
	// columns are those of the stream, then those that serve the order only.
	columns []column
	shown   int
	// order are the columns that rows are sorted by, unique whether they tell
	// any two rows apart and are never NULL.
	order  []int
	unique bool
	// hidden is SQLite's rowid, the last of columns, or "".
	hidden string
	// paged says that the order has an index, so that pages are cheap.
	paged bool
	// buffered asks MySQL to free the table's locks before the rows are sent.
	buffered bool
	cursor   int // -1: none
	deleted  int // -1: none
	key      []int
	print    string
}

func (p *plan) expr(i int) string {
	if p.hidden != "" && i == p.shown {
		return alias + "." + p.hidden
	}
	return alias + "." + p.d.quote(p.columns[i].name)
}

func (p *plan) sorted(i int) string { return p.d.ordered(p.columns[i], p.expr(i)) }

// clause is the condition and order of one statement.
type clause struct {
	where []string
	args  []value
	order []int
	limit int
	// descending sorts the other way round, for a look at the end.
	descending bool
}

func (p *plan) statement(c clause) string {
	var b strings.Builder
	b.WriteString("SELECT ")
	if p.buffered && c.limit == 0 {
		b.WriteString("SQL_BUFFER_RESULT ")
	}
	for i := range p.columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.d.selected(p.expr(i), p.columns[i].name))
	}
	b.WriteString(" FROM " + p.from)
	if len(c.where) > 0 {
		b.WriteString(" WHERE " + strings.Join(c.where, " AND "))
	}
	for i, o := range c.order {
		if i == 0 {
			b.WriteString(" ORDER BY ")
		} else {
			b.WriteString(", ")
		}
		b.WriteString(p.sorted(o))
		if c.descending {
			b.WriteString(" DESC")
		} else if !p.unique {
			b.WriteString(p.d.nullsFirst())
		}
	}
	if c.limit > 0 {
		b.WriteString(" LIMIT " + strconv.Itoa(c.limit))
	}
	return b.String()
}

// after appends the condition that rows come after the values vals of the
// columns cols in their order; with equal, also those that equal them.
func (p *plan) after(c *clause, cols []int, vals []value, equal bool) {
	if len(cols) == 0 {
		return
	}
	last := " > "
	if equal {
		last = " >= "
	}
	if len(cols) == 1 {
		c.where = append(c.where, p.compare(c, cols[0], last, vals[0]))
		return
	}
	if p.d.tuples() {
		var left, right []string
		for i, col := range cols {
			left = append(left, p.sorted(col))
			right = append(right, p.d.argument(p.columns[col], vals[i], &c.args))
		}
		c.where = append(c.where, "("+strings.Join(left, ", ")+")"+last+"("+strings.Join(right, ", ")+")")
		return
	}
	// a >= x gives the index its range; the rest decides between equals.
	c.where = append(c.where, p.compare(c, cols[0], " >= ", vals[0]))
	c.where = append(c.where, p.nested(c, cols, vals, last))
}

func (p *plan) nested(c *clause, cols []int, vals []value, last string) string {
	if len(cols) == 1 {
		return p.compare(c, cols[0], last, vals[0])
	}
	return "(" + p.compare(c, cols[0], " > ", vals[0]) + " OR (" + p.compare(c, cols[0], " = ", vals[0]) +
		" AND " + p.nested(c, cols[1:], vals[1:], last) + "))"
}

func (p *plan) compare(c *clause, col int, op string, v value) string {
	return p.sorted(col) + op + p.d.argument(p.columns[col], v, &c.args)
}
