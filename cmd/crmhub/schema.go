package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"crmhub/connectors/all"
	"crmhub/fault"
	"crmhub/hub/config"
)

func (a *app) schema() *cobra.Command {
	return a.build(verb{
		use:   "schema " + strings.Join(config.Kinds, "|"),
		short: fault.Text{"JSON Schema of the files that users write, for editors", "输出用户文件的 JSON Schema，供编辑器使用"},
		long: fault.Text{
			"Prints the JSON Schema (2020-12) of hub.yaml, of a pipeline file or of a match model. Editors check and complete\nYAML by it, for instance with the line  # yaml-language-server: $schema=hub.schema.json  at the top of the file.",
			"输出 hub.yaml、管道文件或匹配模型的 JSON Schema（2020-12）。编辑器据此检查和补全 YAML，\n例如在文件首行写  # yaml-language-server: $schema=hub.schema.json。",
		},
		examples: []example{
			{"crmhub schema hub > hub.schema.json", fault.Text{"hub.yaml, with every connector's parameters", "hub.yaml，含各连接器的参数"}},
			{"crmhub schema pipeline", fault.Text{"pipelines/NAME.yaml", "pipelines/NAME.yaml"}},
			{"crmhub schema model", fault.Text{"mdm/customer.yaml", "mdm/customer.yaml"}},
		},
		min: 1, max: 1,
		complete: func([]string) []string { return config.Kinds },
		run: func(_ context.Context, args []string) error {
			if !slices.Contains(config.Kinds, args[0]) {
				return fault.New("E1204", "", "flag", "KIND", "want", strings.Join(config.Kinds, " | "))
			}
			s, err := config.Schema(args[0], all.Registry(), a.lang)
			if err != nil {
				return err
			}
			_, err = a.out.Write(s)
			return err
		},
	})
}
