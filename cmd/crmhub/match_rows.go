package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"

	"crmhub/fault"
	"crmhub/hub/figure"
	"crmhub/mdm/linkage"
)

// rowFlags say which rows of which files are explained, and how.
type rowFlags struct {
	match              matchFlags
	known              labelFlags
	input, left, right string
	maps               []string
	oneToOne           bool
	svg                string
	reveal             bool
}

// explained is what match explain --input -o json prints.
type explained struct {
	Left  string `json:"left"`
	Right string `json:"right"`
	*linkage.Explanation
	// Rivals are the records that the two are linked with instead.
	Rivals []string    `json:"rivals,omitempty"`
	Built  []builtStep `json:"built,omitempty"`
	values [2][]string
	heads  []string
	link   bool
}

// builtStep is two groups of records that were joined, by their ids.
type builtStep struct {
	Left  []string `json:"left"`
	Right []string `json:"right"`
	Score float64  `json:"score_bits"`
}

// explainRows explains two rows of a file, or of two, by their ids.
func (a *app) explainRows(ctx context.Context, f *rowFlags, left, right string) error {
	link := f.input == ""
	if link && (f.left == "" || f.right == "") {
		return fault.New("E1203", "", "command", "crmhub match explain", "want", "--input FILE | --left FILE --right FILE")
	}
	if err := files([]flagged{{"--input", f.input}, {"--left", f.left}, {"--right", f.right}, {"--model", f.match.model}}, []flagged{{"--svg", f.svg}}); err != nil {
		return err
	}
	in, o, err := a.rowsToExplain(ctx, f, link)
	if err != nil {
		return err
	}
	to := in.ends[0]
	l, r := in.ids.index(left, 0, to), in.ids.index(right, 0, to)
	if link {
		r = in.ids.index(right, to, in.ids.len())
	}
	x, err := linkage.Explain(ctx, in.table, o, l, r)
	if err != nil {
		return err
	}
	e := explained{Left: left, Right: right, Explanation: x, Rivals: named(in, x.Rivals), heads: in.table.Headers(), values: [2][]string{in.table.Row(l), in.table.Row(r)}, link: link}
	for _, b := range x.Built {
		e.Built = append(e.Built, builtStep{named(in, b.Left), named(in, b.Right), b.Score})
	}
	if f.svg != "" {
		if err := a.drawRows(f.svg, &e); err != nil {
			return err
		}
	}
	return a.print(e, func(w io.Writer) { a.rowsPage(w, &e, f.reveal) })
}

// rowsToExplain reads the files.
func (a *app) rowsToExplain(ctx context.Context, f *rowFlags, link bool) (in *matchInput, o linkage.Options, err error) {
	if !link {
		return a.rowsOf(ctx, "explain", f.input, &f.match, &f.known)
	}
	return a.rowsOfTwo(ctx, "explain", f.left, f.right, &f.match, &f.known, f.oneToOne, f.maps, nil)
}

func named(in *matchInput, rows []int) []string {
	var out []string
	for _, r := range rows {
		out = append(out, in.ids.at(r))
	}
	return out
}

// stepWords is what a step of a waterfall of rows is called.
func (a *app) stepWords(s linkage.Step) (label, note string) {
	switch s.Field {
	case "prior":
		return a.t("two rows at random", "任意两行"), ""
	case "related":
		return a.t("what relatives, flatmates, branches share", "亲属、同住、分支等共有的部分"), ""
	}
	return a.comparison(s.Field), a.level(s.Level)
}

func (e *explained) verdict(a *app) string {
	switch {
	case e.link && e.Together:
		return a.t("linked", "已关联")
	case e.link:
		return a.t("not linked", "未关联")
	case e.Together:
		return a.t("one", "同一对象")
	}
	return a.t("two", "不同对象")
}

// drawRows draws the waterfall, which holds no value of a row.
func (a *app) drawRows(to string, e *explained) error {
	f := figure.Waterfall{
		Title: e.Left + "  ↔  " + e.Right, Subtitle: fmt.Sprintf("%s · %.2f %%", e.verdict(a), 100*e.Probability),
		Total: figure.Bar{Label: a.t("score", "得分"), Note: e.verdict(a), Bits: e.Bits},
		Lines: []figure.Bar{{Label: a.t("threshold", "阈值"), Bits: e.Threshold}},
	}
	for i, s := range e.Steps {
		label, note := a.stepWords(s)
		if i == 0 {
			f.Start = figure.Bar{Label: label, Bits: s.Bits}
			continue
		}
		f.Bars = append(f.Bars, figure.Bar{Label: label, Note: note, Bits: s.Bits})
	}
	out, done, err := a.target(to)
	if err != nil {
		return err
	}
	if err := figure.SVG(out, f); err != nil {
		return fault.New("E1104", to, "reason", fault.Reason(err)).Because(err)
	}
	return done()
}

