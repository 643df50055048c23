package restapi

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"crmhub/fault"
)

// detail asks for a record of the list by itself and adds what comes. One that
// is not there any more is reported as gone.
func (rd *reader) detail(ctx context.Context, i item, s slice) error {
	fields, beside := vars{}, rd.st.DetailAs
	for _, name := range rd.st.Detail.placeholders() {
		if f, ok := strings.CutPrefix(name, "record."); ok {
			v := lookup(i.data, f)
			fields[name] = text(v)
			if _, object := v.(map[string]any); beside != "" && (fields[name] == "" || object) {
				return rd.add(ctx, i, s.key, false) // there is none, or it is here already
			}
		}
	}
	at, whole := place{}, item{}
	err := rd.s.c.list(ctx, list{
		call: rd.st.Detail, vars: s.vars.with(fields), at: &at, name: rd.name,
		take: func(_ context.Context, x item) error {
			whole = item{data: x.data, raw: slices.Clone(x.raw)}
			return nil
		},
	})
	if f := fault.Of(err); f != nil && f.Code == "E2305" {
		switch f.Args["status"] {
		case statusText(http.StatusNotFound), statusText(http.StatusGone):
			return rd.add(ctx, i, s.key, beside == "")
		}
	}
	if err != nil {
		return err
	}
	if whole.data == nil {
		return fault.New("E2312", rd.s.c.place(rd.name), "address", rd.s.c.base.Host, "path", rd.st.Detail.Records)
	}
	if beside != "" {
		i.data[beside] = whole.data
		return rd.add(ctx, i, s.key, false)
	}
	// What the list alone knows, such as fields of a parent, stays.
	for name, v := range i.data {
		if _, there := whole.data[name]; !there {
			whole.data[name] = v
		}
	}
	return rd.add(ctx, whole, s.key, false)
}
