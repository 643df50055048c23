package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"crmhub/fault"
)

func (a *app) completion() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	var c *cobra.Command
	c = a.build(verb{
		use:   "completion SHELL",
		short: fault.Text{"completion for bash, zsh, fish or powershell", "生成 bash、zsh、fish 或 powershell 的命令补全"},
		examples: []example{
			{"source <(crmhub completion bash)", fault.Text{"for this session", "仅当前会话"}},
			{"crmhub completion zsh > _crmhub", fault.Text{"into a folder of $fpath", "放入 $fpath 中的文件夹"}},
			{"crmhub completion fish | source", fault.Text{"fish, for this session", "fish，仅当前会话"}},
		},
		min: 1, max: 1,
		complete: func([]string) []string { return shells },
		run: func(_ context.Context, args []string) error {
			root := c.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.out, true)
			case "zsh":
				return root.GenZshCompletion(a.out)
			case "fish":
				return root.GenFishCompletion(a.out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.out)
			}
			return fault.New("E1204", "", "flag", "SHELL", "want", strings.Join(slices.Clone(shells), " | "))
		},
	})
	return c
}
