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
	// Lesson is what labels taught, Change what the model decides otherwise than
	// the one before: that of --model, or the one learnt without labels.
	Lesson *trainedLesson `json:"labels,omitempty"`
	Change *trainedChange `json:"change,omitempty"`
}

// trainedLesson is what labels taught.
type trainedLesson struct {
	Labels      int        `json:"labels"`
	Before      float64    `json:"threshold_before_bits"`
	After       float64    `json:"threshold_after_bits"`
	WrongBefore int        `json:"wrong_before"`
	WrongAfter  int        `json:"wrong_after"`
	Unproposed  int        `json:"unproposed"`
	Added       [][]string `json:"rules_added"`
}

// trainedChange is what a model decides otherwise than another.
type trainedChange struct {
	Before  int     `json:"clusters_before"`
	After   int     `json:"clusters_after"`
	BitsWas float64 `json:"threshold_before_bits"`
	BitsIs  float64 `json:"threshold_after_bits"`
	linkage.Shift
	Joined [][2]string `json:"joined,omitempty"`
	Parted [][2]string `json:"parted,omitempty"`
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
			"Learns from the rows of a file, without labels, how often each agreement is seen among matches (m) and among others (u),\nwhich rules propose pairs, and the threshold. The model holds no value of any row; the same file gives the same bytes.\nNothing is decided by it until it is given to: match dedupe --model FILE\n\nWith --labels it also learns from what people said of pairs: blocking rules are added that propose the matches which\nnone did, and the threshold moves where the labels say so clearly; that takes ten of either kind, at best those\nthat match label asked about. With --labels, or the --model that is in use, it shows what would be decided otherwise\nthan before.\n\nWithout --input it learns from the records that landed in the project: m, u, how common values are, the odds that two of\nso many records are one customer, and the merge threshold, where what stewards decided says so clearly. It shows what\nwould merge and what would split, with masked examples; with --take the model becomes the project's, by a run that can\nbe rolled back.",
			"从文件中学习（无需标注）各种一致在匹配（m）和非匹配（u）中出现的频率、提出配对的规则，以及阈值。模型不含任何行的\n取值；同一文件得到相同的字节。只有交给 match dedupe --model 文件 之后，它才会影响判定。\n\n使用 --labels 时还从人工标注的配对学习：为没有规则提出的匹配新增分块规则；标注明确支持时调整阈值\n（两类标注各需至少十个，最好是 match label 询问的配对）。给出 --labels 或现用的 --model 时，显示与此前相比哪些判定会改变。\n\n不带 --input 时，从项目中已入库的记录学习：m、u、取值的常见程度，如此多记录中任意两条属于同一客户的几率，\n以及合并阈值（数据管家的裁定明确支持时）。它会显示哪些将合并、哪些将拆分，并附脱敏示例；加 --take 则采用为项目的模型，该运行可以回滚。",
		},
		examples: []example{
			{"crmhub match train --input records.csv --id record_id --output model.yaml", fault.Text{"a model for files with these columns", "用于具有这些列的文件的模型"}},
			{"crmhub match train --input records.csv --id record_id --labels labels.csv --output model.yaml", fault.Text{"correct it by labels, and show what that changes", "用标注校正，并显示变化"}},
			{"crmhub match train --take", fault.Text{"make a model learnt from the project's records the project's; without --take it only shows what would change", "从项目记录学习并采用为项目的模型；不带 --take 时只显示变化"}},
		},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&input, "input", "", a.t("the `FILE` of records", "记录`文件`"))
			f.StringVar(&m.id, "id", "", a.t("the `COLUMN` of the record ids", "记录编号`列`"))
			f.StringVar(&m.source, "source", "", a.t("the `COLUMN` of the system that a row is from, which is no evidence", "来源系统`列`，不作为判断依据"))
			f.StringVar(&m.threshold, "threshold", "auto", a.t("the threshold of the model in `BITS`, or auto", "模型的阈值（`比特`），或 auto"))
			f.StringVar(&m.model, "model", "", a.t("show what changes against this model `FILE`", "显示与该模型`文件`相比的变化"))
			f.StringVar(&l.labels, "labels", "", a.t("learn from the labels in this `FILE` too: left_id, right_id, label", "同时从该`文件`中的标注学习：left_id、right_id、label"))
			f.IntVar(&samples, "samples", 5, a.t("how many examples of each kind of change", "每类变化显示的示例数"))
			f.BoolVar(&take, "take", false, a.t("make the model the project's, and resolve by it", "采用为项目的模型，并据此解析"))
			a.revealFlags(f, &reveal)
			a.fileOutput(f, &m.output, a.t("the model `FILE`; - is stdout", "模型`文件`；- 为标准输出"))
		},
		run: func(ctx context.Context, _ []string) error {
			if own, err := hubTraining(input, &m, &l, take); err != nil || own {
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
			out := trained{Records: in.ids.len(), Unreadable: in.unreadable, Model: m.output}
			r, err := out.learn(ctx, in, o, max(samples, 0))
			if err != nil {
				return err
			}
			if r.Model == nil {
				return fault.New("E6209", "")
			}
			if err := a.writeModel(m.output, r.Model); err != nil || m.output == "-" {
				return err
			}
			out.Matches, out.Found = r.Model.Matches, a.found(r)
			out.parameters(r.Model)
			return a.print(out, func(w io.Writer) { a.trainedText(w, &out) })
		},
	})
}

