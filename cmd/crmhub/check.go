package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"crmhub/fault"
	"crmhub/hub"
)

func (a *app) check() *cobra.Command {
	return a.build(verb{
		use:   "check [PIPELINE…]",
		short: fault.Text{"files, connections, and a sample through every stage; writes nothing", "检查文件和连接，并让样本行通过各阶段；不写入任何内容"},
		examples: []example{
			{"crmhub check", fault.Text{"the whole project", "整个项目"}},
			{"crmhub check shop_customer", fault.Text{"one pipeline", "一个管道"}},
			{"crmhub check -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		max:      -1,
		complete: a.pipelineNames,
		run: func(ctx context.Context, args []string) error {
			return a.with(func(h *hub.Hub) error {
				list, err := h.Check(ctx, args)
				if err != nil {
					return err
				}
				out := []checkJSON{}
				var all []*fault.Error
				for _, r := range list {
					out = append(out, a.checkJSON(r))
					all = append(all, r.Faults...)
				}
				err = a.print(out, func(w io.Writer) {
					for _, r := range list {
						a.checkText(w, r)
					}
				})
				if err != nil {
					return err
				}
				switch len(all) {
				case 0:
					return nil
				case 1:
					return all[0]
				}
				if !a.json() {
					if err := a.flush(); err != nil {
						return err
					}
					for _, f := range all {
						fmt.Fprint(a.err, a.page(f))
					}
				}
				return fault.New("E1304", "", "count", len(all))
			})
		},
	})
}

// checkJSON is what a check found of one pipeline.
type checkJSON struct {
	Pipeline string        `json:"pipeline"`
	OK       bool          `json:"ok"`
	Sampled  int           `json:"sampled"`
	Refused  int           `json:"refused"`
	Filtered int           `json:"filtered"`
	Records  int           `json:"records"`
	Faults   []faultObject `json:"faults"`
	Warnings []faultObject `json:"warnings"`
}

func (a *app) checkJSON(r hub.CheckResult) checkJSON {
	j := checkJSON{
		Pipeline: r.Pipeline, OK: len(r.Faults) == 0, Sampled: r.Sampled, Refused: r.Refused, Filtered: r.Filtered, Records: r.Records,
		Faults: []faultObject{}, Warnings: []faultObject{},
	}
	for _, f := range r.Faults {
		j.Faults = append(j.Faults, a.object(f))
	}
	for _, f := range r.Warnings {
		j.Warnings = append(j.Warnings, a.object(f))
	}
	return j
}

func (a *app) checkText(w io.Writer, r hub.CheckResult) {
	name, sign := r.Pipeline, a.ok(a.outTTY)
	if name == "" {
		name = a.t("project files", "项目文件")
	}
	if len(r.Faults) > 0 {
		sign = a.fail(a.outTTY)
	}
	line := ""
	if r.Pipeline != "" && r.Sampled > 0 {
		line = fmt.Sprintf(a.t("  %s sampled: %s, %d filtered, %d refused", "  抽样 %s 行：%s 条记录，过滤 %d，拒绝 %d"), a.many(int64(r.Sampled), "row"), a.many(int64(r.Records), "record"), r.Filtered, r.Refused)
	}
	fmt.Fprintf(w, "%s %s%s\n", sign, name, line)
	for _, f := range slices.Concat(r.Faults, r.Warnings) {
		fmt.Fprintf(w, "    %s\n", f.Line(a.lang))
	}
}
