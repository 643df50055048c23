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
)

func (a *app) quarantine() *cobra.Command {
	return a.build(verb{
		use:   "quarantine",
		short: fault.Text{"rows that were refused: look, repair, replay", "被拒绝的行：查看、修复、重放"},
		examples: []example{
			{"crmhub quarantine list", fault.Text{"which rows, and why", "哪些行，为什么"}},
			{`crmhub quarantine export --reveal --reason "repair" --to rows.xlsx`, fault.Text{"to correct them in a sheet", "导出到表格中更正"}},
			{"crmhub quarantine replay --all", fault.Text{"after a mapping was corrected", "更正映射之后重放"}},
		},
		sub: []*cobra.Command{a.quarantineList(), a.quarantineShow(), a.quarantineExport(), a.quarantineImport(), a.quarantineReplay()},
	})
}

func (a *app) quarantineList() *cobra.Command {
	var pipeline string
	var limit int
	return a.build(verb{
		use:   "list",
		short: fault.Text{"list the open items, without personal values", "列出未处理的行，不含个人信息"},
		examples: []example{
			{"crmhub quarantine list", fault.Text{"all pipelines", "全部管道"}},
			{"crmhub quarantine list --pipeline shop_customer", fault.Text{"one pipeline", "一个管道"}},
			{"crmhub quarantine list -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&pipeline, "pipeline", "", a.t("of this pipeline only", "只看该管道"))
			f.IntVarP(&limit, "limit", "l", 0, a.t("at most that many; 0: all", "最多显示的条数；0 为全部"))
		},
		run: func(ctx context.Context, _ []string) error {
			return a.with(func(h *hub.Hub) error {
				list, err := h.Quarantine(ctx, pipeline, limit)
				if err != nil {
					return err
				}
				t := table{
					head:  []string{"id", a.t("pipeline", "管道"), a.t("stage", "阶段"), a.t("code", "代码"), a.t("place", "位置"), a.t("times", "次数"), a.t("what", "说明")},
					right: map[int]bool{5: true},
				}
				for _, i := range list {
					t.add(i.ID, i.Pipeline, a.stageWord(i.Stage), string(i.Code), i.Place, fmt.Sprint(i.Count), i.Message)
				}
				t.none = fault.Text{"no row waits in quarantine", "没有被隔离的行"}
				return a.print(list, func(w io.Writer) { a.table(w, &t) })
			})
		},
	})
}

func (a *app) quarantineShow() *cobra.Command {
	var r hub.Reveal
	return a.build(verb{
		use:   "show ID",
		short: fault.Text{"one item: cause, cure, and its row", "一个条目：原因、处理办法及该行"},
		examples: []example{
			{"crmhub quarantine show 17", fault.Text{"values masked", "隐藏个人信息"}},
			{`crmhub quarantine show 17 --reveal --reason "call back"`, fault.Text{"values in clear", "以明文显示"}},
			{"crmhub quarantine show 17 -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		min: 1, max: 1,
		flags: func(f *pflag.FlagSet) { a.revealFlags(f, &r) },
		run: func(ctx context.Context, args []string) error {
			return a.with(func(h *hub.Hub) error {
				i, err := h.QuarantineItem(ctx, args[0], r)
				if err != nil {
					return err
				}
				return a.print(i, func(w io.Writer) {
					fmt.Fprintf(w, "%s  %s  %s  %s\n%s %s\n  %s%s\n  %s%s\n", i.ID, i.Pipeline, a.stageWord(i.Stage), i.Place, i.Code, i.Message,
						a.t("why:  ", "原因："), i.Cause, a.t("fix:  ", "处理："), i.Fix)
					a.fields(w, i.Row, "  ")
				})
			})
		},
	})
}

func (a *app) quarantineExport() *cobra.Command {
	var r hub.Reveal
	var pipeline, to string
	return a.build(verb{
		use:   "export --to FILE",
		short: fault.Text{"the refused rows in a sheet (.xlsx or .csv), to be corrected", "将被拒绝的行导出为表格（.xlsx 或 .csv）以便更正"},
		long: fault.Text{
			"Writes the refused rows with their reasons. The file holds personal values in clear: it needs --reveal and\n--reason, and is created readable by you alone. Correct the cells, keep the columns that begin with _, import it.",
			"写出被拒绝的行及原因。文件以明文包含个人信息：须加 --reveal 和 --reason，且仅您本人可读。\n请更正单元格，保留以 _ 开头的列，然后导入。",
		},
		examples: []example{
			{`crmhub quarantine export --reveal --reason "repair" --to rows.xlsx`, fault.Text{"a workbook", "工作簿"}},
			{`crmhub quarantine export --reveal --reason "repair" --to rows.csv`, fault.Text{"CSV", "CSV"}},
			{`crmhub quarantine export --pipeline shop_customer --reveal --reason "repair" --to rows.csv`, fault.Text{"one pipeline", "一个管道"}},
		},
		flags: func(f *pflag.FlagSet) {
			a.revealFlags(f, &r)
			f.StringVar(&pipeline, "pipeline", "", a.t("of this pipeline only", "只导出该管道"))
			f.StringVar(&to, "to", "", a.t("the file: .xlsx or .csv", "目标文件：.xlsx 或 .csv"))
		},
		run: func(ctx context.Context, _ []string) error {
			if !strings.HasSuffix(to, ".xlsx") && !strings.HasSuffix(to, ".csv") {
				return fault.New("E1204", "", "flag", "--to", "want", "FILE.xlsx | FILE.csv")
			}
			if !r.On {
				return fault.New("E1211", "")
			}
			return a.with(func(h *hub.Hub) error {
				w, done, err := a.target(to)
				if err != nil {
					return err
				}
				n, err := h.ExportQuarantine(ctx, w, to[strings.LastIndexByte(to, '.')+1:], pipeline, r)
				if cerr := done(); err == nil {
					err = cerr
				}
				if err != nil {
					return err
				}
				return a.print(map[string]any{"file": to, "rows": n}, func(w io.Writer) {
					fmt.Fprintf(w, a.t("%s in %s; correct them, then: crmhub quarantine import %s\n", "%s 行已写入 %s；更正后执行：crmhub quarantine import %s\n"), a.many(int64(n), "row"), to, to)
				})
			})
		},
	})
}

func (a *app) quarantineImport() *cobra.Command {
	return a.build(verb{
		use:   "import FILE",
		short: fault.Text{"put corrected rows through the pipeline again", "将更正后的行重新送入管道"},
		examples: []example{
			{"crmhub quarantine import rows.xlsx", fault.Text{"a corrected workbook", "更正后的工作簿"}},
			{"crmhub quarantine import rows.csv", fault.Text{"a corrected CSV", "更正后的 CSV"}},
			{"crmhub quarantine import rows.xlsx -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		min: 1, max: 1,
		run: func(ctx context.Context, args []string) error {
			return a.with(func(h *hub.Hub) error {
				p := a.progress()
				res, err := h.ImportQuarantine(ctx, args[0], p.event)
				p.end()
				return a.finished(res, err)
			})
		},
	})
}

func (a *app) quarantineReplay() *cobra.Command {
	var all bool
	return a.build(verb{
		use:   "replay PIPELINE… | --all",
		short: fault.Text{"put the refused rows through again as they are", "将被拒绝的行原样重新送入"},
		long: fault.Text{
			"A replay is a run of its own with its own equation, for when a mapping or a schema was corrected. Rows that pass\nclose their items.",
			"重放是一次独立的运行，有自己的行数等式，用于映射或模式更正之后。通过的行会关闭其条目。",
		},
		examples: []example{
			{"crmhub quarantine replay shop_customer", fault.Text{"one pipeline", "一个管道"}},
			{"crmhub quarantine replay --all", fault.Text{"every pipeline with open items", "所有有未处理行的管道"}},
			{"crmhub quarantine replay --all -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		max: -1,
		flags: func(f *pflag.FlagSet) {
			f.BoolVar(&all, "all", false, a.t("every pipeline that has open items", "所有有未处理行的管道"))
		},
		complete: a.pipelineNames,
		run: func(ctx context.Context, args []string) error {
			if all == (len(args) > 0) {
				return fault.New("E1203", "", "command", "crmhub quarantine replay", "want", "PIPELINE… | --all")
			}
			return a.with(func(h *hub.Hub) error {
				p := a.progress()
				res, err := h.Replay(ctx, args, all, p.event)
				p.end()
				return a.finished(res, err)
			})
		},
	})
}
