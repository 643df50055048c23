package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/connectors"
	"crmhub/connectors/all"
	"crmhub/fault"
	"crmhub/hub/scaffold"
)

func (a *app) connector() *cobra.Command {
	return a.build(verb{
		use:   "connector",
		short: fault.Text{"the connectors and their parameters", "连接器及其参数"},
		examples: []example{
			{"crmhub connector list", fault.Text{"what can be read", "可读取的系统"}},
			{"crmhub connector show file", fault.Text{"parameters of one connector", "某个连接器的参数"}},
			{"crmhub connector show sqldb --lang zh", fault.Text{"in Chinese", "以中文显示"}},
		},
		sub: []*cobra.Command{a.connectorList(), a.connectorShow(), a.connectorNew()},
	})
}

// connectorJSON is a connector in JSON.
type connectorJSON struct {
	Name     string              `json:"name"`
	Title    string              `json:"title"`
	Category connectors.Category `json:"category"`
	Doc      string              `json:"doc"`
	Modes    []connectors.Mode   `json:"modes"`
	Query    bool                `json:"query"`
	Tested   []string            `json:"tested"`
	Params   []paramJSON         `json:"params"`
	Streams  []streamJSON        `json:"streams"`
	Limits   string              `json:"limits"`
}

// streamJSON is a stream that every system of the connector's kind has.
type streamJSON struct {
	Name    string   `json:"name"`
	Doc     string   `json:"doc"`
	Key     []string `json:"key,omitempty"`
	Cursor  string   `json:"cursor,omitempty"`
	Mapping string   `json:"mapping,omitempty"`
}

type paramJSON struct {
	Name     string               `json:"name"`
	Type     connectors.ParamType `json:"type"`
	Required bool                 `json:"required"`
	Default  string               `json:"default,omitempty"`
	Enum     []string             `json:"enum,omitempty"`
	Doc      string               `json:"doc"`
}

func (a *app) describe(s connectors.Spec) connectorJSON {
	c := connectorJSON{s.Name, s.Title[a.lang], s.Category, s.Doc[a.lang], s.Modes, s.Query, []string{}, []paramJSON{}, []streamJSON{}, s.Limits[a.lang]}
	for _, n := range s.Tested {
		c.Tested = append(c.Tested, n.In(a.lang))
	}
	for _, st := range s.Streams {
		c.Streams = append(c.Streams, streamJSON{st.Name, st.Doc[a.lang], st.Key, st.Cursor, st.Mapping})
	}
	for _, p := range s.Params {
		j := paramJSON{Name: p.Name, Type: p.Type, Required: p.Required, Enum: p.Enum, Doc: p.Doc[a.lang]}
		if p.Default != nil {
			j.Default = fmt.Sprint(p.Default)
		}
		c.Params = append(c.Params, j)
	}
	return c
}

func (a *app) connectorList() *cobra.Command {
	return a.build(verb{
		use:   "list",
		short: fault.Text{"list the connectors", "列出连接器"},
		examples: []example{
			{"crmhub connector list", fault.Text{"names and what they read", "名称及可读取的系统"}},
			{"crmhub connector list -o json", fault.Text{"with all parameters", "含全部参数"}},
			{"crmhub connector list --lang zh", fault.Text{"in Chinese", "以中文显示"}},
		},
		run: func(context.Context, []string) error {
			list := []connectorJSON{}
			t := table{head: []string{a.t("connector", "连接器"), a.t("category", "类别"), a.t("reads", "读取")}}
			reg := all.Registry()
			for _, name := range connectorNames(reg) {
				s := a.describe(reg[name].Spec())
				list = append(list, s)
				t.add(s.Name, string(s.Category), s.Title)
			}
			return a.print(list, func(w io.Writer) { a.table(w, &t) })
		},
	})
}

