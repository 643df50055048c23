package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/cmd/crmhub/start"
	"crmhub/fault"
)

// verb is one command of the tree: its words in both languages, three
// examples, and what it does.
type verb struct {
	use         string
	short, long fault.Text
	examples    []example
	// min and max bound the words after the command; max < 0 means no bound.
	min, max int
	run      func(ctx context.Context, args []string) error
	flags    func(f *pflag.FlagSet)
	complete func(done []string) []string
	sub      []*cobra.Command
}

// example is a command line and what it is for.
type example struct {
	line string
	say  fault.Text
}

// root builds the tree of commands in the app's language.
func (a *app) root() *cobra.Command {
	c := a.build(verb{
		use:   "crmhub",
		short: fault.Text{"one golden record for each customer", "为每位客户维护一条黄金记录"},
		long: fault.Text{
			"crmhub reads ERP, shop, payment, logistics, e-mail and legacy CRM systems, maps their rows to one model,\nseals personal data, finds the records that are the same customer, and keeps one golden record for each.",
			"crmhub 读取 ERP、电商、支付、物流、邮件和旧 CRM 系统，把各行映射到统一模型，\n加密个人信息，找出属于同一客户的记录，并为每位客户维护一条黄金记录。",
		},
		examples: []example{
			{"crmhub init my-hub", fault.Text{"a new hub project", "新建中枢项目"}},
			{"crmhub demo", fault.Text{"the whole story on bundled data", "用自带数据演示全过程"}},
			{"crmhub -C my-hub run --all", fault.Text{"every pipeline of a project once", "将项目的所有管道各运行一次"}},
		},
		max: -1,
	})
	for _, g := range []struct {
		title fault.Text
		verbs []*cobra.Command
	}{
		{fault.Text{"Start", "开始"}, []*cobra.Command{a.demo(), a.initialise(), a.doctor(), a.explain()}},
		{fault.Text{"Know the source", "了解数据源"}, []*cobra.Command{a.connector(), a.discover(), a.pipeline(), a.preview(), a.check()}},
		{fault.Text{"Run", "运行"}, []*cobra.Command{a.runVerb(), a.resolve(), a.runs(), a.quarantine()}},
		{fault.Text{"Customers", "客户"}, []*cobra.Command{a.golden(), a.review(), a.match()}},
		{fault.Text{"Keep", "保管"}, []*cobra.Command{a.backup(), a.store()}},
		{fault.Text{"More", "其他"}, []*cobra.Command{a.schema(), a.completion(), a.versionVerb()}},
	} {
		c.AddGroup(&cobra.Group{ID: g.title[fault.English], Title: g.title[a.lang]})
		for _, v := range g.verbs {
			v.GroupID = g.title[fault.English]
			c.AddCommand(v)
		}
	}
	c.SilenceErrors, c.SilenceUsage = true, true
	c.CompletionOptions.DisableDefaultCmd = true
	c.SetOut(a.out)
	c.SetErr(a.err)
	c.SetIn(a.in)
	c.SetHelpFunc(a.help)
	c.SetHelpCommand(&cobra.Command{Use: "help", Hidden: true, RunE: func(_ *cobra.Command, args []string) error {
		found, _, err := c.Find(args)
		if err != nil {
			return a.unknown(c, args[0])
		}
		a.help(found, nil)
		return nil
	}})
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return a.flagFault(c, err) })
	f := c.PersistentFlags()
	f.StringVarP(&a.dir, "project", "C", ".", a.t("the project's folder", "项目文件夹"))
	f.StringVarP(&a.output, "output", "o", "text", a.t("text | json", "text（文本）| json"))
	f.StringVar(&a.langArg, "lang", "", a.t("en | zh", "en（英文）| zh（中文）"))
	f.StringVar(&a.color, "color", "auto", a.t("auto | always | never", "auto（自动）| always（总是）| never（从不）"))
	f.BoolVarP(&a.quiet, "quiet", "q", false, a.t("no progress, only results and errors", "不显示进度，只显示结果和错误"))
	f.CountVarP(&a.verbose, "verbose", "v", a.t("log more (twice: even more)", "输出更多日志（两次则更多）"))
	f.BoolVarP(&a.yes, "yes", "y", false, a.t("answer yes to every question", "对所有询问回答“是”"))
	c.PersistentPreRunE = func(c *cobra.Command, args []string) error {
		if c.Name() != "version" {
			start.Done()
		}
		a.command = again(c, args)
		for _, w := range []struct {
			flag, value string
			want        []string
		}{
			{"-o", a.output, outputs(c)},
			{"--lang", a.langArg, []string{"", "en", "zh"}},
			{"--color", a.color, []string{"auto", "always", "never"}},
		} {
			if !slices.Contains(w.want, w.value) {
				return fault.New("E1204", "", "flag", w.flag, "want", strings.Trim(strings.Join(w.want, " | "), " |"))
			}
		}
		return nil
	}
	return c
}

