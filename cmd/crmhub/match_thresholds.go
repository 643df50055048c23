package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/mdm/evaluate"
	"crmhub/mdm/linkage"
)

// thresholdRow is what one threshold gives, with what labels or a truth say of it.
type thresholdRow struct {
	linkage.Point
	Labelled *evaluate.Labelled `json:"labelled,omitempty"`
	Truth    *evaluate.Scores   `json:"truth,omitempty"`
}

// thresholdTable is what match thresholds -o json prints.
type thresholdTable struct {
	Chosen     float64        `json:"chosen_bits"`
	Thresholds []thresholdRow `json:"thresholds"`
}

func (a *app) matchThresholds() *cobra.Command {
	var m matchFlags
	var input, labels, truth string
	var low, high, step float64
	c := a.build(verb{
		use:   "thresholds",
		short: fault.Text{"what each threshold would give", "各个阈值会得到什么结果"},
		long: fault.Text{
			"Groups the rows of a file once and shows, for each threshold, how many clusters and pairs there would be and what\nprecision, recall and F1 are expected. With --labels it also shows how the labelled pairs come out, with intervals in\nwhich the true share lies 19 times in 20; with --truth, precision, recall and F1 of all pairs. Labels of doubtful pairs\n(match label) compare thresholds; they don't stand for all pairs. Take one with: match dedupe --threshold BITS",
			"只分组一次，列出每个阈值对应的组数、配对数，以及预计的精确率、召回率和 F1。给出 --labels 时还显示已标注配对的结果\n及其 95% 区间；给出 --truth 时显示全部配对的精确率、召回率和 F1。match label 标注的是存疑配对，\n可用于比较阈值，但不代表全部配对。采用某个阈值：match dedupe --threshold 比特数",
		},
		examples: []example{
			{"crmhub match thresholds --input records.csv --id record_id", fault.Text{"without labels", "无需标注"}},
			{"crmhub match thresholds --input records.csv --id record_id --labels labels.csv -o json", fault.Text{"with labels, for scripts", "使用标注，供脚本使用"}},
			{"crmhub match thresholds --input records.csv --id record_id --from 0 --to 8 --step 0.5 -o csv", fault.Text{"finer, as CSV", "更细，输出 CSV"}},
		},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&input, "input", "", a.t("the `FILE` of records", "记录`文件`"))
			m.defineModel(a, f)
			f.StringVar(&labels, "labels", "", a.t("score the labels in this `FILE`: left_id, right_id, label", "用该`文件`中的标注评分：left_id、right_id、label"))
			f.StringVar(&truth, "truth", "", a.t("score against this truth `FILE`: record_id, entity_id", "与该真实归属`文件`对照：record_id、entity_id"))
			f.Float64Var(&low, "from", -4, a.t("the least threshold in `BITS`", "最小阈值（`比特`）"))
			f.Float64Var(&high, "to", 12, a.t("the greatest threshold in `BITS`", "最大阈值（`比特`）"))
			f.Float64Var(&step, "step", 1, a.t("the step in `BITS`", "步长（`比特`）"))
		},
		run: func(ctx context.Context, _ []string) error {
			if !(math.Abs(low) <= linkage.MaxThreshold && math.Abs(high) <= linkage.MaxThreshold) {
				return fault.New("E1204", "", "flag", "--from, --to", "want", fmt.Sprintf("-%d - %d", linkage.MaxThreshold, linkage.MaxThreshold))
			}
			if !(low <= high && step >= 0.01 && (high-low)/step <= 1000) {
				return fault.New("E1204", "", "flag", "--from, --to, --step", "want", "from <= to, step >= 0.01, at most 1000 steps")
			}
			m.threshold = "auto"
			in, o, err := a.rowsOf(ctx, "thresholds", input, &m, &labelFlags{})
			if err != nil {
				return err
			}
			score, err := a.thresholdScores(ctx, in, labels, truth)
			if err != nil {
				return err
			}
			s, err := linkage.Thresholds(ctx, in.table, o, low, high, step)
			if err != nil {
				return err
			}
			out := thresholdTable{Chosen: s.Threshold}
			for _, p := range s.Points {
				row := thresholdRow{Point: p}
				score(&row)
				out.Thresholds = append(out.Thresholds, row)
			}
			if a.output == "csv" {
				return a.thresholdCSV(&out)
			}
			return a.print(out, func(w io.Writer) { a.thresholdText(w, &out) })
		},
	})
	c.Annotations = map[string]string{formats: "text json csv"}
	return c
}

