package hubspot

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

// name is what HubSpot allows in the name of a property.
var name = regexp.MustCompile(`^[a-z0-9_]+$`)

// longest bounds the names of a list's question: HubSpot refuses addresses of
// more than about eight thousand characters.
const longest = 6000

// extend has the streams ask for the properties that the connection names
// beside the usual ones.
func extend(cfg connectors.Config, api *restapi.API) error {
	wrong := func(want string) error {
		return fault.New("E2003", cfg.Name, "connector", "hubspot", "name", "properties", "want", want)
	}
	for _, p := range cfg.Params.List("properties") {
		object, property, _ := strings.Cut(p, ".")
		st := api.Streams[object]
		if st == nil || !name.MatchString(property) {
			return wrong("contacts.NAME, companies.NAME or deals.NAME")
		}
		if slices.Contains(strings.Split(st.List.Query["properties"], ","), property) {
			continue
		}
		calls := []*restapi.Call{&st.List}
		if st.Changes != nil {
			calls = append(calls, &st.Changes.Fetch)
		}
		for _, c := range calls {
			c.Query = maps.Clone(c.Query)
			if c.Query["properties"] += "," + property; len(c.Query["properties"]) > longest {
				return wrong("fewer names: HubSpot takes no longer question")
			}
		}
		if st.Incremental != nil {
			names, _ := st.Incremental.Body["properties"].([]any)
			st.Incremental.Body["properties"] = append(slices.Clone(names), property)
		}
	}
	return nil
}

// source is an account that also tells which properties there are.
type source struct {
	connectors.Source
	web *restapi.Caller
	cfg connectors.Config
}

// Close ends both.
func (s *source) Close() error { return errors.Join(s.Source.Close(), s.web.Close()) }

// Discover lists the streams, with every property that the account has as a
// column: those that are read have values, the others can be named.
func (s *source) Discover(ctx context.Context) ([]connectors.Stream, error) {
	streams, err := s.Source.Discover(ctx)
	if err != nil {
		return nil, err
	}
	for i := range streams {
		st := &streams[i]
		columns, err := s.properties(ctx, st.Name)
		switch f := fault.Of(err); {
		case f != nil && (f.Code == "E2304" || f.Code == "E2305"):
			st.Notes = append(st.Notes, connectors.Note{"this key may not list the properties (" + string(f.Code) + ")", "该密钥无权列出属性（" + string(f.Code) + "）"})
		case err != nil:
			return nil, err
		default:
			st.Columns = append(st.Columns, columns...)
			st.Notes = append(st.Notes, connectors.Note{"properties that are not read yet can be named in the connection's properties, as " + st.Name + ".NAME", "尚未读取的属性可在连接的 properties 中以 " + st.Name + ".NAME 指定"})
		}
	}
	return streams, nil
}

// properties are those that an object has in this account.
func (s *source) properties(ctx context.Context, object string) ([]connectors.Column, error) {
	place := s.cfg.Name + "/" + object
	reply, err := s.web.Ask(ctx, restapi.Question{Path: "/crm/v3/properties/" + object, Place: place})
	if err != nil {
		return nil, err
	}
	tree, err := s.web.Tree(reply, place)
	if err != nil {
		return nil, err
	}
	answer, _ := tree.(map[string]any)
	list, _ := answer["results"].([]any)
	var out []connectors.Column
	for _, x := range list {
		if p, ok := x.(map[string]any); ok {
			out = append(out, connectors.Column{Name: "properties." + text(p["name"]), Type: text(p["type"]), Null: true})
		}
	}
	return out, nil
}