// formats names the annotation of a command that prints more than text and json.
const formats = "formats"

// outputs are the formats that a command prints.
func outputs(c *cobra.Command) []string {
	if list, ok := c.Annotations[formats]; ok {
		return strings.Fields(list)
	}
	return []string{"text", "json"}
}

// build turns a verb into a command.
func (a *app) build(v verb) *cobra.Command {
	c := &cobra.Command{
		Use: v.use, Short: v.short[a.lang], Long: v.long[a.lang], Example: a.examples(v.examples),
		DisableFlagsInUseLine: true,
	}
	if c.Long == "" {
		c.Long = c.Short
	}
	if v.flags != nil {
		v.flags(c.Flags())
	}
	c.AddCommand(v.sub...)
	c.Args = func(c *cobra.Command, args []string) error {
		if v.run == nil && len(args) > 0 {
			return a.unknown(c, args[0])
		}
		if v.run != nil && (len(args) < v.min || v.max >= 0 && len(args) > v.max) {
			want := strings.TrimSpace(strings.TrimPrefix(v.use, c.Name()))
			if want == "" {
				want = a.t("no words after it", "其后不带参数")
			}
			return fault.New("E1203", "", "command", c.CommandPath(), "want", want)
		}
		return nil
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		if v.run == nil {
			a.help(c, nil)
			return nil
		}
		return v.run(c.Context(), args)
	}
	if v.complete != nil {
		c.ValidArgsFunction = func(_ *cobra.Command, done []string, _ string) ([]string, cobra.ShellCompDirective) {
			return v.complete(done), cobra.ShellCompDirectiveNoFileComp
		}
	}
	return c
}

func (a *app) examples(list []example) string {
	wide := 0
	for _, e := range list {
		wide = max(wide, cells(e.line))
	}
	lines := make([]string, len(list))
	for i, e := range list {
		lines[i] = "  " + e.line + strings.Repeat(" ", wide-cells(e.line)) + "  # " + e.say[a.lang]
	}
	return strings.Join(lines, "\n")
}

// unknown is the fault of a word that names no verb of c.
func (a *app) unknown(c *cobra.Command, word string) error {
	var known []string
	for _, s := range c.Commands() {
		known = append(known, s.Name())
	}
	return fault.New("E1201", "", "name", word, "nearest", fault.Nearest(word, known))
}

