package golden

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"

	"crmhub/governance/crypt"
	"crmhub/mdm/entity"
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
	featuresEntry = "_match"   // what comparing asks of the fields, packed; the first, where there is one
	keyEntry      = "_key"     // the source's own key
	invalidEntry  = "_invalid" // the values that validation set aside
	extrasEntry   = "_extras"  // properties that the schema does not know
	originsEntry  = "_origins" // of a golden record: where these properties come from
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
	// What canonical left: the fields in order, where they end in buf, and
	// whether one may be a ref.
	parts []part
	buf   []byte
	end   int
	refs  bool

	ad, value, packed []byte
	tokens            []entity.Token
	block             func(key []byte) // adds a blocking key's token
	// features and origins go into the payload sealed, where they are not empty.
	features, origins []byte
}

// part is one field of a record that has a value.
type part struct {
	name     string
	field    *field // nil where it is not looked up yet, or the schema has none
	value    any
	from, to int // where its value stands in the canonical plaintext
}

// canonical writes the canonical plaintext of a record's content into the
// sealer's buffer and returns it; it is valid until the next call. It decides between two
// versions of one instant, and the content token is made of it.
func (p *sealer) canonical(f record.Fields, invalid []byte) []byte {
	p.order(f)
	p.refs = false
	b := append(p.buf[:0], '{')
	for i := range p.parts {
		x := &p.parts[i]
		if i > 0 {
			b = append(b, ',')
		}
		if x.field != nil {
			b = append(b, x.field.quoted...)
		} else {
			b = append(canon.String(b, x.name), ':')
		}
		x.from = len(b)
		if _, object := x.value.(map[string]any); object {
			p.refs = true
		}
		b = canon.Append(b, x.value)
		x.to = len(b)
	}
	b = append(b, '}')
	p.end = len(b)
	b = append(b, 0)
	p.buf = append(b, invalid...)
	return p.buf
}

// order lists the fields that have a value, by name.
func (p *sealer) order(f record.Fields) {
	p.parts = p.parts[:0]
	if p.layout != nil {
		found := 0
		for _, x := range p.layout.fields {
			if v, ok := f[x.name]; ok {
				if found++; v != nil {
					p.parts = append(p.parts, part{name: x.name, field: x, value: v})
				}
			}
		}
		if found == len(f) {
			return
		}
		p.parts = p.parts[:0] // there are others
	}
	for n, v := range f {
		if v != nil {
			p.parts = append(p.parts, part{name: n, value: v})
		}
	}
	slices.SortFunc(p.parts, func(a, b part) int { return strings.Compare(a.name, b.name) })
}

// room is how many bytes a payload of what canonical left may have.
func (p *sealer) room() int { return len(p.buf) + 64 + len(p.parts)*(crypt.Overhead+24) }

// clear lets go of the values.
func (p *sealer) clear() { clear(p.parts[:cap(p.parts)]) }

// pack appends the payload of what canonical was last called with to dst.
// kind and subject are what the seals are bound to.
func (p *sealer) pack(dst []byte, k crypt.DataKey, kind string, subject []byte, schema *schemas.Schema, key string) []byte {
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
	if len(p.features) > 0 {
		seal(featuresEntry, 0, p.features)
	}
	fields := p.s.layoutOf(schema).byName
	var extras map[string]any
	for i := range p.parts {
		at := &p.parts[i]
		x := at.field
		if x == nil {
			x = fields[at.name]
		}
		if x == nil {
			if extras == nil {
				extras = map[string]any{}
			}
			extras[at.name] = at.value
			continue
		}
		value := p.buf[at.from:at.to]
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
	x, _ := s.plains.Get().(*plainText)
	defer s.plains.Put(x)
	defer x.clear()
	x.ad = s.db.SubjectAD(x.ad[:0], kind, subject)
	bound := len(x.ad)
	err = entries(payload, func(name []byte, class byte, value []byte) error {
		if string(name) == featuresEntry || keyOnly && string(name) != keyEntry {
			return nil
		}
		return x.open(k, bound, s.name(name), class, value)
	})
	if err != nil {
		return opened{}, err
	}
	return x.decode(keyOnly)
}

// plainText is what opening one payload needs for a moment: all of it in clear,
// and where each entry stands. It is used by one goroutine at a time.
type plainText struct {
	ad, plain []byte
	entries   []plainEntry
}

type plainEntry struct {
	name     string
	from, to int
}

// open adds an entry; bound is how much of ad all entries share.
func (x *plainText) open(k crypt.DataKey, bound int, name string, class byte, value []byte) error {
	from := len(x.plain)
	if class&sealedFlag == 0 {
		x.plain = append(x.plain, value...)
	} else {
		i := int(class &^ sealedFlag)
		if i >= len(classes) {
			return errPayload
		}
		x.ad = crypt.AppendAD(x.ad[:bound], name, classes[i])
		var err error
		if x.plain, err = k.Open(x.plain, value, x.ad); err != nil {
			return err
		}
	}
	x.entries = append(x.entries, plainEntry{name, from, len(x.plain)})
	return nil
}

func (x *plainText) clear() {
	clear(x.plain)
	clear(x.entries)
	x.plain, x.entries = x.plain[:0], x.entries[:0]
}

// decode reads the values. Their texts are parts of one, so that a record
// costs few pieces of memory.
func (x *plainText) decode(keyOnly bool) (opened, error) {
	o, text := opened{}, string(x.plain)
	if !keyOnly {
		o.fields = make(record.Fields, len(x.entries))
	}
	for _, e := range x.entries {
		value := text[e.from:e.to]
		switch e.name {
		case keyEntry:
			o.key = value
		case invalidEntry:
			o.invalid = []byte(value)
		case originsEntry:
			o.origins = []byte(value)
		case extrasEntry:
			m, err := canon.Object([]byte(value))
			if err != nil {
				return o, err
			}
			maps.Copy(o.fields, m)
		default:
			v, err := canon.DecodeText(value)
			if err != nil {
				return o, err
			}
			o.fields[e.name] = v
		}
	}
	return o, nil
}

// name returns an entry's name as text, the schemas' own without a copy.
func (s *Store) name(raw []byte) string {
	if n, ok := s.names[string(raw)]; ok {
		return n
	}
	return string(raw)
}

var errPayload = fmt.Errorf("a payload that this program does not understand")

// entries walks the entries of a payload.
func entries(payload []byte, f func(name []byte, class byte, value []byte) error) error {
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
		if err := f(name, class, value); err != nil {
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
