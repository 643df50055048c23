// Package message reads e-mail as it is really sent: charsets by any name, words cut in the middle of a character, boundaries that never end.
package message

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/file/charset"
)

// Columns are the names that each message has.
func Columns() []connectors.Column {
	return []connectors.Column{
		{Name: "message_id", Type: "text"},
		{Name: "date", Type: "RFC 3339", Null: true},
		{Name: "from", Type: "{name, address}", Null: true},
		{Name: "to", Type: "[{name, address}]", Null: true},
		{Name: "cc", Type: "[{name, address}]", Null: true},
		{Name: "bcc", Type: "[{name, address}]", Null: true},
		{Name: "reply_to", Type: "[{name, address}]", Null: true},
		{Name: "subject", Type: "text", Null: true},
		{Name: "text", Type: "text", Null: true},
		{Name: "html", Type: "bool"},
		{Name: "in_reply_to", Type: "text", Null: true},
		{Name: "references", Type: "[text]", Null: true},
		{Name: "attachments", Type: "[{name, type, size, sha256}]", Null: true},
	}
}

// MaxSize bounds a message: its attachments are fingerprinted in memory.
const MaxSize = 128 << 20

// Read returns a message as a row's data; false where it is none. It takes
// what real senders write: raw bytes in headers, words cut in the middle of a
// character, charsets by any name, boundaries that never end.
func Read(raw []byte) (map[string]any, bool) { return ReadKeeping(raw, nil) }

// ReadKeeping is Read, and hands the content of each attachment to keep, with
// the SHA-256 that stands in the row. keep may be nil; the content belongs to
// the caller again when keep returns.
func ReadKeeping(raw []byte, keep func(sha256 string, content []byte)) (map[string]any, bool) {
	h, body := splitHeader(raw)
	if !h.isMail() {
		return nil, false
	}
	p := parts{keep: keep}
	p.walk(h, body, 0)
	text, isHTML := p.text, false
	if text == "" && p.html != "" {
		text, isHTML = HTMLText(p.html), true
	}
	id := strings.Trim(firstField(h.get("message-id")), "<>")
	if id == "" {
		sum := sha256.Sum256(raw)
		id = "sha256-" + hex.EncodeToString(sum[:16])
	}
	enc := p.enc
	data := map[string]any{
		"message_id":  id,
		"date":        orNil(mailDate(h.get("date"))),
		"from":        nil,
		"to":          addresses(h.all("to"), enc),
		"cc":          addresses(h.all("cc"), enc),
		"bcc":         addresses(h.all("bcc"), enc),
		"reply_to":    addresses(h.all("reply-to"), enc),
		"subject":     orNil(cleanText(decodeHeader(h.get("subject"), enc))),
		"text":        orNil(cleanText(text)),
		"html":        isHTML,
		"in_reply_to": orNil(strings.Trim(firstField(h.get("in-reply-to")), "<>")),
		"references":  ids(h.get("references")),
		"attachments": p.list(),
	}
	if from, ok := addresses(h.all("from"), enc).([]any); ok {
		data["from"] = from[0]
	}
	return data, true
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func firstField(s string) string {
	f := strings.Fields(s)
	if len(f) == 0 {
		return ""
	}
	return f[0]
}

func ids(s string) any {
	var out []any
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == '<' || r == '>' }) {
		out = append(out, f)
	}
	if out == nil {
		return nil
	}
	return out
}

// cleanText drops what databases can't hold and brings line ends to one form.
func cleanText(s string) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\x00", "").Replace(s))
}

// mailDate returns a date header as RFC 3339 in the sender's zone; as it was
// where it can't be read.
func mailDate(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	if t, err := mail.ParseDate(s); err == nil {
		return t.Format(time.RFC3339)
	}
	plain := s
	if i := strings.IndexByte(plain, '('); i >= 0 {
		plain = strings.TrimSpace(plain[:i])
	}
	for _, layout := range []string{
		"Mon, 2 Jan 2006 15:04:05 MST-0700", "Mon, 2 Jan 2006 15:04:05 -07:00", "Mon, 2 Jan 2006 15:04:05 MST", "Mon,2 Jan 2006 15:04:05 -0700",
		"Mon 2 Jan 2006 15:04:05 -0700", "Mon Jan 2 15:04:05 2006", "Mon Jan 2 15:04:05 -0700 2006", "2 Jan 2006 15:04:05", "Mon, 2 Jan 2006 15:04:05",
		time.RFC3339, "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05",
	} {
		if t, err := time.Parse(layout, plain); err == nil {
			return t.Format(time.RFC3339)
		}
	}
	return cleanText(charset.Guess([]byte(s), ""))
}

