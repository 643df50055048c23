package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
)

func (a *app) match() *cobra.Command {
	return a.build(verb{
		use:   "match",
		short: fault.Text{"matching: files, models, labels, explanations, made-up data", "匹配：文件去重、模型、标注、解释、生成测试数据"},
		examples: []example{
			{"crmhub match generate --rows 10000 --output records.csv --truth truth.csv", fault.Text{"made-up customers with truth", "生成带答案的虚构客户"}},
			{"crmhub match generate --languages zh --rows 1000 --output zh.csv --truth zh-truth.csv", fault.Text{"Chinese only", "仅中文"}},
			{"crmhub match --help", fault.Text{"what else there is", "其他子命令"}},
		},
		sub: []*cobra.Command{a.matchDedupe(), a.matchLink(), a.matchTrain(), a.matchBlock(), a.matchThresholds(), a.matchLabel(), a.matchEvaluate(), a.matchExplain(), a.matchGenerate()},
	})
}

// fileOutput defines --output as a file to write, beside -o text | json, for
// the commands of match.
func (a *app) fileOutput(f *pflag.FlagSet, to *string, say string) {
	f.StringVar(to, "output", "", say)
	f.StringVarP(&a.output, "as", "o", "text", a.t("text | json", "text（文本）| json"))
}
