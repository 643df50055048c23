package golden

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"crmhub/governance/crypt"
	"crmhub/record"
	"crmhub/schemas"
	"crmhub/store/canon"
)

// A payload is the fields of one record or golden record, packed:
//
//	0x01, then for each entry: name, class (1 byte, 0x80 where sealed), value
//
// names and values with their lengths in front. Values are canonical JSON, each
// sealed on its own under the data key of its subject, or in clear where the
// schema says x-seal: false. Properties that no schema knows are one sealed object
// under extras, so that not even their names are seen. The class is kept
// because it is part of what a seal is bound to: a schema may change its mind.
const payloadV1 = 0x01

// The names of entries that are not fields.
const (
	keyEntry     = "_key"     // the source's own key
	invalidEntry = "_invalid" // the values that validation set aside
	extrasEntry  = "_extras"  // properties that the schema does not know
	originsEntry = "_origins" // of a golden record: where these properties come from
)

const sealedFlag = 0x80

// classes are the x-class words by their byte; new ones go to the end.
var classes = [...]string{schemas.Unclassified, "none", "direct_identifier", "quasi_identifier", "sensitive", "contact", "free_text"}

func classByte(class string) byte {
	if i := slices.Index(classes[:], class); i > 0 {
		return byte(i)
	}
	return 0
}

// sealer makes canonical plaintexts and payloads; it keeps its buffers and is
// used by one goroutine.
type sealer struct {
	s *Store
	// layout, where it is set, is that of the records to come.
	layout *layout
	// What canonical left: the names of the fields in order, where the value of
	// each stands in buf, where the fields end, and whether one may be a ref.
	names []string
	spans [][2]int
	buf   []byte
	end   int
	refs  bool

	ad, value []byte
	origins   []byte // goes into the payload sealed, where it is not empty
}

// canonical writes the canonical plaintext of a record's content into the
// sealer's buffer and returns it; it is valid until the next call. It decides between two
// versions of one instant, and the content token is made of it.
func (p *sealer) canonical(f record.Fields, invalid []byte) []byte {
	p.order(f)
	p.spans, p.refs = p.spans[:0], false
	b := append(p.buf[:0], '{')
	for i, n := range p.names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(canon.String(b, n), ':')
		from := len(b)
		v := f[n]
		if _, object := v.(map[string]any); object {
			p.refs = true
		}
		b = canon.Append(b, v)
		p.spans = append(p.spans, [2]int{from, len(b)})
	}
	b = append(b, '}')
	p.end = len(b)
	b = append(b, 0)
	p.buf = append(b, invalid...)
	return p.buf
}

// order lists the names of the fields that have a value, sorted.
func (p *sealer) order(f record.Fields) {
	p.names = p.names[:0]
	if p.layout != nil {
		found := 0
		for _, x := range p.layout.fields {
			if v, ok := f[x.name]; ok {
				if found++; v != nil {
					p.names = append(p.names, x.name)
				}
			}
		}
		if found == len(f) {
			return
		}
		p.names = p.names[:0] // there are others
	}
	for n, v := range f {
		if v != nil {
			p.names = append(p.names, n)
		}
	}
	slices.Sort(p.names)
}

// pack appends the payload of what canonical was last called with to dst.
// kind and subject are what the seals are bound to.
func (p *sealer) pack(dst []byte, k crypt.DataKey, kind string, subject []byte, schema *schemas.Schema, f record.Fields, key string) []byte {
	p.ad = p.s.db.SubjectAD(p.ad[:0], kind, subject)
	bound := len(p.ad)
	seal := func(name string, class byte, plain []byte) {
		p.ad = crypt.AppendAD(p.ad[:bound], name, classes[class])
		dst = binary.AppendUvarint(dst, uint64(len(name)))
		dst = append(dst, name...)
		dst = append(dst, class|sealedFlag)
		dst = binary.AppendUvarint(dst, uint64(len(plain)+crypt.Overhead))
		dst = k.Seal(dst, plain, p.ad)
	}
	dst = append(dst, payloadV1)
	fields := p.s.layoutOf(schema).byName
	var extras map[string]any
	for i, n := range p.names {
		x := fields[n]
		if x == nil {
			if extras == nil {
				extras = map[string]any{}
			}
			extras[n] = f[n]
			continue
		}
		value := p.buf[p.spans[i][0]:p.spans[i][1]]
		dst = append(dst, x.head...)
		if x.sealed {
			p.ad = append(p.ad[:bound], x.bound...)
			dst = binary.AppendUvarint(dst, uint64(len(value)+crypt.Overhead))
			dst = k.Seal(dst, value, p.ad)
			continue
		}
		dst = binary.AppendUvarint(dst, uint64(len(value)))
		dst = append(dst, value...)
	}
	if extras != nil {
		p.value = canon.Append(p.value[:0], extras)
		seal(extrasEntry, 0, p.value)
	}
	if key != "" {
		p.value = append(p.value[:0], key...)
		seal(keyEntry, 0, p.value)
	}
	if invalid := p.buf[p.end+1:]; len(invalid) > 0 {
		seal(invalidEntry, 0, invalid)
	}
	if len(p.origins) > 0 {
		seal(originsEntry, 0, p.origins)
	}
	return dst
}

