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
	var clusters, truth string
	return a.build(verb{
		use:   "evaluate",
		short: fault.Text{"how well clusters agree with a truth", "聚类与真实归属的吻合程度"},
		long: fault.Text{
			"Scores a clusters file against a truth, pair by pair and record by record (B-cubed). Both files have the record id in\ntheir first column and the cluster or entity in their second. Records that the clusters lack stand alone.",
			"将聚类文件与真实归属对照，按配对和按记录（B-cubed）评分。两个文件的第一列为记录编号，第二列为聚类或实体编号。\n聚类中没有的记录视为单独一组。",
		},
		examples: []example{
			{"crmhub match evaluate --clusters clusters.csv --truth truth.csv", fault.Text{"precision, recall, F1", "精确率、召回率、F1"}},
			{"crmhub match evaluate --clusters clusters.csv --truth truth.csv -o json", fault.Text{"for scripts", "供脚本使用"}},
			{"crmhub match evaluate --clusters mine.csv --truth theirs.csv --lang zh", fault.Text{"two ways to match", "比较两种匹配结果"}},
		},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&clusters, "clusters", "", a.t("the clusters `FILE`", "聚类`文件`"))
			f.StringVar(&truth, "truth", "", a.t("the truth `FILE`", "真实归属`文件`"))
		},
		run: func(ctx context.Context, _ []string) error {
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
				fmt.Fprintf(w, a.t("%s records, %s pairs found, %s true, largest cluster %d\n", "%s 条记录，找到 %s 对，真实 %s 对，最大的一组 %d 条\n"), grouped(r.Records), grouped(r.FoundPairs), grouped(r.TruePairs), r.Largest)
			})
		},
	})
}

// entities reads who each record is: the id in the first column, the entity
// in the second.
func (a *app) entities(ctx context.Context, path string) (map[string]string, error) {
	t, err := a.tableFile(ctx, path)
	if err != nil {
		return nil, err
	}
	if len(t.columns) < 2 {
		return nil, fault.New("E6201", t.name)
	}
	of := map[string]string{}
	_, err = t.each(ctx, a, func(_ record.Place, cells []string) error {
		of[cells[0]] = cells[1]
		return nil
	})
	return of, err
}
