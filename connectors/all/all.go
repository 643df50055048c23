// Package all is the list of connectors that the program ships with.
package all

import (
	"crmhub/connectors"
	"crmhub/connectors/email"
	"crmhub/connectors/file"
	"crmhub/connectors/mongodb"
	"crmhub/connectors/odata"
	"crmhub/connectors/sqldb"
)

// Registry returns the connectors, by name. The map is the caller's own.
func Registry() connectors.Registry {
	r := connectors.Registry{}
	for _, c := range []connectors.Connector{
		email.Connector{},
		file.Connector{},
		mongodb.Connector{},
		odata.Connector{},
		sqldb.Connector{},
	} {
		r[c.Spec().Name] = c
	}
	return r
}
