package config

import (
	"net/url"
	"os"
	"regexp"
	"strings"

	"crmhub/fault"
)

// reference is ${kind:name}.
var reference = regexp.MustCompile(`\$\{([a-z]*):?([^}]*)\}`)

// isReference reports whether s is one reference and nothing else.
func isReference(s string) bool {
	at := reference.FindStringIndex(s)
	return at != nil && at[0] == 0 && at[1] == len(s)
}

// resolve puts the values of references into s. path says where s stands in
// hub.yaml. Before the @ of an address a value is percent-encoded, so that a
// password may hold any sign. A fault names the reference, never a value.
func (c *Config) resolve(s string, path ...string) (string, error) {
	if !strings.Contains(s, "${") {
		return s, nil
	}
	var b strings.Builder
	last := 0
	for _, m := range reference.FindAllStringSubmatchIndex(s, -1) {
		v, err := c.value(s[m[2]:m[3]], s[m[4]:m[5]], c.at(path...))
		if err != nil {
			return "", err
		}
		b.WriteString(s[last:m[0]])
		if host, _, _ := strings.Cut(s[m[1]:], "/"); strings.Contains(s[:m[0]], "://") && strings.Contains(host, "@") {
			v = strings.ReplaceAll(url.QueryEscape(v), "+", "%20")
		}
		b.WriteString(v)
		last = m[1]
	}
	b.WriteString(s[last:])
	return b.String(), nil
}

func (c *Config) value(kind, name, place string) (string, error) {
	switch {
	case kind == "env" && name != "":
		v, ok := c.env(name)
		if !ok {
			return "", fault.New("E1107", place, "name", name)
		}
		return v, nil
	case kind == "file" && name != "":
		data, err := os.ReadFile(c.Abs(name))
		if err != nil {
			return "", fault.New("E1108", place, "name", name).Because(err)
		}
		return strings.TrimRight(string(data), "\r\n"), nil
	}
	return "", fault.New("E1109", place)
}

// resolveMap resolves every text in m, in lists and maps inside it too.
func (c *Config) resolveMap(m map[string]any, path ...string) (map[string]any, error) {
	out := make(map[string]any, len(m))
	for _, k := range sorted(m) {
		v, err := c.resolveAny(m[k], append(path[:len(path):len(path)], k)...)
		if err != nil {
			return nil, err
		}
		out[k] = v
	}
	return out, nil
}

func (c *Config) resolveAny(v any, path ...string) (any, error) {
	switch v := v.(type) {
	case string:
		return c.resolve(v, path...)
	case map[string]any:
		return c.resolveMap(v, path...)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			x, err := c.resolveAny(v[i], path...)
			if err != nil {
				return nil, err
			}
			out[i] = x
		}
		return out, nil
	}
	return v, nil
}
