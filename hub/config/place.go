package config

import (
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// places knows where the keys of hub.yaml stand: hub.yaml:5:3 by joined path.
type places map[string]string

// at returns the place of the deepest known part of path.
func (p places) at(path ...string) string {
	for n := len(path); n > 0; n-- {
		if s, ok := p[strings.Join(path[:n], "\x00")]; ok {
			return s
		}
	}
	return File
}

// find reads the places of all keys. It is given text that was decoded
// before, so what the parser refuses here cannot matter: places stay empty.
func find(data []byte) places {
	p := places{}
	f, err := parser.ParseBytes(data, 0)
	if err != nil {
		return p
	}
	for _, d := range f.Docs {
		p.walk(nil, d.Body)
	}
	return p
}

func (p places) walk(path []string, n ast.Node) {
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			p.walk(path, v)
		}
	case *ast.MappingValueNode:
		t := n.Key.GetToken()
		below := append(path[:len(path):len(path)], t.Value)
		p[strings.Join(below, "\x00")] = File + ":" + strconv.Itoa(t.Position.Line) + ":" + strconv.Itoa(t.Position.Column)
		p.walk(below, n.Value)
	}
}
