package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/mdm/linkage"
)

// linkSummary is what match link -o json prints.
type linkSummary struct {
	Records    int      `json:"records"`
	Unreadable int      `json:"unreadable"`
	Links      int      `json:"links"`
	Output     string   `json:"output"`
	Model      string   `json:"model,omitempty"`
	Found      foundOut `json:"found"`
	// Aligned are the columns that are named differently in the two files.
	Aligned []linkage.Alignment `json:"aligned,omitempty"`
}

func (a *app) matchLink() *cobra.Command {
	var m matchFlags
	var l labelFlags
	var left, right string
	var oneToOne bool
	var maps []string
	return a.build(verb{
		use:   "link",
		short: fault.Text{"the rows of two files that are the same thing", "找出两个文件中指同一对象的行"},
		long: fault.Text{
			"Links rows of one file with rows of another; rows of one file are not compared with each other. Columns of one name,\nhowever it is written (Given Name, given_name), belong together; others are laid side by side by what they are taken\nfor and the values they share, which is shown; --map LEFT=RIGHT says it better. The output has left_id, right_id,\nweight_bits and probability. With --one-to-one a row is linked at most once, which is right where neither file has\nduplicates. --labels, --must-link and --cannot-link say what is known: the left id is one of the left file, the right\nid one of the right file; such a pair is linked, or not, whatever the rows say.",
			"将一个文件的行与另一个文件的行关联；同一文件内的行不相互比较。名称相同（不论写作 Given Name 还是 given_name）的列视为同一列；\n其他列按类型和共有的取值对应，并会显示出来；可用 --map 左列=右列 指定。\n输出含 left_id、right_id、weight_bits 和 probability。使用 --one-to-one 时每行至多关联一次，适用于两个文件各自无重复的情形。\n--labels、--must-link、--cannot-link 给出已知的配对：左编号属于左文件，右编号属于右文件；无论内容如何，均按其关联或不关联。",
		},
		examples: []example{
			{"crmhub match link --left a.csv --right b.csv --id record_id --output links.csv --one-to-one", fault.Text{"each row at most once", "每行至多一次"}},
			{"crmhub match link --left a.csv --right b.csv --id record_id --output links.csv --map surname=last_name", fault.Text{"columns that are named differently", "名称不同的列"}},
			{"crmhub match link --left a.csv --right b.csv --id record_id --output links.csv -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&left, "left", "", a.t("the first `FILE`", "第一个`文件`"))
			f.StringVar(&right, "right", "", a.t("the second `FILE`", "第二个`文件`"))
			m.define(a, f)
			a.fileOutput(f, &m.output, a.t("the links `FILE`; - is stdout", "关联`文件`；- 为标准输出"))
			f.StringArrayVar(&maps, "map", nil, a.t("these columns of the two files tell of the same: `LEFT=RIGHT`", "两个文件中的这两列含义相同：`左列=右列`"))
			l.define(a, f)
			f.BoolVar(&oneToOne, "one-to-one", false, a.t("link a row at most once", "每行至多关联一次"))
		},
		run: a.within(&m.memory, func(ctx context.Context, _ []string) error {
			for _, want := range []flagged{{"--left FILE", left}, {"--right FILE", right}, {"--output FILE", m.output}} {
				if want.path == "" {
					return fault.New("E1203", "", "command", "crmhub match link", "want", want.flag)
				}
			}
			var beside []linkage.Alignment
			in, o, err := a.rowsOfTwo(ctx, "link", left, right, &m, &l, oneToOne, maps, &beside)
			if err != nil {
				return err
			}
			o.Discard = true
			r, err := linkage.Link(ctx, in.table, o)
			if err != nil {
				return err
			}
			if err := a.writePairs(m.output, in, r.Pairs); err != nil {
				return err
			}
			if err := a.writeMatch(&m, in, r, nil); err != nil || m.output == "-" {
				return err
			}
			s := linkSummary{in.ids.len(), in.unreadable, len(r.Pairs), m.output, m.saveModel, a.found(r), beside}
			return a.print(s, func(w io.Writer) {
				fmt.Fprintf(w, a.t("%s between %s, in %s\n", "%s 条关联，涉及 %s 条记录，写入 %s\n"), a.many(int64(s.Links), "link"), a.many(int64(s.Records), "record"), m.output)
				for _, x := range s.Aligned {
					fmt.Fprintf(w, a.t("%s is taken with %s of the second file (%s); otherwise: --map\n", "%s 与第二个文件的 %s 对应（%s）；如有误请用 --map 指定\n"), x.Left, x.Right, x.Kind)
				}
				a.foundText(w, s.Found)
			})
		}),
	})
}

// rowsOfTwo reads the two files of a command that links them, with what people
// say of their rows. beside, unless nil, is told which columns of other names
// are laid side by side.
func (a *app) rowsOfTwo(ctx context.Context, command, left, right string, m *matchFlags, l *labelFlags, oneToOne bool, maps []string, beside *[]linkage.Alignment) (*matchInput, linkage.Options, error) {
	if err := m.files(command, l, flagged{"--left", left}, flagged{"--right", right}); err != nil {
		return nil, linkage.Options{}, err
	}
	o, err := m.options(a, command)
	if err != nil {
		return nil, o, err
	}
	aligned, err := a.alignedColumns(ctx, left, right, m.id, maps)
	if err != nil {
		return nil, o, err
	}
	if beside != nil {
		*beside = aligned
	}
	in, err := a.matchInput(ctx, []string{left, right}, m.id, renamed(aligned))
	if err != nil {
		return nil, o, err
	}
	if m.source != "" && in.table.Column(m.source) < 0 {
		return nil, o, fault.New("E6202", left, "flag", "--source", "name", m.source, "nearest", fault.Nearest(m.source, in.table.Headers()))
	}
	o.ID, o.OneToOne = in.id, oneToOne
	o.Judged, err = l.judged(ctx, a, in)
	return in, o, err
}
