package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/hub"
	"crmhub/mdm"
	"crmhub/record"
)

func (a *app) runVerb() *cobra.Command {
	var all, full bool
	return a.build(verb{
		use:   "run NAME… | --all",
		short: fault.Text{"run pipelines once, then resolve", "运行管道一次，然后解析"},
		long: fault.Text{
			"Reads each pipeline's source, lands its rows and resolves customers at the end. The last lines account for every\nrow. An interrupted run goes on where it stopped; the same input again writes nothing.",
			"读取各管道的数据源，将各行入库，最后解析客户。末尾的表格说明每一行的去向。\n中断的运行会从停止处继续；同样的输入再次运行不会写入任何内容。",
		},
		examples: []example{
			{"crmhub run shop_customer", fault.Text{"one pipeline", "一个管道"}},
			{"crmhub run --all -o json", fault.Text{"all, events as JSON lines", "全部，以 JSON 行输出事件"}},
			{"crmhub run shop_customer --full-refresh", fault.Text{"read from the beginning", "从头读取"}},
		},
		max: -1,
		flags: func(f *pflag.FlagSet) {
			f.BoolVar(&all, "all", false, a.t("every pipeline of the project, by name", "项目的全部管道，按名称排序"))
			f.BoolVar(&full, "full-refresh", false, a.t("read from the beginning, whatever was read before", "忽略已读位置，从头读取"))
		},
		complete: a.pipelineNames,
		run: func(ctx context.Context, args []string) error {
			if all == (len(args) > 0) {
				return fault.New("E1203", "", "command", "crmhub run", "want", "NAME… | --all")
			}
			h, err := a.open()
			if err != nil {
				return err
			}
			defer a.close(h)
			p := a.progress()
			res, err := h.Run(ctx, hub.RunRequest{Names: args, All: all, FullRefresh: full}, p.event)
			p.end()
			return a.finished(res, err)
		},
	})
}

// finishedJSON is the last line of run -o json.
type finishedJSON struct {
	Event     string         `json:"event"`
	Run       record.RunID   `json:"run"`
	Status    record.Status  `json:"status"`
	Pipelines []pipelineJSON `json:"pipelines"`
	Resolve   resolveJSON    `json:"resolve"`
	Seconds   float64        `json:"seconds"`
}

type pipelineJSON struct {
	Pipeline string        `json:"pipeline"`
	Run      record.RunID  `json:"run"`
	Status   record.Status `json:"status"`
	Resumed  bool          `json:"resumed,omitempty"`
	record.Counts
	Unexplained int64        `json:"unexplained"`
	Error       *faultObject `json:"error,omitempty"`
}

type resolveJSON struct {
	mdm.Stats
	Seconds float64 `json:"seconds"`
}

// finished prints how a run ended and returns the error that decides the exit code.
func (a *app) finished(res hub.RunResult, err error) error {
	if len(res.Pipelines) == 0 && err != nil {
		return err
	}
	verdict := err
	if verdict == nil {
		verdict = a.verdict(res)
	}
	if a.json() {
		if err := a.encode(a.finishedJSON(res, verdict)); err != nil {
			return err
		}
		return verdict
	}
	a.equation(a.out, res.Pipelines)
	if res.Resolve.Records > 0 {
		a.resolvedLine(res.Resolve)
	}
	if err := a.flush(); err != nil {
		return err
	}
	// The fault that ends the command is printed last; the others before it.
	for _, p := range res.Pipelines {
		if p.Err == nil && p.Counts.Read > 0 && p.Counts.Quarantined == p.Counts.Read {
			fmt.Fprint(a.err, a.page(fault.New("W1301", p.Pipeline, "read", grouped(p.Counts.Read), "pipeline", p.Pipeline)))
		}
		if p.Err != nil && fault.Of(p.Err) != fault.Of(verdict) {
			fmt.Fprint(a.err, a.page(a.coded(p.Err)))
		}
	}
	return verdict
}

