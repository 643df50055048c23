package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"crmhub/fault"
	"crmhub/hub"
)

func (a *app) initialise() *cobra.Command {
	return a.build(verb{
		use:   "init DIR",
		short: fault.Text{"a new hub project", "新建中枢项目"},
		long: fault.Text{
			"Writes a working skeleton into a new or empty folder: hub.yaml, a fresh key ring, folders for pipelines and\nmappings. Keep a copy of the key ring elsewhere: without it nobody can open what the store holds.",
			"在新文件夹或空文件夹中写入可用的骨架：hub.yaml、新的密钥环、pipelines 和 mappings 文件夹。\n请另存一份密钥环：没有它，谁也无法打开存储中的内容。",
		},
		examples: []example{
			{"crmhub init crm", fault.Text{"into the folder crm", "写入文件夹 crm"}},
			{"crmhub init crm --lang zh", fault.Text{"with comments in Chinese", "注释为中文"}},
			{"crmhub init .", fault.Text{"into this folder, if it is empty", "写入当前文件夹（须为空）"}},
		},
		min: 1, max: 1,
		run: func(_ context.Context, args []string) error {
			files, err := hub.Init(args[0], a.lang, a.now())
			if err != nil {
				return err
			}
			return a.print(map[string]any{"dir": args[0], "files": files}, func(w io.Writer) {
				for _, f := range files {
					fmt.Fprintln(w, args[0]+"/"+f)
				}
				a.say("Now write hub.yaml, pipelines/NAME.yaml and mappings/NAME.blobl; then: crmhub -C %s check",
					"接下来编写 hub.yaml、pipelines/NAME.yaml 和 mappings/NAME.blobl，然后执行：crmhub -C %s check", args[0])
			})
		},
	})
}
