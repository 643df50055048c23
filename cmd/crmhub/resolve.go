package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/hub"
	"crmhub/hub/config"
)

func (a *app) resolve() *cobra.Command {
	var workers int
	return a.build(verb{
		use:   "resolve",
		short: fault.Text{"resolve what waits, without reading any source", "解析待处理的记录，不读取任何数据源"},
		long: fault.Text{
			"Finds the customers of the records that changed since they were resolved last; run does the same at its end.\nWith a store on PostgreSQL several may resolve at once, on as many machines as you like: the result is that of one.\nWhile anyone resolves, commands that change records or decisions are refused as locked.",
			"为上次解析以来发生变化的记录确定所属客户；run 在结束时也会这样做。\n存储在 PostgreSQL 上时，可在任意多台机器上同时解析，结果与单个进程相同。\n解析期间，会改动记录或裁决的命令将因锁定而被拒绝。",
		},
		examples: []example{
			{"crmhub resolve", fault.Text{"as many workers as hub.yaml says (resolve: workers), or one", "工作进程数取自 hub.yaml（resolve: workers），默认一个"}},
			{"crmhub resolve --workers 4", fault.Text{"four workers in this process, beside those of others", "本进程内四个工作进程，可与其他进程并行"}},
			{"crmhub resolve -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		flags: func(f *pflag.FlagSet) {
			f.IntVar(&workers, "workers", 0, a.t("how many resolve at once in this process (PostgreSQL)", "本进程内同时解析的工作进程数（PostgreSQL）"))
		},
		run: func(ctx context.Context, _ []string) error {
			if workers < 0 || workers > config.MaxWorkers {
				return fault.New("E1204", "", "flag", "--workers", "want", fmt.Sprintf("1 to %d", config.MaxWorkers))
			}
			h, err := a.open()
			if err != nil {
				return err
			}
			defer a.close(h)
			p := a.progress()
			res, err := h.Resolve(ctx, workers, p.event)
			p.end()
			if err != nil {
				return err
			}
			if a.json() {
				return a.encode(struct {
					Event string `json:"event"`
					resolveJSON
				}{"finished", resolveJSON{res.Stats, res.Took.Seconds()}})
			}
			a.resolvedLine(res)
			return a.flush()
		},
	})
}

// resolvedLine prints what a resolve did.
func (a *app) resolvedLine(r hub.ResolveResult) {
	if r.Records == 0 {
		fmt.Fprintln(a.out, a.t("nothing waited to be resolved", "没有待解析的记录"))
		return
	}
	fmt.Fprintf(a.out, a.t("resolved %s: %s compared, %s, %s joined to another, %s\n",
		"已解析 %s 条记录：比较 %s 对，得到 %s 位客户，%s 条记录并入其他记录，用时 %s\n"),
		a.many(r.Records, "record"), a.many(r.Pairs, "pair"), a.many(r.Entities, "customer"), a.many(r.Merged, "record"), r.Took.Round(10*time.Millisecond))
}
