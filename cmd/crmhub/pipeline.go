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

func (a *app) pipeline() *cobra.Command {
	return a.build(verb{
		use:   "pipeline",
		short: fault.Text{"the pipelines of the project", "项目的管道"},
		examples: []example{
			{"crmhub pipeline list", fault.Text{"names, sources, types", "名称、来源、类型"}},
			{"crmhub pipeline show shop_customer", fault.Text{"one pipeline as it is understood", "程序所理解的管道"}},
			{"crmhub pipeline show --benthos shop_customer", fault.Text{"the Benthos stream that it becomes", "编译成的 Benthos 流"}},
		},
		sub: []*cobra.Command{a.pipelineList(), a.pipelineShow()},
	})
}

func (a *app) pipelineList() *cobra.Command {
	return a.build(verb{
		use:   "list",
		short: fault.Text{"list the pipelines", "列出管道"},
		examples: []example{
			{"crmhub pipeline list", fault.Text{"of the project", "项目的管道"}},
			{"crmhub pipeline list -o json", fault.Text{"for scripts", "供脚本使用"}},
			{"crmhub -C crm pipeline list", fault.Text{"of another project", "另一个项目的管道"}},
		},
		run: func(_ context.Context, _ []string) error {
			return a.with(func(h *hub.Hub) error {
				list, err := h.Pipelines()
				if err != nil {
					return err
				}
				t := table{head: []string{a.t("pipeline", "管道"), a.t("connection", "连接"), a.t("stream", "流"), a.t("type", "类型"), a.t("mapping", "映射"), a.t("mode", "方式")}}
				for _, p := range list {
					t.add(p.Name, p.Connection, p.Stream, string(p.Type), p.Mapping, p.Mode)
				}
				return a.print(list, func(w io.Writer) { a.table(w, &t) })
			})
		},
	})
}

func (a *app) pipelineShow() *cobra.Command {
	var benthos bool
	return a.build(verb{
		use:   "show NAME",
		short: fault.Text{"one pipeline, as a file or as a Benthos stream", "以文件或 Benthos 流显示一个管道"},
		examples: []example{
			{"crmhub pipeline show shop_customer", fault.Text{"the file", "文件内容"}},
			{"crmhub pipeline show --benthos shop_customer", fault.Text{"the Benthos stream that it becomes", "编译成的 Benthos 流"}},
			{"crmhub pipeline show shop_customer -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		min: 1, max: 1,
		complete: a.pipelineNames,
		flags: func(f *pflag.FlagSet) {
			f.BoolVar(&benthos, "benthos", false, a.t("the Benthos stream that it compiles to", "编译成的 Benthos 流"))
		},
		run: func(_ context.Context, args []string) error {
			return a.with(func(h *hub.Hub) error {
				if benthos {
					y, err := h.Benthos(args[0])
					if err != nil {
						return err
					}
					return a.print(map[string]string{"pipeline": args[0], "benthos": y}, func(w io.Writer) { fmt.Fprint(w, y) })
				}
				p, err := h.Pipeline(args[0])
				if err != nil {
					return err
				}
				return a.print(p, func(w io.Writer) { fmt.Fprintf(w, "# %s\n%s\n", p.File, strings.TrimSpace(p.Text)) })
			})
		},
	})
}
