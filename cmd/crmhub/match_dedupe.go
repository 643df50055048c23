package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/hub"
	"crmhub/mdm/linkage"
)

// matchFlags are the flags that dedupe and link share.
type matchFlags struct {
	id, source, model, saveModel, output, pairs, threshold, memory string
	auto                                                           bool
}

// defineModel defines what says which rows there are and what decides on them.
func (m *matchFlags) defineModel(a *app, f *pflag.FlagSet) {
	f.StringVar(&m.id, "id", "", a.t("the `COLUMN` of the record ids", "记录编号`列`"))
	f.StringVar(&m.model, "model", "", a.t("decide by this model `FILE`", "使用该模型`文件`"))
	f.StringVar(&m.source, "source", "", a.t("the `COLUMN` of the system that a row is from, which is no evidence", "来源系统`列`，不作为判断依据"))
}

func (m *matchFlags) define(a *app, f *pflag.FlagSet) {
	m.defineModel(a, f)
	f.BoolVar(&m.auto, "auto", false, a.t("recognise the columns and train, which is what happens without --model", "自动识别列并训练；不给 --model 时即如此"))
	f.StringVar(&m.saveModel, "save-model", "", a.t("write the model that was used to this `FILE`", "把所用模型写入该`文件`"))
	f.StringVar(&m.memory, "memory", "", a.t("keep to this `SIZE` of memory, such as 4GB; the rest lies sealed on the disk (Linux)", "内存`大小`上限，如 4GB；其余部分加密存放在磁盘上（Linux）"))
	f.StringVar(&m.threshold, "threshold", "auto", a.t("the least weight of a match in `BITS`, or auto", "判为同一的最小权重（比特），或 auto"))
}

// options checks the flags.
func (m *matchFlags) options(a *app, command string) (linkage.Options, error) {
	o := linkage.Options{ID: m.id, Source: m.source, Progress: a.matchProgress()}
	switch {
	case m.id == "":
		return o, fault.New("E1203", "", "command", "crmhub match "+command, "want", "--id COLUMN")
	case m.auto && m.model != "":
		return o, fault.New("E1204", "", "flag", "--auto", "want", "--auto | --model FILE")
	}
	if m.threshold != "auto" {
		bits, err := strconv.ParseFloat(m.threshold, 64)
		if err != nil || math.IsNaN(bits) || math.Abs(bits) > linkage.MaxThreshold {
			return o, fault.New("E6204", "", "most", linkage.MaxThreshold)
		}
		o.Threshold = &bits
	}
	if m.model != "" {
		data, err := os.ReadFile(m.model)
		if err != nil {
			return o, fault.New("E6205", m.model, "reason", fault.Reason(err)).Because(err)
		}
		if o.Model, err = linkage.ReadModel(m.model, data); err != nil {
			return o, err
		}
	}
	return o, nil
}

// matchProgress shows what a run does: a line that redraws itself on a
// terminal, else a line at most every ten seconds.
func (a *app) matchProgress() func(s linkage.Stage, done, total int64) {
	p := a.progress()
	words := map[linkage.Stage]string{
		linkage.Preparing: a.t("prepare", "准备"), linkage.Blocking: a.t("block", "分块"), linkage.Training: a.t("train", "训练"),
		linkage.Comparing: a.t("compare", "比较"), linkage.Clustering: a.t("cluster", "聚类"),
	}
	return func(s linkage.Stage, done, total int64) {
		if a.quiet || a.json() || !p.due(a.now()) {
			return
		}
		p.draw(fmt.Sprintf("%s  %s", words[s], p.bar(done, total)))
		if s == linkage.Clustering && done == total {
			p.end()
		}
	}
}

// dedupeSummary is what match dedupe -o json prints.
type dedupeSummary struct {
	Records    int      `json:"records"`
	Unreadable int      `json:"unreadable"`
	Clusters   int      `json:"clusters"`
	Output     string   `json:"output"`
	Pairs      string   `json:"pairs,omitempty"`
	Model      string   `json:"model,omitempty"`
	Found      foundOut `json:"found"`
}

