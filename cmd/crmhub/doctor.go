package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"crmhub/connectors/all"
	"crmhub/fault"
	"crmhub/hub"
	"crmhub/hub/doctor"
)

func (a *app) doctor() *cobra.Command {
	return a.build(verb{
		use:   "doctor",
		short: fault.Text{"what is wrong here, and the cure", "诊断问题并给出处理办法"},
		long: fault.Text{
			"Looks at hub.yaml, the key ring, the store, the disk, the lock, every connection, the pipelines, the clock, past runs,\nquarantine and backups. Each line that is not well names its cure. It writes nothing.",
			"检查 hub.yaml、密钥环、存储、磁盘、锁、各连接、管道、时钟、历史运行、隔离区和备份。\n每个异常都给出处理办法。不写入任何内容。",
		},
		examples: []example{
			{"crmhub doctor", fault.Text{"this project", "当前项目"}},
			{"crmhub -C crm doctor --lang zh", fault.Text{"in Chinese", "以中文显示"}},
			{"crmhub doctor -o json", fault.Text{"for monitoring", "供监控使用"}},
		},
		run: func(ctx context.Context, _ []string) error {
			list := doctor.Examine(ctx, a.dir, hub.Options{Registry: all.Registry(), Log: a.log(), Now: a.now, Env: a.env, Who: who(), Lang: a.lang})
			var failed []*fault.Error
			for _, f := range list {
				if f.State == doctor.Fail {
					failed = append(failed, f.Fault)
				}
			}
			err := a.print(list, func(w io.Writer) {
				wide := 0
				for _, f := range list {
					wide = max(wide, cells(f.Check))
				}
				for _, f := range list {
					sign := map[doctor.State]string{doctor.OK: a.ok(a.outTTY), doctor.Warn: a.warn(a.outTTY), doctor.Fail: a.fail(a.outTTY)}[f.State]
					fmt.Fprintf(w, "%s %s%s  %s\n", sign, f.Check, strings.Repeat(" ", wide-cells(f.Check)), strings.TrimSpace(string(f.Code)+" "+f.Found))
					if f.Cure != "" {
						fmt.Fprintf(w, "    %s%s\n", a.t("fix: ", "处理："), f.Cure)
					}
				}
			})
			switch {
			case err != nil:
				return err
			case len(failed) == 1:
				return failed[0]
			case len(failed) > 1:
				return fault.New("E1306", "", "count", len(failed))
			}
			return nil
		},
	})
}
