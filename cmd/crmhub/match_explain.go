package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/hub"
	"crmhub/hub/figure"
)

func (a *app) matchExplain() *cobra.Command {
	var r hub.Reveal
	var rows rowFlags
	return a.build(verb{
		use:   "explain A B",
		short: fault.Text{"why two customers of the store, or two rows of a file, are one or aren't", "存储中的两位客户或文件中的两行为何是（或不是）同一对象"},
		long: fault.Text{
			"Shows the waterfall of two records, in bits: where the score starts, what each comparison adds, and the thresholds;\nwhy, and what would change it. Of two customers the two records that are most alike are shown; of one customer (the\nsame id twice) also the steps in which it was put together. With --input, A and B are the record ids of two rows of a\nfile; with --left and --right, of a row of each. Give the flags of the run that is explained.",
			"以比特为单位显示两条记录的瀑布图：得分的起点、每项比较的增减和各阈值；说明原因，以及何种情况会改变结论。\n给出两位客户时，显示二者最相似的两条记录；同一客户（ID 写两次）还会显示其逐步合并的过程。使用 --input 时，A 和 B 是该文件中两行的编号；\n使用 --left 和 --right 时，分别是两个文件中各一行的编号。请给出所解释的那次运行的参数。",
		},
		examples: []example{
			{"crmhub match explain shop/customers/1 erp/partners/9", fault.Text{"two records", "两条记录"}},
			{"crmhub match explain 0192f7c4 0192f7c4 --svg why.svg", fault.Text{"how one customer was put together, and a picture to show", "一位客户如何合并而成，并生成可展示的图"}},
			{"crmhub match explain --input records.csv --id record_id --model m.yaml K17 S204", fault.Text{"two rows of a file", "文件中的两行"}},
		},
		min: 2, max: 2,
		flags: func(f *pflag.FlagSet) {
			a.revealFlags(f, &r)
			f.StringVar(&rows.svg, "svg", "", a.t("draw the waterfall into this `FILE`, without values", "将瀑布图绘制到该`文件`，不含取值"))
			f.StringVar(&rows.input, "input", "", a.t("explain rows of this `FILE`, without a hub", "解释该`文件`中的行，无需中枢"))
			f.StringVar(&rows.left, "left", "", a.t("explain a link: A is a row of this `FILE`, B one of --right", "解释一条关联：A 属于该`文件`，B 属于 --right"))
			f.StringVar(&rows.right, "right", "", a.t("the second `FILE` of a link", "关联的第二个`文件`"))
			f.StringArrayVar(&rows.maps, "map", nil, a.t("as for match link: `LEFT=RIGHT`", "同 match link：`左列=右列`"))
			f.BoolVar(&rows.oneToOne, "one-to-one", false, a.t("as for match link", "同 match link"))
			f.BoolVar(&rows.known.onePerSource, "one-per-source", false, a.t("as for match dedupe", "同 match dedupe"))
			rows.known.define(a, f)
			rows.match.defineModel(a, f)
			f.StringVar(&rows.match.threshold, "threshold", "auto", a.t("the least weight of a match in `BITS`, or auto", "判为同一的最小权重（比特），或 auto"))
		},
		run: func(ctx context.Context, args []string) error {
			if rows.input != "" || rows.left != "" || rows.right != "" {
				rows.reveal = r.On
				return a.explainRows(ctx, &rows, args[0], args[1])
			}
			return a.with(func(h *hub.Hub) error {
				w, err := h.ExplainPair(ctx, args[0], args[1], r)
				if err != nil {
					return err
				}
				if rows.svg != "" {
					if err := a.drawWaterfall(rows.svg, &w); err != nil {
						return err
					}
				}
				return a.print(w, func(out io.Writer) { a.waterfallPage(out, &w) })
			})
		},
	})
}

// drawWaterfall writes the picture of a waterfall.
func (a *app) drawWaterfall(path string, w *hub.Waterfall) error {
	f := figure.Waterfall{
		Title:    recordName(w.Left) + "  ↔  " + recordName(w.Right),
		Subtitle: fmt.Sprintf("%s · %.2f %% · %s %s", a.verdictWord(w.Verdict), 100*w.Probability, a.t("model", "模型"), w.Model),
		Start:    figure.Bar{Label: a.t("two records at random", "任意两条记录"), Bits: inBits(w.Prior)},
		Total:    figure.Bar{Label: a.t("score", "得分"), Note: a.verdictWord(w.Verdict), Bits: inBits(w.Score)},
		Lines:    []figure.Bar{{Label: a.t("review", "审核"), Bits: inBits(w.Review)}, {Label: a.t("merge", "合并"), Bits: inBits(w.Merge)}},
	}
	for _, s := range w.Steps {
		f.Bars = append(f.Bars, figure.Bar{Label: a.comparison(s.Comparison), Note: a.level(s.Level), Bits: inBits(s.Bits)})
	}
	out, done, err := a.target(path)
	if err != nil {
		return err
	}
	if err := figure.SVG(out, f); err != nil {
		return fault.New("E1104", path, "reason", fault.Reason(err)).Because(err)
	}
	return done()
}

func inBits(b hub.Bits) float64 { return float64(b) / 1000 }

// waterfallPage prints a waterfall for a terminal.
func (a *app) waterfallPage(w io.Writer, v *hub.Waterfall) {
	fmt.Fprintf(w, "%s  ↔  %s\n", recordName(v.Left), recordName(v.Right))
	t := table{head: []string{a.t("comparison", "比较项"), a.t("level", "等级"), a.t("bits", "比特"), ""}, right: map[int]bool{2: true}}
	add := func(name, level string, b hub.Bits, bar bool) {
		blocks := ""
		if bar {
			blocks = figure.Blocks(inBits(b), a.unicode)
		}
		t.add(name, level, b.String(), blocks)
	}
	add(a.t("two records at random", "任意两条记录"), "", v.Prior, true)
	for _, s := range v.Steps {
		add(a.comparison(s.Comparison), a.level(s.Level), s.Bits, true)
	}
	add(a.t("score", "得分"), a.verdictWord(v.Verdict), v.Score, false)
	a.aligned(w, &t)
	fmt.Fprintf(w, a.t("%.2f %% likely one customer; review from %s, merge from %s bits\n", "%.2f %% 可能为同一客户；%s 比特起审核，%s 比特起合并\n"), 100*v.Probability, v.Review, v.Merge)
	for _, s := range v.Why {
		fmt.Fprintln(w, "- "+s)
	}
	if len(v.Built) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", a.t("How the customer was put together", "该客户的合并过程"))
	for i, j := range v.Built {
		by := fmt.Sprintf(a.t("on average %s bits, the best pair %s", "平均 %s 比特，最高一对 %s"), j.Average, j.Best)
		if j.Judged {
			by = a.t("a steward's word", "数据管家裁定")
		}
		fmt.Fprintf(w, "%3d  %s + %s: %s\n", i+1, recordNames(j.Left), recordNames(j.Right), by)
	}
}

func recordNames(list []hub.RecordView) string {
	names := make([]string, len(list))
	for i, r := range list {
		names[i] = recordName(r)
	}
	if len(names) == 1 {
		return names[0]
	}
	return "(" + strings.Join(names, ", ") + ")"
}

func (a *app) comparison(name string) string  { return hub.ComparisonWord(name, a.lang) }
func (a *app) level(name string) string       { return hub.LevelWord(name, a.lang) }
func (a *app) verdictWord(name string) string { return hub.VerdictWord(name, a.lang) }
