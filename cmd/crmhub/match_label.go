package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/hub/sheet"
	"crmhub/mdm/linkage"
)

// labelled is what match label -o json prints.
type labelled struct {
	Pairs  int    `json:"pairs"`
	Match  int    `json:"match"`
	Not    int    `json:"not"`
	Unsure int    `json:"unsure"`
	Output string `json:"output"`
}

func (a *app) matchLabel() *cobra.Command {
	var m matchFlags
	var l labelFlags
	var input, to string
	var limit int
	return a.build(verb{
		use:   "label",
		short: fault.Text{"ask a person about the pairs whose answer tells most", "就最有价值的配对询问人"},
		long: fault.Text{
			"Picks the pairs of which the run is least sure, on both sides of the threshold, and asks about them one by one: y (one),\nn (two), u (unsure), q (stop). The answers go to --output. With --to it writes a sheet instead, Excel or CSV, to fill in\nthe column label: match, not or unsure. Either file serves as --labels: for match dedupe, which holds to them, for match\nthresholds, which scores by them, and here, where what is labelled isn't asked again. The sheet has the values in clear.",
			"挑选阈值两侧最没有把握的配对，逐一询问：y（同一）、n（不同）、u（不确定）、q（结束）。回答写入 --output。\n使用 --to 则改为写出表格（Excel 或 CSV），由人在 label 列填写 match、not 或 unsure（或：是、否、不确定）。\n两种文件都可用作 --labels：match dedupe 会遵守，match thresholds 用来评分，本命令则不再重复询问。表格中的值为明文。",
		},
		examples: []example{
			{"crmhub match label --input records.csv --id record_id --output labels.csv", fault.Text{"in the terminal", "在终端中询问"}},
			{"crmhub match label --input records.csv --id record_id --to labels.xlsx -l 100", fault.Text{"a workbook to fill in", "写出工作簿以便填写"}},
			{"crmhub match label --input records.csv --id record_id --labels labels.xlsx --output labels.csv", fault.Text{"go on where a sheet ended", "在表格的基础上继续"}},
		},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&input, "input", "", a.t("the `FILE` of records", "记录`文件`"))
			m.defineModel(a, f)
			f.StringVar(&l.labels, "labels", "", a.t("what was labelled before, in this `FILE`", "此前的标注`文件`"))
			f.StringVar(&to, "to", "", a.t("write a sheet to this `FILE` (.xlsx or .csv) instead of asking", "写出表格`文件`（.xlsx 或 .csv），不在终端询问"))
			f.IntVarP(&limit, "limit", "l", 20, a.t("at most that many pairs", "最多的配对数"))
			a.fileOutput(f, &m.output, a.t("the labels `FILE`; those of --labels are in it too", "标注`文件`，其中也含 --labels 的内容"))
		},
		run: func(ctx context.Context, _ []string) error {
			switch {
			case m.output == "" && to == "":
				return fault.New("E1203", "", "command", "crmhub match label", "want", "--output FILE | --to FILE")
			case limit < 1 || limit > 100_000:
				return fault.New("E1204", "", "flag", "--limit", "want", "1 - 100000")
			}
			m.threshold = "auto"
			if err := files([]flagged{{"--input", input}, {"--labels", l.labels}}, []flagged{{"--to", to}}); err != nil {
				return err
			}
			in, o, err := a.rowsOf(ctx, "label", input, &m, &l)
			if err != nil {
				return err
			}
			pairs, _, err := linkage.Telling(ctx, in.table, o, limit)
			if err != nil {
				return err
			}
			done := labelled{Pairs: len(pairs), Output: to}
			if to != "" {
				err = a.labelSheet(to, in, pairs)
			} else {
				done.Output = m.output
				err = a.labelAsk(ctx, m.output, in, o.Judged, pairs, &done)
			}
			if err != nil {
				return err
			}
			return a.print(done, func(w io.Writer) {
				if to != "" {
					fmt.Fprintf(w, a.t("%s in %s: fill in the column label (match, not, unsure)\n", "%s 对已写入 %s：请填写 label 列（是、否、不确定）\n"), a.many(int64(done.Pairs), "pair"), to)
					return
				}
				fmt.Fprintf(w, a.t("%d matches, %d not, %d unsure; in %s\n", "同一 %d 对，不同 %d 对，不确定 %d 对；写入 %s\n"), done.Match, done.Not, done.Unsure, done.Output)
			})
		},
	})
}

