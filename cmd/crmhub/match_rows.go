package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"crmhub/mdm/linkage"
)

// explainRows explains two rows of a file by their ids.
func (a *app) explainRows(ctx context.Context, m *matchFlags, input, left, right string) error {
	o, err := m.options(a, "explain")
	if err != nil {
		return err
	}
	in, err := a.matchInput(ctx, []string{input}, m.id, nil)
	if err != nil {
		return err
	}
	o.ID = in.id
	x, err := linkage.Explain(ctx, in.table, o, slices.Index(in.ids, left), slices.Index(in.ids, right))
	if err != nil {
		return err
	}
	return a.print(x, func(w io.Writer) { a.waterfallOf(w, x) })
}

// waterfallOf prints the steps of an explanation and what they come to.
func (a *app) waterfallOf(w io.Writer, x *linkage.Explanation) {
	t := &table{head: []string{a.t("field", "字段"), a.t("level", "级别"), a.t("bits", "比特"), a.t("of it rarity", "其中稀有度")}, right: map[int]bool{2: true, 3: true}}
	for _, s := range x.Steps {
		t.add(s.Field, s.Level, fmt.Sprintf("%+.2f", s.Bits), fmt.Sprintf("%+.2f", s.Rarity))
	}
	a.table(w, t)
	fmt.Fprintf(w, a.t("%+.2f bits, probability %.4f, threshold %.2f\n", "%+.2f 比特，概率 %.4f，阈值 %.2f\n"), x.Bits, x.Probability, x.Threshold)
	switch {
	case x.Together:
		fmt.Fprintln(w, a.t("They are in one cluster.", "二者在同一组。"))
	case x.Bits >= x.Threshold && x.Proposed:
		fmt.Fprintln(w, a.t("They are apart: other rows of their clusters speak against it.", "二者不在同一组：所在组的其他行不支持合并。"))
	case !x.Proposed:
		fmt.Fprintln(w, a.t("They are apart: no blocking rule proposes the pair.", "二者不在同一组：没有分块规则提出这一配对。"))
	default:
		fmt.Fprintln(w, a.t("They are apart.", "二者不在同一组。"))
	}
}
