package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/mdm/linkage"
)

// blockReport is what match block -o json prints.
type blockReport struct {
	Records  int             `json:"records"`
	Possible float64         `json:"possible_pairs"`
	Compared int64           `json:"compared"`
	Matches  int64           `json:"matches"`
	Missed   float64         `json:"expected_missed"`
	Rules    []linkage.Block `json:"rules"`
	Keys     []string        `json:"keys"`
	Model    string          `json:"model,omitempty"`
}

func (a *app) matchBlock() *cobra.Command {
	var m matchFlags
	var input string
	var add []string
	var drop []int
	return a.build(verb{
		use:   "block",
		short: fault.Text{"which pairs of rows are compared, and what each rule costs and finds", "比较哪些行对，各条规则的代价与收获"},
		long: fault.Text{
			"Two rows are compared where a blocking rule has a key that both share. For each rule: the pairs that it proposes, those\nthat no earlier rule does, its largest block, the likely matches among its pairs, and those that would be lost without\nit. --add and --drop try other rules; --save-model keeps them for: match dedupe --model FILE",
			"只有某条分块规则给出相同的键时，两行才会被比较。对每条规则列出：提出的配对数、此前规则未提出的配对数、最大的块、\n其中可能的匹配数，以及去掉该规则会损失的匹配数。--add 和 --drop 可试用其他规则；\n--save-model 将其保存，供 match dedupe --model 文件 使用。",
		},
		examples: []example{
			{"crmhub match block --input records.csv --id record_id", fault.Text{"the rules that are chosen", "自动选择的规则"}},
			{`crmhub match block --input records.csv --id record_id --add "phone exact" --drop 3`, fault.Text{"try others", "试用其他规则"}},
			{`crmhub match block --input records.csv --id record_id --model m.yaml --add "full_name sound + city exact" --save-model m2.yaml`, fault.Text{"change those of a model", "修改模型中的规则"}},
		},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&input, "input", "", a.t("the `FILE` of records", "记录`文件`"))
			m.defineModel(a, f)
			f.StringArrayVar(&add, "add", nil, a.t("add this `RULE`: keys joined by +", "新增`规则`：用 + 连接各个键"))
			f.IntSliceVar(&drop, "drop", nil, a.t("leave out the rules of these `NUMBERS`", "去掉这些`编号`的规则"))
			f.StringVar(&m.saveModel, "save-model", "", a.t("write the model with these rules to this `FILE`", "把含这些规则的模型写入该`文件`"))
		},
		run: func(ctx context.Context, _ []string) error {
			m.threshold = "auto"
			in, o, err := a.rowsOf(ctx, "block", input, &m, &labelFlags{})
			if err != nil {
				return err
			}
			p, err := linkage.Blocks(ctx, in.table, o, add, drop)
			if err != nil {
				return err
			}
			if m.saveModel != "" {
				if err := a.writeModel(m.saveModel, p.Model); err != nil {
					return err
				}
			}
			r := blockReport{in.ids.len(), p.Possible, p.Compared, p.Matches, p.Missed, p.Rules, p.Known, m.saveModel}
			return a.print(r, func(w io.Writer) { a.blockText(w, &r) })
		},
	})
}

func (a *app) blockText(w io.Writer, r *blockReport) {
	t := &table{head: []string{"#", a.t("rule", "规则"), a.t("pairs", "配对"), a.t("new", "新增"), a.t("largest block", "最大的块"), a.t("matches", "匹配"), a.t("only here", "仅此规则")}, right: map[int]bool{0: true, 2: true, 3: true, 4: true, 5: true, 6: true}}
	for i, b := range r.Rules {
		name := strings.Join(b.Rule, " + ")
		if name == "" {
			name = a.t("all pairs", "所有配对")
		}
		t.add(strconv.Itoa(i+1), name, grouped(b.Pairs), grouped(b.New), grouped(int64(b.Largest)), grouped(b.Matches), grouped(b.Only))
	}
	a.table(w, t)
	fmt.Fprintf(w, a.t("%s of %s possible pairs are compared (%.4f %%); %s match, about %s matches are expected that no rule proposes\n",
		"比较 %s 对，共有 %s 对可能（%.4f %%）；匹配 %s 对，预计约有 %s 对匹配未被任何规则提出\n"),
		grouped(r.Compared), grouped(int64(r.Possible)), 100*float64(r.Compared)/r.Possible, grouped(r.Matches), grouped(int64(r.Missed+0.5)))
	fmt.Fprintf(w, a.t("keys for --add: %s\n", "可用于 --add 的键：%s\n"), strings.Join(r.Keys, ", "))
}
