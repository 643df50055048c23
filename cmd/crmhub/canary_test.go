package main_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// canaries are personal values that the rows of this test hold.
var canaries = []string{
	"Canaria Zwitschervogel", "canaria.zwitscher@vogelpost.example", "13911922933", "11010519491231002X",
	"Kanarienvogelgasse 77", "金丝雀小姐", "jinsique@niaolong.example", "13655744766",
	// As they are compared: taken apart, folded, numbers packed.
	"zwitschervogel", "canaria.zwitscher", "kanarienvogelgasse", "8613911922933", "8613655744766",
}

const canaryCSV = `id,name,email,phone,street,city,national_id,changed
1,Canaria Zwitschervogel,canaria.zwitscher@vogelpost.example,139 1192 2933,Kanarienvogelgasse 77,Wien,11010519491231002X,2026-01-02T03:04:05Z
2,CANARIA ZWITSCHERVOGEL,Canaria.Zwitscher@Vogelpost.example,+8613911922933,Kanarienvogelgasse 77,Wien,,2026-01-03T03:04:05Z
3,金丝雀小姐,jinsique@niaolong.example,136-5574-4766,金丝雀路1号,上海,,2026-01-04T03:04:05Z
4,,,,,,,not a date 13911922933 canaria.zwitscher@vogelpost.example
`

// spellings are the forms in which a value could lie in a file.
func spellings(v string) [][]byte {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, v)
	words := []string{v, strings.ToLower(v), strings.ToUpper(v)}
	if len(digits) >= 9 {
		words = append(words, digits)
		if n, err := strconv.ParseUint(digits, 10, 64); err == nil {
			words = append(words, string(binary.AppendUvarint(nil, n)))
		}
	}
	var out [][]byte
	for _, w := range words {
		out = append(out, []byte(w), []byte(hex.EncodeToString([]byte(w))), []byte(strings.ToUpper(hex.EncodeToString([]byte(w)))))
		// base64 at each of the three offsets, without what the neighbours decide.
		for offset := range 3 {
			enc := base64.StdEncoding.EncodeToString(append(make([]byte, offset), w...))
			from := []int{0, 2, 3}[offset]
			if to := len(enc) - 4; to-from >= 8 {
				out = append(out, []byte(enc[from:to]))
			}
		}
	}
	return out
}

// TestNoCanaryLeaves runs every verb that writes, or speaks, on rows with
// planted values, and walks every file and all that was printed.
func TestNoCanaryLeaves(t *testing.T) {
	dir := project(t, canaryCSV)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	var said bytes.Buffer
	speak := func(args ...string) {
		out, errs, _ := crmhub(t, time.Now, append([]string{"-C", dir, "-vv"}, args...)...)
		said.WriteString(out + errs)
	}
	speak("check")
	speak("preview", "people")
	speak("run", "people")
	speak("run", "people", "-o", "json", "--full-refresh")
	speak("quarantine", "list")
	speak("quarantine", "list", "-o", "json")
	speak("quarantine", "show", "1")
	speak("quarantine", "replay", "--all", "-o", "json")
	speak("golden", "export", "--format", "jsonl")
	speak("golden", "export", "--format", "csv")
	speak("golden", "search", "Canaria Zwitschervogel", "-o", "json")
	speak("golden", "verify")
	speak("store", "digest")
	speak("runs", "list", "-o", "json")
	speak("backup", "create", "--to", filepath.Join(dir, "backups"))
	speak("doctor")
	if !strings.Contains(said.String(), `"quarantined":1`) {
		t.Fatalf("the planted bad row was not quarantined:\n%s", said.String())
	}

	leaks := func(where string, data []byte) {
		for _, v := range canaries {
			for _, s := range spellings(v) {
				if bytes.Contains(data, s) {
					t.Errorf("%s holds %q as %q", where, v, s)
				}
			}
		}
	}
	leaks("what was printed", said.Bytes())
	files := 0
	for _, root := range []string{dir, temp} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Base(path) == "people.csv" {
				return err
			}
			data, err := os.ReadFile(path)
			files++
			leaks(path, data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 6 {
		t.Errorf("only %d files were looked at", files)
	}
}
