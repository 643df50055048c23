package mappings

import (
	"strconv"
	"strings"
)

// A mapping that only renames, lists and nests columns is most of what people
// write, and Bloblang spends 20 us on what takes 2. parseFast reads that part
// of the language: assignments to root of paths, literals, lists, objects, |
// and a few methods. What it does not know for sure it leaves to Bloblang:
// the whole file, when it is read, or one row, when a value is not what an
// expression expects. So the results are always Bloblang's. columns are the
// names of the row that are asked for.
func parseFast(text string) (statements []assignment, columns []string, ok bool) {
	p := &parser{text: text}
	var all []assignment
	for {
		p.lines()
		if p.at == len(p.text) {
			return all, p.columns, len(all) > 0 && plainOnes(all)
		}
		a, ok := p.assignment()
		if !ok {
			return nil, nil, false
		}
		all = append(all, a)
	}
}

// assignment is one statement: root.a.b = value.
type assignment struct {
	path  []string
	value expression
}

// expression computes a value of a row. ok is false where Bloblang has to.
type expression func(in *input) (v any, ok bool)

// parser reads a mapping from at on.
type parser struct {
	text string
	at   int
	// columns are the names that paths begin with.
	columns []string
}

// spaces skips spaces and tabs.
func (p *parser) spaces() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t') {
		p.at++
	}
}

// lines skips white space, line breaks and comments.
func (p *parser) lines() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n':
			p.at++
		case '#':
			p.comment()
		default:
			return
		}
	}
}

func (p *parser) comment() {
	for p.at < len(p.text) && p.text[p.at] != '\n' {
		p.at++
	}
}

// take takes a token if it stands next.
func (p *parser) take(token string) bool {
	if strings.HasPrefix(p.text[p.at:], token) {
		p.at += len(token)
		return true
	}
	return false
}

// word reads a name of ASCII letters, digits and underscores that does not
// begin with a digit; "" where there is none.
func (p *parser) word() string {
	from := p.at
	for p.at < len(p.text) {
		c := p.text[p.at]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (c < '0' || c > '9' || p.at == from) {
			break
		}
		p.at++
	}
	return p.text[from:p.at]
}

// quoted reads a text in double quotes without anything to unescape but what
// Go and Bloblang read alike.
func (p *parser) quoted() (string, bool) {
	if p.at >= len(p.text) || p.text[p.at] != '"' || strings.HasPrefix(p.text[p.at:], `"""`) {
		return "", false
	}
	for i := p.at + 1; i < len(p.text); i++ {
		switch p.text[i] {
		case '\n':
			return "", false
		case '\\':
			i++
		case '"':
			s, err := strconv.Unquote(p.text[p.at : i+1])
			p.at = i + 1
			return s, err == nil
		}
	}
	return "", false
}

// segment reads one part of a path: a name, or a name in quotes without the
// marks that have a meaning in paths.
func (p *parser) segment() (string, bool) {
	if p.at < len(p.text) && p.text[p.at] == '"' {
		s, ok := p.quoted()
		if !ok || s == "" || s == "-" || strings.ContainsAny(s, ".~*") || s[0] >= '0' && s[0] <= '9' {
			return "", false
		}
		return s, true
	}
	w := p.word()
	return w, w != ""
}

func (p *parser) assignment() (assignment, bool) {
	var a assignment
	if p.word() != "root" {
		return a, false
	}
	for p.take(".") {
		s, ok := p.segment()
		if !ok {
			return a, false
		}
		a.path = append(a.path, s)
	}
	before := p.at
	p.spaces()
	if p.at == before || !p.take("=") || strings.HasPrefix(p.text[p.at:], "=") {
		return a, false
	}
	before = p.at
	p.spaces()
	if p.at == before {
		return a, false
	}
	value, ok := p.expression()
	if !ok {
		return a, false
	}
	a.value = value
	p.spaces()
	if p.at < len(p.text) && p.text[p.at] == '#' {
		p.comment()
	}
	return a, p.at == len(p.text) || p.text[p.at] == '\n'
}

// expression reads terms with | between them.
func (p *parser) expression() (expression, bool) {
	first, ok := p.term()
	if !ok {
		return nil, false
	}
	all := []expression{first}
	for {
		from := p.at
		p.spaces()
		if !strings.HasPrefix(p.text[p.at:], "|") || strings.HasPrefix(p.text[p.at:], "||") {
			p.at = from
			break
		}
		p.at++
		p.spaces()
		next, ok := p.term()
		if !ok {
			return nil, false
		}
		all = append(all, next)
	}
	if len(all) == 1 {
		return first, true
	}
	return coalesce(all), true
}

func (p *parser) term() (expression, bool) {
	if p.at >= len(p.text) {
		return nil, false
	}
	var value expression
	switch c := p.text[p.at]; {
	case c == '"':
		s, ok := p.quoted()
		if !ok {
			return nil, false
		}
		value = constant(s)
	case c == '[':
		list, ok := p.list()
		if !ok {
			return nil, false
		}
		value = list
	case c == '{':
		object, ok := p.object()
		if !ok {
			return nil, false
		}
		value = object
	default:
		switch p.word() {
		case "this":
			return p.path()
		case "null":
			value = constant(nil)
		case "true":
			value = constant(true)
		case "false":
			value = constant(false)
		default:
			return nil, false
		}
	}
	// Methods of literals are left to Bloblang.
	return value, !strings.HasPrefix(p.text[p.at:], ".") && !strings.HasPrefix(p.text[p.at:], "(")
}

// path reads what follows this: names, then methods.
func (p *parser) path() (expression, bool) {
	var names []string
	for p.take(".") {
		from := p.at
		name, ok := p.segment()
		if !ok {
			return nil, false
		}
		if strings.HasPrefix(p.text[p.at:], "(") {
			p.at = from
			return p.methods(p.get(names))
		}
		names = append(names, name)
	}
	return p.get(names), !strings.HasPrefix(p.text[p.at:], "(")
}

// methods reads calls until there are no more.
func (p *parser) methods(on expression) (expression, bool) {
	for {
		name := p.word()
		if !p.take("(") {
			return nil, false
		}
		var call expression
		if name == "or" {
			p.lines()
			other, ok := p.expression()
			if !ok {
				return nil, false
			}
			call = coalesce([]expression{on, other})
		} else {
			argument, has := p.quoted()
			call = applied(on, name, argument, has)
		}
		p.lines()
		if call == nil || !p.take(")") {
			return nil, false
		}
		on = call
		if !p.take(".") {
			return on, true
		}
	}
}

func (p *parser) list() (expression, bool) {
	p.at++
	var all []expression
	for {
		p.lines()
		if p.take("]") {
			return listOf(all), true
		}
		x, ok := p.expression()
		if !ok {
			return nil, false
		}
		all = append(all, x)
		p.lines()
		if !p.take(",") {
			return listOf(all), p.take("]")
		}
	}
}

func (p *parser) object() (expression, bool) {
	p.at++
	var names []string
	var all []expression
	for {
		p.lines()
		if p.take("}") {
			return objectOf(names, all), true
		}
		name, ok := p.quoted()
		if !ok {
			return nil, false
		}
		p.lines()
		if !p.take(":") {
			return nil, false
		}
		p.lines()
		x, ok := p.expression()
		if !ok {
			return nil, false
		}
		names, all = append(names, name), append(all, x)
		p.lines()
		if !p.take(",") {
			return objectOf(names, all), p.take("}")
		}
	}
}
