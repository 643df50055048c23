package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/hub"
)

func (a *app) golden() *cobra.Command {
	return a.build(verb{
		use:   "golden",
		short: fault.Text{"golden records: look, search, export, verify, take apart", "黄金记录：查看、检索、导出、校验、拆分"},
		examples: []example{
			{`crmhub golden search "Li Na"`, fault.Text{"by name, e-mail, phone or id", "按姓名、邮箱、电话或证件号"}},
			{"crmhub golden get 0192f7c4", fault.Text{"one customer, with the origin of every value", "一位客户及各值的来源"}},
			{"crmhub golden export --format csv --members", fault.Text{"which source record is whom", "来源记录与客户的对应"}},
		},
		sub: []*cobra.Command{a.goldenGet(), a.goldenSearch(), a.goldenHistory(), a.goldenUnmerge(), a.goldenExport(), a.goldenVerify(), a.goldenSurvivorship(), a.goldenOverride()},
	})
}

func (a *app) goldenGet() *cobra.Command {
	var r hub.Reveal
	return a.build(verb{
		use:   "get ID",
		short: fault.Text{"one golden record: values, origins, members, orders", "一条黄金记录：值、来源、成员、订单"},
		long: fault.Text{
			"Shows a golden record: its values, where each comes from, the source records behind it, and the orders, payments,\nshipments and messages that hang on it. Values are masked unless --reveal is given, which is recorded.",
			"显示一条黄金记录：各值及其来源、其背后的来源记录，以及所属的订单、付款、物流和往来信息。\n除非使用 --reveal（会被记录），个人信息均被遮盖。",
		},
		examples: []example{
			{"crmhub golden get 0192f7c4", fault.Text{"the beginning of an id is enough", "只需 ID 的开头"}},
			{`crmhub golden get 0192f7c4 --reveal --reason "call back"`, fault.Text{"values in clear", "以明文显示"}},
			{"crmhub golden get 0192f7c4 -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		min: 1, max: 1,
		flags: func(f *pflag.FlagSet) { a.revealFlags(f, &r) },
		run: func(ctx context.Context, args []string) error {
			return a.with(func(h *hub.Hub) error {
				g, err := h.Golden(ctx, args[0], r)
				if err != nil {
					return err
				}
				return a.print(g, func(w io.Writer) { a.goldenPage(w, g) })
			})
		},
	})
}

func (a *app) goldenSearch() *cobra.Command {
	var r hub.Reveal
	var field string
	var limit int
	return a.build(verb{
		use:   "search VALUE",
		short: fault.Text{"find golden records by a value", "按值检索黄金记录"},
		long: fault.Text{
			"Finds golden records that hold a value: a name, an e-mail address, a phone number, an id. The value may be written\nin any usual way. Values are sealed in the store, so only whole values are found, never parts.",
			"查找含有某值的黄金记录：姓名、邮箱、电话、证件号。值可用任何常见写法。\n个人信息在存储中是加密的，只能按完整的值检索，不能按部分检索。",
		},
		examples: []example{
			{`crmhub golden search "Li Na"`, fault.Text{"in every searchable field", "在所有可检索字段中"}},
			{"crmhub golden search --field phones 13800138001", fault.Text{"in one field", "在一个字段中"}},
			{"crmhub golden search li.na@example.com -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		min: 1, max: 1,
		flags: func(f *pflag.FlagSet) {
			a.revealFlags(f, &r)
			f.StringVar(&field, "field", "", a.t("in this field only", "只在该字段中"))
			f.IntVarP(&limit, "limit", "l", 20, a.t("at most that many", "最多显示的条数"))
		},
		run: func(ctx context.Context, args []string) error {
			return a.with(func(h *hub.Hub) error {
				list, err := h.Search(ctx, field, args[0], limit, r)
				if err != nil {
					return err
				}
				t := table{head: []string{"id", a.t("name", "名称"), a.t("e-mails", "邮箱"), a.t("phones", "电话"), a.t("members", "成员")}, right: map[int]bool{4: true}}
				for _, g := range list {
					name := text(g.Fields["full_name"])
					if name == "" {
						name = text(g.Fields["organisation"])
					}
					t.add(g.ID, name, text(g.Fields["emails"]), text(g.Fields["phones"]), fmt.Sprint(len(g.Members)))
				}
				t.none = fault.Text{"no golden record holds this value; whole values are found, not parts of them", "没有黄金记录含有该值；只能按完整的值检索，不能按部分检索"}
				return a.print(list, func(w io.Writer) { a.table(w, &t) })
			})
		},
	})
}

func (a *app) goldenHistory() *cobra.Command {
	var r hub.Reveal
	return a.build(verb{
		use:   "history ID",
		short: fault.Text{"the versions of a golden record", "黄金记录的历史版本"},
		examples: []example{
			{"crmhub golden history 0192f7c4", fault.Text{"the latest first", "最近的在前"}},
			{`crmhub golden history 0192f7c4 --reveal --reason "dispute"`, fault.Text{"values in clear", "以明文显示"}},
			{"crmhub golden history 0192f7c4 -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		min: 1, max: 1,
		flags: func(f *pflag.FlagSet) { a.revealFlags(f, &r) },
		run: func(ctx context.Context, args []string) error {
			return a.with(func(h *hub.Hub) error {
				list, err := h.History(ctx, args[0], r)
				if err != nil {
					return err
				}
				return a.print(list, func(w io.Writer) {
					for _, v := range list {
						fmt.Fprintf(w, "%s %d  %s  %s  %s\n", a.t("version", "版本"), v.Version, moment(v.From), v.Status,
							fmt.Sprintf(a.t("%s", "%s 个成员"), a.many(int64(v.Members), "member")))
						a.fields(w, v.Fields, "  ")
					}
				})
			})
		},
	})
}

func (a *app) goldenUnmerge() *cobra.Command {
	var records []string
	var reason string
	return a.build(verb{
		use:   "unmerge ID --record SOURCE/STREAM/KEY…",
		short: fault.Text{"take records out of a golden record, for good", "将记录从黄金记录中拆出，并保持分开"},
		long: fault.Text{
			"Takes the named records out of a golden record. They get their own ids back, their orders go with them, and the\npair stays apart in every later run.",
			"将指定的记录从黄金记录中拆出。它们恢复自己的 ID，订单随之转移，且以后的运行都会保持分开。",
		},
		examples: []example{
			{"crmhub golden unmerge 0192f7c4 --record shop/customers/2", fault.Text{"one record", "一条记录"}},
			{"crmhub golden unmerge 0192f7c4 --record shop/customers/2 --record erp/partners/9", fault.Text{"two, together", "两条，一并拆出"}},
			{`crmhub golden unmerge 0192f7c4 --record shop/customers/2 --reason "father and son"`, fault.Text{"saying why", "说明原因"}},
		},
		min: 1, max: 1,
		flags: func(f *pflag.FlagSet) {
			f.StringArrayVar(&records, "record", nil, a.t("a member, `SOURCE/STREAM/KEY`; may be repeated", "成员，`SOURCE/STREAM/KEY`；可重复"))
			f.StringVar(&reason, "reason", "", a.t("why, kept sealed with the judgement", "原因，随裁定加密保存"))
		},
		run: func(ctx context.Context, args []string) error {
			if len(records) == 0 {
				return fault.New("E1203", "", "command", "crmhub golden unmerge", "want", "--record SOURCE/STREAM/KEY")
			}
			return a.with(func(h *hub.Hub) error {
				p := a.progress()
				ids, err := h.Unmerge(ctx, args[0], records, reason, p.event)
				p.end()
				if err != nil {
					return err
				}
				return a.print(map[string]any{"ids": ids}, func(w io.Writer) {
					for _, id := range ids {
						fmt.Fprintln(w, id)
					}
				})
			})
		},
	})
}

func (a *app) goldenExport() *cobra.Command {
	var e hub.Export
	var to string
	return a.build(verb{
		use:   "export",
		short: fault.Text{"all golden records, or which source record is whom", "导出全部黄金记录，或来源记录与客户的对应"},
		examples: []example{
			{"crmhub golden export --format csv --members > members.csv", fault.Text{"golden_id,source,stream,key", "golden_id,source,stream,key"}},
			{"crmhub golden export --format jsonl > golden.jsonl", fault.Text{"values masked", "隐藏个人信息"}},
			{`crmhub golden export --format csv --reveal --reason "mailing" --to golden.csv`, fault.Text{"values in clear", "以明文导出"}},
		},
		flags: func(f *pflag.FlagSet) {
			a.revealFlags(f, &e.Reveal)
			f.StringVar(&e.Format, "format", "jsonl", a.t("csv | jsonl", "csv | jsonl"))
			f.BoolVar(&e.Members, "members", false, a.t("one line a source record instead", "改为每条来源记录一行"))
			f.StringVar(&to, "to", "", a.t("a file in place of stdout", "写入文件而非标准输出"))
		},
		run: func(ctx context.Context, _ []string) error {
			if e.Format != "csv" && e.Format != "jsonl" {
				return fault.New("E1204", "", "flag", "--format", "want", "csv | jsonl")
			}
			return a.with(func(h *hub.Hub) error {
				w, done, err := a.target(to)
				if err != nil {
					return err
				}
				err = h.Export(ctx, w, e)
				if cerr := done(); err == nil {
					err = cerr
				}
				return err
			})
		},
	})
}

func (a *app) goldenVerify() *cobra.Command {
	return a.build(verb{
		use:   "verify",
		short: fault.Text{"recompute every golden record and compare; writes nothing", "重新计算每条黄金记录并比较；不写入任何内容"},
		examples: []example{
			{"crmhub golden verify", fault.Text{"exit code 4 where one differs", "有差异时退出码为 4"}},
			{"crmhub golden verify -o json", fault.Text{`{"ok":true,"checked":N,"different":0}`, `{"ok":true,"checked":N,"different":0}`}},
			{"crmhub golden verify --lang zh", fault.Text{"in Chinese", "以中文显示"}},
		},
		run: func(ctx context.Context, _ []string) error {
			return a.with(func(h *hub.Hub) error {
				v, err := h.Verify(ctx)
				if err != nil {
					return err
				}
				err = a.print(v, func(w io.Writer) {
					sign := a.ok(a.outTTY)
					if !v.OK {
						sign = a.fail(a.outTTY)
					}
					fmt.Fprintf(w, a.t("%s %s checked, %s different\n", "%s 已校验 %s 条黄金记录，%s 条不符\n"), sign, a.many(v.Checked, "golden record"), grouped(v.Different))
				})
				if err == nil && !v.OK {
					return fault.New("E1303", "", "different", v.Different, "checked", v.Checked)
				}
				return err
			})
		},
	})
}