// thresholdScores returns what fills in how a threshold agrees with labels and a truth.
func (a *app) thresholdScores(ctx context.Context, in *matchInput, labels, truth string) (func(*thresholdRow), error) {
	var judged []linkage.Judgement
	if labels != "" {
		list, err := a.readLabels(ctx, labels, nil)
		if err != nil {
			return nil, err
		}
		if judged, err = in.judgements(list); err != nil {
			return nil, err
		}
		if i := linkage.Contradiction(in.ids.len(), judged); i >= 0 {
			return nil, fault.New("E6211", judged[i].Place)
		}
	}
	var of map[string]string
	if truth != "" {
		var err error
		if of, err = a.entities(ctx, truth); err != nil {
			return nil, err
		}
		ids := make(map[string]string, in.ids.len())
		for _, id := range in.ids.all() {
			ids[id] = ""
		}
		if err := overlapping(ids, of, "--truth", truth); err != nil {
			return nil, err
		}
	}
	return func(r *thresholdRow) {
		if labels != "" {
			var t evaluate.Tally
			for _, j := range judged {
				t.Add(r.Cluster[j.Left] == r.Cluster[j.Right], j.Same)
			}
			l := t.Labelled()
			r.Labelled = &l
		}
		if truth != "" {
			found := make(map[string]uint32, in.ids.len())
			for i, id := range in.ids.all() {
				found[id] = r.Cluster[i]
			}
			s := evaluate.Compare(found, of).Pairs
			r.Truth = &s
		}
	}, nil
}

func thresholdHead(a *app, first *thresholdRow) []string {
	head := []string{a.t("bits", "比特"), a.t("clusters", "组数"), a.t("largest", "最大组"), a.t("pairs", "配对"), a.t("expected precision", "预计精确率"), a.t("recall", "召回率"), "F1"}
	if first.Labelled != nil {
		head = append(head, a.t("labelled precision", "标注精确率"), a.t("interval", "区间"), a.t("labelled recall", "标注召回率"), a.t("interval", "区间"))
	}
	if first.Truth != nil {
		head = append(head, a.t("true precision", "真实精确率"), a.t("true recall", "真实召回率"), a.t("true F1", "真实 F1"))
	}
	return head
}

func (a *app) thresholdText(w io.Writer, out *thresholdTable) {
	t := &table{head: thresholdHead(a, &out.Thresholds[0]), right: map[int]bool{}}
	for i := range t.head {
		t.right[i] = true
	}
	share := func(x float64) string { return fmt.Sprintf("%.3f", x) }
	for i := range out.Thresholds {
		r := &out.Thresholds[i]
		row := []string{fmt.Sprintf("%.2f", r.Threshold), grouped(int64(r.Clusters)), strconv.Itoa(r.Largest), grouped(r.Pairs), share(r.Precision), share(r.Recall), share(r.F1)}
		if l := r.Labelled; l != nil {
			row = append(row, share(l.Precision.Value), share(l.Precision.Low)+"-"+share(l.Precision.High), share(l.Recall.Value), share(l.Recall.Low)+"-"+share(l.Recall.High))
		}
		if s := r.Truth; s != nil {
			row = append(row, share(s.Precision), share(s.Recall), share(s.F1))
		}
		t.add(row...)
	}
	a.table(w, t)
	fmt.Fprintf(w, a.t("without a word from you, match dedupe takes %.2f bits\n", "未指定时，match dedupe 采用 %.2f 比特\n"), out.Chosen)
}

// thresholdCSV prints the table for spreadsheets; its columns are those of the JSON.
func (a *app) thresholdCSV(out *thresholdTable) error {
	c := csv.NewWriter(a.out)
	head := []string{"threshold_bits", "clusters", "largest", "pairs", "expected_precision", "expected_recall", "expected_f1"}
	if out.Thresholds[0].Labelled != nil {
		head = append(head, "labelled_precision", "labelled_precision_low", "labelled_precision_high", "labelled_recall", "labelled_recall_low", "labelled_recall_high")
	}
	if out.Thresholds[0].Truth != nil {
		head = append(head, "precision", "recall", "f1")
	}
	err := c.Write(head)
	for i := range out.Thresholds {
		r := &out.Thresholds[i]
		numbers := []float64{r.Precision, r.Recall, r.F1}
		if l := r.Labelled; l != nil {
			numbers = append(numbers, l.Precision.Value, l.Precision.Low, l.Precision.High, l.Recall.Value, l.Recall.Low, l.Recall.High)
		}
		if s := r.Truth; s != nil {
			numbers = append(numbers, s.Precision, s.Recall, s.F1)
		}
		row := []string{strconv.FormatFloat(r.Threshold, 'f', -1, 64), strconv.Itoa(r.Clusters), strconv.Itoa(r.Largest), strconv.FormatInt(r.Pairs, 10)}
		for _, x := range numbers {
			row = append(row, strconv.FormatFloat(x, 'f', 5, 64))
		}
		if err == nil {
			err = c.Write(row)
		}
	}
	c.Flush()
	if err == nil {
		err = c.Error()
	}
	if err != nil {
		return fault.New("E9003", "", "reason", fault.Reason(err)).Because(err)
	}
	return nil
}