// rowsPage prints a waterfall of rows for a terminal.
func (a *app) rowsPage(w io.Writer, e *explained, reveal bool) {
	fmt.Fprintf(w, "%s  ↔  %s\n", e.Left, e.Right)
	if reveal {
		v := &table{head: []string{"", e.Left, e.Right}}
		for i, h := range e.heads {
			if e.values[0][i]+e.values[1][i] != "" {
				v.add(h, e.values[0][i], e.values[1][i])
			}
		}
		a.aligned(w, v)
		fmt.Fprintln(w)
	}
	t := &table{head: []string{a.t("comparison", "比较项"), a.t("level", "等级"), a.t("bits", "比特"), ""}, right: map[int]bool{2: true}}
	for _, s := range e.Steps {
		label, note := a.stepWords(s)
		if s.Field == "related" && math.Abs(s.Bits) < 0.05 {
			continue
		}
		if s.Rarity >= 0.5 {
			note += fmt.Sprintf(a.t(", rare %+.1f", "，罕见 %+.1f"), s.Rarity)
		} else if s.Rarity <= -0.5 {
			note += fmt.Sprintf(a.t(", common %+.1f", "，常见 %+.1f"), s.Rarity)
		}
		t.add(label, note, fmt.Sprintf("%+.1f", s.Bits), figure.Blocks(s.Bits, a.unicode))
	}
	t.add(a.t("score", "得分"), e.verdict(a), fmt.Sprintf("%+.2f", e.Bits), "")
	a.aligned(w, t)
	fmt.Fprintf(w, a.t("%.2f %% likely one; the threshold is %+.2f bits\n", "%.2f %% 可能为同一对象；阈值 %+.2f 比特\n"), 100*e.Probability, e.Threshold)
	for _, s := range a.rowReasons(e) {
		fmt.Fprintln(w, "- "+s)
	}
	if len(e.Built) > 1 {
		fmt.Fprintf(w, "\n%s\n", a.t("How the cluster was put together", "该组的合并过程"))
		for i, s := range e.Built {
			fmt.Fprintf(w, a.t("%3d  %s + %s: together %.1f bits\n", "%3d  %s + %s：合计 %.1f 比特\n"), i+1, strings.Join(s.Left, ", "), strings.Join(s.Right, ", "), s.Score)
		}
	}
}

// rowReasons are the sentences that say why, or why not, and what would change it.
func (a *app) rowReasons(e *explained) []string {
	var out []string
	say := func(en, zh string, args ...any) { out = append(out, fmt.Sprintf(a.t(en, zh), args...)) }
	reached := e.Bits >= e.Threshold
	switch {
	case e.Judged == "match":
		say("A label says that they are one; that holds whatever the score.", "标注为同一对象；无论得分如何均有效。")
	case e.Judged == "not":
		say("A label says that they are two; that holds whatever the score.", "标注为不同对象；无论得分如何均有效。")
	case e.Together && reached:
		say("The score reaches the threshold.", "得分达到阈值。")
	case e.Together:
		say("The two alone would not be joined; other rows of the cluster, or labels, connect them.", "仅凭这两行不会合并；由同组的其他行或标注将其联系在一起。")
	case !e.Proposed:
		say("No blocking rule proposes the pair, so it was never compared: crmhub match block shows the rules.", "没有分块规则提出这一配对，因此从未比较：crmhub match block 可查看规则。")
	case reached && len(e.Rivals) > 0:
		say("The score reaches the threshold, but each row is linked once: %s was the better partner, or was said.", "得分达到阈值，但每行只关联一次：%s 更合适，或已由标注指定。", strings.Join(e.Rivals, ", "))
	case reached:
		say("The two alone would be joined, but other rows of their clusters, or labels, speak against it.", "仅凭这两行会合并，但所在组的其他行或标注不支持。")
	default:
		say("The score is below the threshold.", "得分低于阈值。")
	}
	if e.Judged == "" && len(e.Changes) == 0 && e.Together == reached {
		say("No single field would change it.", "没有任何单个字段能改变结论。")
	}
	for _, c := range e.Changes[:min(3, len(e.Changes))] {
		say("What would change it: %s: %s (%+.2f bits) would give %+.2f.", "何种情况会改变结论：若%s为“%s”（%+.2f 比特），得分将为 %+.2f。", a.comparison(c.Field), a.level(c.Level), c.Bits, c.Score)
	}
	return out
}
