// Package figure draws waterfalls: how a score came about, bar by bar.
package figure

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// Bar is one step of a waterfall, in bits.
type Bar struct {
	Label, Note string
	Bits        float64
}

// Waterfall is what is drawn: where it starts, the bars, and the thresholds.
type Waterfall struct {
	Title, Subtitle string
	Start           Bar
	Bars            []Bar
	Total           Bar
	// Lines are thresholds, drawn across: their names and places in bits.
	Lines []Bar
}

const (
	width      = 860
	labelWidth = 300
	rowHeight  = 26
	top        = 74
)

// The colours of bars; the sign of the number always says the same.
const (
	positive = "#2a7f62"
	negative = "#b3432b"
	neutral  = "#5b6572"
)

// SVG writes a waterfall as one self-contained SVG picture, readable without
// colour. It returns what writing it returns.
func SVG(w io.Writer, f Waterfall) error {
	low, high := f.span()
	scale := float64(width-labelWidth-90) / (high - low)
	x := func(bits float64) float64 { return labelWidth + (bits-low)*scale }
	var b strings.Builder
	height := top + (len(f.Bars)+3)*rowHeight + 20
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" font-family="system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif" font-size="13">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n", html.EscapeString(f.Title))
	fmt.Fprintf(&b, "<text x=\"16\" y=\"26\" font-size=\"16\" font-weight=\"600\">%s</text>\n<text x=\"16\" y=\"46\" fill=\"%s\">%s</text>\n", html.EscapeString(f.Title), neutral, html.EscapeString(f.Subtitle))
	bottom := top + (len(f.Bars)+2)*rowHeight
	for _, l := range f.Lines {
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="%s" stroke-dasharray="4 4"/><text x="%.1f" y="%d" fill="%s" font-size="11" text-anchor="middle">%s %+.1f</text>`+"\n",
			x(l.Bits), top-4, x(l.Bits), bottom, neutral, x(l.Bits), top-9, neutral, html.EscapeString(l.Label), l.Bits)
	}
	y, at := top, 0.0
	row := func(bar Bar, from, to float64, colour string) {
		left, right := min(from, to), max(from, to)
		label := bar.Label
		if bar.Note != "" {
			label += " · " + bar.Note
		}
		fmt.Fprintf(&b, `<text x="16" y="%d">%s</text>`, y+17, html.EscapeString(label))
		fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`, x(left), y+5, max((right-left)*scale, 1), rowHeight-10, colour)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" font-variant-numeric="tabular-nums">%+.1f</text>`+"\n", x(right)+6, y+17, bar.Bits)
		y += rowHeight
	}
	row(f.Start, 0, f.Start.Bits, neutral)
	at = f.Start.Bits
	for _, bar := range f.Bars {
		colour := positive
		if bar.Bits < 0 {
			colour = negative
		}
		row(bar, at, at+bar.Bits, colour)
		at += bar.Bits
	}
	row(f.Total, 0, f.Total.Bits, neutral)
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// span is the stretch of bits that the picture shows.
func (f *Waterfall) span() (low, high float64) {
	at := f.Start.Bits
	low, high = min(0, at, f.Total.Bits), max(0, at, f.Total.Bits)
	for _, bar := range f.Bars {
		at += bar.Bits
		low, high = min(low, at), max(high, at)
	}
	for _, l := range f.Lines {
		low, high = min(low, l.Bits), max(high, l.Bits)
	}
	return low - 1, high + 1
}

// Blocks draws a bar of n bits for a terminal: one block for two bits, at most
// 20; with # where the terminal has no blocks.
func Blocks(bits float64, unicode bool) string {
	n := int(max(bits, -bits)/2 + 0.5)
	sign := "#"
	if unicode {
		sign = "█"
	}
	return strings.Repeat(sign, min(n, 20))
}