// foundOut is what a run says of itself.
type foundOut struct {
	Duplicates int            `json:"duplicates"`
	Largest    int            `json:"largest"`
	Bridges    int            `json:"bridges"`
	Connected  int            `json:"largest_component"`
	Compared   int64          `json:"compared"`
	Threshold  float64        `json:"threshold_bits"`
	Precision  float64        `json:"expected_precision"`
	Recall     float64        `json:"expected_recall"`
	Review     int            `json:"review"`
	Columns    []foundColumn  `json:"columns"`
	Notes      []linkage.Note `json:"notes,omitempty"`
}

type foundColumn struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Why  string `json:"why"`
	// say is why in the user's language.
	say string
}

func (a *app) matchDedupe() *cobra.Command {
	var m matchFlags
	var l labelFlags
	var input string
	return a.build(verb{
		use:   "dedupe",
		short: fault.Text{"the rows of a file that are the same thing", "找出文件中指同一对象的行"},
		long: fault.Text{
			"Groups the rows of a file that are the same thing. Without a model it recognises the columns by their headers (English\nor Chinese) and values, learns from the file itself how much each agreement says, and needs no labels. The clusters\nfile has record_id and cluster_id; the pairs file left_id, right_id, weight_bits and probability.",
			"把文件中指同一对象的行归为一组。不给模型时，按表头（英文或中文）和内容识别各列，并从文件本身学习每种一致意味着\n什么，无需标注。聚类文件含 record_id 和 cluster_id；配对文件含 left_id、right_id、weight_bits 和 probability。",
		},
		examples: []example{
			{"crmhub match dedupe --input records.csv --id record_id --auto --output clusters.csv", fault.Text{"no configuration", "无需配置"}},
			{"crmhub match dedupe --input records.csv --id record_id --output clusters.csv --save-model m.yaml", fault.Text{"keep the model", "保存模型"}},
			{"crmhub match dedupe --input new.csv --id record_id --model m.yaml --output clusters.csv --pairs pairs.csv", fault.Text{"decide as last time, list the pairs", "沿用上次的模型，并列出配对"}},
		},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&input, "input", "", a.t("the `FILE` of records: CSV, JSON, Excel, in any encoding", "记录`文件`：CSV、JSON、Excel，任意编码"))
			m.define(a, f)
			a.fileOutput(f, &m.output, a.t("the clusters `FILE`; - is stdout", "聚类`文件`；- 为标准输出"))
			f.BoolVar(&l.onePerSource, "one-per-source", false, a.t("a cluster has one row of each --source at most", "每组中每个 --source 至多一行"))
			l.define(a, f)
			f.StringVar(&m.pairs, "pairs", "", a.t("write the pairs that may match to this `FILE`", "把可能同一的配对写入该`文件`"))
		},
		run: a.within(&m.memory, func(ctx context.Context, _ []string) error {
			if m.output == "" {
				return fault.New("E1203", "", "command", "crmhub match dedupe", "want", "--output FILE")
			}
			in, o, err := a.rowsOf(ctx, "dedupe", input, &m, &l)
			if err != nil {
				return err
			}
			o.Discard, o.NoPairs = true, m.pairs == ""
			r, err := linkage.Dedupe(ctx, in.table, o)
			if err != nil {
				return err
			}
			if err := a.writeClusters(m.output, in, r); err != nil {
				return err
			}
			if err := a.writeMatch(&m, in, r, r.Pairs); err != nil || m.output == "-" {
				return err
			}
			s := dedupeSummary{in.ids.len(), in.unreadable, r.Clusters, m.output, m.pairs, m.saveModel, a.found(r)}
			return a.print(s, func(w io.Writer) {
				are := "%s are %s, in %s\n"
				if s.Records == 1 {
					are = "%s is %s, in %s\n"
				}
				fmt.Fprintf(w, a.t(are, "%s 条记录对应 %s 个对象，写入 %s\n"), a.many(int64(s.Records), "record"), a.many(int64(s.Clusters), "thing"), m.output)
				a.foundText(w, s.Found)
			})
		}),
	})
}

// found gathers what a run says of itself.
func (a *app) found(r *linkage.Result) foundOut {
	f := foundOut{
		Duplicates: len(r.Cluster) - r.Clusters, Largest: r.Largest, Bridges: r.Bridges, Connected: r.Connected, Compared: r.Compared, Threshold: r.Threshold,
		Precision: r.Precision, Recall: r.Recall, Review: r.Review, Notes: r.Notes,
	}
	for _, c := range r.Columns {
		f.Columns = append(f.Columns, foundColumn{c.Name, c.Kind.String(), c.Why[fault.English], c.Why[a.lang]})
	}
	return f
}

