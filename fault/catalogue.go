package fault

import (
	"slices"
	"strings"
	"sync"
)

// families are the parts of the catalogue; each family has a file of its own.
var families = [][]Entry{
	commandFaults, yamlFaults, sourceFaults, fileFaults, databaseFaults, httpFaults, odataFaults, paymentFaults, mailFaults, readFaults, mapFaults, processFaults, validateFaults, landFaults,
	pipelineFaults, storeFaults, matchFaults, stewardFaults, keyFaults, backupFaults, programFaults,
}

var index = sync.OnceValue(func() map[Code]Entry {
	m := map[Code]Entry{}
	for _, f := range families {
		for _, e := range f {
			if _, twice := m[e.Code]; twice {
				panic("fault: code " + string(e.Code) + " stands twice in the catalogue")
			}
			m[e.Code] = e
		}
	}
	return m
})

// Lookup returns the catalogue's entry of a code.
func Lookup(c Code) (Entry, bool) {
	e, ok := index()[c]
	return e, ok
}

// Catalogue returns all entries, ordered by code.
func Catalogue() []Entry {
	all := slices.Concat(families...)
	slices.SortFunc(all, func(a, b Entry) int { return strings.Compare(string(a.Code), string(b.Code)) })
	return all
}
