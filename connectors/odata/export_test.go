package odata

// Sets are the collections that a service document describes, with their keys
// and cursors, and the version of the protocol.
func Sets(text []byte) (version int, keys map[string][]string, cursors map[string]string, err error) {
	s, err := parseMetadata(text)
	if err != nil {
		return 0, nil, nil, err
	}
	keys, cursors = map[string][]string{}, map[string]string{}
	for _, n := range s.names() {
		keys[n], cursors[n] = s.sets[n].keys, s.sets[n].cursor()
	}
	return s.version, keys, cursors, nil
}

// Plain and Key are how values and ids are read.
func Plain(v any) any                     { return plain(v) }
func Key(keys []string, id string) string { return keyOf(&entitySet{keys: keys}, id) }

// Expand is how expanded paths are written in OData 4.
func Expand(paths ...string) string { return nested(paths) }