// kindWord is a kind of column for people: in English as model files spell it.
func (a *app) kindWord(kind string) string {
	if a.lang == fault.English {
		return kind
	}
	return hub.ComparisonWord(kind, a.lang)
}

// alikeColumns is how many columns in a row that are taken for the same, for
// the same reason, are each told; more of them share a line.
const alikeColumns = 8

// foundText prints what a run says of itself.
func (a *app) foundText(w io.Writer, f foundOut) {
	fmt.Fprintf(w, a.t("threshold %.1f bits: expected precision %.3f, recall %.3f; %s to look at\n", "阈值 %.1f 比特：预计精确率 %.3f，召回率 %.3f；%s 对待复核\n"), f.Threshold, f.Precision, f.Recall, a.many(int64(f.Review), "pair"))
	if f.Bridges > 0 {
		fmt.Fprintf(w, a.t("above the threshold, but between clusters whose other pairs disagree: %s\n", "有 %s 对高于阈值的配对位于不同的组之间，其余配对不支持合并\n"), a.many(int64(f.Bridges), "pair"))
	}
	for _, n := range f.Notes {
		fmt.Fprintf(w, "%s %s\n", a.warn(a.outTTY), a.t(n.English, n.Chinese))
	}
	t := &table{head: []string{a.t("column", "列"), a.t("taken for", "识别为"), a.t("because", "依据")}}
	for rest := f.Columns; len(rest) > 0; {
		c, n := rest[0], 1
		for n < len(rest) && rest[n].Kind == c.Kind && rest[n].say == c.say {
			n++
		}
		if n <= alikeColumns {
			t.add(c.Name, a.kindWord(c.Kind), c.say)
			rest = rest[1:]
			continue
		}
		t.add(fmt.Sprintf(a.t("%s … %s (%d columns)", "%s … %s（%d 列）"), c.Name, rest[n-1].Name, n), a.kindWord(c.Kind), c.say)
		rest = rest[n:]
	}
	a.table(w, t)
}

// writeClusters writes record_id,cluster_id in the order of the rows.
func (a *app) writeClusters(to string, in *matchInput, r *linkage.Result) error {
	return a.writeCSV(to, []string{"record_id", "cluster_id"}, in.ids.len(), func(i int) []string {
		return []string{in.ids.at(i), strconv.FormatUint(uint64(r.Cluster[i])+1, 10)}
	})
}

// writeMatch writes the pairs and the model where they are wanted.
func (a *app) writeMatch(m *matchFlags, in *matchInput, r *linkage.Result, pairs []linkage.Pair) error {
	if m.pairs != "" {
		if err := a.writePairs(m.pairs, in, pairs); err != nil {
			return err
		}
	}
	if m.saveModel == "" {
		return nil
	}
	if r.Model == nil {
		return fault.New("E6209", "")
	}
	return a.writeModel(m.saveModel, r.Model)
}

// writeModel writes a model file.
func (a *app) writeModel(to string, m *linkage.Model) error {
	w, done, err := a.target(to)
	if err != nil {
		return err
	}
	if _, err := w.Write(m.YAML()); err != nil {
		return fault.New("E1104", to, "reason", fault.Reason(err)).Because(err)
	}
	return done()
}

func (a *app) writePairs(to string, in *matchInput, pairs []linkage.Pair) error {
	return a.writeCSV(to, []string{"left_id", "right_id", "weight_bits", "probability"}, len(pairs), func(i int) []string {
		p := pairs[i]
		return []string{in.ids.at(p.Left), in.ids.at(p.Right), strconv.FormatFloat(p.Bits, 'f', 3, 64), strconv.FormatFloat(p.Probability, 'f', 6, 64)}
	})
}

func (a *app) writeCSV(to string, head []string, rows int, row func(i int) []string) error {
	w, done, err := a.target(to)
	if err != nil {
		return err
	}
	c := csv.NewWriter(w)
	err = c.Write(head)
	for i := 0; i < rows && err == nil; i++ {
		err = c.Write(row(i))
	}
	if err == nil {
		c.Flush()
		err = c.Error()
	}
	if err != nil {
		return fault.New("E1104", to, "reason", fault.Reason(err)).Because(err)
	}
	return done()
}
