package mappings

import (
	"math/big"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/redpanda-data/benthos/v4/public/bloblang"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// textMethods are those for messy text. They are pure and idempotent where
// that has a meaning.
func textMethods() []method {
	return []method{
		{
			name: "blank", doc: "Reports null, an empty list or object, and text of white space or of a word that stands for nothing (N/A, -, null, 无, 未知).",
			example:   [3]string{`root.b = this.v.blank()`, `{"v":" N/A "}`, `{"b":true}`},
			takesNull: true,
			make:      plain(func(v any) (any, error) { return nothing(v), nil }),
		},
		{
			name: "present", doc: "Returns the value, or null where .blank() is true.",
			example: [3]string{`root.b = this.v.present()`, `{"v":"无"}`, `{"b":null}`},
			make: plain(func(v any) (any, error) {
				if nothing(v) {
					return nil, nil
				}
				return v, nil
			}),
		},
		{
			name: "squeeze", doc: "Trims text and makes every run of white space, in any script, one space; zero-width characters vanish.",
			example: [3]string{`root.b = this.v.squeeze()`, `{"v":"  李　 雷\t"}`, `{"b":"李 雷"}`},
			make:    onText(func(s string) (any, error) { return squeeze(s), nil }),
		},
		{
			name: "halfwidth", doc: "Writes full-width letters, digits and punctuation in their usual width.",
			example: [3]string{`root.b = this.v.halfwidth()`, `{"v":"ＡＢ－１３８"}`, `{"b":"AB-138"}`},
			make:    onText(func(s string) (any, error) { return halfwidth(s), nil }),
		},
		{
			name: "unquote_cell", doc: "Drops what programs put around a number so that spreadsheets keep it as text: a backtick, an apostrophe, =\"…\", tabs.",
			example: [3]string{`root.b = this.v.unquote_cell()`, "{\"v\":\"`4200001\"}", `{"b":"4200001"}`},
			make:    onText(func(s string) (any, error) { return unquoteCell(s), nil }),
		},
		{
			name: "split_list", doc: "Splits text at separators into trimmed parts; blank and repeated parts fall away. Separators are ; , 、 | and line breaks, also full-width, unless named.",
			params:  []bloblang.ParamDefinition{bloblang.NewStringParam("separators").Default(listSeparators)},
			example: [3]string{`root.b = this.v.split_list()`, `{"v":"a@x.cn; b@x.cn、a@x.cn;"}`, `{"b":["a@x.cn","b@x.cn"]}`},
			make: func(args []any) (func(any) (any, error), error) {
				separators, _ := args[0].(string)
				return func(v any) (any, error) { return splitList(v, separators) }, nil
			},
		},
		{
			name: "fix_double_encoding", doc: "Repairs UTF-8 that was read as Latin-1, Windows-1252 or GBK and written again （Ã©, æ\u009dŽ, 鏉庨浄）； other text stays as it is.",
			example: [3]string{`root.b = this.v.fix_double_encoding()`, `{"v":"MÃ¼ller"}`, `{"b":"Müller"}`},
			make:    onText(func(s string) (any, error) { return fixDoubleEncoding(s), nil }),
		},
		{
			name: "parse_mailboxes", doc: "Reads a mail header (From, To, Cc) into a list of objects with name and email; what is no address falls away.",
			example: [3]string{`root.b = this.v.parse_mailboxes()`, `{"v":"\"Li, Lei\" <li@x.cn>, b@x.cn"}`, `{"b":[{"email":"li@x.cn","name":"Li, Lei"},{"email":"b@x.cn"}]}`},
			make:    onText(func(s string) (any, error) { return mailboxes(s), nil }),
		},
		{
			name: "epoch", doc: "Reads a number of seconds, milli-, micro- or nanoseconds since 1970 as an instant in UTC (RFC 3339).",
			example: [3]string{`root.b = this.v.epoch()`, `{"v":"1767225600000"}`, `{"b":"2026-01-01T00:00:00Z"}`},
			make:    onText(epoch),
		},
	}
}

const listSeparators = ";；,，、|｜\n\r\t"

// nothingWords stand for an empty cell, in lower case.
const nothingWords = "|n/a|na|#n/a|null|(null)|nil|none|<none>|nan|-|--|---|—|——|/|\\|.|?|x|unknown|无|無|空|没有|未知|未填|不详|暂无|"

func nothing(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		if white(v) {
			return true
		}
		return len(v) < 40 && strings.Contains(nothingWords, "|"+strings.ToLower(squeeze(v))+"|")
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

func squeeze(s string) string {
	if !slices.ContainsFunc([]rune(s), zeroWidth) {
		return strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " ")
	}
	s = strings.Map(func(r rune) rune {
		if zeroWidth(r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " ")
}

func zeroWidth(r rune) bool { return r == '\u200b' || r == '\u2060' || r == '\ufeff' }

func halfwidth(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '\u3000':
			return ' '
		case r == '￥':
			return '¥'
		case r == '￡':
			return '£'
		}
		return r
	}, s)
}

