package main

import (
	"context"
	"fmt"
	"io"

	"crmhub/fault"
	"crmhub/hub"
)

// trainHub learns the model of the project from the records that landed.
func (a *app) trainHub(ctx context.Context, samples int, take bool, r hub.Reveal) error {
	h, err := a.open()
	if err != nil {
		return err
	}
	defer a.close(h)
	p := a.progress()
	res, err := h.Train(ctx, samples, take, r, p.event)
	p.end()
	if err != nil {
		return err
	}
	return a.print(res, func(w io.Writer) { a.trainedHub(w, &res) })
}

func (a *app) trainedHub(w io.Writer, t *hub.TrainResult) {
	fmt.Fprintf(w, a.t("learnt from %s and %s, of which about %s %s: prior %.2f bits, was %.2f\n",
		"从 %s 条记录、%s 对配对学习，其中约 %s 对%s：先验 %.2f 比特，原为 %.2f\n"),
		a.many(t.Records, "record"), a.many(t.Pairs, "pair"), grouped(int64(t.Matches)), a.t(a.agree(int64(t.Matches), "is a match", "are matches"), "匹配"), t.After, t.Before)
	fmt.Fprintf(w, a.t("expected of pairs that merge: precision %.3f, recall %.3f of the pairs compared\n", "合并配对的预期：精确率 %.3f，召回率 %.3f（在已比较的配对中）\n"), t.Precision, t.Recall)
	if t.Decisions > 0 {
		fmt.Fprintf(w, a.t("merge threshold %.2f bits, was %.2f, by %s of stewards\n", "合并阈值 %.2f 比特，原为 %.2f，依据 %s 条数据管家裁定\n"), t.MergeAfter, t.MergeBefore, a.many(int64(t.Decisions), "decision"))
	}
	if t.Waiting > 0 {
		fmt.Fprintf(w, a.t("still to be resolved: %s; part of what follows comes of that\n", "%s 条记录尚待解析；以下部分变化由此而来\n"), a.many(t.Waiting, "record"))
	}
	fmt.Fprintf(w, a.t("golden records: %s as they are, %s to join another, %s to be split\n", "黄金记录：%s 条保持不变，%s 条将并入其他记录，%s 条将被拆分\n"),
		grouped(t.Same), grouped(t.Merged), grouped(t.Split))
	for _, e := range t.Examples {
		word := a.t("parted", "拆分")
		if e.Joined {
			word = a.t("joined", "合并")
		}
		fmt.Fprintf(w, "  %s  %s | %s\n", word, trainedSide(e.Left), trainedSide(e.Right))
	}
	if t.Run == "" {
		fmt.Fprintln(w, a.t("nothing was changed; take it with: crmhub match train --take", "未作任何更改；如需采用：crmhub match train --take"))
		return
	}
	fmt.Fprintf(w, a.t("taken: mdm/customer.yaml, run %s; undo with: crmhub runs rollback %s\n", "已采用：mdm/customer.yaml，运行 %s；如需撤销：crmhub runs rollback %s\n"), t.Run, t.Run)
	a.resolvedLine(t.Resolve)
}

// trainedSide says which record it is and what it says of a person, in one line.
func trainedSide(r hub.RecordView) string {
	shown := map[string]any{}
	for _, name := range []string{"full_name", "organisation", "birth_date", "emails", "phones"} {
		if v, ok := r.Fields[name]; ok {
			shown[name] = v
		}
	}
	return recordName(r) + "  " + text(shown)
}

// hubTraining reports whether the command is to learn from the hub's store, and
// refuses flags that are for the other input.
func hubTraining(input string, m *matchFlags, l *labelFlags, take bool) (bool, error) {
	want := ""
	switch {
	case input != "" && take:
		want = "--input FILE --output FILE | --take"
	case input == "" && (m.output != "" || m.id != "" || m.source != "" || m.model != "" || l.labels != "" || m.threshold != "auto"):
		want = "--input FILE"
	}
	if want != "" {
		return false, fault.New("E1203", "", "command", "crmhub match train", "want", want)
	}
	return input == "", nil
}
