package pipelines

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"crmhub/fault"
	"crmhub/record"
)

// check finds what decoding can't: keys that are missing, and keys that
// contradict each other.
func (p *Pipeline) check() error {
	var faults []error
	add := func(code fault.Code, place string, args ...any) {
		faults = append(faults, fault.New(code, place, args...))
	}
	missing := func(name string, at ...any) { add("E1007", p.Place(at...), "name", name) }
	if p.Source.Connection == "" {
		missing("source.connection", "source")
	}
	if p.Mapping == "" {
		missing("mapping")
	} else if path.Base(p.Mapping) != p.Mapping || strings.Contains(p.Mapping, `\`) {
		add("E4005", p.Place("mapping"))
	}
	switch {
	case p.Type == "":
		missing("type")
	case !slices.Contains(record.Types, p.Type):
		words := make([]string, len(record.Types))
		for i, t := range record.Types {
			words[i] = string(t)
		}
		add("E1006", p.Place("type"), "name", "type", "words", strings.Join(words, " | "), "nearest", fault.Nearest(string(p.Type), words))
	}
	p.checkSource(add)
	if p.Schedule.Cron != "" && !validCron(p.Schedule.Cron) {
		add("E4003", p.Place("schedule", "cron"))
	}
	if p.Schedule.Cron == "" && p.doc.Has("schedule") {
		missing("schedule.cron", "schedule")
	}
	if _, err := time.LoadLocation(p.Schedule.Zone); err != nil {
		add("E4004", p.Place("schedule", "zone"))
	}
	for i, x := range p.Processors {
		if m, ok := x.(map[string]any); !ok || len(m) == 0 {
			add("E1003", p.Place("processors", i), "name", "processors["+strconv.Itoa(i)+"]", "want", "a processor's name with its settings", "found", "something else")
		}
	}
	return errors.Join(faults...)
}

func (p *Pipeline) checkSource(add func(fault.Code, string, ...any)) {
	s := p.Source
	if s.Deletes != DeletesFlag && s.Deleted != "" && p.doc.Has("source", "deletes") && s.Deletes == DeletesNone {
		add("E4001", p.Place("source", "deleted"), "one", "deleted", "other", "deletes: none")
	}
	if s.Mode == Full && s.Overlap > 0 {
		add("E4001", p.Place("source", "overlap"), "one", "overlap", "other", "mode: full")
	}
	if s.Overlap < 0 {
		add("E1003", p.Place("source", "overlap"), "name", "overlap", "want", "a duration of 0 or more", "found", "less")
	}
	seen := map[string]bool{}
	for i, k := range s.Key {
		if k == "" || seen[k] {
			add("E4002", p.Place("source", "key", i))
		}
		seen[k] = true
	}
}

var cronField = regexp.MustCompile(`^(\*|[0-9]+(-[0-9]+)?|[A-Za-z]{3}(-[A-Za-z]{3})?)(/[0-9]+)?$`)

var cronRange = [5][2]int{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}}

var cronNames = [5][]string{
	3: {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"},
	4: {"sun", "mon", "tue", "wed", "thu", "fri", "sat"},
}

// validCron reports whether text has five fields of numbers in range, names of
// months and days, lists, ranges and steps.
func validCron(text string) bool {
	fields := strings.Fields(text)
	if len(fields) != 5 {
		return false
	}
	for i, f := range fields {
		for _, part := range strings.Split(f, ",") {
			if !cronField.MatchString(part) || !cronPart(i, part) {
				return false
			}
		}
	}
	return true
}

func cronPart(field int, part string) bool {
	span, step, stepped := strings.Cut(part, "/")
	if stepped {
		if n, err := strconv.Atoi(step); err != nil || n == 0 {
			return false
		}
	}
	if span == "*" {
		return true
	}
	from, to, ranged := strings.Cut(span, "-")
	low, ok := cronValue(field, from)
	if !ok || !ranged {
		return ok
	}
	high, ok := cronValue(field, to)
	return ok && low <= high
}

func cronValue(field int, text string) (int, bool) {
	if i := slices.Index(cronNames[field], strings.ToLower(text)); i >= 0 {
		if field == 3 {
			i++
		}
		return i, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= cronRange[field][0] && n <= cronRange[field][1]
}
