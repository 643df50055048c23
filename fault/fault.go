// Package fault is the catalogue of errors: a stable code, the place, the cause and the cure of each, in English and Chinese.
package fault

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Lang is a language that messages are written in.
type Lang int

// The languages of messages.
const (
	English Lang = iota
	Chinese
)

// Text is one sentence in English and Chinese. {name} stands for the argument
// of that name.
type Text [2]string

// Entry is one kind of error. Codes are never reused.
type Entry struct {
	Code Code
	// Exit is the exit code of a command that ends with it (see Exit…).
	Exit int
	// Message says what was found; Cause why that is a fault; Fix what to do;
	// Kept what stayed unchanged.
	Message, Cause, Fix, Kept Text
	// Example is a message as a user sees it.
	Example string
}

// Code is a stable error code: E and four digits, or W for a warning. The
// first digit tells the family: 1 command and project, 2 connection and
// source, 3 row, 4 pipeline, mapping and schema files, 5 store, 6 matching and
// golden records, 7 key ring and privacy, 8 backup, 9 the program itself.
type Code string

// Exit codes of the program.
const (
	ExitDone        = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitQuarantined = 3
	ExitCheck       = 4
	ExitPermission  = 5
	ExitTemporary   = 6
	ExitStalePlan   = 7
	ExitWaiting     = 8
	ExitLocked      = 11
	ExitKey         = 12
	ExitInterrupted = 130
)

// Error is one fault at one place. Its arguments never hold a personal value
// or a secret: names of columns, files, types and counts only.
type Error struct {
	Code  Code
	Place string
	Args  map[string]string
	Err   error // what lies beneath, for errors.Is; its text is not shown to people
}

// inChinese ends the name of the argument that a Chinese text shows in place
// of the one without it.
const inChinese = "_zh"

// New returns the fault of that code at that place. args are pairs of names
// and values that the catalogue's texts name in braces; values are formatted
// with fmt.Sprint. Of a Text, each language's texts show its own half: Args
// keeps the Chinese one under the name with _zh behind it. It panics on an unknown code or an odd number of args: both
// are mistakes in the program, found by any test that runs the line.
func New(code Code, place string, args ...any) *Error {
	if _, ok := Lookup(code); !ok {
		panic("fault: unknown code " + string(code))
	}
	if len(args)%2 != 0 {
		panic("fault: odd number of args for " + string(code))
	}
	e := &Error{Code: code, Place: place}
	if len(args) > 0 {
		e.Args = make(map[string]string, len(args)/2)
		for i := 0; i < len(args); i += 2 {
			name := args[i].(string)
			if t, both := args[i+1].(Text); both {
				e.Args[name], e.Args[name+inChinese] = t[English], t[Chinese]
				continue
			}
			e.Args[name] = fmt.Sprint(args[i+1])
		}
	}
	return e
}

// Because returns e with the error that lies beneath it.
func (e *Error) Because(err error) *Error {
	e.Err = err
	return e
}

// Error returns code, place and message in English, on one line.
func (e *Error) Error() string { return e.Line(English) }

// Line returns code, place and message in that language, on one line.
func (e *Error) Line(l Lang) string {
	if e.Place == "" {
		return string(e.Code) + " " + e.Message(l)
	}
	return string(e.Code) + " " + e.Place + ": " + e.Message(l)
}

// Unwrap returns the error beneath.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is a fault of the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Message, Cause, Fix and Kept return the catalogue's texts with the
// arguments filled in.
func (e *Error) Message(l Lang) string { return e.text(l, func(x Entry) Text { return x.Message }) }

// Cause says why it is a fault.
func (e *Error) Cause(l Lang) string { return e.text(l, func(x Entry) Text { return x.Cause }) }

// Fix says what to do.
func (e *Error) Fix(l Lang) string { return e.text(l, func(x Entry) Text { return x.Fix }) }

// Kept says what stayed unchanged.
func (e *Error) Kept(l Lang) string { return e.text(l, func(x Entry) Text { return x.Kept }) }

// nobodyNear is what a text says of the nearest name, in brackets: without one
// it falls away.
var nobodyNear = regexp.MustCompile(` ?[(（][^()（）]*\{nearest\}[)）]`)

func (e *Error) text(l Lang, pick func(Entry) Text) string {
	x, _ := Lookup(e.Code)
	s := pick(x)[l]
	if len(e.Args) == 0 {
		return s
	}
	if near, asked := e.Args["nearest"]; asked && near == "" {
		s = nobodyNear.ReplaceAllString(s, "")
	}
	s = agree(s, e.Args)
	pairs := make([]string, 0, 2*len(e.Args))
	for k, v := range e.Args {
		if k == "nearest" && v == "" {
			v = Text{"none", "无"}[l]
		}
		if zh, ok := e.Args[k+inChinese]; ok && l == Chinese {
			v = zh
		}
		pairs = append(pairs, "{"+k+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// Of returns the first fault in err's chain, or nil.
func Of(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// ExitCode returns the exit code that err ends a command with: 0 for nil, 1
// where err has no fault in its chain.
func ExitCode(err error) int {
	if err == nil {
		return ExitDone
	}
	if e := Of(err); e != nil {
		x, _ := Lookup(e.Code)
		return x.Exit
	}
	return ExitFailed
}
