package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/mdm/synthetic"
)

// generated is what a generator left behind.
type generated struct {
	Rows    int64  `json:"rows"`
	Seed    uint64 `json:"seed"`
	Systems int    `json:"systems"`
	Records string `json:"records"`
	Truth   string `json:"truth,omitempty"`
}

func (a *app) matchGenerate() *cobra.Command {
	var o synthetic.Options
	var records, truth, langs string
	return a.build(verb{
		use:   "generate",
		short: fault.Text{"made-up customers of several systems, and who each record is", "生成多系统的虚构客户及其真实归属"},
		long: fault.Text{
			"Makes up dirty customers with truth: Chinese and English, several systems with habits of their own, duplicates within\nand across them, slips, nicknames, households, twins, movers, companies with branches. Nobody in it is real. The same\nrows, seed, systems and languages give the same bytes. What it makes is for tests and benchmarks; no default of the\nprogram was ever set by it.",
			"生成带真实归属的“脏”客户数据：中文与英文、习惯各异的多个系统、系统内外的重复、录入错误、昵称、家庭、\n双胞胎、搬家者、设有分支机构的公司。其中没有真实的人。行数、种子、系统数和语言相同，则字节相同。\n生成的数据用于测试和基准；程序的任何默认值都不由它确定。",
		},
		examples: []example{
			{"crmhub match generate --rows 10000 --seed 1 --output records.csv --truth truth.csv", fault.Text{"ten thousand records", "一万条记录"}},
			{"crmhub match generate --rows 1000000 --languages en --output en.csv --truth en-truth.csv", fault.Text{"English only", "仅英文"}},
			{"crmhub match generate --rows 100 --systems 2 --output -", fault.Text{"to stdout, without truth", "输出到标准输出，不含答案"}},
		},
		flags: func(f *pflag.FlagSet) {
			a.fileOutput(f, &records, a.t("the `FILE` of records; - is stdout", "记录`文件`；- 为标准输出"))
			f.StringVar(&truth, "truth", "", a.t("the `FILE` of truth: record_id,entity_id", "答案`文件`：record_id,entity_id"))
			f.Int64Var(&o.Rows, "rows", 100_000, a.t("how many records, at most 100,000,000", "记录条数，最多 100,000,000"))
			f.Uint64Var(&o.Seed, "seed", 1, a.t("the world that is made", "所生成世界的种子"))
			f.IntVar(&o.Systems, "systems", 6, a.t("how many systems, 1 to 12", "系统数量，1 到 12"))
			f.StringVar(&langs, "languages", "zh,en", a.t("zh,en | zh | en", "zh,en | zh | en"))
		},
		run: func(ctx context.Context, _ []string) error {
			switch {
			case records == "":
				return fault.New("E1203", "", "command", "crmhub match generate", "want", "--output FILE")
			case o.Rows < 1 || o.Rows > synthetic.MaxRows:
				return fault.New("E1204", "", "flag", "--rows", "want", fmt.Sprintf("1 - %d", synthetic.MaxRows))
			case o.Systems < 1:
				return fault.New("E1204", "", "flag", "--systems", "want", "1 - 12")
			}
			o.Languages = strings.Split(langs, ",")
			g, err := synthetic.New(o)
			if err != nil {
				name, _, _ := strings.Cut(err.Error(), ":")
				return fault.New("E1204", "", "flag", "--"+name, "want", map[string]string{"systems": "1 - 12", "languages": "zh,en | zh | en"}[name]).Because(err)
			}
			if err := files(nil, []flagged{{"--output", records}, {"--truth", truth}}); err != nil {
				return err
			}
			if err := a.generate(ctx, g, records, truth); err != nil || records == "-" {
				return err
			}
			done := generated{o.Rows, o.Seed, o.Systems, records, truth}
			return a.print(done, func(w io.Writer) {
				fmt.Fprintf(w, a.t("%s in %s", "%s 条记录，写入 %s"), a.many(done.Rows, "record"), records)
				if truth != "" {
					fmt.Fprintf(w, a.t(", who is who in %s", "，真实归属写入 %s"), truth)
				}
				fmt.Fprintln(w)
			})
		},
	})
}

// generate writes both files.
func (a *app) generate(ctx context.Context, g *synthetic.Generator, records, truth string) (err error) {
	files := [2]io.Writer{io.Discard, io.Discard}
	for i, name := range []string{records, truth} {
		if name == "" {
			continue
		}
		w, done, opened := a.target(name)
		if opened != nil {
			return opened
		}
		defer func() {
			if cerr := done(); err == nil {
				err = cerr
			}
		}()
		files[i] = w
	}
	shown := a.now()
	err = g.Write(ctx, files[0], files[1], func(rows int64) {
		if now := a.now(); now.Sub(shown) >= lineEvery {
			shown = now
			a.say("%s of %s records", "已生成 %s / %s 条记录", grouped(rows), grouped(g.Rows()))
		}
	})
	if err != nil && ctx.Err() == nil {
		return fault.New("E1104", records, "reason", fault.Reason(err)).Because(err)
	}
	return err
}
