package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

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
	r := explained{Explanation: x}
	for _, b := range x.Built {
		r.Built = append(r.Built, builtStep{named(in, b.Left), named(in, b.Right), b.Average})
	}
	return a.print(r, func(w io.Writer) {
		a.waterfallOf(w, x)
		if len(r.Built) > 1 {
			fmt.Fprintf(w, "\n%s\n", a.t("How the cluster was put together", "该组的合并过程"))
			for i, s := range r.Built {
				fmt.Fprintf(w, a.t("%3d  %s + %s: on average %.2f bits\n", "%3d  %s + %s：平均 %.2f 比特\n"), i+1, strings.Join(s.Left, ", "), strings.Join(s.Right, ", "), s.Average)
			}
		}
	})
}

// explained is what match explain --input -o json prints.
type explained struct {
	*linkage.Explanation
	Built []builtStep `json:"built,omitempty"`
}

// builtStep is two groups of records that were joined, by their ids.
type builtStep struct {
	Left    []string `json:"left"`
	Right   []string `json:"right"`
	Average float64  `json:"average_bits"`
}

func named(in *matchInput, rows []int) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = in.ids[r]
	}
	return out
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
	if len(x.Changes) == 0 && x.Together == (x.Bits >= x.Threshold) {
		fmt.Fprintln(w, a.t("No single field would change it.", "没有任何单个字段能改变结论。"))
	}
	for _, c := range x.Changes[:min(3, len(x.Changes))] {
		fmt.Fprintf(w, a.t("What would change it: %s: %s (%+.2f bits) would give %+.2f.\n", "何种情况会改变结论：若 %s 为 %s（%+.2f 比特），得分将为 %+.2f。\n"), c.Field, c.Level, c.Bits, c.Score)
	}
}