// opened is a payload in clear.
type opened struct {
	fields  record.Fields
	key     string
	invalid []byte
	origins []byte
}

// open opens a payload. With keyOnly only the source's key is.
func (s *Store) open(wrapped, payload []byte, kind string, subject []byte, keyOnly bool) (opened, error) {
	k, err := s.db.OpenDataKey(wrapped)
	if err != nil {
		return opened{}, err
	}
	o := opened{}
	if !keyOnly {
		o.fields = record.Fields{}
	}
	ad := s.db.SubjectAD(make([]byte, 0, 160), kind, subject)
	bound := len(ad)
	var room []byte
	err = entries(payload, func(name string, class byte, value []byte) error {
		if keyOnly && name != keyEntry {
			return nil
		}
		if class&sealedFlag != 0 {
			i := int(class &^ sealedFlag)
			if i >= len(classes) {
				return errPayload
			}
			ad = crypt.AppendAD(ad[:bound], name, classes[i])
			var err error
			if room, err = k.Open(room[:0], value, ad); err != nil {
				return err
			}
			value = room
		}
		switch name {
		case keyEntry:
			o.key = string(value)
			return nil
		case invalidEntry:
			o.invalid = bytes.Clone(value)
			return nil
		case originsEntry:
			o.origins = bytes.Clone(value)
			return nil
		case extrasEntry:
			m, err := canon.Object(value)
			for n, v := range m {
				o.fields[n] = v
			}
			return err
		}
		v, err := canon.Decode(value)
		o.fields[name] = v
		return err
	})
	return o, err
}

var errPayload = fmt.Errorf("a payload that this program does not understand")

// entries walks the entries of a payload.
func entries(payload []byte, f func(name string, class byte, value []byte) error) error {
	if len(payload) == 0 {
		return nil
	}
	if payload[0] != payloadV1 {
		return errPayload
	}
	p := payload[1:]
	part := func() []byte {
		n, size := binary.Uvarint(p)
		if size <= 0 || n > uint64(len(p)-size) {
			return nil
		}
		b := p[size : size+int(n)]
		p = p[size+int(n):]
		return b
	}
	for len(p) > 0 {
		name := part()
		if name == nil || len(p) == 0 {
			return errPayload
		}
		class := p[0]
		p = p[1:]
		value := part()
		if value == nil {
			return errPayload
		}
		if err := f(string(name), class, value); err != nil {
			return err
		}
	}
	return nil
}

// setAside decodes the list of values that validation set aside.
func setAside(raw []byte) ([]record.Invalid, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	v, err := canon.Decode(raw)
	if err != nil {
		return nil, err
	}
	list, ok := v.([]any)
	if !ok {
		return nil, errPayload
	}
	all := make([]record.Invalid, 0, len(list))
	for _, e := range list {
		m, ok := e.(map[string]any)
		if !ok {
			return nil, errPayload
		}
		text := func(n string) string { s, _ := m[n].(string); return s }
		all = append(all, record.Invalid{Path: text("path"), Rule: text("rule"), Code: text("code"), Value: m["value"]})
	}
	return all, nil
}

// invalidJSON is the canonical form of the values that validation set aside,
// empty where there are none.
func invalidJSON(list []record.Invalid) []byte {
	if len(list) == 0 {
		return nil
	}
	all := make([]any, len(list))
	for i, v := range list {
		all[i] = map[string]any{"path": v.Path, "rule": v.Rule, "code": v.Code, "value": v.Value}
	}
	return canon.Append(nil, all)
}