func (a *app) connectorShow() *cobra.Command {
	return a.build(verb{
		use:   "show NAME",
		short: fault.Text{"what a connector reads, and its parameters", "连接器可读取的内容及其参数"},
		examples: []example{
			{"crmhub connector show file", fault.Text{"files of all kinds", "各类文件"}},
			{"crmhub connector show sqldb", fault.Text{"databases", "数据库"}},
			{"crmhub connector show mongodb -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		min: 1, max: 1,
		complete: func([]string) []string { return connectorNames(all.Registry()) },
		run: func(_ context.Context, args []string) error {
			reg := all.Registry()
			c, ok := reg[args[0]]
			if !ok {
				names := connectorNames(reg)
				return fault.New("E1110", "", "name", args[0], "nearest", fault.Nearest(args[0], names), "known", strings.Join(names, ", "))
			}
			s := a.describe(c.Spec())
			return a.print(s, func(w io.Writer) {
				fmt.Fprintf(w, "%s  %s\n%s\n\n", a.paint(a.outTTY, bold, s.Name), s.Title, s.Doc)
				t := table{head: []string{a.t("parameter", "参数"), a.t("type", "类型"), a.t("default", "默认"), a.t("meaning", "含义")}}
				for _, p := range s.Params {
					kind, otherwise := string(p.Type), p.Default
					if len(p.Enum) > 0 {
						kind = strings.Join(p.Enum, "|")
					}
					if p.Required {
						otherwise = a.t("required", "必填")
					}
					t.add(p.Name, kind, otherwise, p.Doc)
				}
				a.aligned(w, &t)
				if len(s.Streams) > 0 {
					st := table{head: []string{a.t("stream", "数据流"), a.t("key", "键"), a.t("cursor", "游标"), a.t("mapping", "映射"), a.t("holds", "内容")}}
					for _, x := range s.Streams {
						st.add(x.Name, strings.Join(x.Key, ", "), x.Cursor, x.Mapping, x.Doc)
					}
					fmt.Fprintln(w)
					a.aligned(w, &st)
				}
				if s.Limits != "" {
					fmt.Fprintf(w, "\n%s %s\n", a.t("not seen:", "看不到："), s.Limits)
				}
				if len(s.Tested) > 0 {
					fmt.Fprintf(w, "\n%s %s\n", a.t("tested with:", "已测试："), strings.Join(s.Tested, a.t(", ", "；")))
				}
			})
		},
	})
}

func (a *app) connectorNew() *cobra.Command {
	category := string(connectors.CRM)
	return a.build(verb{
		use:   "new NAME",
		short: fault.Text{"lay out a connector in Go", "生成 Go 连接器骨架"},
		long: fault.Text{
			"Writes connectors/NAME into a checkout of the source of crmhub: the connector, its conformance test and test data,\nand its line in connectors/all. It compiles and passes its test as it stands; go on from there.",
			"在 crmhub 源代码的检出目录中写入 connectors/NAME：连接器、其一致性测试和测试数据，\n并在 connectors/all 中登记。生成后即可编译并通过测试，可在此基础上修改。",
		},
		examples: []example{
			{"crmhub connector new kingdee --category erp", fault.Text{"inside a clone of the repository", "在仓库克隆目录中执行"}},
			{"crmhub -C ~/src/crmhub connector new kingdee", fault.Text{"from elsewhere", "在其他目录执行"}},
			{"crmhub connector new yotpo --category e-commerce", fault.Text{"of another category", "指定其他类别"}},
		},
		min: 1, max: 1,
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&category, "category", category, a.t("the kind of system: ", "系统类别：")+strings.Join(scaffold.Categories(), ", "))
		},
		run: func(_ context.Context, args []string) error {
			files, err := scaffold.Connector(a.dir, args[0], category)
			if err != nil {
				return err
			}
			return a.print(map[string]any{"name": args[0], "files": files}, func(w io.Writer) {
				for _, f := range files {
					fmt.Fprintln(w, f)
				}
				a.say("Now: go test ./connectors/%s, then make docs", "接下来：go test ./connectors/%s，然后 make docs", args[0])
			})
		},
	})
}

func connectorNames(reg connectors.Registry) []string {
	var names []string
	for name := range reg {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
