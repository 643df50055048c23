package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/hub"
)

func (a *app) preview() *cobra.Command {
	var r hub.Reveal
	var stage string
	var limit int
	stages := []string{"all", "read", "process", "map", "validate"}
	return a.build(verb{
		use:   "preview PIPELINE",
		short: fault.Text{"the first rows, before and after each stage; writes nothing", "前几行在各阶段前后的样子；不写入任何内容"},
		examples: []example{
			{"crmhub preview shop_customer", fault.Text{"ten rows, values masked", "十行，隐藏个人信息"}},
			{"crmhub preview shop_customer --stage map -l 3", fault.Text{"what the mapping makes", "映射的结果"}},
			{`crmhub preview shop_customer --reveal --reason "mapping"`, fault.Text{"values in clear", "以明文显示"}},
		},
		min: 1, max: 1,
		complete: a.pipelineNames,
		flags: func(f *pflag.FlagSet) {
			a.revealFlags(f, &r)
			f.StringVar(&stage, "stage", "all", strings.Join(stages, " | "))
			f.IntVarP(&limit, "limit", "l", 10, a.t("that many rows", "行数"))
		},
		run: func(ctx context.Context, args []string) error {
			if !slices.Contains(stages, stage) {
				return fault.New("E1204", "", "flag", "--stage", "want", strings.Join(stages, " | "))
			}
			if limit < 1 {
				return fault.New("E1204", "", "flag", "--limit", "want", "1…")
			}
			return a.with(func(h *hub.Hub) error {
				list, err := h.Preview(ctx, args[0], limit, r)
				if err != nil && len(list) == 0 {
					return err
				}
				perr := a.print(list, func(w io.Writer) {
					for _, s := range list {
						a.sample(w, s, stage)
					}
				})
				if err != nil {
					return err
				}
				return perr
			})
		},
	})
}

// sample shows one row's way.
func (a *app) sample(w io.Writer, s hub.SampleView, stage string) {
	fmt.Fprintf(w, "%s  %s %s\n", a.paint(a.outTTY, bold, s.Place), a.t("key", "键"), s.Key)
	shown := func(name string) bool { return stage == "all" || stage == name }
	if shown("read") {
		fmt.Fprintf(w, "  %s\n", a.t("read", "读取"))
		a.fields(w, s.Row, "    ")
	}
	if shown("process") {
		for _, row := range s.Processed {
			fmt.Fprintf(w, "  %s\n", a.t("processed", "处理后"))
			a.fields(w, row, "    ")
		}
	}
	if shown("map") {
		for _, m := range s.Mapped {
			fmt.Fprintf(w, "  %s %s\n", a.t("mapped to", "映射为"), m.Type)
			a.fields(w, m.Fields, "    ")
		}
	}
	if shown("validate") {
		for _, m := range s.Records {
			fmt.Fprintf(w, "  %s %s\n", a.t("standardised and valid", "标准化并通过校验的"), m.Type)
			a.fields(w, m.Fields, "    ")
		}
		for _, x := range s.SetAside {
			fmt.Fprintf(w, "  %s %s %s\n", a.warn(a.outTTY), a.t("set aside", "已搁置"), x)
		}
	}
	switch {
	case s.Refusal != nil:
		fmt.Fprintf(w, "  %s %s\n", a.fail(a.outTTY), s.Refusal.Line(a.lang))
	case s.Filtered:
		fmt.Fprintf(w, "  %s\n", a.t("filtered", "被过滤"))
	case s.Deleted:
		fmt.Fprintf(w, "  %s\n", a.t("deleted in the source", "数据源中已删除"))
	}
}
