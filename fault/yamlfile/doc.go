// Package yamlfile decodes the YAML files that users write, strictly: every fault names file, line and column.
package yamlfile

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"crmhub/fault"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Doc is one parsed YAML file. It is safe for concurrent use once parsed.
type Doc struct {
	path    string
	root    ast.Node // nil where the file is empty
	anchors map[string]ast.Node
}

// Decode parses data and decodes it into the struct that into points to.
// path names the file in faults. See Doc.Decode.
func Decode(path string, data []byte, into any) error {
	d, err := Parse(path, data)
	if err != nil {
		return err
	}
	return d.Decode(into)
}

// Parse reads one YAML document. A byte order mark and the line ends of
// Windows are fine. It returns E1001, E1005 or E1008 with the place.
func Parse(path string, data []byte) (*Doc, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if line, ok := notUTF8(data); ok {
		found := ""
		if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
			found = ": UTF-16"
		}
		return nil, fault.New("E1005", path+":"+strconv.Itoa(line), "found", found)
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	f, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, syntaxFault(path, data, err)
	}
	d := &Doc{path: path, anchors: map[string]ast.Node{}}
	for _, doc := range f.Docs {
		if doc.Body == nil {
			continue
		}
		if d.root != nil {
			return nil, fault.New("E1001", d.at(doc.Body), "what", "a second document begins; one file holds one")
		}
		d.root = doc.Body
	}
	if err := d.collect(d.root, 0); err != nil {
		return nil, err
	}
	return d, nil
}

func notUTF8(data []byte) (line int, found bool) {
	if utf8.Valid(data) && bytes.IndexByte(data, 0) < 0 {
		return 0, false
	}
	line = 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == 0 || r == utf8.RuneError && n == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		data = data[n:]
	}
	return line, true
}

// syntaxFault turns an error of the parser into a fault. The parser's message
// is cut at the first quotation, which could hold a value.
func syntaxFault(path string, data []byte, err error) error {
	var s *yaml.SyntaxError
	if !errors.As(err, &s) {
		return fault.New("E1001", path, "what", "it cannot be parsed").Because(err)
	}
	place := path
	if t := s.GetToken(); t != nil && t.Position != nil {
		place += ":" + position(t)
		if line, col, ok := fullWidth(data, t.Position.Line); ok {
			return fault.New("E1008", path+":"+strconv.Itoa(line)+":"+strconv.Itoa(col)).Because(err)
		}
	}
	what, _, _ := strings.Cut(s.GetMessage(), "\"")
	if strings.Contains(what, "\t") {
		what = "a tab stands where the indentation needs spaces"
	}
	return fault.New("E1001", place, "what", strings.TrimSpace(what)).Because(err)
}

// fullWidth finds a key with a full-width colon in the line of a fault or the
// one before, where such a mistake shows itself.
func fullWidth(data []byte, line int) (at, col int, ok bool) {
	lines := strings.Split(string(data), "\n")
	for _, n := range []int{line, line - 1} {
		if n < 1 || n > len(lines) {
			continue
		}
		if c, found := keyWithFullWidthColon(lines[n-1]); found {
			return n, c, true
		}
	}
	return 0, 0, false
}

// keyWithFullWidthColon reports a line whose key ends in a full-width colon
// or that is indented by a full-width space, and the column of that character.
func keyWithFullWidthColon(line string) (col int, ok bool) {
	word := false
	for i, r := range []rune(line) {
		switch {
		case r == '\uff1a' && word, r == '\u3000' && !word:
			return i + 1, true
		case r == ' ' && !word, r == '-' && !word:
		case r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			word = true
		default:
			return 0, false
		}
	}
	return 0, false
}

const maxDepth = 100

// collect remembers anchors and refuses nesting without end.
func (d *Doc) collect(n ast.Node, depth int) error {
	if n == nil {
		return nil
	}
	if depth > maxDepth {
		return fault.New("E1001", d.at(n), "what", "it is nested too deeply")
	}
	switch n := n.(type) {
	case *ast.AnchorNode:
		if n.Name != nil {
			d.anchors[n.Name.GetToken().Value] = n.Value
		}
		return d.collect(n.Value, depth+1)
	case *ast.TagNode:
		return d.collect(n.Value, depth+1)
	case *ast.MappingNode:
		for _, v := range n.Values {
			if err := d.collect(v.Value, depth+1); err != nil {
				return err
			}
		}
	case *ast.MappingValueNode:
		return d.collect(n.Value, depth+1)
	case *ast.SequenceNode:
		for _, v := range n.Values {
			if err := d.collect(v, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// Place returns file:line:column of what stands at a path of keys (string)
// and list indexes (int). Where the path ends early it returns the place of
// the last part that exists.
func (d *Doc) Place(path ...any) string {
	n, at := d.resolve(d.root), d.root
	for _, p := range path {
		var next, where ast.Node
		switch p := p.(type) {
		case string:
			for _, e := range d.entries(n) {
				if keyText(e.Key) == p {
					next, where = d.resolve(e.Value), e.Value
					if !isScalar(next) {
						where = e.Key
					}
				}
			}
		case int:
			if s, ok := n.(*ast.SequenceNode); ok && p >= 0 && p < len(s.Values) {
				next, where = d.resolve(s.Values[p]), s.Values[p]
			}
		}
		if where == nil {
			break
		}
		n, at = next, where
	}
	return d.at(at)
}

// Has reports whether something stands at a path.
func (d *Doc) Has(path ...any) bool {
	n := d.resolve(d.root)
	for _, p := range path {
		var next ast.Node
		switch p := p.(type) {
		case string:
			for _, e := range d.entries(n) {
				if keyText(e.Key) == p {
					next = d.resolve(e.Value)
				}
			}
		case int:
			if s, ok := n.(*ast.SequenceNode); ok && p >= 0 && p < len(s.Values) {
				next = d.resolve(s.Values[p])
			}
		}
		if next == nil {
			return false
		}
		n = next
	}
	return n != nil
}

// at returns file:line:column of a node's first character.
func (d *Doc) at(n ast.Node) string {
	if n == nil {
		return d.path + ":1:1"
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return d.at(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return d.at(n.Key)
	}
	return d.path + ":" + position(n.GetToken())
}

func position(t *token.Token) string {
	return strconv.Itoa(t.Position.Line) + ":" + strconv.Itoa(t.Position.Column)
}

// resolve follows anchors, aliases and tags to the value itself.
func (d *Doc) resolve(n ast.Node) ast.Node {
	for range maxDepth {
		switch x := n.(type) {
		case *ast.AnchorNode:
			n = x.Value
		case *ast.TagNode:
			n = x.Value
		case *ast.AliasNode:
			n = d.anchors[x.Value.GetToken().Value]
		default:
			return n
		}
	}
	return nil
}

// entries returns a mapping's entries; merge keys (<<) stand as they are.
func (d *Doc) entries(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

func keyText(k ast.MapKeyNode) string {
	if s, ok := k.(*ast.StringNode); ok {
		return s.Value
	}
	return k.GetToken().Value
}

func isScalar(n ast.Node) bool {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
		return false
	}
	return n != nil
}
