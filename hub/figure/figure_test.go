package figure_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"crmhub/hub/figure"
)

var sample = figure.Waterfall{
	Title: `A & <B>`, Subtitle: "model 1", Start: figure.Bar{Label: "先验", Bits: -18},
	Bars:  []figure.Bar{{Label: "姓名", Note: "一致", Bits: 12.5}, {Label: "birth date", Note: "different", Bits: -6}},
	Total: figure.Bar{Label: "total", Bits: -11.5}, Lines: []figure.Bar{{Label: "merge", Bits: 10}},
}

func TestSVG(t *testing.T) {
	var b strings.Builder
	if err := figure.SVG(&b, sample); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader(b.String()))
	texts, bars := []string{}, 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, b.String())
		}
		switch tok := tok.(type) {
		case xml.CharData:
			texts = append(texts, string(tok))
		case xml.StartElement:
			if tok.Name.Local == "rect" {
				bars++
			}
		}
	}
	all := strings.Join(texts, "|")
	for _, want := range []string{"A & <B>", "姓名 · 一致", "+12.5", "-6.0", "-11.5", "merge +10.0", "先验"} {
		if !strings.Contains(all, want) {
			t.Errorf("the picture lacks %q: %s", want, all)
		}
	}
	if bars != 5 { // the ground, the start, two bars and the total
		t.Errorf("%d rectangles, want 5", bars)
	}
}

func TestBlocks(t *testing.T) {
	for bits, want := range map[float64]string{0: "", 4: "██", -6: "███", 500: strings.Repeat("█", 20)} {
		if got := figure.Blocks(bits, true); got != want {
			t.Errorf("Blocks(%v) = %q, want %q", bits, got, want)
		}
	}
	if got := figure.Blocks(4, false); got != "##" {
		t.Errorf("Blocks without blocks = %q, want ##", got)
	}
}