func unquoteCell(s string) string {
	for {
		t := strings.TrimRightFunc(strings.TrimLeftFunc(s, func(r rune) bool {
			return unicode.IsSpace(r) || strings.ContainsRune("`'\u2018\u2019", r)
		}), unicode.IsSpace)
		if rest, ok := strings.CutPrefix(t, `="`); ok && strings.HasSuffix(rest, `"`) {
			t = strings.TrimSuffix(rest, `"`)
		}
		if t == s {
			return s
		}
		s = t
	}
}

// splitList takes a list too, whose elements it splits.
func splitList(v any, separators string) (any, error) {
	var parts []any
	seen := map[string]bool{}
	add := func(s string) {
		for _, p := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
			if p = strings.TrimSpace(p); !nothing(p) && !seen[p] {
				seen[p] = true
				parts = append(parts, p)
			}
		}
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			if s, ok := textOf(x); ok {
				add(s)
			}
		}
	default:
		s, ok := textOf(v)
		if !ok {
			return nil, refusal{"want text, got " + typeName(v), "应为文本，实为 " + typeName(v)}
		}
		add(s)
	}
	return parts, nil
}

// fixDoubleEncoding undoes one wrong reading after the other, as long as what
// comes out is more likely than what went in.
func fixDoubleEncoding(s string) string {
	for range 3 {
		fixed, ok := misread(s)
		if !ok {
			return s
		}
		s = fixed
	}
	return s
}

func misread(s string) (string, bool) {
	if isASCII(s) || !utf8.ValidString(s) {
		return "", false
	}
	if b, ok := latinBytes(s); ok {
		if utf8.Valid(b) && !isASCII(string(b)) {
			return string(b), true
		}
		return "", false
	}
	b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(s))
	if err != nil || !utf8.Valid(b) || isASCII(string(b)) {
		return "", false
	}
	// Two common characters are by chance valid UTF-8 of another script;
	// only what reads as Chinese again is taken.
	for _, r := range string(b) {
		if r >= utf8.RuneSelf && !unicode.Is(unicode.Han, r) && (r < 0x3000 || r > 0x303f) && (r < 0xff00 || r > 0xffef) {
			return "", false
		}
	}
	return string(b), true
}

// latinBytes returns the bytes that were read as Windows-1252 or Latin-1.
func latinBytes(s string) ([]byte, bool) {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if c, ok := charmap.Windows1252.EncodeRune(r); ok && c != 0x1a {
			b = append(b, c)
		} else if r < 0x100 {
			b = append(b, byte(r))
		} else {
			return nil, false
		}
	}
	return b, true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// mailboxes reads a header address by address, so that one broken address
// does not hide the others.
func mailboxes(s string) any {
	list := []any{}
	if all, err := mail.ParseAddressList(s); err == nil {
		for _, a := range all {
			list = append(list, mailbox(a.Name, a.Address))
		}
		return list
	}
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;，；", r) }) {
		name, address := "", strings.TrimSpace(part)
		if i := strings.LastIndexByte(part, '<'); i >= 0 {
			name, address = part[:i], strings.TrimSpace(strings.Trim(part[i:], "<> "))
		}
		if strings.Contains(address, "@") && !strings.ContainsAny(address, " \t") {
			list = append(list, mailbox(strings.Trim(squeeze(name), `"' `), address))
		}
	}
	return list
}

func mailbox(name, address string) map[string]any {
	m := map[string]any{"email": address}
	if name != "" {
		m["name"] = name
	}
	return m
}

func epoch(s string) (any, error) {
	d, ok := readDecimal(s)
	if !ok || len(s) > 30 {
		return nil, refusal{"not a number of seconds", "不是秒数"}
	}
	unit := big.NewInt(1_000_000_000)
	size := new(big.Int).Abs(d.whole())
	for _, step := range []int64{1e11, 1e14, 1e17} {
		if size.Cmp(big.NewInt(step)) >= 0 {
			unit.Quo(unit, big.NewInt(1000))
		}
	}
	nanos := d.mul(decimal{n: unit}).round(0).n
	if !nanos.IsInt64() {
		return nil, refusal{"not a number of seconds", "不是秒数"}
	}
	return time.Unix(0, nanos.Int64()).UTC().Format(time.RFC3339Nano), nil
}
