package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/hub"
)

func (a *app) discover() *cobra.Command {
	return a.build(verb{
		use:   "discover CONNECTION",
		short: fault.Text{"what a connection holds: streams, keys, columns, rows", "连接中的内容：流、键、列、行数"},
		examples: []example{
			{"crmhub discover shop", fault.Text{"streams, keys, encodings", "流、键、编码"}},
			{"crmhub discover legacy -o json", fault.Text{"with all columns", "含全部列"}},
			{"crmhub discover legacy -v", fault.Text{"with log lines", "同时显示日志"}},
		},
		min: 1, max: 1,
		complete: a.connectionNames,
		run: func(ctx context.Context, args []string) error {
			return a.with(func(h *hub.Hub) error {
				list, err := h.Discover(ctx, args[0])
				if err != nil {
					return err
				}
				if list == nil {
					list = []connectors.Stream{}
				}
				return a.print(list, func(w io.Writer) {
					for _, s := range list {
						rows := a.t("? rows", "?")
						if s.Rows >= 0 {
							rows = a.many(s.Rows, "row")
						}
						fmt.Fprintf(w, "%s  %s\n", a.paint(a.outTTY, bold, s.Name), fmt.Sprintf(a.t("%s, %s", "%s 行，%s 列"), rows, a.many(int64(len(s.Columns)), "column")))
						line := func(name, value string) {
							if value != "" {
								fmt.Fprintf(w, "  %s%s%s\n", name, strings.Repeat(" ", max(1, 10-cells(name))), value)
							}
						}
						line(a.t("key", "键"), strings.Join(s.Key, ", "))
						line(a.t("cursor", "游标"), s.Cursor)
						if s.Encoding != "" {
							line(a.t("encoding", "编码"), fmt.Sprintf("%s (%.0f%%)", s.Encoding, s.Confidence*100))
						}
						var cols []string
						for _, c := range s.Columns {
							cols = append(cols, strings.TrimSpace(c.Name+" "+c.Type))
						}
						line(a.t("columns", "列"), strings.Join(cols, ", "))
						for _, n := range s.Notes {
							line(a.t("note", "说明"), n.In(a.lang))
						}
					}
				})
			})
		},
	})
}