// labelSheet writes the pairs with their values side by side.
func (a *app) labelSheet(to string, in *matchInput, pairs []linkage.Pair) error {
	format := "csv"
	switch {
	case strings.HasSuffix(strings.ToLower(to), ".xlsx"):
		format = "xlsx"
	case !strings.HasSuffix(strings.ToLower(to), ".csv"):
		return fault.New("E1204", "", "flag", "--to", "want", "FILE.xlsx | FILE.csv")
	}
	head := []string{"left_id", "right_id", "label", "weight_bits", "probability"}
	for _, h := range in.table.Headers() {
		head = append(head, h+" (1)", h+" (2)")
	}
	var rows [][]string
	for _, p := range pairs {
		row := []string{in.ids.at(p.Left), in.ids.at(p.Right), "", strconv.FormatFloat(p.Bits, 'f', 3, 64), strconv.FormatFloat(p.Probability, 'f', 4, 64)}
		left, right := in.table.Row(p.Left), in.table.Row(p.Right)
		for k := range left {
			row = append(row, left[k], right[k])
		}
		rows = append(rows, row)
	}
	w, done, err := a.target(to)
	if err != nil {
		return err
	}
	if err := sheet.WriteTable(w, format, "labels", head, rows); err != nil {
		return err
	}
	return done()
}

// labelAsk asks about the pairs one by one and writes what was said, before
// and now. An answer that contradicts others is not taken.
func (a *app) labelAsk(ctx context.Context, to string, in *matchInput, before []linkage.Judgement, pairs []linkage.Pair, done *labelled) error {
	all := before
	lines := bufio.NewReader(a.in)
	for i := 0; i < len(pairs) && ctx.Err() == nil; i++ {
		p := pairs[i]
		t := &table{head: []string{fmt.Sprintf("%d/%d", i+1, len(pairs)), in.ids.at(p.Left), in.ids.at(p.Right)}}
		left, right := in.table.Row(p.Left), in.table.Row(p.Right)
		for k, h := range in.table.Headers() {
			if h != in.id && left[k]+right[k] != "" {
				t.add(h, left[k], right[k])
			}
		}
		a.aligned(a.err, t)
		answer, err := a.labelAnswer(lines)
		if err != nil {
			break // the input ended: what was said so far stands
		}
		same, known, _ := labelWord(answer)
		if !known {
			done.Unsure++
			continue
		}
		j := linkage.Judgement{Left: p.Left, Right: p.Right, Same: same}
		if linkage.Contradiction(in.ids.len(), append(all[:len(all):len(all)], j)) >= 0 {
			a.say("That contradicts what was said before of these records; it is not taken.", "这与此前对这些记录的标注矛盾，未予采用。")
			done.Unsure++
			continue
		}
		all = append(all, j)
		if same {
			done.Match++
		} else {
			done.Not++
		}
	}
	return a.writeCSV(to, []string{"left_id", "right_id", "label"}, len(all), func(i int) []string {
		word := "not"
		if all[i].Same {
			word = "match"
		}
		return []string{in.ids.at(all[i].Left), in.ids.at(all[i].Right), word}
	})
}

// labelAnswer asks until it understands; the error is that the input ended or
// that the person stops.
func (a *app) labelAnswer(lines *bufio.Reader) (string, error) {
	for {
		fmt.Fprint(a.err, a.t("one? [y/n/u/q] ", "是同一对象吗？[y 是/n 否/u 不确定/q 结束] "))
		line, err := lines.ReadString('\n')
		word := strings.ToLower(strings.TrimSpace(line))
		switch {
		case err != nil && word == "":
			return "", err
		case word == "q" || word == "quit" || word == "结束":
			return "", os.ErrClosed
		case word == "":
			continue
		}
		if _, _, ok := labelWord(word); ok {
			return word, nil
		}
		if err != nil {
			return "", err
		}
	}
}
