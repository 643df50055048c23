package restapi

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// placeholder is a name that has a value. Other braces are text: GraphQL is
// full of them.
var placeholder = regexp.MustCompile(`\{(since|until|size|job|changed|secret\.(?:username|password)|(?:parent|setting|record)\.[^{}\s]+)\}`)

// vars are the values of placeholders.
type vars map[string]string

func (v vars) with(more vars) vars {
	out := maps.Clone(v)
	if out == nil {
		out = vars{}
	}
	maps.Copy(out, more)
	return out
}

// fill puts the values of v into a template; whole is false where one is
// empty: a parameter made of it is left out.
func (v vars) fill(template string, escape func(string) string) (s string, whole bool) {
	whole = true
	if !strings.Contains(template, "{") {
		return template, true
	}
	return placeholder.ReplaceAllStringFunc(template, func(p string) string {
		x := v[p[1:len(p)-1]]
		if x == "" {
			whole = false
		}
		return escape(x)
	}), whole
}

func plain(s string) string { return s }

// path fills a path; values are escaped, so that one of them can't leave its segment.
func (v vars) path(template string) string {
	s, _ := v.fill(template, url.PathEscape)
	return s
}

// texts fills a map of parameters, leaving out those with an empty value in them.
func (v vars) texts(in map[string]string) map[string]string {
	out := make(map[string]string, len(in))
	for name, t := range in {
		if s, whole := v.fill(t, plain); whole {
			out[name] = s
		}
	}
	return out
}

// body fills the texts in a JSON body. What holds an empty value is left out.
func (v vars) body(in any) (any, bool) {
	switch in := in.(type) {
	case string:
		return v.fill(in, plain)
	case map[string]any:
		out := make(map[string]any, len(in))
		for name, x := range in {
			if y, whole := v.body(x); whole {
				out[name] = y
			}
		}
		return out, true
	case []any:
		out := make([]any, 0, len(in))
		for _, x := range in {
			if y, whole := v.body(x); whole {
				out = append(out, y)
			}
		}
		return out, true
	}
	return in, true
}

// placeholders lists the names that a call's templates use.
func (c *Call) placeholders() []string {
	seen := map[string]bool{}
	var scan func(v any)
	scan = func(v any) {
		switch v := v.(type) {
		case string:
			for _, m := range placeholder.FindAllStringSubmatch(v, -1) {
				seen[m[1]] = true
			}
		case map[string]string:
			for _, x := range v {
				scan(x)
			}
		case map[string]any:
			for _, x := range v {
				scan(x)
			}
		case []any:
			for _, x := range v {
				scan(x)
			}
		}
	}
	scan(c.Path)
	scan(c.Query)
	scan(c.Headers)
	scan(c.Body)
	scan(c.Form)
	return slices.Sorted(maps.Keys(seen))
}
