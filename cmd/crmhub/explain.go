package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"crmhub/fault"
)

func (a *app) explain() *cobra.Command {
	return a.build(verb{
		use:   "explain CODE",
		short: fault.Text{"what an error code means and how to cure it", "解释错误代码及处理办法"},
		long: fault.Text{
			"Explains an error or warning code: what was found, why that is a fault, what to do, what stayed unchanged.\nWords in braces stand for what the message itself names.",
			"解释错误或警告代码：发现了什么、为何是错误、如何处理、什么保持不变。\n花括号中的词代表消息中的具体内容。",
		},
		examples: []example{
			{"crmhub explain E1101", fault.Text{"one code", "解释一个代码"}},
			{"crmhub explain E1101 --lang zh", fault.Text{"in Chinese", "以中文显示"}},
			{"crmhub explain E1101 -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		min: 1, max: 1,
		complete: func([]string) []string { return codes() },
		run: func(_ context.Context, args []string) error {
			e, ok := fault.Lookup(fault.Code(strings.ToUpper(args[0])))
			if !ok {
				return fault.New("E1207", "", "name", args[0], "nearest", fault.Nearest(strings.ToUpper(args[0]), codes()))
			}
			v := struct {
				Code    fault.Code `json:"code"`
				Exit    int        `json:"exit"`
				Message string     `json:"message"`
				Cause   string     `json:"cause"`
				Fix     string     `json:"fix"`
				Kept    string     `json:"kept"`
				Example string     `json:"example"`
			}{e.Code, e.Exit, e.Message[a.lang], e.Cause[a.lang], e.Fix[a.lang], e.Kept[a.lang], e.Example}
			return a.print(v, func(w io.Writer) {
				fmt.Fprintf(w, "%s  %s\n\n", a.paint(a.outTTY, bold, string(v.Code)), v.Message)
				for _, l := range [][2]string{
					{a.t("why", "原因"), v.Cause},
					{a.t("fix", "处理"), v.Fix},
					{a.t("kept", "保持"), v.Kept},
					{a.t("example", "示例"), v.Example},
					{a.t("exit code", "退出码"), fmt.Sprint(v.Exit)},
				} {
					fmt.Fprintf(w, "%s%s  %s\n", l[0], strings.Repeat(" ", max(0, 9-cells(l[0]))), l[1])
				}
			})
		},
	})
}

func codes() []string {
	var all []string
	for _, e := range fault.Catalogue() {
		all = append(all, string(e.Code))
	}
	return all
}
