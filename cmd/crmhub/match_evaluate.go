package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/mdm/evaluate"
	"crmhub/record"
)

func (a *app) matchEvaluate() *cobra.Command {
	var clusters, truth, labels string
	return a.build(verb{
		use:   "evaluate",
		short: fault.Text{"how well clusters agree with a truth", "聚类与真实归属的吻合程度"},
		long: fault.Text{
			"Scores a clusters file against a truth, pair by pair and record by record (B-cubed). Both files have the record id in\ntheir first column and the cluster or entity in their second. Records that the clusters lack stand alone. With\n--labels it scores against labelled pairs (match label), with the interval in which the true share lies 19 times in 20.",
			"将聚类文件与真实归属对照，按配对和按记录（B-cubed）评分。两个文件的第一列为记录编号，第二列为聚类或实体编号。\n聚类中没有的记录视为单独一组。使用 --labels 时与已标注的配对（match label）对照，并给出 95% 区间。",
		},
		examples: []example{
			{"crmhub match evaluate --clusters clusters.csv --truth truth.csv", fault.Text{"precision, recall, F1", "精确率、召回率、F1"}},
			{"crmhub match evaluate --clusters clusters.csv --truth truth.csv -o json", fault.Text{"for scripts", "供脚本使用"}},
			{"crmhub match evaluate --clusters clusters.csv --labels labels.csv", fault.Text{"against what a person labelled", "与人工标注对照"}},
		},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&clusters, "clusters", "", a.t("the clusters `FILE`", "聚类`文件`"))
			f.StringVar(&truth, "truth", "", a.t("the truth `FILE`", "真实归属`文件`"))
			f.StringVar(&labels, "labels", "", a.t("the labels `FILE`: left_id, right_id, label", "标注`文件`：left_id、right_id、label"))
		},
		run: func(ctx context.Context, _ []string) error {
			if labels != "" && truth == "" && clusters != "" {
				return a.evaluateLabels(ctx, clusters, labels)
			}
			var both [2]map[string]string
			for i, path := range []string{clusters, truth} {
				if path == "" {
					return fault.New("E1203", "", "command", "crmhub match evaluate", "want", []string{"--clusters FILE", "--truth FILE"}[i])
				}
				var err error
				if both[i], err = a.entities(ctx, path); err != nil {
					return err
				}
			}
			if err := overlapping(both[0], both[1], "--truth", truth); err != nil {
				return err
			}
			r := evaluate.Compare(both[0], both[1])
			return a.print(r, func(w io.Writer) {
				t := &table{head: []string{"", a.t("precision", "精确率"), a.t("recall", "召回率"), "F1"}, right: map[int]bool{1: true, 2: true, 3: true}}
				for _, x := range []struct {
					name string
					s    evaluate.Scores
				}{{a.t("pairs", "配对"), r.Pairs}, {"B-cubed", r.Cubed}} {
					t.add(x.name, fmt.Sprintf("%.4f", x.s.Precision), fmt.Sprintf("%.4f", x.s.Recall), fmt.Sprintf("%.4f", x.s.F1))
				}
				a.table(w, t)
				fmt.Fprintf(w, a.t("%s, %s found, %s true, largest cluster %d\n", "%s 条记录，找到 %s 对，真实 %s 对，最大的一组 %d 条\n"), a.many(r.Records, "record"), a.many(r.FoundPairs, "pair"), grouped(r.TruePairs), r.Largest)
			})
		},
	})
}

// evaluateLabels scores clusters against labelled pairs. Records that the
// clusters lack stand alone.
func (a *app) evaluateLabels(ctx context.Context, clusters, labels string) error {
	of, err := a.entities(ctx, clusters)
	if err != nil {
		return err
	}
	list, err := a.readLabels(ctx, labels, nil)
	if err != nil {
		return err
	}
	ids := map[string]string{}
	for _, l := range list {
		ids[l.left], ids[l.right] = "", ""
	}
	if err := overlapping(of, ids, "--labels", labels); err != nil {
		return err
	}
	var t evaluate.Tally
	for _, l := range list {
		x, ok := of[l.left]
		t.Add(ok && x == of[l.right], l.same)
	}
	r := t.Labelled()
	return a.print(r, func(w io.Writer) {
		t := &table{head: []string{"", a.t("share", "比例"), a.t("from", "下限"), a.t("to", "上限"), a.t("right", "正确"), a.t("of", "总数")}, right: map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true}}
		for _, x := range []struct {
			name string
			s    evaluate.Share
		}{{a.t("precision", "精确率"), r.Precision}, {a.t("recall", "召回率"), r.Recall}} {
			t.add(x.name, fmt.Sprintf("%.4f", x.s.Value), fmt.Sprintf("%.4f", x.s.Low), fmt.Sprintf("%.4f", x.s.High), grouped(x.s.Right), grouped(x.s.Of))
		}
		a.table(w, t)
	})
}

// entities reads who each record is: the id in the first column, the entity
// in the second. Where that is empty the record stands alone.
func (a *app) entities(ctx context.Context, path string) (map[string]string, error) {
	t, err := a.tableFile(ctx, path)
	if err != nil {
		return nil, err
	}
	if len(t.columns) < 2 {
		return nil, fault.New("E6201", t.name)
	}
	of := map[string]string{}
	_, err = t.each(ctx, a, func(place record.Place, cells []string) error {
		entity := cells[1]
		if entity == "" {
			entity = "\x00" + cells[0] // no entity of a file is called so
		}
		if was, twice := of[cells[0]]; twice && was != entity {
			return fault.New("E6203", place.String(), "column", t.columns[0])
		}
		of[cells[0]] = entity
		return nil
	})
	return of, err
}

// overlapping refuses what has no record in common with the clusters.
func overlapping(clusters, other map[string]string, flag, path string) error {
	for id := range other {
		if _, ok := clusters[id]; ok {
			return nil
		}
	}
	return fault.New("E6217", path, "flag", flag)
}
