package mappings

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/redpanda-data/benthos/v4/public/bloblang"

	"crmhub/fault"
)

// refusal is an error of one of our own methods: its texts hold no value.
type refusal fault.Text

// Error implements error.
func (r refusal) Error() string { return r[fault.English] }

// Bloblang tells what went wrong in texts only, and the texts hold values of
// the row. These are the parts that hold none: line, types.
var (
	failedLine = regexp.MustCompile(`^failed assignment \(line (\d+)\): `)
	wrongType  = regexp.MustCompile(`expected ([a-z, ]+) value, got ([a-z]+)`)
	mismatch   = regexp.MustCompile(`^cannot ([a-z ]+) types ([a-z]+) \(from .*\) and ([a-z]+) \(from `)
	undefined  = regexp.MustCompile(`^variable '(\w+)' undefined`)
	target     = regexp.MustCompile(`^\s*(root(?:\.(?:[\w-]+|"[^"]*"))*|let\s+\w+)\s*=`)
)

// failed is the fault of a mapping that failed on a row.
func (m *Mapping) failed(err error) error {
	text, line, field := err.Error(), 0, "root"
	if found := failedLine.FindStringSubmatch(text); found != nil {
		line, _ = strconv.Atoi(found[1])
		text = text[len(found[0]):]
		if line >= 1 && line <= len(m.lines) {
			if t := target.FindStringSubmatch(m.lines[line-1]); t != nil {
				field = t[1]
			}
		}
	}
	where := []any{"mapping", m.name, "line", line, "field", field}
	var own refusal
	switch {
	case errors.As(err, &own):
		return fault.New("E3202", "", append(where, "reason", fault.Text(own))...)
	case wrongType.MatchString(text):
		found := wrongType.FindStringSubmatch(text)
		return fault.New("E3201", "", append(where, "want", found[1], "got", found[2])...)
	case mismatch.MatchString(text):
		found := mismatch.FindStringSubmatch(text)
		return fault.New("E3202", "", append(where, "reason", fault.Text{"cannot " + found[1] + " " + found[2] + " and " + found[3], "无法对 " + found[2] + " 与 " + found[3] + " 做 " + found[1]})...)
	case undefined.MatchString(text):
		name := "$" + undefined.FindStringSubmatch(text)[1]
		return fault.New("E3202", "", append(where, "reason", fault.Text{name + " has no value here: give its if an else { null }", name + " 在此没有值：请为其 if 补上 else { null }"})...)
	case strings.Contains(text, "attempted to divide by zero"):
		return fault.New("E3202", "", append(where, "reason", fault.Text{"division by zero", "除数为零"})...)
	case strings.Contains(text, "exceeded maximum allowed stacks"):
		return fault.New("E3202", "", append(where, "reason", fault.Text{"maps call each other without end", "各 map 无休止地互相调用"})...)
	case m.says(text):
		return fault.New("E3203", "", append(where, "reason", text)...)
	}
	return fault.New("E3202", "", append(where, "reason", fault.Text{"the expression failed", "表达式求值失败"})...)
}

// says reports whether the mapping's file has the text as a literal, so that
// showing it shows nothing of the row: throw("neither name nor phone").
func (m *Mapping) says(text string) bool {
	if len(text) < 3 {
		return false
	}
	quoted := strconv.Quote(text)
	for _, line := range m.lines {
		if strings.Contains(line, quoted) || strings.Contains(line, `"`+text+`"`) {
			return true
		}
	}
	return false
}

// notBloblang is the fault of a file that Bloblang refuses. Its text quotes
// the file alone, which holds no row.
func (m *Mapping) notBloblang(err error) error {
	place, what := m.name, "not Bloblang"
	var p *bloblang.ParseError
	if errors.As(err, &p) {
		column := p.Column
		if p.Line >= 1 && p.Line <= len(m.lines) {
			column = columnIn(m.lines[p.Line-1], column)
		}
		place += ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(column)
		what = strings.Join(strings.Fields(p.Error()), " ")
	}
	if len(what) > 200 {
		what = what[:200]
	}
	return fault.New("E4121", place, "what", strings.ToValidUTF8(what, "")).Because(err)
}
