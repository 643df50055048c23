package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/mdm/linkage"
)

// matchWhy explains two rows of a file.
func (a *app) matchWhy() *cobra.Command {
	var m matchFlags
	var input string
	return a.build(verb{
		use:   "why A B",
		short: fault.Text{"why two rows of a file are one, or aren't", "文件中的两行为何是（或不是）同一对象"},
		long: fault.Text{
			"Shows the waterfall of two rows of a file, in bits: what each field says for or against their being one, what pairs\ntaken at random say, and what is taken away because related things (a household, an album) agree likewise.",
			"以比特为单位显示文件中两行的瀑布图：每个字段支持或反对二者为同一对象的程度、随机配对的先验，\n以及因相关对象（同一家庭、同一专辑）也会如此一致而扣除的部分。",
		},
		examples: []example{
			{"crmhub match why --input records.csv --id record_id K17 S204", fault.Text{"two rows by their ids", "按编号给出两行"}},
			{"crmhub match why --input records.csv --id record_id --model m.yaml K17 S204", fault.Text{"by a model that was saved", "使用已保存的模型"}},
			{"crmhub match why --input records.csv --id record_id K17 S204 -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		min: 2, max: 2,
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&input, "input", "", a.t("the `FILE` of records", "记录`文件`"))
			f.StringVar(&m.id, "id", "", a.t("the `COLUMN` of the record ids", "记录编号`列`"))
			f.StringVar(&m.model, "model", "", a.t("decide by this model `FILE`", "使用该模型`文件`"))
			f.StringVar(&m.threshold, "threshold", "auto", a.t("the least weight of a match in `BITS`, or auto", "判为同一的最小权重（比特），或 auto"))
		},
		run: func(ctx context.Context, args []string) error {
			if input == "" {
				return fault.New("E1203", "", "command", "crmhub match why", "want", "--input FILE")
			}
			o, err := m.options(a, "why")
			if err != nil {
				return err
			}
			in, err := a.matchInput(ctx, []string{input}, m.id)
			if err != nil {
				return err
			}
			o.ID = in.id
			x, err := linkage.Explain(ctx, in.table, o, slices.Index(in.ids, args[0]), slices.Index(in.ids, args[1]))
			if err != nil {
				return err
			}
			return a.print(x, func(w io.Writer) { a.waterfallOf(w, x) })
		},
	})
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
