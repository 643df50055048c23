package odata

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

// stream describes how a collection is read.
func (s *source) stream(svc *service, set *entitySet, r connectors.Request) (*restapi.Stream, error) {
	query, err := options(svc.version, s.cfg.Name+"/"+set.name, r.Query)
	if err != nil {
		return nil, err
	}
	st := &restapi.Stream{Key: set.keys, List: restapi.Call{Path: set.name, Query: query, Headers: map[string]string{}}}
	s.page(svc.version, &st.List)
	if s.delta {
		// A list of changes is in the order of the changes.
		st.List.Paging.Delta = "@odata.deltaLink"
		return st, nil
	}
	order := slices.Clone(set.keys)
	if cursor := s.cursor(set, r); cursor != "" {
		if err := s.follow(svc.version, set, cursor, st); err != nil {
			return nil, err
		}
		if !slices.Contains(order, cursor) {
			order = slices.Insert(order, 0, cursor)
		}
	}
	if len(order) > 0 {
		query["$orderby"] = strings.Join(order, ",")
	}
	if st.Incremental != nil {
		st.Incremental.Query["$orderby"] = query["$orderby"]
	}
	return st, nil
}

// page says where the entities stand in an answer, and how the next page is found.
func (s *source) page(version int, call *restapi.Call) {
	if version == 2 {
		call.Records = "d.results"
		call.Paging = restapi.Paging{Type: restapi.PagingNextURL, Next: "d.__next"}
		call.Headers["MaxDataServiceVersion"] = "2.0"
		call.Query["$format"] = "json"
		if s.size > 0 {
			call.Paging = restapi.Paging{Type: restapi.PagingOffset, Param: "$skip", SizeParam: "$top", Size: s.size, Total: "d.__count"}
			call.Query["$inlinecount"] = "allpages"
		}
		return
	}
	call.Records = "value"
	call.Paging = restapi.Paging{Type: restapi.PagingNextURL, Next: "@odata.nextLink"}
	var prefer []string
	if s.size > 0 {
		prefer = append(prefer, "odata.maxpagesize="+strconv.FormatInt(s.size, 10))
	}
	if s.delta {
		prefer = append(prefer, "odata.track-changes")
	}
	prefer = append(prefer, `odata.include-annotations="OData.Community.Display.V1.FormattedValue"`)
	call.Headers["Prefer"] = strings.Join(prefer, ",")
}

// cursor is the property that changes are found by: the one that the pipeline
// names, or the one that the service is known for. A full read needs none.
func (s *source) cursor(set *entitySet, r connectors.Request) string {
	if r.Cursor != "" {
		return r.Cursor
	}
	return set.cursor()
}

// follow makes incremental reads ask for what changed since the cursor.
func (s *source) follow(version int, set *entitySet, cursor string, st *restapi.Stream) error {
	p, known := set.property(cursor)
	format, bound := restapi.RFC3339Ms, ""
	switch {
	case !known:
	case p.edm == "DateTimeOffset" && version == 2:
		bound = "datetimeoffset'{since}'"
	case p.edm == "DateTimeOffset":
		bound = "{since}"
	case p.edm == "DateTime":
		format, bound = restapi.DateTimeT, "datetime'{since}'"
	case p.edm == "Date" && version != 2:
		format, bound = restapi.DateOnly, "{since}"
	}
	if bound == "" {
		var times []string
		for _, p := range set.properties {
			if strings.HasPrefix(p.edm, "Date") {
				times = append(times, p.name)
			}
		}
		return fault.New("E2342", s.cfg.Name+"/"+set.name, "stream", set.name, "name", cursor, "nearest", fault.Nearest(cursor, times))
	}
	since := cursor + " ge " + bound
	call := st.List
	call.Query = map[string]string{}
	for name, value := range st.List.Query {
		call.Query[name] = value
	}
	if f := call.Query["$filter"]; f != "" {
		since = "(" + f + ") and " + since
	}
	call.Query["$filter"] = since
	st.Incremental = &call
	st.Cursor = &restapi.Cursor{Field: cursor, Format: format, Order: restapi.Ascending}
	return nil
}

// options reads a pipeline's query: $expand=a/b,a/c&$filter=… Values may be
// written as they are or percent-encoded.
func options(version int, place, query string) (map[string]string, error) {
	out := map[string]string{}
	for _, part := range strings.Split(strings.TrimPrefix(strings.TrimSpace(query), "?"), "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if plain, err := url.PathUnescape(value); err == nil {
			value = plain
		}
		switch name {
		case "$top", "$skip", "$skiptoken", "$orderby", "$format", "$count", "$inlinecount", "$deltatoken":
			return nil, fault.New("E2341", place, "name", name)
		case "$expand":
			if version == 4 && !strings.Contains(value, "(") {
				value = nested(strings.Split(value, ","))
			}
		}
		out[name] = value
	}
	return out, nil
}

// nested writes expanded paths the way of OData 4: a/b, a/c is a($expand=b,c).
func nested(paths []string) string {
	var heads []string
	below := map[string][]string{}
	for _, p := range paths {
		head, rest, deeper := strings.Cut(strings.TrimSpace(p), "/")
		if !slices.Contains(heads, head) {
			heads = append(heads, head)
		}
		if deeper {
			below[head] = append(below[head], rest)
		}
	}
	for i, head := range heads {
		if len(below[head]) > 0 {
			heads[i] = head + "($expand=" + nested(below[head]) + ")"
		}
	}
	return strings.Join(heads, ",")
}
