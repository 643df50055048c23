package file

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
)

// field is one header field of a message, unfolded; the name in lower case.
type field struct{ name, value string }

type fields []field

// splitHeader cuts a message into its header and body.
func splitHeader(raw []byte) (fields, []byte) {
	var h fields
	for len(raw) > 0 {
		line := raw
		if i := bytes.IndexByte(raw, '\n'); i >= 0 {
			line, raw = raw[:i], raw[i+1:]
		} else {
			raw = nil
		}
		line = trimReturn(line)
		if len(line) == 0 {
			return h, raw
		}
		if (line[0] == ' ' || line[0] == '\t') && len(h) > 0 {
			h[len(h)-1].value += " " + strings.TrimSpace(string(line))
			continue
		}
		name, value, ok := strings.Cut(string(line), ":")
		if !ok || strings.ContainsAny(name, " \t") {
			if len(h) == 0 && bytes.HasPrefix(line, []byte("From ")) {
				continue // the separator of an mbox
			}
			if len(h) == 0 {
				return nil, nil
			}
			continue
		}
		h = append(h, field{strings.ToLower(name), strings.TrimSpace(value)})
	}
	return h, nil
}

func (h fields) get(name string) string {
	for _, f := range h {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

func (h fields) all(name string) []string {
	var out []string
	for _, f := range h {
		if f.name == name {
			out = append(out, f.value)
		}
	}
	return out
}

// isMail says that the header has a field which only messages have.
func (h fields) isMail() bool {
	for _, name := range []string{"from", "date", "message-id", "received", "to", "subject", "return-path", "mime-version", "delivered-to"} {
		if h.get(name) != "" {
			return true
		}
	}
	return false
}

// parts gathers the texts and attachments of a message.
type parts struct {
	text, html string
	charset    string // of the first text: raw bytes in headers are usually the same
	files      []attachment
	count      int
}

// A message of more parts or levels is made to exhaust the reader.
const (
	maxParts = 2000
	maxDepth = 30
)

// walk goes through a part and those inside it.
func (p *parts) walk(h fields, body []byte, depth int) {
	kind, params := mediaType(h.get("content-type"), "text/plain")
	place, placeParams := mediaType(h.get("content-disposition"), "")
	name := placeParams["filename"]
	if name == "" {
		name = params["name"]
	}
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" && depth < maxDepth {
		for _, piece := range cutParts(body, params["boundary"]) {
			if p.count++; p.count > maxParts {
				return
			}
			ph, pb := splitPart(piece)
			p.walk(ph, pb, depth+1)
		}
		return
	}
	content := decodeTransfer(body, h.get("content-transfer-encoding"))
	isText := kind == "text/plain" || kind == "text/html"
	if isText && place != "attachment" && (name == "" || p.text == "" && p.html == "" && place != "inline") {
		charset, _, _ := encodingName(params["charset"])
		if p.charset == "" {
			p.charset = charset
		}
		text := decodeBody(content, charset, kind == "text/html")
		switch {
		case kind == "text/html" && p.html == "":
			p.html = text
		case kind == "text/plain" && p.text == "":
			p.text = text
		case kind == "text/plain":
			p.text += "\n" + text
		}
		return
	}
	p.files = append(p.files, attachment{cleanText(decodeHeader(name, p.charset)), kind, len(content), sha256.Sum256(content)})
}

var metaCharset = regexp.MustCompile(`(?i)<meta[^>]+charset=["']?([\w-]+)`)

func decodeBody(content []byte, charset string, isHTML bool) string {
	if charset == "" && isHTML {
		if m := metaCharset.FindSubmatch(content[:min(len(content), 4096)]); m != nil {
			charset, _, _ = encodingName(string(m[1]))
		}
	}
	switch {
	case charset == "" || charset == utf8Name:
		return decodeGuess(content, "")
	case strings.HasPrefix(charset, "windows-1252") && bytes.IndexFunc(content, func(r rune) bool { return r >= 0x80 && r != 0xfffd }) >= 0:
		return decodeGuess(content, charset) // declared as Latin by habit, written as UTF-8
	}
	return decodeText(content, charset)
}

// splitPart cuts a part, whose header may be empty.
func splitPart(piece []byte) (fields, []byte) {
	if bytes.HasPrefix(piece, []byte("\n")) {
		return nil, piece[1:]
	}
	if bytes.HasPrefix(piece, []byte("\r\n")) {
		return nil, piece[2:]
	}
	return splitHeader(piece)
}

// cutParts cuts a body at its boundary lines. A last part without an end
// counts: the message was cut, or its sender forgot.
func cutParts(body []byte, boundary string) [][]byte {
	mark := []byte("--" + boundary)
	var out [][]byte
	start, at := -1, 0
	for at < len(body) {
		line := body[at:]
		next := len(body)
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line, next = line[:i], at+i+1
		}
		if rest, ok := bytes.CutPrefix(line, mark); ok {
			rest = bytes.TrimSpace(rest)
			if len(rest) == 0 || string(rest) == "--" {
				if start >= 0 {
					out = append(out, trimReturn(bytes.TrimSuffix(body[start:at], []byte("\n"))))
				}
				if start = next; len(rest) > 0 {
					return out
				}
			}
		}
		at = next
	}
	if start >= 0 && start < len(body) {
		out = append(out, body[start:])
	}
	return out
}

// decodeTransfer undoes base64 and quoted-printable; what does not belong
// there is passed over.
func decodeTransfer(body []byte, how string) []byte {
	switch strings.ToLower(strings.TrimSpace(how)) {
	case "base64":
		return decodeBase64(body)
	case "quoted-printable":
		return decodeQuoted(body, false)
	}
	return body
}

