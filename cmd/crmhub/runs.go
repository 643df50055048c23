package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/hub"
	"crmhub/record"
)

func (a *app) runs() *cobra.Command {
	return a.build(verb{
		use:   "runs",
		short: fault.Text{"past runs, rolling one back, who revealed values", "查看历史运行、回滚、明文查看记录"},
		examples: []example{
			{"crmhub runs list", fault.Text{"the latest first", "最近的在前"}},
			{"crmhub runs show 0192f7c4", fault.Text{"one run, by the beginning of its id", "以 ID 开头查看一次运行"}},
			{"crmhub runs rollback 0192f7c4 --yes", fault.Text{"undo what a run landed", "撤销某次运行写入的内容"}},
		},
		sub: []*cobra.Command{a.runsList(), a.runsShow(), a.runsRollback(), a.runsReveals()},
	})
}

// runJSON is a run in JSON.
type runJSON struct {
	Run      record.RunID  `json:"run"`
	Pipeline string        `json:"pipeline"`
	Source   string        `json:"source"`
	Stream   string        `json:"stream"`
	Status   record.Status `json:"status"`
	Started  time.Time     `json:"started"`
	Finished *time.Time    `json:"finished,omitempty"`
	Resumed  bool          `json:"resumed,omitempty"`
	Replay   bool          `json:"replay,omitempty"`
	record.Counts
	Unexplained int64        `json:"unexplained"`
	Error       *faultObject `json:"error,omitempty"`
}

func (a *app) runJSON(r record.Run) runJSON {
	j := runJSON{
		Run: r.ID, Pipeline: r.Pipeline, Source: r.Source, Stream: r.Stream, Status: r.Status, Started: r.Started.UTC(),
		Resumed: r.Resumed, Replay: r.Replay, Counts: r.Counts, Unexplained: r.Counts.Unexplained(),
	}
	if !r.Finished.IsZero() {
		t := r.Finished.UTC()
		j.Finished = &t
	}
	if r.Error != nil {
		o := a.object(a.coded(r.Error))
		j.Error = &o
	}
	return j
}

