package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/hub"
	"crmhub/mdm/linkage"
)

// trained is what match train -o json prints.
type trained struct {
	Records    int            `json:"records"`
	Unreadable int            `json:"unreadable"`
	Model      string         `json:"model"`
	Matches    float64        `json:"matches_per_row"`
	Fields     []trainedField `json:"fields"`
	Rules      [][]string     `json:"rules"`
	Found      foundOut       `json:"found"`
}

type trainedField struct {
	Name   string         `json:"name"`
	Kind   string         `json:"kind"`
	Levels []trainedLevel `json:"levels"`
}

type trainedLevel struct {
	Name string  `json:"name"`
	M    float64 `json:"m"`
	U    float64 `json:"u"`
	Bits float64 `json:"bits"`
}

func (a *app) matchTrain() *cobra.Command {
	var m matchFlags
	var l labelFlags
	var input string
	var samples int
	var take bool
	var reveal hub.Reveal
	return a.build(verb{
		use:   "train",
		short: fault.Text{"learn a model from a file, or from the project's store", "从文件或项目的存储学习模型"},
		long: fault.Text{
			"Learns from the rows of a file, without labels, how often each agreement is seen among matches (m) and among others (u),\nwhich rules propose pairs, and the threshold. The model holds no value of any row; the same file gives the same bytes.\nNothing is decided by it until it is given to: match dedupe --model FILE\n\nWithout --input it learns from the records that landed in the project: m, u, how common values are, and the odds that\ntwo of so many records are one customer. It shows what would merge and what would split, with masked examples; with\n--take the model becomes the project's, by a run that can be rolled back.",
			"从文件中学习（无需标注）各种一致在匹配（m）和非匹配（u）中出现的频率、提出配对的规则，以及阈值。模型不含任何行的\n取值；同一文件得到相同的字节。只有交给 match dedupe --model 文件 之后，它才会影响判定。\n\n不带 --input 时，从项目中已入库的记录学习：m、u、取值的常见程度，以及如此多记录中任意两条属于同一客户的几率。\n它会显示哪些将合并、哪些将拆分，并附脱敏示例；加 --take 则采用为项目的模型，该运行可以回滚。",
		},
		examples: []example{
			{"crmhub match train --input records.csv --id record_id --output model.yaml", fault.Text{"a model for files with these columns", "用于具有这些列的文件的模型"}},
			{"crmhub match train", fault.Text{"what a model learnt from the project's records would change", "从项目记录学习的模型会带来哪些变化"}},
			{"crmhub match train --take", fault.Text{"make it the project's model", "采用为项目的模型"}},
		},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&input, "input", "", a.t("the `FILE` of records", "记录`文件`"))
			f.StringVar(&m.id, "id", "", a.t("the `COLUMN` of the record ids", "记录编号`列`"))
			f.StringVar(&m.source, "source", "", a.t("the `COLUMN` of the system that a row is from, which is no evidence", "来源系统`列`，不作为判断依据"))
			f.StringVar(&m.threshold, "threshold", "auto", a.t("the threshold of the model in `BITS`, or auto", "模型的阈值（`比特`），或 auto"))
			f.IntVar(&samples, "samples", 5, a.t("how many examples of each kind of change", "每类变化显示的示例数"))
			f.BoolVar(&take, "take", false, a.t("make the model the project's, and resolve by it", "采用为项目的模型，并据此解析"))
			a.revealFlags(f, &reveal)
			a.fileOutput(f, &m.output, a.t("the model `FILE`; - is stdout", "模型`文件`；- 为标准输出"))
		},
		run: func(ctx context.Context, _ []string) error {
			if own, err := hubTraining(input, &m, take); err != nil || own {
				if err == nil {
					err = a.trainHub(ctx, max(samples, 0), take, reveal)
				}
				return err
			}
			if m.output == "" {
				return fault.New("E1203", "", "command", "crmhub match train", "want", "--output FILE")
			}
			in, o, err := a.rowsOf(ctx, "train", input, &m, &l)
			if err != nil {
				return err
			}
			r, err := linkage.Dedupe(ctx, in.table, o)
			if err != nil {
				return err
			}
			if r.Model == nil {
				return fault.New("E6209", "")
			}
			if err := a.writeModel(m.output, r.Model); err != nil || m.output == "-" {
				return err
			}
			out := trained{Records: len(in.ids), Unreadable: in.unreadable, Model: m.output, Matches: r.Model.Matches, Found: found(r)}
			out.parameters(r.Model)
			return a.print(out, func(w io.Writer) { a.trainedText(w, &out) })
		},
	})
}

// parameters takes over what a model knows.
func (t *trained) parameters(m *linkage.Model) {
	for _, f := range m.Fields {
		x := trainedField{Name: f.Name, Kind: f.Kind}
		for _, l := range f.Levels {
			x.Levels = append(x.Levels, trainedLevel{l.Name, l.M, l.U, math.Round(1000*math.Log2(l.M/l.U)) / 1000})
		}
		t.Fields = append(t.Fields, x)
	}
	for _, r := range m.Rules {
		t.Rules = append(t.Rules, append([]string{}, r...))
	}
}

func (a *app) trainedText(w io.Writer, t *trained) {
	tab := &table{head: []string{a.t("field", "字段"), a.t("level", "级别"), "m", "u", a.t("bits", "比特")}, right: map[int]bool{2: true, 3: true, 4: true}}
	for _, f := range t.Fields {
		for _, l := range f.Levels {
			tab.add(f.Name, l.Name, fmt.Sprintf("%.4f", l.M), fmt.Sprintf("%.6f", l.U), fmt.Sprintf("%+.2f", l.Bits))
		}
	}
	a.table(w, tab)
	for i, r := range t.Rules {
		name := strings.Join(r, " + ")
		if name == "" {
			name = a.t("all pairs", "所有配对")
		}
		fmt.Fprintf(w, a.t("rule %d: %s\n", "规则 %d：%s\n"), i+1, name)
	}
	fmt.Fprintf(w, a.t("learnt from %s records: %.3f matches for each; threshold %.2f bits, expected precision %.3f, recall %.3f; model in %s\n",
		"从 %s 条记录学习：平均每条 %.3f 个匹配；阈值 %.2f 比特，预计精确率 %.3f，召回率 %.3f；模型写入 %s\n"),
		grouped(int64(t.Records)), t.Matches, t.Found.Threshold, t.Found.Precision, t.Found.Recall, t.Model)
}