// addresses reads address headers: names and addresses; nil where there is none.
func addresses(values []string, enc string) any {
	var out []any
	for _, v := range values {
		for _, one := range splitAddresses(v) {
			name, address := splitAddress(one)
			name = cleanText(decodeHeader(name, enc))
			if address = cleanText(decodeHeader(address, enc)); address == "" && name == "" {
				continue
			}
			a := map[string]any{"name": orNil(name), "address": orNil(address)}
			out = append(out, a)
		}
	}
	if out == nil {
		return nil
	}
	return out
}

// splitAddresses cuts a list at its commas and semicolons, outside quotes,
// comments and angle brackets. The name of a group is dropped. A comma before
// a word without an address is part of a name that somebody forgot to quote:
// Li, Wei <li@example.com>.
func splitAddresses(s string) []string {
	var out []string
	quoted, angle, comment, start := false, false, 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"' && comment == 0:
			quoted = !quoted
		case quoted:
		case c == '(':
			comment++
		case c == ')' && comment > 0:
			comment--
		case comment > 0:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case angle:
		case c == ':' && !strings.Contains(s[start:i], "@") && !strings.Contains(s[start:i], "=?"):
			start = i + 1
		case c == ',' && bareName(s[start:i]) && named(s[i+1:]):
		case c == ',' || c == ';':
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[min(start, len(s)):])
}

// bareName reports whether a part of a list is words alone, in clear.
func bareName(s string) bool {
	return strings.TrimSpace(s) != "" && !strings.ContainsAny(s, "@<>=\"(")
}

// named reports whether the next part of a list is words and then an address
// in angle brackets.
func named(s string) bool {
	if end := strings.IndexAny(s, ",;"); end >= 0 {
		s = s[:end]
	}
	words, address, ok := strings.Cut(s, "<")
	return ok && bareName(words) && strings.Contains(address, "@")
}

// splitAddress parts a name from its address.
func splitAddress(s string) (name, address string) {
	s = strings.TrimSpace(s)
	if open := strings.LastIndexByte(s, '<'); open >= 0 {
		address, _, _ = strings.Cut(s[open+1:], ">")
		name = strings.TrimSpace(s[:open])
	} else if comment := strings.IndexByte(s, '('); comment >= 0 {
		address = strings.TrimSpace(s[:comment])
		name = strings.Trim(s[comment:], "() ")
	} else if strings.Contains(s, "@") {
		address = s
	} else {
		name = s
	}
	if len(name) >= 2 && name[0] == '"' && name[len(name)-1] == '"' {
		name = unescape.Replace(name[1 : len(name)-1])
	}
	return name, strings.TrimSpace(address)
}

var unescape = strings.NewReplacer(`\"`, `"`, `\\`, `\`)

// attachment is a part of a message that is no text to read.
type attachment struct {
	name, kind string
	size       int
	sum        [32]byte
}

// list returns the attachments as JSON values; nil where there is none.
func (p *parts) list() any {
	var out []any
	for _, a := range p.files {
		out = append(out, map[string]any{
			"name": orNil(a.name), "type": a.kind, "size": json.Number(strconv.Itoa(a.size)), "sha256": hex.EncodeToString(a.sum[:]),
		})
	}
	if out == nil {
		return nil
	}
	return out
}

var (
	htmlDrop  = regexp.MustCompile(`(?is)<(script|style|head|title)\b.*?</(script|style|head|title)\s*>|<!--.*?-->`)
	htmlBreak = regexp.MustCompile(`(?i)<(br|/p|/div|/tr|/li|/h[1-6]|/table)\b[^>]*>`)
	htmlTag   = regexp.MustCompile(`(?s)<[^>]*>`)
	blankRuns = regexp.MustCompile(`[ \t\x{a0}]*\n[ \t\x{a0}\n]*\n[ \t\x{a0}]*`)
)

// HTMLText returns the words of an HTML page.
func HTMLText(s string) string {
	s = htmlDrop.ReplaceAllString(s, " ")
	s = strings.NewReplacer("\r", " ", "\n", " ").Replace(s)
	s = htmlBreak.ReplaceAllString(s, "\n")
	s = html.UnescapeString(htmlTag.ReplaceAllString(s, ""))
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.Join(strings.Fields(l), " ")
	}
	return strings.TrimSpace(blankRuns.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"))
}

// Looks says whether a text begins with the header of a message.
func Looks(text []byte) bool {
	h, _ := splitHeader(text[:min(len(text), 16<<10)])
	return h.isMail() && len(h) >= 2
}
