package main_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	main "crmhub/cmd/crmhub"
	"crmhub/fault"
	"crmhub/hub"
	"crmhub/mdm/column"
)

var (
	// englishWords are three words in a row, as no name, code or unit has them.
	englishWords = regexp.MustCompile(`(?:^|[^\w./=-])[A-Za-z][a-z'-]+(?: [a-z][a-z'-]*){2,}(?:[^\w./=-]|$)`)
	// commandLine is a command that the reader is to type, and quoted what is
	// shown as it stands.
	commandLine = regexp.MustCompile("`[^`]*`|crmhub [^\u3000-\u9fff，。；：（）]*|\"[^\"]*\"|[a-z]+:(//)?(用户@)?(主机|路径)(:[0-9]+)?")
	// halfWidth is a Latin comma, colon or semicolon inside a Chinese sentence.
	halfWidth = regexp.MustCompile(`\p{Han}[,;:]|[,;:]\p{Han}`)
)

// english returns what of a text for readers of Chinese is not in Chinese.
func english(text string) []string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		clear := commandLine.ReplaceAllString(line, " ")
		if englishWords.MatchString(clear) {
			out = append(out, line)
		}
	}
	return out
}

// TestChinese does what a reader of Chinese does in a project and beside it:
// no sentence that they read is in English.
func TestChinese(t *testing.T) {
	t.Chdir(t.TempDir())
	do := func(want int, args ...string) string {
		t.Helper()
		out, errs, code := crmhub(t, time.Now, append(args, "--lang", "zh")...)
		if code != want {
			t.Fatalf("crmhub %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, want, out, errs)
		}
		for _, line := range english(out + errs) {
			t.Errorf("crmhub %s: %q is not in Chinese", strings.Join(args, " "), line)
		}
		return out
	}
	in := func(args ...string) string { t.Helper(); return do(0, append([]string{"-C", "demo"}, args...)...) }
	id := func(list string) string {
		t.Helper()
		_, rows, _ := strings.Cut(list, "\n")
		word, _, _ := strings.Cut(rows, "\t")
		return word
	}

	do(0, "init", "new")
	do(0, "demo", "demo")
	for _, connection := range []string{"erp", "shop", "legacy", "mail", "payments", "logistics"} {
		in("discover", connection)
	}
	in("check")
	in("preview", "erp_customer", "-l", "1")
	in("pipeline", "list")
	in("run", "--all")
	in("resolve")
	run := id(in("runs", "list"))
	in("runs", "show", run)
	in("quarantine", "list")
	in("quarantine", "show", "1")
	in("quarantine", "export", "--to", "rows.csv", "--reveal", "--reason", "更正")
	in("quarantine", "replay", "--all")
	golden := id(in("golden", "export", "--format", "csv"))
	golden, _, _ = strings.Cut(golden, ",")
	in("golden", "get", golden, "--reveal", "--reason", "核对")
	in("golden", "history", golden)
	in("golden", "verify")
	in("golden", "survivorship", "explain", golden, "addresses")
	in("golden", "override", "list")
	in("runs", "reveals")
	pair := id(strings.SplitN(in("review", "list"), "\n", 2)[1])
	in("review", "next")
	in("review", "export", "--to", "pairs.csv")
	in("review", "decide", pair, "not", "--reason", "父子")
	in("store", "digest")
	in("backup", "create")
	in("backup", "list")
	in("backup", "verify")
	in("doctor")
	in("match", "train")
	in("runs", "rollback", run, "--through", "--yes")

	do(0, "match", "generate", "--rows", "400", "--seed", "3", "--output", "g.csv", "--truth", "t.csv")
	do(0, "match", "dedupe", "--input", "g.csv", "--id", "record_id", "--output", "c.csv", "--pairs", "p.csv", "--save-model", "m.yaml")
	do(0, "match", "link", "--left", "g.csv", "--right", "g.csv", "--id", "record_id", "--output", "l.csv")
	do(0, "match", "evaluate", "--clusters", "c.csv", "--truth", "t.csv")
	do(0, "match", "block", "--input", "g.csv", "--id", "record_id")
	do(0, "match", "thresholds", "--input", "g.csv", "--id", "record_id")
	do(0, "match", "train", "--input", "g.csv", "--id", "record_id", "--output", "m2.yaml")
	do(0, "connector", "list")
	for _, name := range strings.Split(do(0, "connector", "list"), "\n")[1:] {
		if name, _, named := strings.Cut(name, "\t"); named {
			do(0, "connector", "show", name)
		}
	}
	do(0, "pipeline", "shipped")

	do(2, "-C", "demo", "run", "no_such")
	do(1, "match", "dedupe", "--input", "nowhere.csv", "--id", "id", "--output", "c.csv")
	do(2, "discover")
	do(2, "-C", "nowhere", "check")
}

// TestChineseTexts holds the texts of the commands and of the catalogue to
// Chinese and its punctuation.
func TestChineseTexts(t *testing.T) {
	texts := map[string]string{}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		says := []string{c.Short, c.Long}
		for _, line := range strings.Split(c.Example, "\n") {
			_, say, _ := strings.Cut(line, "  # ")
			says = append(says, say)
		}
		texts[c.CommandPath()] = strings.Join(append(says, c.Flags().FlagUsages()), "\n")
		for _, s := range c.Commands() {
			walk(s)
		}
	}
	walk(main.Tree(fault.Chinese))
	for _, e := range fault.Catalogue() {
		texts[string(e.Code)] = strings.Join([]string{e.Message[fault.Chinese], e.Cause[fault.Chinese], e.Fix[fault.Chinese], e.Kept[fault.Chinese]}, "\n")
	}
	for name, text := range texts {
		for _, line := range english(text) {
			t.Errorf("%s: %q is not in Chinese", name, line)
		}
		for _, line := range strings.Split(text, "\n") {
			if wrong := halfWidth.FindString(commandLine.ReplaceAllString(line, " ")); wrong != "" {
				t.Errorf("%s: %q has %q, want full-width punctuation", name, line, wrong)
			}
		}
	}
}

// TestChineseWords wants a word for every kind of column and level.
func TestChineseWords(t *testing.T) {
	for k := column.Ignored; k.String() != "unknown"; k++ {
		if hub.ComparisonWord(k.String(), fault.Chinese) == hub.ComparisonWord(k.String(), fault.English) {
			t.Errorf("no Chinese word for a column of %s", k)
		}
		if k == column.Ignored {
			continue
		}
		for _, level := range column.New(k, column.Options{}).Levels() {
			if hub.LevelWord(level, fault.Chinese) == hub.LevelWord(level, fault.English) {
				t.Errorf("no Chinese word for the level %q of %s", level, k)
			}
		}
	}
}