func decodeBase64(body []byte) []byte {
	clean := make([]byte, 0, len(body))
	for _, b := range body {
		switch {
		case b >= 'A' && b <= 'Z', b >= 'a' && b <= 'z', b >= '0' && b <= '9', b == '+', b == '/':
			clean = append(clean, b)
		}
	}
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, err := base64.RawStdEncoding.Decode(out, clean)
	if err != nil {
		return out[:n] // the good part of a damaged one
	}
	return out[:n]
}

// decodeQuoted undoes quoted-printable; in headers _ is a space.
func decodeQuoted(body []byte, inHeader bool) []byte {
	out := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		b := body[i]
		switch {
		case b == '_' && inHeader:
			out = append(out, ' ')
		case b != '=':
			out = append(out, b)
		case i+1 < len(body) && body[i+1] == '\n':
			i++
		case i+2 < len(body) && body[i+1] == '\r' && body[i+2] == '\n':
			i += 2
		case i+2 < len(body) && unhex(body[i+1]) < 16 && unhex(body[i+2]) < 16:
			out = append(out, unhex(body[i+1])<<4|unhex(body[i+2]))
			i += 2
		case i+1 == len(body):
		default:
			out = append(out, b)
		}
	}
	return out
}

func unhex(b byte) byte {
	switch {
	case b >= '0' && b <= '9':
		return b - '0'
	case b >= 'A' && b <= 'F':
		return b - 'A' + 10
	case b >= 'a' && b <= 'f':
		return b - 'a' + 10
	}
	return 16
}

var encodedWord = regexp.MustCompile(`=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=`)

// decodeHeader reads a header's encoded words (RFC 2047) and raw bytes. Words
// that stand together in one charset are joined before they are decoded: many
// mailers cut them in the middle of a character.
func decodeHeader(s, charset string) string {
	found := encodedWord.FindAllStringSubmatchIndex(s, -1)
	if found == nil {
		return decodeGuess([]byte(s), charset)
	}
	var out strings.Builder
	var pending []byte
	pendingSet, at := "", 0
	flush := func() {
		if pending != nil {
			out.WriteString(decodeWord(pending, pendingSet))
			pending = nil
		}
	}
	for _, m := range found {
		between := s[at:m[0]]
		set := strings.ToLower(s[m[2]:m[3]])
		if star := strings.IndexByte(set, '*'); star >= 0 {
			set = set[:star] // RFC 2231 adds a language
		}
		if name, _, ok := encodingName(set); ok {
			set = name
		}
		if strings.TrimSpace(between) != "" || at == 0 || set != pendingSet {
			flush()
		}
		if strings.TrimSpace(between) != "" {
			out.WriteString(decodeGuess([]byte(between), charset))
		}
		text := []byte(s[m[6]:m[7]])
		if how := s[m[4]]; how == 'b' || how == 'B' {
			text = decodeBase64(text)
		} else {
			text = decodeQuoted(text, true)
		}
		pending, pendingSet, at = append(pending, text...), set, m[1]
	}
	flush()
	out.WriteString(decodeGuess([]byte(s[at:]), charset))
	return out.String()
}

func decodeWord(b []byte, charset string) string {
	if charset == utf8Name {
		return decodeGuess(b, "")
	}
	if decoderOf(charset) == nil && !isUTF16(charset) {
		return decodeGuess(b, "")
	}
	return decodeText(b, charset)
}

// mediaType reads a content type or disposition and its parameters, with the
// continuations and charsets of RFC 2231, and the encoded words that have no
// place there but are found everywhere.
func mediaType(value, none string) (string, map[string]string) {
	kind, rest, _ := strings.Cut(value, ";")
	if kind = strings.ToLower(strings.TrimSpace(kind)); kind == "" {
		kind = none
	}
	params := map[string]string{}
	pieces := map[string][]string{}
	encoded := map[string]bool{}
	for _, p := range splitParams(rest) {
		name, v, ok := strings.Cut(p, "=")
		if !ok {
			continue
		}
		name, v = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(v)
		if len(v) >= 2 && v[0] == '"' && v[len(v)-1] == '"' {
			v = unescape.Replace(v[1 : len(v)-1])
		}
		base, section, continued := strings.Cut(name, "*")
		if !continued {
			params[name] = v
			continue
		}
		if strings.HasSuffix(name, "*") {
			encoded[base] = true
			if n := len(pieces[base]); n > 0 || section != "" {
				section = strings.TrimSuffix(section, "*")
			}
			if section != "" && section != "0" {
				v = "''" + v
			}
		} else if encoded[base] {
			v = "''" + strings.NewReplacer("%", "%25").Replace(v)
		}
		pieces[base] = append(pieces[base], v)
	}
	for name, list := range pieces {
		params[name] = join2231(list, encoded[name])
	}
	return kind, params
}

// join2231 joins the pieces of a parameter and decodes its percent signs; only
// the first names the charset.
func join2231(list []string, encoded bool) string {
	if !encoded {
		return strings.Join(list, "")
	}
	charset := ""
	var raw []byte
	for i, v := range list {
		if parts := strings.SplitN(v, "'", 3); len(parts) == 3 {
			if i == 0 {
				charset = parts[0]
			}
			v = parts[2]
		}
		for j := 0; j < len(v); j++ {
			if v[j] == '%' && j+2 < len(v) && unhex(v[j+1]) < 16 && unhex(v[j+2]) < 16 {
				raw = append(raw, unhex(v[j+1])<<4|unhex(v[j+2]))
				j += 2
				continue
			}
			raw = append(raw, v[j])
		}
	}
	if name, _, ok := encodingName(charset); ok {
		return decodeWord(raw, name)
	}
	return decodeGuess(raw, "")
}

// splitParams cuts parameters at their semicolons, outside quotes.
func splitParams(s string) []string {
	var out []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ';' && !quoted:
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}
