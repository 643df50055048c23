package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/hub"
)

func (a *app) review() *cobra.Command {
	return a.build(verb{
		use:   "review",
		short: fault.Text{"suspected duplicates: look, decide, in sheets too", "疑似重复：查看、裁定，也可用表格处理"},
		examples: []example{
			{"crmhub review list", fault.Text{"what waits", "待审核的内容"}},
			{"crmhub review next", fault.Text{"the first question, explained", "显示并解释第一个问题"}},
			{`crmhub review decide 17-204 link --reason "same passport"`, fault.Text{"one customer", "判为同一客户"}},
		},
		sub: []*cobra.Command{a.reviewList(), a.reviewNext(), a.reviewDecide(), a.reviewExport(), a.reviewImport()},
	})
}

func (a *app) reviewList() *cobra.Command {
	var r hub.Reveal
	var limit int
	return a.build(verb{
		use:   "list",
		short: fault.Text{"the queue of suspected duplicates", "疑似重复的审核队列"},
		long: fault.Text{
			"Lists pairs of customers whose score lies between the review and the merge threshold, and pairs that clustering keeps\napart though the two alone would be joined. What changes most source records comes first. The queue is computed from\nthe store as it stands.",
			"列出得分介于审核阈值与合并阈值之间的客户对，以及单看两条会合并、但聚类时被分开的对。\n影响来源记录最多的排在最前。队列按存储的当前内容计算。",
		},
		examples: []example{
			{"crmhub review list", fault.Text{"the first twenty", "前二十个"}},
			{`crmhub review list -l 100 --reveal --reason "weekly review"`, fault.Text{"values in clear", "以明文显示"}},
			{"crmhub review list -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		flags: func(f *pflag.FlagSet) {
			a.revealFlags(f, &r)
			f.IntVarP(&limit, "limit", "l", 20, a.t("at most that many", "最多显示的条数"))
		},
		run: func(ctx context.Context, _ []string) error {
			return a.with(func(h *hub.Hub) error {
				q, err := h.Review(ctx, limit, r)
				if err != nil {
					return err
				}
				t := table{head: []string{a.t("pair", "记录对"), a.t("bits", "比特"), a.t("cause", "原因"), a.t("records", "涉及记录"), a.t("left", "左"), a.t("right", "右")}, right: map[int]bool{1: true, 3: true}}
				for _, i := range q.Items {
					cause := map[string]string{"band": a.t("in the band", "审核区间"), "bridge": a.t("kept apart", "聚类分开")}[string(i.Cause)]
					if i.Skipped {
						cause = a.t("skipped", "已跳过")
					}
					t.add(i.ID, i.Score.String(), cause, fmt.Sprint(i.Impact), whose(i.Left), whose(i.Right))
				}
				return a.print(q, func(w io.Writer) {
					a.table(w, &t)
					a.say("waiting %d, skipped %d", "%d 个待审核，%d 个已跳过", q.Waiting, q.Skipped)
				})
			})
		},
	})
}

// whose names a record in one cell: where it stands and whose it is.
func whose(r hub.RecordView) string {
	for _, f := range []string{"full_name", "organisation", "emails", "phones"} {
		if v := text(r.Fields[f]); v != "" {
			return recordName(r) + " " + v
		}
	}
	return recordName(r)
}

func (a *app) reviewNext() *cobra.Command {
	var r hub.Reveal
	return a.build(verb{
		use:   "next",
		short: fault.Text{"the first question, both records side by side, and the waterfall", "第一个问题：两条记录并列显示及瀑布图"},
		examples: []example{
			{"crmhub review next", fault.Text{"values masked", "隐藏个人信息"}},
			{`crmhub review next --reveal --reason "review"`, fault.Text{"values in clear", "以明文显示"}},
			{"crmhub review next -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		flags: func(f *pflag.FlagSet) { a.revealFlags(f, &r) },
		run: func(ctx context.Context, _ []string) error {
			return a.with(func(h *hub.Hub) error {
				n, err := h.NextReview(ctx, r)
				if err != nil {
					return err
				}
				return a.print(n, func(w io.Writer) { a.reviewPage(w, &n) })
			})
		},
	})
}

func (a *app) reviewPage(w io.Writer, n *hub.ReviewNext) {
	if n.Item == nil {
		fmt.Fprintln(w, a.t("No pair waits.", "没有待审核的记录对。"))
		return
	}
	i := n.Item
	fmt.Fprintf(w, a.t("pair %s, the first of %d; it touches %s\n\n", "记录对 %s，共 %d 个待审核；涉及 %s 条来源记录\n\n"), a.paint(a.outTTY, bold, i.ID), n.Waiting, a.many(int64(i.Impact), "source record"))
	t := table{head: []string{"", recordName(i.Left), recordName(i.Right)}}
	for _, name := range fieldNames(i.Left.Fields, i.Right.Fields) {
		t.add(name, text(i.Left.Fields[name]), text(i.Right.Fields[name]))
	}
	a.aligned(w, &t)
	if n.Waterfall != nil {
		fmt.Fprintln(w)
		a.waterfallPage(w, n.Waterfall)
	}
	fmt.Fprintf(w, a.t("\nDecide: crmhub review decide %s link|not|skip --reason \"…\"\n", "\n裁定：crmhub review decide %s link|not|skip --reason \"…\"\n"), i.ID)
}

func (a *app) reviewDecide() *cobra.Command {
	var reason string
	return a.build(verb{
		use:   "decide PAIR link|not|skip",
		short: fault.Text{"say of a pair: one customer, two, or not now", "裁定一对记录：同一客户、不同客户或暂不裁定"},
		long: fault.Text{
			"The decision is kept with who, when and why, and holds in every later run; golden records obey it at once. A later\ndecision on the same pair takes its place.",
			"裁定连同操作人、时间和原因保存，在以后的每次运行中都有效；黄金记录立即遵从。\n对同一对的后一次裁定取代前一次。",
		},
		examples: []example{
			{`crmhub review decide 17-204 link --reason "same passport"`, fault.Text{"one customer", "同一客户"}},
			{`crmhub review decide 17-204 not --reason "father and son"`, fault.Text{"two customers", "两位客户"}},
			{"crmhub review decide 17-204 skip", fault.Text{"later", "以后再定"}},
		},
		min: 2, max: 2,
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&reason, "reason", "", a.t("why, kept sealed with the judgement", "原因，随裁定加密保存"))
		},
		run: func(ctx context.Context, args []string) error {
			return a.with(func(h *hub.Hub) error {
				p := a.progress()
				res, err := h.Decide(ctx, args[0], args[1], reason, p.event)
				p.end()
				if err != nil {
					return err
				}
				return a.print(res, func(w io.Writer) { a.decided(w, &res) })
			})
		},
	})
}

func (a *app) decided(w io.Writer, r *hub.ReviewResult) {
	fmt.Fprintf(w, a.t("%d linked, %d kept apart, %d skipped, %d decided before, %d without a decision; %s resolved\n", "%d 对合并、%d 对分开、%d 对跳过、%d 对此前已裁定、%d 对未填；已解析 %s 条记录\n"),
		r.Linked, r.Apart, r.Skipped, r.Already, r.Empty, a.many(r.Resolve.Records, "record"))
}

func (a *app) reviewExport() *cobra.Command {
	var r hub.Reveal
	var to string
	var limit int
	return a.build(verb{
		use:   "export",
		short: fault.Text{"the queue as a workbook or CSV, to decide in", "将队列导出为可填写的工作簿或 CSV"},
		long: fault.Text{
			"Writes a row for each pair with the values of both records side by side, masked unless --reveal is given. Fill the\ncolumns decision (link, not, skip) and reason; then: crmhub review import FILE",
			"每对一行，两条记录的值并列；除非使用 --reveal，否则隐藏个人信息。\n填写 decision（link、not、skip；是、否、跳过）和 reason 两列，然后：crmhub review import 文件",
		},
		examples: []example{
			{"crmhub review export --to review.xlsx", fault.Text{"values masked", "隐藏个人信息"}},
			{`crmhub review export --to review.xlsx --reveal --reason "weekly review"`, fault.Text{"values in clear", "以明文导出"}},
			{"crmhub review export --to review.csv -l 500", fault.Text{"the first 500, as CSV", "前 500 个，CSV 格式"}},
		},
		flags: func(f *pflag.FlagSet) {
			a.revealFlags(f, &r)
			f.StringVar(&to, "to", "", a.t("the `FILE`: .xlsx or .csv", "`文件`：.xlsx 或 .csv"))
			f.IntVarP(&limit, "limit", "l", 0, a.t("at most that many; 0 is all", "最多的条数；0 为全部"))
		},
		run: func(ctx context.Context, _ []string) error {
			format := "csv"
			if strings.HasSuffix(strings.ToLower(to), ".xlsx") {
				format = "xlsx"
			}
			if to == "" {
				return fault.New("E1203", "", "command", "crmhub review export", "want", "--to FILE")
			}
			return a.with(func(h *hub.Hub) error {
				w, done, err := a.target(to)
				if err != nil {
					return err
				}
				n, err := h.ExportReview(ctx, w, format, limit, r)
				if cerr := done(); err == nil {
					err = cerr
				}
				if err != nil {
					return err
				}
				a.say("%s in %s", "%s 对已写入 %s", a.many(int64(n), "pair"), to)
				return nil
			})
		},
	})
}

func (a *app) reviewImport() *cobra.Command {
	return a.build(verb{
		use:   "import FILE",
		short: fault.Text{"take the decisions of an edited sheet: all or none", "读入填写好的表格：全部采用或全部不采用"},
		long: fault.Text{
			"Rows without a decision are left as they are, as are decisions that stand already: a sheet may be filled in and read\nback bit by bit. A pair that is unknown, whose records changed since the export, whose decision is not understood, lacks\na reason or contradicts another one is named with its row; then nothing is taken.",
			"没有填写裁定的行、以及已经生效的相同裁定保持不变。未知的记录对、导出后记录已变化、裁定无法理解、缺少原因或与其他裁定矛盾的行，\n会连同行号列出；此时不采用任何内容。",
		},
		examples: []example{
			{"crmhub review import review.xlsx", fault.Text{"a workbook", "工作簿"}},
			{"crmhub review import review.csv", fault.Text{"CSV", "CSV"}},
			{"crmhub review import review.xlsx -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		min: 1, max: 1,
		run: func(ctx context.Context, args []string) error {
			return a.with(func(h *hub.Hub) error {
				p := a.progress()
				res, err := h.ImportReview(ctx, args[0], p.event)
				p.end()
				if err != nil {
					// The first one is the command's own error; the others stand before it.
					for _, f := range res.Refused[min(1, len(res.Refused)):] {
						fmt.Fprint(a.err, a.page(f))
					}
					return err
				}
				return a.print(res, func(w io.Writer) { a.decided(w, &res) })
			})
		},
	})
}

// fieldNames are the names of two records' fields, sorted.
func fieldNames(a, b map[string]any) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}
