package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"crmhub/connectors/all"
	"crmhub/fault"
	"crmhub/hub"
	"crmhub/mdm"
	"crmhub/record"
)

func (a *app) demo() *cobra.Command {
	return a.build(verb{
		use:   "demo [DIR]",
		short: fault.Text{"the whole story on bundled data, without network", "用自带数据演示全过程，无需联网"},
		long: fault.Text{
			"Lays a project of a small company's six systems into a folder (crmhub-demo), runs it, takes a backup and says what\ncame of every row. The same folder again starts afresh; a folder that no demo made is left alone.",
			"在文件夹（crmhub-demo）中放入一家小公司六个系统的项目，运行、备份，并说明每一行的去向。\n对同一文件夹再次运行会从头开始；不是演示创建的文件夹不会被改动。",
		},
		examples: []example{
			{"crmhub demo", fault.Text{"in ./crmhub-demo", "在 ./crmhub-demo 中"}},
			{"crmhub demo try --lang zh", fault.Text{"in ./try, told in Chinese", "在 ./try 中，以中文说明"}},
			{"crmhub demo -o json", fault.Text{"the figures alone", "只输出数字"}},
		},
		max: 1,
		run: func(ctx context.Context, args []string) error {
			dir := "crmhub-demo"
			if len(args) > 0 {
				dir = args[0]
			}
			p := a.progress()
			quiet := func(e hub.Event) {
				// The story tells of rows in quarantine; the table of rows.
				if e.Kind == hub.Warned || a.errTTY && !a.json() {
					p.event(e)
				}
			}
			res, err := hub.Demo(ctx, dir, hub.Options{
				Registry: all.Registry(), Log: a.log(), Now: a.now, Env: a.env, Who: who(), Version: version, Lang: a.lang,
			}, quiet)
			p.end()
			if err != nil {
				return err
			}
			return a.print(a.demoJSON(res), func(w io.Writer) { a.tell(w, res) })
		},
	})
}

// demoJSON is a demo's figures.
type demoJSON struct {
	Dir       string         `json:"dir"`
	Pipelines []pipelineJSON `json:"pipelines"`
	Records   int            `json:"records"`
	Customers int            `json:"customers"`
	Shared    int            `json:"shared"`
	Largest   int            `json:"largest"`
	Precision float64        `json:"precision"`
	Recall    float64        `json:"recall"`
	Story     string         `json:"story"`
	Backup    backupJSON     `json:"backup"`
	Seconds   float64        `json:"seconds"`
}

func (a *app) demoJSON(res hub.DemoResult) demoJSON {
	return demoJSON{
		Dir: res.Dir, Pipelines: a.finishedJSON(res.Run, nil).Pipelines, Records: res.Records, Customers: res.Customers, Shared: res.Shared,
		Largest: res.Largest, Precision: res.Precision, Recall: res.Recall, Story: res.Story.ID, Backup: backupObject(res.Backup), Seconds: res.Took.Seconds(),
	}
}

// tell prints the demo's story.
func (a *app) tell(w io.Writer, res hub.DemoResult) {
	title := func(en, zh string, args ...any) {
		fmt.Fprintf(w, "\n%s\n", a.paint(a.outTTY, bold, fmt.Sprintf(a.t(en, zh), args...)))
	}
	title("1  Every row is accounted for", "一、每一行都有去向")
	a.aligned(w, a.equationTable(res.Run.Pipelines))
	fmt.Fprintf(w, "%s\n", a.became(res.Run.Pipelines))

	title("2  %s customer records are %s customers", "二、%s 条客户记录归为 %s 位客户", grouped(int64(res.Records)), grouped(int64(res.Customers)))
	fmt.Fprintf(w, a.t("%s customers have more than one record, the largest %d; %s pairs were compared in %s\n", "%s 位客户有多条记录，最多 %d 条；比较了 %s 对，用时 %s\n"),
		grouped(int64(res.Shared)), res.Largest, grouped(res.Run.Resolve.Pairs), res.Run.Resolve.Took.Round(10*time.Millisecond))
	fmt.Fprintf(w, a.t("against the truth, which only the demo knows: precision %.3f, recall %.3f\n", "与只有演示知道的真实情况相比：准确率 %.3f，召回率 %.3f\n"), res.Precision, res.Recall)

	title("3  What waits in quarantine, sealed", "三、隔离区中的行（已加密）")
	t := table{head: []string{a.t("pipeline", "管道"), a.t("stage", "阶段"), a.t("code", "代码"), a.t("rows", "行数"), a.t("why", "原因")}, right: map[int]bool{3: true}}
	for _, r := range res.Quarantine {
		why := ""
		if e, ok := fault.Lookup(r.Code); ok {
			why = e.Cause[a.lang]
		}
		t.add(r.Pipeline, a.stageWord(r.Stage), string(r.Code), grouped(r.Rows), why)
	}
	a.aligned(w, &t)

	title("4  One customer (%s)", "四、一位客户（%s）", res.Story.ID)
	a.story(w, res)

	title("5  Look for yourself", "五、自己看看")
	for _, e := range []example{
		{"crmhub -C " + res.Dir + " golden get " + res.Story.ID, fault.Text{"this customer, with orders, payments, parcels and mails", "这位客户及其订单、付款、包裹和邮件"}},
		{"crmhub -C " + res.Dir + " golden get " + res.Story.ID + " --reveal --reason demo", fault.Text{"the same in clear, which is recorded", "以明文显示，并留下记录"}},
		{"crmhub -C " + res.Dir + " quarantine list", fault.Text{"which rows wait, and why", "哪些行在等待，为什么"}},
		{"crmhub -C " + res.Dir + " run --all", fault.Text{"once more: nothing is written", "再运行一次：不会写入任何内容"}},
		{"crmhub -C " + res.Dir + " golden verify", fault.Text{"recompute everything and compare", "重新计算并比较"}},
		{"crmhub -C " + res.Dir + " backup verify", fault.Text{"open the backup that was taken", "打开刚创建的备份"}},
	} {
		fmt.Fprintf(w, "  %s\n    %s\n", e.line, a.paint(a.outTTY, faint, e.say[a.lang]))
	}
	fmt.Fprintf(w, a.t("\nmade in %s, with a backup of %s\n", "\n用时 %s，备份大小 %s\n"), res.Took.Round(10*time.Millisecond), mib(res.Backup.Bytes))
}

