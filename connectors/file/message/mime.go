package message

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"

	"crmhub/connectors/file/charset"
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
	enc        string // of the first text: raw bytes in headers are usually the same
	files      []attachment
	count      int
	keep       func(sha256 string, content []byte)
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
		enc, _, _ := charset.Name(params["charset"])
		if p.enc == "" {
			p.enc = enc
		}
		text := decodeBody(content, enc, kind == "text/html")
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
	sum := sha256.Sum256(content)
	p.files = append(p.files, attachment{cleanText(decodeHeader(name, p.enc)), kind, len(content), sum})
	if p.keep != nil {
		p.keep(hex.EncodeToString(sum[:]), content)
	}
}

var metaCharset = regexp.MustCompile(`(?i)<meta[^>]+charset=["']?([\w-]+)`)

func decodeBody(content []byte, enc string, isHTML bool) string {
	if enc == "" && isHTML {
		if m := metaCharset.FindSubmatch(content[:min(len(content), 4096)]); m != nil {
			enc, _, _ = charset.Name(string(m[1]))
		}
	}
	switch {
	case enc == "" || enc == charset.UTF8:
		return charset.Guess(content, "")
	case strings.HasPrefix(enc, "windows-1252") && bytes.IndexFunc(content, func(r rune) bool { return r >= 0x80 && r != 0xfffd }) >= 0:
		return charset.Guess(content, enc) // declared as Latin by habit, written as UTF-8
	}
	return charset.Decode(content, enc)
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

func trimReturn(line []byte) []byte { return bytes.TrimSuffix(line, []byte{'\r'}) }
