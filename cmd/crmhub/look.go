package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/width"

	"crmhub/fault"
)

// The colours that are used, as SGR numbers. Colour never stands alone: a sign
// or a word always says the same.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	bold   = "1"
	faint  = "2"
)

// paint colours s where colour is wanted on that stream.
func (a *app) paint(tty bool, colour, s string) string {
	_, no := a.env("NO_COLOR")
	_, force := a.env("CLICOLOR_FORCE")
	on := tty && !no && a.getenv("TERM") != "dumb"
	switch {
	case a.color == "always", a.color != "never" && force:
		on = true
	case a.color == "never":
		on = false
	}
	if !on {
		return s
	}
	return "\x1b[" + colour + "m" + s + "\x1b[0m"
}

// The signs before a line: ✓ ! ✗, or words where the locale is not UTF-8.
func (a *app) ok(tty bool) string   { return a.paint(tty, green, a.sign("✓", "ok")) }
func (a *app) warn(tty bool) string { return a.paint(tty, yellow, a.sign("!", "warn")) }
func (a *app) fail(tty bool) string { return a.paint(tty, red, a.sign("✗", "FAIL")) }

func (a *app) sign(unicode, ascii string) string {
	if a.unicode {
		return unicode
	}
	return ascii
}

// print writes v as JSON to stdout, or calls text where the output is for people.
func (a *app) print(v any, text func(w io.Writer)) error {
	if !a.json() {
		text(a.out)
		return nil
	}
	return a.encode(v)
}

// encode writes v as one line of JSON to stdout.
func (a *app) encode(v any) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("encode the output: %w", err)
	}
	return nil
}

// table is rows of cells under a header: aligned on a terminal, separated by
// tabs elsewhere. Where there are no rows, stdout stays empty and none, if there
// is such a text, is said on stderr.
type table struct {
	head []string
	rows [][]string
	none fault.Text
	// right marks columns of numbers.
	right map[int]bool
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (a *app) table(w io.Writer, t *table) {
	if len(t.rows) == 0 {
		if t.none != (fault.Text{}) {
			a.say("%s", "%s", a.t(t.none[0], t.none[1]))
		}
		return
	}
	if !a.outTTY {
		fmt.Fprintln(w, strings.Join(t.head, "\t"))
		for _, r := range t.rows {
			fmt.Fprintln(w, strings.Join(r, "\t"))
		}
		return
	}
	a.aligned(w, t)
}

// aligned prints the table in columns whatever w is.
func (a *app) aligned(w io.Writer, t *table) {
	widths := make([]int, len(t.head))
	for _, r := range append([][]string{t.head}, t.rows...) {
		for i, c := range r {
			widths[i] = max(widths[i], cells(c))
		}
	}
	line := func(r []string) string {
		var b strings.Builder
		for i, c := range r {
			pad := strings.Repeat(" ", widths[i]-cells(c))
			switch {
			case t.right[i]:
				b.WriteString(pad + c)
			default:
				b.WriteString(c + pad)
			}
			b.WriteString("  ")
		}
		return strings.TrimRight(b.String(), " ")
	}
	fmt.Fprintln(w, a.paint(a.outTTY, faint, line(t.head)))
	for _, r := range t.rows {
		fmt.Fprintln(w, line(r))
	}
}

// cells returns how many columns of a terminal s takes: East Asian wide
// characters take two.
func cells(s string) int {
	n := 0
	for _, r := range s {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// grouped writes n with thousands apart: 1,234,567.
func grouped(n int64) string { return fault.Grouped(n) }

// many says how many of a thing there are: 1 row, 2,000 rows. Chinese texts
// have their measure word themselves.
func (a *app) many(n int64, one string) string {
	if a.lang == fault.Chinese {
		return grouped(n)
	}
	return fault.Count(n, one)
}

// agree is the first word after one thing and the second after any other
// number of them: is and are, waits and wait. Chinese needs neither.
func (a *app) agree(n int64, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// failed prints a fault to stderr and returns its exit code. With -o json the
// last line is the exit object.
func (a *app) failed(f *fault.Error) int {
	code := fault.ExitCode(f)
	if a.json() {
		line, err := json.Marshal(exitObject{Type: "exit", Schema: "crmhub.exit/v1", Code: code, Error: a.object(f)})
		if err == nil {
			fmt.Fprintln(a.err, string(line))
		}
		return code
	}
	fmt.Fprint(a.err, a.page(f))
	return code
}

// exitObject is the last line of a failure with -o json.
type exitObject struct {
	Type   string      `json:"type"`
	Schema string      `json:"schema"`
	Code   int         `json:"code"`
	Error  faultObject `json:"error"`
}

// faultObject is a fault in JSON.
type faultObject struct {
	Code    fault.Code `json:"code"`
	Message string     `json:"message"`
	Cause   string     `json:"cause,omitempty"`
	Fix     string     `json:"fix"`
	Kept    string     `json:"kept,omitempty"`
	Place   string     `json:"place,omitempty"`
}

func (a *app) object(f *fault.Error) faultObject {
	return faultObject{f.Code, f.Message(a.lang), f.Cause(a.lang), f.Fix(a.lang), f.Kept(a.lang), f.Place}
}

// page is a fault for people: what, where, why, the cure and what stayed.
func (a *app) page(f *fault.Error) string {
	sign := a.fail(a.errTTY)
	if strings.HasPrefix(string(f.Code), "W") {
		sign = a.warn(a.errTTY)
	}
	head := a.paint(a.errTTY, bold, string(f.Code))
	if f.Place != "" {
		head += " " + f.Place + ":"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s\n", sign, head, f.Message(a.lang))
	for _, l := range [][2]string{
		{a.t("why:  ", "原因："), f.Cause(a.lang)},
		{a.t("fix:  ", "处理："), f.Fix(a.lang)},
		{a.t("kept: ", "保持："), f.Kept(a.lang)},
		{a.t("more: ", "详情："), "crmhub explain " + string(f.Code)},
	} {
		fmt.Fprintf(&b, "  %s%s\n", l[0], l[1])
	}
	return b.String()
}
