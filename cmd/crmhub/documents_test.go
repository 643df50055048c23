package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// fence is one fenced block of a page: ```csv file=crm/data/shop.csv
var fence = regexp.MustCompile("(?ms)^```(\\w+)(?: file=(\\S+))?\n(.*?)^```$")

// TestDocumentsRun does what the pages tell their readers to do: it writes
// the files that they show and runs the commands, one after the other.
func TestDocumentsRun(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"README.md", "README.zh.md", "docs/tutorials/*.md", "docs/how-to/*.md", "docs/explanation/*.md"} {
		found, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	ran := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Chdir(t.TempDir())
			for _, block := range fence.FindAllStringSubmatch(helpdesk(t, string(text)), -1) {
				kind, file, body := block[1], block[2], block[3]
				if file != "" {
					if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
						t.Fatal(err)
					}
					write(t, file, body)
				}
				if kind != "sh" {
					continue
				}
				for _, line := range strings.Split(strings.TrimSpace(body), "\n") {
					words := shellWords(line)
					if len(words) == 0 || filepath.Base(words[0]) != "crmhub" {
						continue // make and its like are not this test's
					}
					out, errs, code := crmhub(t, time.Now, words[1:]...)
					if code != 0 {
						t.Fatalf("%s: exit code %d\n%s%s", line, code, out, errs)
					}
					ran++
				}
			}
		})
	}
	if ran < 20 {
		t.Errorf("only %d commands were run", ran)
	}
}

// TestDocumentsNameWhatThereIs holds that what pages name without running it (a
// command in a sentence, an example with ids of somebody's own, the examples of
// the reference) is a command with these flags.
func TestDocumentsNameWhatThereIs(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"*.md", "docs/*/*.md"} {
		found, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	mention := regexp.MustCompile("(?m)(?:^|`)(?:bin/)?crmhub ((?:-C \\S+ )?[a-z][^`\n]*)")
	verb := regexp.MustCompile(`^[a-z]+$`)
	help := map[string]string{}
	checked := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mention.FindAllStringSubmatch(string(text), -1) {
			words := shellWords(m[1])
			if words[0] == "-C" {
				words = words[2:]
			}
			var path []string
			for _, w := range words {
				if !verb.MatchString(w) || len(path) == 3 {
					break
				}
				path = append(path, w)
			}
			name := strings.Join(path, " ")
			if _, known := help[name]; !known {
				out, errs, code := crmhub(t, time.Now, append(path, "--help")...)
				if code != 0 {
					t.Errorf("%s: crmhub %s: exit code %d\n%s", filepath.Base(page), name, code, errs)
				}
				help[name] = out
			}
			for _, w := range words {
				flag, _, _ := strings.Cut(w, "=")
				if strings.HasPrefix(flag, "--") && flag != "--help" && !strings.Contains(help[name], flag+" ") {
					t.Errorf("%s: crmhub %s has no flag %s", filepath.Base(page), name, flag)
				}
			}
			checked++
		}
	}
	if checked < 200 {
		t.Errorf("only %d mentions were looked at", checked)
	}
}

// shellWords splits a simple command line: blanks, double quotes, comments.
func shellWords(line string) []string {
	var words []string
	for _, m := range regexp.MustCompile(`"([^"]*)"|(#.*)|(\S+)`).FindAllStringSubmatch(line, -1) {
		switch {
		case m[2] != "":
			return words
		case m[1] != "":
			words = append(words, m[1])
		default:
			words = append(words, m[3])
		}
	}
	return words
}

// TestReadmesAgree holds that both languages have the same commands and as
// many headings.
func TestReadmesAgree(t *testing.T) {
	var commands [2][]string
	var headings [2]int
	for i, name := range []string{"README.md", "README.zh.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range fence.FindAllStringSubmatch(string(text), -1) {
			if block[1] == "sh" {
				commands[i] = append(commands[i], strings.Split(strings.TrimSpace(block[3]), "\n")...)
			}
		}
		headings[i] = strings.Count(string(text), "\n## ")
	}
	if !slices.Equal(commands[0], commands[1]) {
		t.Errorf("the commands of the two READMEs differ:\n%v\n%v", commands[0], commands[1])
	}
	if headings[0] != headings[1] {
		t.Errorf("%d headings in English, %d in Chinese", headings[0], headings[1])
	}
}