// became counts the records by type.
func (a *app) became(list []hub.PipelineResult) string {
	sum := record.Counts{}
	for _, p := range list {
		sum.Add(p.Counts)
	}
	var parts []string
	for _, t := range record.Types {
		if n := sum.Records[t]; n > 0 {
			parts = append(parts, grouped(n)+" "+a.typeName(t))
		}
	}
	return a.t("the rows became ", "各行成为 ") + strings.Join(parts, a.t(", ", "、"))
}

// story tells which records are one customer, why, and where each value comes from.
func (a *app) story(w io.Writer, res hub.DemoResult) {
	fmt.Fprintln(w, a.t("which records, and what joined them (bits of evidence; 3 join):", "哪些记录，为何合并（证据以比特计，达到 3 即合并）："))
	if len(res.Story.Members) > 0 {
		fmt.Fprintf(w, "  %s\n", recordName(res.Story.Members[0]))
	}
	for _, l := range res.Why {
		fmt.Fprintf(w, "  %s  %s %s: %s\n", recordName(l.Record), a.t("by", "依据"), recordName(l.To), a.evidence(l.Waterfall))
	}
	fmt.Fprintln(w, a.t("which value from where (masked):", "各值的来源（已遮盖）："))
	names := make([]string, 0, len(res.Story.Fields))
	for name := range res.Story.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	t := table{head: []string{a.t("  field", "  字段"), a.t("value", "值"), a.t("from", "来自"), a.t("rule", "规则")}}
	for _, name := range names {
		o := res.Story.Provenance[name]
		from := make([]string, len(o.From))
		for i, r := range o.From {
			from[i] = recordName(r)
		}
		t.add("  "+name, clip(text(res.Story.Fields[name]), 60), clip(strings.Join(from, ", "), 60), o.Rule)
	}
	a.aligned(w, &t)
	count := map[record.Type]int{}
	for _, r := range res.Story.Related {
		count[r.Type]++
	}
	var parts []string
	for _, t := range record.Types {
		if count[t] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[t], a.typeName(t)))
		}
	}
	if len(parts) > 0 {
		fmt.Fprintf(w, "%s%s\n", a.t("and what hangs on it: ", "所属："), strings.Join(parts, a.t(", ", "、")))
	}
}

// evidence names the strongest comparisons of a waterfall.
func (a *app) evidence(v mdm.Waterfall) string {
	steps := slices.Clone(v.Steps)
	slices.SortStableFunc(steps, func(x, y mdm.Step) int { return int(y.Bits) - int(x.Bits) })
	var parts []string
	for _, s := range steps[:min(4, len(steps))] {
		parts = append(parts, fmt.Sprintf("%s %s %+.1f", a.comparison(s.Comparison), a.level(s.Level), float64(s.Bits)/1000))
	}
	return strings.Join(parts, ", ") + fmt.Sprintf(" = %+.1f", float64(v.Score)/1000)
}

// clip shortens s to that many columns.
func clip(s string, wide int) string {
	n := 0
	for i, r := range s {
		if n += cells(string(r)); n > wide-1 {
			return s[:i] + "…"
		}
	}
	return s
}
