package odata

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"sort"
	"strings"
)

// service is what a service document ($metadata) tells.
type service struct {
	// version is 2 or 4, as the document says.
	version int
	sets    map[string]*entitySet
}

// entitySet is one collection of entities.
type entitySet struct {
	name       string
	keys       []string
	properties []property
	// collections are the navigation properties to many.
	navigations []string
}

// property is one column: its name and its EDM type, without "Edm.".
type property struct{ name, edm string }

func (s *entitySet) property(name string) (property, bool) {
	for _, p := range s.properties {
		if p.name == name {
			return p, true
		}
	}
	return property{}, false
}

// names lists the sets by name.
func (s *service) names() []string {
	names := make([]string, 0, len(s.sets))
	for n := range s.sets {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// edmx is a service document of either version; what differs between them is
// the namespace, which is not looked at.
type edmx struct {
	Version  string `xml:"Version,attr"`
	Services struct {
		Schemas []edmSchema `xml:"Schema"`
	} `xml:"DataServices"`
}

type edmSchema struct {
	Namespace string `xml:"Namespace,attr"`
	Alias     string `xml:"Alias,attr"`
	Types     []struct {
		Name string `xml:"Name,attr"`
		Base string `xml:"BaseType,attr"`
		Keys []struct {
			Name string `xml:"Name,attr"`
		} `xml:"Key>PropertyRef"`
		Properties []struct {
			Name string `xml:"Name,attr"`
			Type string `xml:"Type,attr"`
		} `xml:"Property"`
		Navigations []struct {
			Name string `xml:"Name,attr"`
		} `xml:"NavigationProperty"`
	} `xml:"EntityType"`
	Containers []struct {
		Sets []struct {
			Name string `xml:"Name,attr"`
			Type string `xml:"EntityType,attr"`
		} `xml:"EntitySet"`
	} `xml:"EntityContainer"`
}

var errMetadata = errors.New("not a service document of OData 2 or 4")

// parseMetadata reads a service document. Entities, and what they say of
// documents elsewhere, are not followed.
func parseMetadata(text []byte) (*service, error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(charset string, input io.Reader) (io.Reader, error) {
		if strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "us-ascii") {
			return input, nil
		}
		return nil, errMetadata
	}
	var doc edmx
	if err := d.Decode(&doc); err != nil {
		return nil, errors.Join(errMetadata, err)
	}
	s := &service{version: 2, sets: map[string]*entitySet{}}
	if strings.HasPrefix(doc.Version, "4") {
		s.version = 4
	}
	types := map[string]*entitySet{}
	bases := map[string]string{}
	for _, schema := range doc.Services.Schemas {
		for _, t := range schema.Types {
			e := &entitySet{}
			for _, k := range t.Keys {
				e.keys = append(e.keys, k.Name)
			}
			for _, p := range t.Properties {
				e.properties = append(e.properties, property{p.Name, strings.TrimPrefix(p.Type, "Edm.")})
			}
			for _, n := range t.Navigations {
				e.navigations = append(e.navigations, n.Name)
			}
			for _, space := range []string{schema.Namespace, schema.Alias} {
				if space != "" {
					types[space+"."+t.Name], bases[space+"."+t.Name] = e, t.Base
				}
			}
		}
	}
	for _, schema := range doc.Services.Schemas {
		for _, c := range schema.Containers {
			for _, set := range c.Sets {
				s.sets[set.Name] = inherited(set.Name, set.Type, types, bases)
			}
		}
	}
	if len(s.sets) == 0 {
		return nil, errMetadata
	}
	return s, nil
}

// inherited joins a type with those that it is derived from: the base's keys
// and properties come first.
func inherited(name, typ string, types map[string]*entitySet, bases map[string]string) *entitySet {
	e := &entitySet{name: name}
	for range len(types) + 1 {
		t, ok := types[typ]
		if !ok {
			break
		}
		e.keys = append(append([]string{}, t.keys...), e.keys...)
		e.properties = append(append([]property{}, t.properties...), e.properties...)
		e.navigations = append(append([]string{}, t.navigations...), e.navigations...)
		typ = bases[typ]
	}
	return e
}

// changed are the properties that, by custom, hold when an entity last
// changed, the best first: S/4HANA, CAP, Cloud for Customer, Dataverse.
var changed = []string{
	"LastChangeDateTime", "LastChangedDateTime", "LastChangedOn", "modifiedAt", "EntityLastChangedOn", "ChangedOn", "modifiedon",
	"LastModifiedDateTime", "UpdatedAt",
}

// cursor is the property that tells when an entity changed, "" where none does.
func (s *entitySet) cursor() string {
	for _, name := range changed {
		for _, p := range s.properties {
			if strings.EqualFold(p.name, name) && (p.edm == "DateTimeOffset" || p.edm == "DateTime") {
				return p.name
			}
		}
	}
	return ""
}
