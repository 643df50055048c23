package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/hub"
)

func (a *app) goldenSurvivorship() *cobra.Command {
	var r hub.Reveal
	explain := a.build(verb{
		use:   "explain ID FIELD",
		short: fault.Text{"which values stood, and why this one was chosen", "有哪些候选值，为何采用这一个"},
		long: fault.Text{
			"Shows, for one attribute of a golden record, the value of each source record, what became of it and why, and the rule\nthat chose. Values that validation set aside are listed too.",
			"针对黄金记录的一个属性，显示每条来源记录的值、其结果与原因，以及所用的规则。\n校验时剔除的值也会列出。",
		},
		examples: []example{
			{"crmhub golden survivorship explain 0192f7c4 full_name", fault.Text{"why this name", "为何是这个姓名"}},
			{`crmhub golden survivorship explain 0192f7c4 phones --reveal --reason "complaint"`, fault.Text{"values in clear", "以明文显示"}},
			{"crmhub golden survivorship explain 0192f7c4 birth_date -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		min: 2, max: 2,
		flags: func(f *pflag.FlagSet) { a.revealFlags(f, &r) },
		run: func(ctx context.Context, args []string) error {
			return a.with(func(h *hub.Hub) error {
				s, err := h.Survivorship(ctx, args[0], args[1], r)
				if err != nil {
					return err
				}
				return a.print(s, func(w io.Writer) { a.survivorshipPage(w, s) })
			})
		},
	})
	return a.build(verb{
		use:   "survivorship",
		short: fault.Text{"how golden values are chosen", "黄金值的取值依据"},
		examples: []example{
			{"crmhub golden survivorship explain 0192f7c4 full_name", fault.Text{"why this name", "为何是这个姓名"}},
			{"crmhub golden survivorship explain 0192f7c4 phones", fault.Text{"which phones, from where", "有哪些电话，来自何处"}},
			{"crmhub golden survivorship explain 0192f7c4 owner --lang zh", fault.Text{"in Chinese", "以中文显示"}},
		},
		sub: []*cobra.Command{explain},
	})
}

func (a *app) survivorshipPage(w io.Writer, s hub.Survivorship) {
	value := text(s.Value)
	if s.Value == nil {
		value = a.t("(none)", "（无）")
	}
	fmt.Fprintf(w, "%s  %s = %s\n", a.paint(a.outTTY, bold, s.ID), s.Attribute, value)
	if s.Rule != "" {
		fmt.Fprintf(w, "%s %s: %s\n", a.t("rule", "规则"), s.Rule, s.Why)
	} else {
		fmt.Fprintln(w, s.Why)
	}
	if len(s.Group) > 0 {
		fmt.Fprintf(w, a.t("chosen together, from one record: %s\n", "与下列属性一并取自同一记录：%s\n"), strings.Join(s.Group, ", "))
	}
	if o := s.Override; o != nil {
		fmt.Fprintf(w, a.t("override by %s, %s", "由 %s 于 %s 指定"), o.By, moment(o.At))
		if o.Until != nil {
			fmt.Fprintf(w, a.t(", until %s", "，有效期至 %s"), moment(*o.Until))
		}
		fmt.Fprintln(w)
	}
	t := table{head: []string{a.t("source record", "来源记录"), a.t("value", "值"), a.t("changed", "更新时间"), a.t("what became of it", "结果")}}
	for _, c := range s.Candidates {
		at := ""
		if c.Record.UpdatedAt != nil {
			at = moment(*c.Record.UpdatedAt)
		}
		t.add(recordName(c.Record), text(c.Value), at, c.Why)
	}
	if len(t.rows) > 0 {
		fmt.Fprintln(w)
		a.aligned(w, &t)
	}
}

func (a *app) goldenOverride() *cobra.Command {
	return a.build(verb{
		use:   "override",
		short: fault.Text{"a steward's own values: set, list, take back", "数据管家指定的值：设置、列出、撤销"},
		examples: []example{
			{`crmhub golden override set 0192f7c4 full_name "Li Na" --reason "passport seen"`, fault.Text{"until it is taken back", "在撤销前一直有效"}},
			{"crmhub golden override list", fault.Text{"those that stand", "列出有效的值"}},
			{"crmhub golden override end 3", fault.Text{"take number 3 back", "撤销第 3 号"}},
		},
		sub: []*cobra.Command{a.overrideSet(), a.overrideList(), a.overrideEnd()},
	})
}

func (a *app) overrideSet() *cobra.Command {
	var q hub.OverrideRequest
	return a.build(verb{
		use:   "set ID FIELD [VALUE]",
		short: fault.Text{"give an attribute of a golden record a value that stands above all sources", "为黄金记录的属性指定一个优先于所有来源的值"},
		long: fault.Text{
			"The value is standardised and validated as a source's would be, kept sealed with who, when and why, and stays with\nthe customer through merges and splits until it is taken back or its time is over.",
			"该值与来源的值一样经过标准化和校验，连同操作人、时间和原因加密保存；\n在撤销或到期之前，合并与拆分后都跟随该客户。",
		},
		examples: []example{
			{`crmhub golden override set 0192f7c4 full_name "Li Na" --reason "passport seen"`, fault.Text{"one value", "一个值"}},
			{`crmhub golden override set 0192f7c4 tags --json '["vip"]' --until 90d --reason "campaign"`, fault.Text{"a list, for ninety days", "一个列表，有效 90 天"}},
			{`crmhub golden override set 0192f7c4 birth_date --clear --reason "not theirs"`, fault.Text{"no value at all", "清除该值"}},
		},
		min: 2, max: 3,
		flags: func(f *pflag.FlagSet) {
			f.BoolVar(&q.JSON, "json", false, a.t("VALUE is JSON: a list, an object, a number", "VALUE 为 JSON：列表、对象或数字"))
			f.BoolVar(&q.Clear, "clear", false, a.t("take the value away", "清除该值"))
			f.StringVar(&q.Until, "until", "", a.t("when it ends: a date, a moment or days (90d)", "结束时间：日期、时刻或天数（90d）"))
			f.StringVar(&q.Reason, "reason", "", a.t("why, kept sealed with the value", "原因，随该值加密保存"))
		},
		run: func(ctx context.Context, args []string) error {
			if q.Clear == (len(args) == 3) {
				return fault.New("E1203", "", "command", "crmhub golden override set", "want", a.t("ID FIELD VALUE, or ID FIELD --clear", "ID FIELD VALUE，或 ID FIELD --clear"))
			}
			q.ID, q.Attribute = args[0], args[1]
			if !q.Clear {
				q.Value = args[2]
			}
			return a.with(func(h *hub.Hub) error {
				p := a.progress()
				o, err := h.Override(ctx, q, p.event)
				p.end()
				if err != nil {
					return err
				}
				return a.print(o, func(w io.Writer) {
					fmt.Fprintf(w, a.t("override %d: %s of %s\n", "覆盖值 %d：%s，属于 %s\n"), o.ID, o.Attribute, o.Golden)
				})
			})
		},
	})
}

func (a *app) overrideList() *cobra.Command {
	var r hub.Reveal
	var all bool
	return a.build(verb{
		use:   "list",
		short: fault.Text{"stewards' values that stand", "列出数据管家指定且有效的值"},
		examples: []example{
			{"crmhub golden override list", fault.Text{"those that stand", "有效的值"}},
			{"crmhub golden override list --all", fault.Text{"the ended ones too", "包括已失效的"}},
			{`crmhub golden override list --reveal --reason "audit" -o json`, fault.Text{"values and reasons in clear", "以明文显示值和原因"}},
		},
		flags: func(f *pflag.FlagSet) {
			a.revealFlags(f, &r)
			f.BoolVar(&all, "all", false, a.t("the ended ones too", "包括已失效的"))
		},
		run: func(ctx context.Context, _ []string) error {
			return a.with(func(h *hub.Hub) error {
				list, err := h.Overrides(ctx, all, r)
				if err != nil {
					return err
				}
				t := table{head: []string{"n", a.t("golden record", "黄金记录"), a.t("field", "字段"), a.t("value", "值"), a.t("by", "操作人"), a.t("since", "自"), a.t("until", "至"), a.t("reason", "原因"), a.t("ended", "结束")}, right: map[int]bool{0: true}}
				for _, o := range list {
					until := ""
					if o.Until != nil {
						until = moment(*o.Until)
					}
					t.add(fmt.Sprint(o.ID), o.Golden, o.Attribute, text(o.Value), o.By, moment(o.At), until, o.Reason, o.Ending)
				}
				t.none = fault.Text{"no value is set by hand", "没有人工设定的值"}
				return a.print(list, func(w io.Writer) { a.table(w, &t) })
			})
		},
	})
}

func (a *app) overrideEnd() *cobra.Command {
	return a.build(verb{
		use:   "end N",
		short: fault.Text{"take a steward's value back", "撤销数据管家指定的值"},
		examples: []example{
			{"crmhub golden override end 3", fault.Text{"number 3 of the list", "列表中的第 3 号"}},
			{"crmhub golden override list", fault.Text{"the numbers", "查看编号"}},
			{"crmhub golden override end 3 -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		min: 1, max: 1,
		run: func(ctx context.Context, args []string) error {
			n, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return fault.New("E1203", "", "command", "crmhub golden override end", "want", "N")
			}
			return a.with(func(h *hub.Hub) error {
				p := a.progress()
				err := h.EndOverride(ctx, n, p.event)
				p.end()
				if err != nil {
					return err
				}
				return a.print(map[string]any{"ended": n}, func(w io.Writer) {
					fmt.Fprintf(w, a.t("override %d is taken back\n", "覆盖值 %d 已撤销\n"), n)
				})
			})
		},
	})
}
