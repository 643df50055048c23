package main

import (
	"context"
	"strings"

	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/mdm/linkage"
	"crmhub/record"
)

// labelFlags are the flags by which people say what they know of rows.
type labelFlags struct {
	labels, must, cannot string
	onePerSource         bool
}

func (l *labelFlags) define(a *app, f *pflag.FlagSet) {
	f.StringVar(&l.labels, "labels", "", a.t("hold to the labels in this `FILE`: left_id, right_id, label", "遵守该`文件`中的标注：left_id、right_id、label"))
	f.StringVar(&l.must, "must-link", "", a.t("pairs of ids in this `FILE` are one", "该`文件`中的编号对为同一对象"))
	f.StringVar(&l.cannot, "cannot-link", "", a.t("pairs of ids in this `FILE` are two", "该`文件`中的编号对为不同对象"))
}

// label is what a person said of two records, by their ids.
type label struct {
	left, right string
	same        bool
	place       string
}

// The words of labels. What is unsure is as if it had not been said.
func labelWord(s string) (same, known, ok bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "match", "link", "same", "yes", "y", "true", "1", "是", "同一", "匹配":
		return true, true, true
	case "not", "no", "n", "different", "false", "0", "否", "不同", "不匹配":
		return false, true, true
	case "", "unsure", "skip", "u", "s", "不确定", "跳过":
		return false, false, true
	}
	return false, false, false
}

// readLabels reads pairs of ids, the first two columns of a file, and what the
// third says of them; where as is given there is no third.
func (a *app) readLabels(ctx context.Context, path string, as *bool) ([]label, error) {
	t, err := a.tableFile(ctx, path)
	if err != nil {
		return nil, err
	}
	if len(t.columns) < 2 || as == nil && len(t.columns) < 3 {
		return nil, fault.New("E6201", t.name)
	}
	// A sheet that was made for labelling has the values beside the ids.
	at := [3]int{0, 1, 2}
	for i, name := range []string{"left_id", "right_id", "label"} {
		for k, c := range t.columns {
			if likeHeader(c) == likeHeader(name) {
				at[i] = k
			}
		}
	}
	var list []label
	_, err = t.each(ctx, a, func(place record.Place, cells []string) error {
		l := label{left: strings.TrimSpace(cells[at[0]]), right: strings.TrimSpace(cells[at[1]]), place: place.String()}
		known := true
		if as != nil {
			l.same = *as
		} else {
			var ok bool
			if l.same, known, ok = labelWord(cells[at[2]]); !ok {
				return fault.New("E6213", l.place, "want", "match, not, unsure")
			}
		}
		if known {
			list = append(list, l)
		}
		return nil
	})
	return list, err
}

// judged reads all labels that the flags name, as judgements on rows.
func (l *labelFlags) judged(ctx context.Context, a *app, in *matchInput) ([]linkage.Judgement, error) {
	yes, no := true, false
	var all []linkage.Judgement
	for _, f := range []struct {
		path string
		as   *bool
	}{{l.labels, nil}, {l.must, &yes}, {l.cannot, &no}} {
		if f.path == "" {
			continue
		}
		list, err := a.readLabels(ctx, f.path, f.as)
		if err != nil {
			return nil, err
		}
		rows, err := in.judgements(list)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

// judgements turns labels into judgements on rows: of two files the left id is
// one of the first, the right id one of the second. A pair that is labelled
// twice is judged once.
func (in *matchInput) judgements(list []label) ([]linkage.Judgement, error) {
	rows := func(from, to int) map[string]int {
		at := make(map[string]int, to-from)
		for i := from; i < to; i++ {
			at[in.ids.at(i)] = i
		}
		return at
	}
	left := rows(0, in.ends[0])
	right := left
	if len(in.ends) > 1 {
		right = rows(in.ends[0], in.ends[1])
	}
	seen := map[linkage.Judgement]bool{}
	var out []linkage.Judgement
	for _, l := range list {
		x, okX := left[l.left]
		y, okY := right[l.right]
		if !okX || !okY || x == y {
			return nil, fault.New("E6212", l.place)
		}
		j := linkage.Judgement{Left: min(x, y), Right: max(x, y), Same: l.same}
		if !seen[j] {
			seen[j] = true
			j.Place = l.place
			out = append(out, j)
		}
	}
	return out, nil
}

// rowsOf reads the input of a command that matches one file, with what people
// say of its rows.
func (a *app) rowsOf(ctx context.Context, command, input string, m *matchFlags, l *labelFlags) (*matchInput, linkage.Options, error) {
	if input == "" {
		return nil, linkage.Options{}, fault.New("E1203", "", "command", "crmhub match "+command, "want", "--input FILE")
	}
	if err := m.files(command, l, flagged{"--input", input}); err != nil {
		return nil, linkage.Options{}, err
	}
	o, err := m.options(a, command)
	if err != nil {
		return nil, o, err
	}
	in, err := a.matchInput(ctx, []string{input}, m.id, nil)
	if err != nil {
		return nil, o, err
	}
	o.ID = in.id
	switch {
	case m.source != "" && in.table.Column(m.source) < 0:
		return nil, o, fault.New("E6202", input, "flag", "--source", "name", m.source, "nearest", fault.Nearest(m.source, in.table.Headers()))
	case l.onePerSource && m.source == "":
		return nil, o, fault.New("E1203", "", "command", "crmhub match "+command+" --one-per-source", "want", "--source COLUMN")
	}
	o.OnePerSource = l.onePerSource
	o.Judged, err = l.judged(ctx, a, in)
	return in, o, err
}