// flagFault names the flag that pflag refused. Its value is not repeated: it
// may be a secret.
func (a *app) flagFault(c *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	var value *pflag.InvalidValueError
	var required *pflag.ValueRequiredError
	name := "-"
	switch {
	case errors.As(err, &missing):
		name = dashed(missing.GetSpecifiedName())
	case errors.As(err, &value):
		name = dashed(value.GetFlag().Name)
	case errors.As(err, &required):
		name = dashed(required.GetSpecifiedName())
	}
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
	nearest := ""
	if missing != nil {
		nearest = fault.Nearest(name, known)
	}
	return fault.New("E1202", "", "name", name, "nearest", nearest, "command", c.CommandPath()).Because(err)
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// coded returns the fault in err. An error without a code becomes E9002, whose
// text names types and the system's reasons only: the words of a driver may
// hold data.
func (a *app) coded(err error) *fault.Error {
	if f := fault.Of(err); f != nil {
		return f
	}
	if errors.Is(err, errStopped) || errors.Is(err, context.Canceled) {
		return fault.New("E1301", "", "command", a.command).Because(err)
	}
	what := fault.Reason(err)
	if what[fault.English] == "-" {
		inner := err
		for next := errors.Unwrap(inner); next != nil; next = errors.Unwrap(inner) {
			inner = next
		}
		name := reflect.TypeOf(inner).String()
		what = fault.Text{name, name}
	}
	var path *os.PathError
	if errors.As(err, &path) {
		what = fault.Text{path.Op + ": " + what[fault.English], path.Op + "：" + what[fault.Chinese]}
	}
	return fault.New("E9002", "", "what", what).Because(err)
}

// again writes the command line that takes up a stopped verb.
func again(c *cobra.Command, args []string) string {
	line := []string{c.CommandPath()}
	c.Flags().Visit(func(f *pflag.Flag) {
		switch {
		case f.Name == "full-refresh":
			// Going on must not begin anew.
		case f.Value.Type() == "bool", f.Value.Type() == "count":
			line = append(line, "--"+f.Name)
		case f.Shorthand != "":
			line = append(line, "-"+f.Shorthand, f.Value.String())
		default:
			line = append(line, "--"+f.Name, f.Value.String())
		}
	})
	return strings.Join(append(line, args...), " ")
}

// help prints a command's page: what it does, three examples, verbs, flags.
func (a *app) help(c *cobra.Command, _ []string) {
	w := a.out
	fmt.Fprintf(w, "%s\n", c.Long)
	if c.Example != "" {
		fmt.Fprintf(w, "\n%s\n%s\n", a.t("Examples", "示例"), c.Example)
	}
	usage := strings.TrimSuffix(c.CommandPath(), c.Name()) + c.Use
	if c.HasAvailableSubCommands() {
		usage += a.t(" COMMAND", " 命令")
	}
	fmt.Fprintf(w, "\n%s\n  %s %s\n", a.t("Usage", "用法"), usage, a.t("[flags]", "[参数]"))
	a.commandList(c)
	if c.Parent() != nil {
		a.flagList(a.t("Flags", "参数"), c.LocalNonPersistentFlags())
	}
	a.flagList(a.t("Flags of every command", "通用参数"), c.Root().PersistentFlags())
}

// commandList prints the verbs below a command, by group.
func (a *app) commandList(c *cobra.Command) {
	wide := 0
	for _, s := range c.Commands() {
		wide = max(wide, len(s.Name()))
	}
	groups := c.Groups()
	if len(groups) == 0 && c.HasAvailableSubCommands() {
		groups = []*cobra.Group{{Title: a.t("Commands", "命令")}}
	}
	for _, g := range groups {
		fmt.Fprintf(a.out, "\n%s\n", g.Title)
		for _, s := range c.Commands() {
			if s.IsAvailableCommand() && s.GroupID == g.ID {
				fmt.Fprintf(a.out, "  %-*s  %s\n", wide, s.Name(), s.Short)
			}
		}
	}
}

func (a *app) flagList(title string, f *pflag.FlagSet) {
	var lines [][2]string
	f.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name := "    --" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", --" + f.Name
		}
		kind, say := pflag.UnquoteUsage(f)
		if kind != "" && kind != "count" {
			name += " " + strings.ToUpper(kind)
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "[]" {
			say += a.t(" (default ", "（默认 ") + f.DefValue + a.t(")", "）")
		}
		lines = append(lines, [2]string{name, say})
	})
	if len(lines) == 0 {
		return
	}
	wide := 0
	for _, l := range lines {
		wide = max(wide, len(l[0]))
	}
	fmt.Fprintf(a.out, "\n%s\n", title)
	for _, l := range lines {
		fmt.Fprintf(a.out, "  %-*s  %s\n", wide, l[0], l[1])
	}
}
