package connectors

import (
	"strings"

	"crmhub/fault"
)

// Asked holds that a request to the connection of c is for one of the streams
// of s (E2320) and brings no query where s understands none (E2227). It is for
// connectors whose streams are all in their Spec.
func Asked(c Config, s Spec, r Request) error {
	var names []string
	for _, st := range s.Streams {
		if st.Name == r.Stream {
			if r.Query != "" && !s.Query {
				return fault.New("E2227", c.Name+"/"+r.Stream, "connector", s.Name)
			}
			return nil
		}
		names = append(names, st.Name)
	}
	return fault.New("E2320", c.Name, "stream", r.Stream, "nearest", fault.Nearest(r.Stream, names), "known", strings.Join(names, ", "))
}
