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
			{"crmhub pipeline add vtiger_contact --connection legacy", fault.Text{"a pipeline that comes with the program", "程序附带的管道"}},
		},
		sub: []*cobra.Command{a.pipelineList(), a.pipelineShow(), a.pipelineShipped(), a.pipelineAdd()},
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
				t.none = fault.Text{"there is no pipeline; crmhub pipeline shipped lists ready ones", "没有管道；crmhub pipeline shipped 列出现成的管道"}
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

func (a *app) pipelineShipped() *cobra.Command {
	return a.build(verb{
		use:   "shipped",
		short: fault.Text{"list the pipelines that come with the program", "列出程序附带的管道"},
		examples: []example{
			{"crmhub pipeline shipped", fault.Text{"names and what they read", "名称及读取内容"}},
			{"crmhub pipeline shipped --lang zh", fault.Text{"in Chinese", "中文"}},
			{"crmhub pipeline shipped -o json", fault.Text{"with their text, for scripts", "含文件内容，供脚本使用"}},
		},
		run: func(_ context.Context, _ []string) error {
			list, err := hub.ShippedPipelines()
			if err != nil {
				return err
			}
			t := table{head: []string{a.t("pipeline", "管道"), a.t("type", "类型"), a.t("mapping", "映射"), a.t("what it reads", "读取内容")}}
			for _, p := range list {
				t.add(p.Name, string(p.Type), p.Mapping, a.t(p.Title, p.TitleZh))
			}
			return a.print(list, func(w io.Writer) { a.table(w, &t) })
		},
	})
}

func (a *app) pipelineAdd() *cobra.Command {
	var connection string
	return a.build(verb{
		use:   "add NAME…",
		short: fault.Text{"write pipelines that come with the program into the project", "将程序附带的管道写入项目"},
		long: fault.Text{
			"Writes the files into pipelines/, where they are yours to change. Nothing is overwritten.",
			"把文件写入 pipelines/，之后可自行修改。不会覆盖任何文件。",
		},
		examples: []example{
			{"crmhub pipeline add vtiger_contact vtiger_account vtiger_lead --connection legacy", fault.Text{"for the connection legacy of hub.yaml", "用于 hub.yaml 中的连接 legacy"}},
			{"crmhub pipeline add mail_message --connection post", fault.Text{"messages of a mailbox", "邮箱中的邮件"}},
			{"crmhub pipeline add wechat_pay_bill -o json", fault.Text{"the files, for scripts", "文件列表，供脚本使用"}},
		},
		min: 1, max: -1,
		complete: func([]string) []string {
			list, err := hub.ShippedPipelines()
			if err != nil {
				return nil
			}
			names := make([]string, len(list))
			for i, p := range list {
				names[i] = p.Name
			}
			return names
		},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&connection, "connection", "", a.t("the connection in hub.yaml that they read", "它们读取的 hub.yaml 连接"))
		},
		run: func(_ context.Context, args []string) error {
			return a.with(func(h *hub.Hub) error {
				files, err := h.AddPipelines(args, connection)
				if err != nil {
					return err
				}
				return a.print(map[string]any{"files": files}, func(w io.Writer) {
					for _, f := range files {
						fmt.Fprintln(w, f)
					}
				})
			})
		},
	})
}