// verdict is the fault that a command with these results ends with. Pipelines
// that fail for one reason share its exit code.
func (a *app) verdict(res hub.RunResult) error {
	var failed []error
	for _, p := range res.Pipelines {
		if p.Err != nil {
			failed = append(failed, p.Err)
		}
	}
	switch len(failed) {
	case 0:
		return nil
	case 1:
		return failed[0]
	}
	for _, err := range failed[1:] {
		if fault.ExitCode(err) != fault.ExitCode(failed[0]) {
			return fault.New("E1305", "", "failed", len(failed), "count", len(res.Pipelines))
		}
	}
	return failed[len(failed)-1]
}

func (a *app) finishedJSON(res hub.RunResult, verdict error) finishedJSON {
	f := finishedJSON{
		Event: "finished", Status: record.Done, Pipelines: []pipelineJSON{}, Seconds: res.Took.Seconds(),
		Resolve: resolveJSON{res.Resolve.Stats, res.Resolve.Took.Seconds()},
	}
	for i, p := range res.Pipelines {
		if i == 0 {
			f.Run = p.Run
		}
		j := pipelineJSON{Pipeline: p.Pipeline, Run: p.Run, Status: p.Status, Resumed: p.Resumed, Counts: p.Counts, Unexplained: p.Counts.Unexplained()}
		if p.Err != nil {
			o := a.object(a.coded(p.Err))
			j.Error = &o
		}
		f.Pipelines = append(f.Pipelines, j)
		if p.Status != record.Done && f.Status != record.Interrupted {
			f.Status = p.Status
		}
	}
	if fault.ExitCode(verdict) == fault.ExitInterrupted {
		f.Status = record.Interrupted
	} else if verdict != nil && f.Status == record.Done && fault.ExitCode(verdict) != fault.ExitQuarantined {
		f.Status = record.Failed
	}
	return f
}

// equation prints where every row went.
func (a *app) equation(w io.Writer, list []hub.PipelineResult) { a.table(w, a.equationTable(list)) }

func (a *app) equationTable(list []hub.PipelineResult) *table {
	t := table{
		head: []string{
			a.t("pipeline", "管道"), a.t("read", "读取"), a.t("created", "新建"), a.t("updated", "更新"), a.t("unchanged", "未变"),
			a.t("deleted", "删除"), a.t("filtered", "过滤"), a.t("quarantined", "隔离"), a.t("unexplained", "不明"), a.t("status", "状态"),
		},
		right: map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 7: true, 8: true},
	}
	var sum record.Counts
	row := func(name string, c record.Counts, status string) {
		t.add(name, grouped(c.Read), grouped(c.Created), grouped(c.Updated), grouped(c.Unchanged), grouped(c.Deleted),
			grouped(c.Filtered), grouped(c.Quarantined), grouped(c.Unexplained()), status)
	}
	for _, p := range list {
		status := a.status(p.Status)
		if p.Counts.Swept > 0 {
			status += fmt.Sprintf(a.t(", %s swept", "，清扫删除 %s"), grouped(p.Counts.Swept))
		}
		row(p.Pipeline, p.Counts, status)
		sum.Add(p.Counts)
	}
	if len(list) > 1 {
		row(a.t("all", "合计"), sum, "")
	}
	return &t
}

// stageWord is where on its way a row was refused, in words.
func (a *app) stageWord(s record.Stage) string {
	words := map[record.Stage]string{
		record.StageRead: "读取", record.StageProcess: "处理", record.StageMap: "映射", record.StageValidate: "校验", record.StageLand: "入库",
	}
	if w, ok := words[s]; ok && a.lang == fault.Chinese {
		return w
	}
	return string(s)
}

// status is a run's state in words.
func (a *app) status(s record.Status) string {
	words := map[record.Status]fault.Text{
		record.Running: {"running", "运行中"}, record.Done: {"done", "完成"}, record.Failed: {"failed", "失败"},
		record.Interrupted: {"interrupted", "已中断"}, record.RolledBack: {"rolled back", "已回滚"},
	}
	if w, ok := words[s]; ok {
		return w[a.lang]
	}
	return string(s)
}