func (a *app) runsList() *cobra.Command {
	var limit int
	var pipeline string
	return a.build(verb{
		use:   "list",
		short: fault.Text{"list runs, the latest first", "列出运行，最近的在前"},
		examples: []example{
			{"crmhub runs list", fault.Text{"the last 20", "最近 20 次"}},
			{"crmhub runs list --pipeline shop_customer", fault.Text{"of one pipeline", "某个管道的"}},
			{"crmhub runs list -l 100 -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		flags: func(f *pflag.FlagSet) {
			f.IntVarP(&limit, "limit", "l", 20, a.t("at most that many", "最多显示的条数"))
			f.StringVar(&pipeline, "pipeline", "", a.t("of this pipeline only", "只看该管道"))
		},
		run: func(ctx context.Context, _ []string) error {
			return a.with(func(h *hub.Hub) error {
				list, err := h.Runs(ctx, pipeline, limit)
				if err != nil {
					return err
				}
				out := []runJSON{}
				t := table{
					head:  []string{a.t("run", "运行"), a.t("pipeline", "管道"), a.t("started", "开始"), a.t("status", "状态"), a.t("read", "读取"), a.t("created", "新建"), a.t("updated", "更新"), a.t("quarantined", "隔离")},
					right: map[int]bool{4: true, 5: true, 6: true, 7: true},
				}
				for _, r := range list {
					out = append(out, a.runJSON(r))
					t.add(string(r.ID), r.Pipeline, moment(r.Started), a.status(r.Status), grouped(r.Counts.Read),
						grouped(r.Counts.Created), grouped(r.Counts.Updated), grouped(r.Counts.Quarantined))
				}
				t.none = fault.Text{"there was no run; crmhub run --all starts one", "还没有运行；crmhub run --all 可启动一次"}
				return a.print(out, func(w io.Writer) { a.table(w, &t) })
			})
		},
	})
}

func (a *app) runsShow() *cobra.Command {
	return a.build(verb{
		use:   "show RUN",
		short: fault.Text{"one run: where every row went", "一次运行：每一行的去向"},
		examples: []example{
			{"crmhub runs show 0192f7c4", fault.Text{"the beginning of an id is enough", "只需 ID 的开头"}},
			{"crmhub runs show 0192f7c4 -o json", fault.Text{"for scripts", "供脚本使用"}},
			{"crmhub runs show 0192f7c4 --lang zh", fault.Text{"in Chinese", "以中文显示"}},
		},
		min: 1, max: 1,
		run: func(ctx context.Context, args []string) error {
			return a.with(func(h *hub.Hub) error {
				r, err := h.RunByID(ctx, args[0])
				if err != nil {
					return err
				}
				return a.print(a.runJSON(r), func(w io.Writer) {
					fmt.Fprintf(w, "%s  %s  %s\n", r.ID, r.Pipeline, a.status(r.Status))
					fmt.Fprintf(w, "%s %s    %s %s\n", a.t("started", "开始"), moment(r.Started), a.t("finished", "结束"), moment(r.Finished))
					a.equation(w, []hub.PipelineResult{{Pipeline: r.Pipeline, Run: r.ID, Status: r.Status, Counts: r.Counts}})
					for _, t := range record.Types {
						if n := r.Counts.Records[t]; n > 0 {
							fmt.Fprintf(w, "%s\t%s\n", t, grouped(n))
						}
					}
					if r.Error != nil {
						fmt.Fprint(w, a.page(a.coded(r.Error)))
					}
				})
			})
		},
	})
}

func (a *app) runsRollback() *cobra.Command {
	var through bool
	return a.build(verb{
		use:   "rollback RUN",
		short: fault.Text{"undo what a run landed, then resolve", "撤销某次运行写入的内容，然后解析"},
		long: fault.Text{
			"What the run created is tombstoned, what it changed gets its former version back, and the position is as before\nthe run. It is refused while newer runs of the same pipeline stand; --through undoes those too.",
			"该运行新建的记录被标记删除，修改的记录恢复为先前版本，读取位置回到运行之前。\n若同一管道还有更新的运行，则拒绝回滚；--through 会一并撤销它们。",
		},
		examples: []example{
			{"crmhub runs rollback 0192f7c4", fault.Text{"asks first", "先询问"}},
			{"crmhub runs rollback 0192f7c4 --yes", fault.Text{"does not ask", "不询问"}},
			{"crmhub runs rollback 0192f7c4 --through -y", fault.Text{"the newer runs of the pipeline too", "连同该管道更新的运行"}},
		},
		min: 1, max: 1,
		flags: func(f *pflag.FlagSet) {
			f.BoolVar(&through, "through", false, a.t("undo the newer runs of the pipeline too", "连同该管道更新的运行一并撤销"))
		},
		run: func(ctx context.Context, args []string) error {
			return a.with(func(h *hub.Hub) error {
				r, err := h.RunByID(ctx, args[0])
				if err != nil {
					return err
				}
				if err := a.asked(ctx, "Roll back the run of "+r.Pipeline+"?", "回滚管道 "+r.Pipeline+" 的这次运行？"); err != nil {
					return err
				}
				p := a.progress()
				res, err := h.Rollback(ctx, r.ID, through, p.event)
				p.end()
				if err != nil {
					return err
				}
				out := map[string]any{"runs": res.Runs, "removed": res.Removed, "reverted": res.Reverted, "restored": res.Restored}
				return a.print(out, func(w io.Writer) {
					fmt.Fprintf(w, a.t("rolled back %s: %s removed, %s as they were before, %s brought back\n", "已回滚 %s 次运行：移除 %s 条记录，%s 条恢复为先前版本，%s 条重新出现\n"),
						a.many(int64(len(res.Runs)), "run"), a.many(res.Removed, "record"), grouped(res.Reverted), grouped(res.Restored))
				})
			})
		},
	})
}

// revealJSON is a look at clear values in JSON.
type revealJSON struct {
	At     time.Time `json:"at"`
	Who    string    `json:"who"`
	What   string    `json:"what"`
	Reason string    `json:"reason"`
}

func (a *app) runsReveals() *cobra.Command {
	var limit int
	return a.build(verb{
		use:   "reveals",
		short: fault.Text{"who looked at personal values in clear, and why", "谁以明文查看过个人信息，原因是什么"},
		examples: []example{
			{"crmhub runs reveals", fault.Text{"the last 20", "最近 20 次"}},
			{"crmhub runs reveals -l 0", fault.Text{"all of them", "全部"}},
			{"crmhub runs reveals -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		flags: func(f *pflag.FlagSet) {
			f.IntVarP(&limit, "limit", "l", 20, a.t("at most that many; 0 for all", "最多显示的条数；0 表示全部"))
		},
		run: func(ctx context.Context, _ []string) error {
			return a.with(func(h *hub.Hub) error {
				list, err := h.Reveals(ctx, limit)
				if err != nil {
					return err
				}
				out := []revealJSON{}
				t := table{head: []string{a.t("at", "时间"), a.t("who", "谁"), a.t("what", "查看内容"), a.t("reason", "原因")}}
				for _, r := range list {
					out = append(out, revealJSON{r.At, r.Who, r.What, r.Why})
					t.add(moment(r.At), r.Who, r.What, r.Why)
				}
				t.none = fault.Text{"no personal value was shown in clear", "没有以明文查看过个人信息"}
				return a.print(out, func(w io.Writer) { a.table(w, &t) })
			})
		},
	})
}
