package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"crmhub/fault"
	"crmhub/hub"
)

func (a *app) store() *cobra.Command {
	return a.build(verb{
		use:   "store",
		short: fault.Text{"the store as a whole", "存储整体"},
		examples: []example{
			{"crmhub store digest", fault.Text{"one number for all that it holds", "以一个摘要代表全部内容"}},
			{"crmhub store digest -o json", fault.Text{"for scripts", "供脚本使用"}},
			{"crmhub store digest --lang zh", fault.Text{"in Chinese", "以中文显示"}},
		},
		sub: []*cobra.Command{a.storeDigest()},
	})
}

func (a *app) storeDigest() *cobra.Command {
	return a.build(verb{
		use:   "digest",
		short: fault.Text{"equal content gives equal digests, in any store", "内容相同则摘要相同，与存储类型无关"},
		long: fault.Text{
			"Prints a digest of the content: current source records, memberships, golden values with provenance, judgements and\nopen quarantine. It does not depend on the order of arrival, run ids, the clock, keys or the kind of database.",
			"输出内容摘要：当前来源记录、成员关系、黄金记录及来源、裁定和未处理的隔离行。\n与到达次序、运行 ID、时钟、密钥和数据库类型无关。",
		},
		examples: []example{
			{"crmhub store digest", fault.Text{"total and tables", "总计及各表"}},
			{"crmhub store digest -o json", fault.Text{"for scripts", "供脚本使用"}},
			{"crmhub -C restored store digest", fault.Text{"of a restored store, to compare", "用于比较恢复后的存储"}},
		},
		run: func(ctx context.Context, _ []string) error {
			return a.with(func(h *hub.Hub) error {
				d, err := h.Digest(ctx)
				if err != nil {
					return err
				}
				return a.print(d, func(w io.Writer) {
					fmt.Fprintln(w, d.Digest)
					t := table{head: []string{a.t("table", "表"), a.t("rows", "行数"), a.t("digest", "摘要")}, right: map[int]bool{1: true}}
					for _, x := range d.Tables {
						t.add(x.Name, grouped(x.Rows), x.Digest)
					}
					a.table(w, &t)
				})
			})
		},
	})
}
