package compare

import (
	"encoding/binary"
	"strings"
)

// packedVersion is the first byte of packed features. It is raised whenever New may
// give other features for the same fields, by other rules, tables or attributes:
// features of another version are not read, so that they are made of the fields again.
const packedVersion = 1

// packedMost bounds packed features, in bytes: a record with larger ones keeps its fields alone.
const packedMost = 4096

// The second byte of packed features says what follows; the third counts it.
const (
	packedGender = 0b0000_0011 // 1 is m, 2 is f
	packedGiven  = 0b0000_1100 // how many given names
	packedFamily = 1 << 4
	packedWhole  = 1 << 5 // the given names as one word are not those that are listed, joined
	packedBirth  = 1 << 6
	packedRare   = 1 << 7
)

// The first bits of a mailbox's length say more of an address.
const (
	packedDomain = 1 << iota
	packedShared
	packedNamed
	packedMailbox = iota
)

// The bits of a place are its parts in order, then whether its postal code is that of a few houses.
const packedFine = 1 << 6

// The bits of rare features.
const (
	packedOrganisation = 1 << iota
	packedBranch
	packedNationalID
	packedNationalIDChecked
	packedTaxID
	packedTaxIDChecked
	packedSocialIDs
)

// AppendPacked appends f to dst in a form that Unpack reads: a version, then texts and
// numbers, of about 80 bytes for a customer. It holds personal data. It says nothing that
// depends on a match model. Where it would be longer than a few kilobytes, nothing is appended.
func (f *Features) AppendPacked(dst []byte) []byte {
	from, at := len(dst), len(dst)+1
	dst = append(dst, packedVersion, 0)
	switch f.Gender {
	case 'm':
		dst[at] |= 1
	case 'f':
		dst[at] |= 2
	}
	if f.Birth != 0 {
		dst[at] |= packedBirth
		dst = append(dst, byte(f.Birth>>16), byte(f.Birth>>8), byte(f.Birth))
	}
	dst = f.Name.appendPacked(dst, at)
	dst = append(dst, byte(len(f.Emails)), byte(len(f.Phones)), byte(len(f.Addresses)))
	for i := range f.Emails {
		dst = f.Emails[i].appendPacked(dst)
	}
	for _, n := range f.Phones {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	for i := range f.Addresses {
		dst = f.Addresses[i].appendPacked(dst)
	}
	if !f.Rare.empty() {
		dst[at] |= packedRare
		dst = f.Rare.appendPacked(dst)
	}
	if len(dst)-from > packedMost {
		return dst[:from]
	}
	return dst
}

func (n *Name) appendPacked(dst []byte, at int) []byte {
	if n.Family != nil {
		dst[at] |= packedFamily
		dst = appendText(dst, n.Family.Text)
	}
	given := 0
	for ; given < len(n.Given) && n.Given[given] != nil; given++ {
		dst = appendText(dst, n.Given[given].Text)
	}
	dst[at] |= byte(given << 2)
	if n.Whole != nil && !n.joined(given) {
		dst[at] |= packedWhole
		dst = appendText(dst, n.Whole.Text)
	}
	return dst
}

// joined reports whether the first given names together are the whole.
func (n *Name) joined(given int) bool {
	rest := n.Whole.Text
	for _, t := range n.Given[:given] {
		var ok bool
		if rest, ok = strings.CutPrefix(rest, t.Text); !ok {
			return false
		}
	}
	return rest == "" && given > 0
}

func (m *Mail) appendPacked(dst []byte) []byte {
	bits := uint64(len(m.Mailbox.Text)) << packedMailbox
	if m.Domain != nil {
		bits |= packedDomain
	}
	if m.Shared {
		bits |= packedShared
	}
	if m.Named {
		bits |= packedNamed
	}
	dst = append(binary.AppendUvarint(dst, bits), m.Mailbox.Text...)
	if m.Domain != nil {
		dst = appendText(dst, m.Domain.Text)
	}
	return dst
}

func (p *Place) appendPacked(dst []byte) []byte {
	at := len(dst)
	dst = append(dst, 0)
	for i, t := range [...]*Token{p.Street, p.House, p.District, p.City, p.Region, p.Postcode} {
		if t != nil {
			dst[at] |= 1 << i
			dst = appendText(dst, t.Text)
		}
	}
	if p.Fine {
		dst[at] |= packedFine
	}
	return dst
}

func (r *Rare) appendPacked(dst []byte) []byte {
	at := len(dst)
	dst = append(dst, 0)
	if o := r.Organisation; o != nil {
		dst[at] |= packedOrganisation
		if o.Branch {
			dst[at] |= packedBranch
		}
		dst = appendText(appendText(dst, o.Full.Text), o.Brand.Text)
	}
	id := func(x ID, has, checked byte) {
		if x.Token == nil {
			return
		}
		dst[at] |= has
		if x.Checked {
			dst[at] |= checked
		}
		dst = appendText(dst, x.Text)
	}
	id(r.NationalID, packedNationalID, packedNationalIDChecked)
	id(r.TaxID, packedTaxID, packedTaxIDChecked)
	if len(r.SocialIDs) > 0 {
		dst[at] |= packedSocialIDs
		dst = append(dst, byte(len(r.SocialIDs)))
		for _, t := range r.SocialIDs {
			dst = appendText(dst, t.Text)
		}
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// Unpack returns the features that AppendPacked packed: those that New returns of the same
// fields. ok is false where there are none, or of another version of the program, or damaged ones.
func (d *Dictionary) Unpack(packed []byte) (f *Features, ok bool) {
	if len(packed) < 2 || packed[0] != packedVersion {
		return nil, false
	}
	x := &roomy{}
	u := unpacker{dictionary: d, rest: string(packed[1:])}
	u.features(x)
	if u.damaged || u.rest != "" {
		return nil, false
	}
	return &x.Features, true
}

// unpacker reads packed features from the front.
type unpacker struct {
	dictionary *Dictionary
	rest       string
	damaged    bool
}

func (u *unpacker) features(x *roomy) {
	bits := u.byte()
	x.Gender = [...]byte{0, 'm', 'f', 0}[bits&packedGender]
	if bits&packedBirth != 0 {
		x.Birth = Date(u.byte())<<16 | Date(u.byte())<<8 | Date(u.byte())
	}
	u.name(&x.Name, bits)
	emails, phones, addresses := int(u.byte()), int(u.byte()), int(u.byte())
	if x.Rare = none; max(emails, phones, addresses) > maxList {
		u.damaged = true
		return
	}
	x.Emails, x.Phones, x.Addresses = x.emails[:0], x.phones[:0], x.addresses[:0]
	for range emails {
		x.Emails = append(x.Emails, u.mail())
	}
	for range phones {
		x.Phones = append(x.Phones, Number(u.number()))
	}
	for range addresses {
		x.Addresses = append(x.Addresses, u.place())
	}
	if bits&packedRare != 0 {
		x.Rare = u.rare()
	}
}

func (u *unpacker) name(n *Name, bits byte) {
	if bits&packedFamily != 0 {
		n.Family = u.token(people)
	}
	given, from := int(bits&packedGiven)>>2, u.rest
	for i := range given {
		n.Given[i] = u.token(people)
	}
	switch {
	case bits&packedWhole != 0:
		n.Whole = u.token(people)
	case given == 1:
		n.Whole = n.Given[0]
	case given > 1:
		u.rest = from // the same texts again, as one
		var room [64]byte
		whole := room[:0]
		for range given {
			whole = append(whole, u.text()...)
		}
		n.Whole = u.dictionary.token(people, string(whole))
	}
}

func (u *unpacker) mail() (m Mail) {
	bits := u.number()
	m.Mailbox = u.dictionary.token(words, u.cut(bits>>packedMailbox))
	if bits&packedDomain != 0 {
		m.Domain = u.token(words)
	}
	m.Shared, m.Named = bits&packedShared != 0, bits&packedNamed != 0
	u.damaged = u.damaged || m.Mailbox == nil
	return m
}

func (u *unpacker) place() (p Place) {
	bits := u.byte()
	part := func(i int, sp space) *Token {
		if bits>>i&1 == 0 {
			return nil
		}
		return u.token(sp)
	}
	p.Street, p.House = part(0, words), part(1, words)
	p.District, p.City, p.Region = part(2, places), part(3, places), part(4, places)
	p.Postcode, p.Fine = part(5, words), bits&packedFine != 0
	return p
}

func (u *unpacker) rare() *Rare {
	r, bits := &Rare{}, u.byte()
	if bits&packedOrganisation != 0 {
		full, brand := u.token(words), u.text()
		u.damaged = u.damaged || brand == ""
		r.Organisation = u.dictionary.organisation(full, brand, bits&packedBranch != 0)
	}
	if bits&packedNationalID != 0 {
		r.NationalID = ID{u.token(words), bits&packedNationalIDChecked != 0}
	}
	if bits&packedTaxID != 0 {
		r.TaxID = ID{u.token(words), bits&packedTaxIDChecked != 0}
	}
	if bits&packedSocialIDs != 0 {
		for range min(int(u.byte()), maxList) {
			r.SocialIDs = append(r.SocialIDs, u.token(words))
		}
	}
	return r
}

// token reads a text; there is one.
func (u *unpacker) token(sp space) *Token {
	t := u.dictionary.token(sp, u.text())
	u.damaged = u.damaged || t == nil
	return t
}

func (u *unpacker) text() string { return u.cut(u.number()) }

func (u *unpacker) cut(n uint64) string {
	if n > uint64(len(u.rest)) {
		u.damaged = true
		return ""
	}
	s := u.rest[:n]
	u.rest = u.rest[n:]
	return s
}

func (u *unpacker) byte() byte {
	if u.rest == "" {
		u.damaged = true
		return 0
	}
	b := u.rest[0]
	u.rest = u.rest[1:]
	return b
}

func (u *unpacker) number() (n uint64) {
	for shift := 0; shift < 64; shift += 7 {
		b := u.byte()
		n |= uint64(b&0x7F) << shift
		if b < 0x80 {
			return n
		}
	}
	u.damaged = true
	return 0
}