// learn learns a model from the rows, and from labels where there are any, and
// notes what it decides otherwise than the model before.
func (t *trained) learn(ctx context.Context, in *matchInput, o linkage.Options, samples int) (*linkage.Result, error) {
	before, labels := o.Model, o.Judged
	o.Model, o.Judged = nil, nil
	if before == nil && len(labels) == 0 {
		return linkage.Dedupe(ctx, in.table, o)
	}
	was := o
	was.Model = before
	if before != nil {
		was.Threshold = nil
	}
	old, err := linkage.Dedupe(ctx, in.table, was)
	if err != nil {
		return nil, err
	}
	if len(labels) > 0 {
		l, err := linkage.Teach(ctx, in.table, o, labels)
		if err != nil {
			return nil, err
		}
		t.Lesson = &trainedLesson{l.Labels, l.Before, l.After, l.WrongBefore, l.WrongAfter, l.Unproposed, l.Added}
		o.Model, o.Threshold = l.Model, nil
	}
	r, err := linkage.Dedupe(ctx, in.table, o)
	if err != nil {
		return nil, err
	}
	c := &trainedChange{Before: old.Clusters, After: r.Clusters, BitsWas: old.Threshold, BitsIs: r.Threshold, Shift: linkage.Shifted(old.Cluster, r.Cluster, samples)}
	for _, p := range c.JoinedExamples {
		c.Joined = append(c.Joined, [2]string{in.ids.at(p[0]), in.ids.at(p[1])})
	}
	for _, p := range c.PartedExamples {
		c.Parted = append(c.Parted, [2]string{in.ids.at(p[0]), in.ids.at(p[1])})
	}
	t.Change = c
	return r, nil
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
	fmt.Fprintf(w, a.t("learnt from %s of %s: threshold %.2f bits, expected precision %.3f, recall %.3f; model in %s\n",
		"从 %s 条记录（对应 %s 个对象）学习：阈值 %.2f 比特，预计精确率 %.3f，召回率 %.3f；模型写入 %s\n"),
		a.many(int64(t.Records), "record"), a.many(int64(t.Records-t.Found.Duplicates), "thing"), t.Found.Threshold, t.Found.Precision, t.Found.Recall, t.Model)
	if l := t.Lesson; l != nil {
		fmt.Fprintf(w, a.t("%s: the threshold goes from %.2f to %.2f bits, by which %d and then %d of them are decided otherwise\n",
			"%s 个标注：阈值由 %.2f 调整为 %.2f 比特，与标注不符的分别为 %d 和 %d 个\n"), a.many(int64(l.Labels), "label"), l.Before, l.After, l.WrongBefore, l.WrongAfter)
		if l.Unproposed > 0 {
			fmt.Fprintf(w, a.t("%s proposed by no rule; %s added\n", "%s 个标注的匹配未被任何规则提出；新增 %s 条规则\n"), a.many(int64(l.Unproposed), "labelled pair"), a.many(int64(len(l.Added)), "rule"))
		}
	}
	if c := t.Change; c != nil {
		fmt.Fprintf(w, a.t("before %s at %.2f bits, after %s at %.2f: %s the same, row pairs joined: %s, parted: %s\n",
			"之前 %s 组（阈值 %.2f 比特），之后 %s 组（%.2f）：%s 组不变，%s 对行合并，%s 对行拆分\n"),
			a.many(int64(c.Before), "cluster"), c.BitsWas, grouped(int64(c.After)), c.BitsIs, grouped(int64(c.Same)), grouped(c.Shift.Joined), grouped(c.Shift.Parted))
		for _, p := range c.Joined {
			fmt.Fprintf(w, "  %s  %s | %s\n", a.t("joined", "合并"), p[0], p[1])
		}
		for _, p := range c.Parted {
			fmt.Fprintf(w, "  %s  %s | %s\n", a.t("parted", "拆分"), p[0], p[1])
		}
	}
}
