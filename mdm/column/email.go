package column

import (
	"encoding/binary"
	"strings"

	"crmhub/mdm/standardize"
)

// email compares e-mail addresses, the mailbox apart from the domain.
type email struct {
	base
	// common are domains at which many values of the column are.
	common map[string]bool
}

// mail is an e-mail address, taken apart.
type mail struct {
	// text is the whole address.
	text string
	// box is the mailbox, without tags and, where the provider reads it so,
	// without points; domain the provider, by its main name.
	box    spelling
	domain string
	// letters is box without points, hyphens and figures behind, digits are
	// its figures, written is the mailbox as it was written.
	letters, digits, written string
	free, shared             bool
}

// Before the address of a packed value stand the signature and the number of
// letters of its mailbox, what it is, the lengths of mailbox and domain, and
// where letters, digits and the mailbox as written lie: in the address or
// behind it.
const (
	mailLengths = 11
	mailSpans   = 15
	mailHead    = mailSpans + 3*spanSize

	mailFree   byte = 1
	mailShares byte = 2
)

// mailOf returns the parts of a packed address.
func mailOf(v Packed) mail {
	all, n, runes := string(v[mailHead:]), v.get16(mailLengths), int32(v.get16(8))
	end := n + 1 + v.get16(mailLengths+2)
	parts := list{all, v[mailSpans:mailHead]}
	return mail{
		text: all[:end], box: spelling{all[:n], v.get64(0), runes, int(runes) == n}, domain: all[n+1 : end],
		letters: parts.at(0), digits: parts.at(1), written: parts.at(2), free: v[10]&mailFree != 0, shared: v[10]&mailShares != 0,
	}
}

// appendMail packs an address.
func appendMail(dst []byte, box, domain, written string, free, shared bool, letters, digits string) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, mailHead)...)
	s := spell(box)
	dst = append(append(append(dst, box...), '@'), domain...)
	all := start + mailHead
	for i, part := range [...]string{letters, digits, written} {
		at := strings.Index(box, part)
		if at < 0 {
			at = len(dst) - all
			dst = append(dst, part...)
		}
		binary.LittleEndian.PutUint32(dst[start+mailSpans+spanSize*i:], uint32(at)|uint32(len(part))<<16)
	}
	head := dst[start:all]
	binary.LittleEndian.PutUint64(head, s.signature)
	binary.LittleEndian.PutUint16(head[8:], uint16(s.runes))
	binary.LittleEndian.PutUint16(head[mailLengths:], uint16(len(box)))
	binary.LittleEndian.PutUint16(head[mailLengths+2:], uint16(len(domain)))
	if free {
		head[10] |= mailFree
	}
	if shared {
		head[10] |= mailShares
	}
	return dst
}

// The levels of e-mail addresses.
const (
	mailExact   = iota + 1
	mailTagged  // but for tags and points that the provider doesn't read
	mailSlip    // the mailbox, and a domain that differs by a slip or its ending
	mailMailbox // the mailbox, elsewhere
	mailNear    // one slip of the keys in the mailbox, the same domain
	mailClose   // one slip, elsewhere; two slips, or nearly the same letters
	mailShared  // a mailbox that many read: info@, at one domain
	mailDigits  // the same letters, other figures: jsmith1, jsmith84
	mailSimilar // alike
	mailDomain  // a domain that is not a public provider's
	mailDifferent
)

func newEmail(o Options) *email {
	values := chooseAtMost(o.Values, weighed)
	counts := map[string]int{}
	for _, v := range values {
		_, domain, _ := strings.Cut(strings.ToLower(strings.TrimSpace(v)), "@")
		counts[domain]++
	}
	common := map[string]bool{}
	for domain, n := range counts {
		if n >= max(10, len(values)/100) {
			common[domain] = true
		}
	}
	return &email{base{Email, []string{"exact", "tagged", "domain_slip", "mailbox", "near", "close", "shared", "digits", "similar", "domain", "different"}, []string{"exact", "mailbox", "prefix", "letters", "domain", "deletion"}}, common}
}

// publicProviders are domains at which anybody may have a mailbox.
var publicProviders = set(`example.com example.org example.net gmail.com hotmail.com hotmail.co.uk outlook.com live.com live.co.uk msn.com yahoo.com yahoo.co.uk yahoo.co.jp yahoo.com.cn yahoo.com.hk yahoo.com.tw ymail.com rocketmail.com aol.com icloud.com me.com mac.com qq.com vip.qq.com foxmail.com 163.com 126.com yeah.net 188.com vip.163.com sina.com sina.cn sina.com.cn vip.sina.com sohu.com 139.com 189.cn wo.cn aliyun.com tom.com 21cn.com 263.net
	gmx.de gmx.net gmx.com web.de t-online.de freenet.de mail.com mail.ru yandex.ru yandex.com rambler.ru bk.ru inbox.ru list.ru orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it btinternet.com sky.com ntlworld.com virginmedia.com talktalk.net blueyonder.co.uk comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net bigpond.com bigpond.net.au optusnet.com.au protonmail.com proton.me zoho.com naver.com daum.net hanmail.net docomo.ne.jp ezweb.ne.jp softbank.ne.jp hinet.net netvigator.com rediffmail.com uol.com.br bol.com.br terra.com.br seznam.cz wp.pl o2.pl onet.pl interia.pl`)

// mainDomains are names of one provider that share their mailboxes.
var mainDomains = map[string]string{"googlemail.com": "gmail.com", "me.com": "icloud.com", "mac.com": "icloud.com", "vip.qq.com": "qq.com", "proton.me": "protonmail.com", "protonmail.ch": "protonmail.com"}

// sharedBoxes are read by many.
var sharedBoxes = set(`info sales admin administrator office contact contacts contactus service services support hello mail email enquiries enquiry inquiry inquiries hr finance marketing postmaster webmaster hostmaster team shop store order orders billing invoice invoices accounts account accounting reception help helpdesk purchasing procurement kefu caiwu xiaoshou renshi bangong kontakt buero verkauf ventas customerservice customercare booking bookings reservations jobs careers press legal it general feedback newsletter abuse security secretary manager director`)

// emptyBoxes belong to nobody.
var emptyBoxes = set(`noreply no-reply donotreply do-not-reply none na n/a null unknown noemail no-email nomail no.email test test1 tests testing abc 123 1234 12345 123456 xxx xx x a aa aaa example nobody notprovided notavailable not.provided invalid fake dummy user email@ anonymous temp asdf noone no customer guest undefined`)

// Append takes an e-mail address apart.
func (c *email) Append(dst []byte, text string) []byte {
	s := clean(text)
	if s == "" {
		return dst
	}
	if a, ok := standardize.Email(s); ok {
		s = a
	}
	s = clip(strings.ToLower(strings.ReplaceAll(s, " ", "")))
	box, domain, _ := strings.Cut(s, "@")
	if box == "" || emptyBoxes[box] {
		return dst
	}
	if main, ok := mainDomains[domain]; ok {
		domain = main
	}
	written := box
	if tag, _, found := strings.Cut(box, "+"); found && tag != "" {
		box = tag
	}
	if domain == "gmail.com" {
		box = strings.ReplaceAll(box, ".", "")
	}
	letters := strings.Trim(strings.Map(withoutPoints, box), "0123456789")
	return appendMail(dst, box, domain, written, publicProviders[domain] || c.common[domain], sharedBoxes[letters], letters, digitsOf(box))
}

// AppendText appends the address.
func (c *email) AppendText(dst []byte, v Packed) []byte {
	if v == "" {
		return dst
	}
	return append(dst, mailOf(v).text...)
}

// withoutPoints leaves out what parts the words of a mailbox.
func withoutPoints(r rune) rune {
	if r == '.' || r == '-' || r == '_' {
		return -1
	}
	return r
}

// Level compares two e-mail addresses.
func (c *email) Level(a, b Packed) uint8 {
	if a == "" || b == "" {
		return Missing
	}
	one, other := mailOf(a), mailOf(b)
	x, y := &one, &other
	domain := x.domain == y.domain
	if x.box.text == y.box.text {
		switch {
		case x.shared && domain:
			return mailShared
		case x.shared:
			return mailDifferent
		case domain && x.written == y.written:
			return mailExact
		case domain:
			return mailTagged
		case domainSlip(x, y):
			return mailSlip
		}
		return mailMailbox
	}
	if x.shared || y.shared {
		if domain && !x.free {
			return mailDomain
		}
		return mailDifferent
	}
	least := min(x.box.runes, y.box.runes)
	figures := x.digits != y.digits && x.letters == y.letters
	switch {
	case !figures && domain && least >= 4 && slips(&x.box, &y.box, 1):
		return mailNear
	case figures && len(x.letters) >= 3:
		return mailDigits
	case !figures && least >= 5 && slips(&x.box, &y.box, 1), !figures && least >= 8 && slips(&x.box, &y.box, 2), x.letters == y.letters && len(x.letters) >= 4:
		return mailClose
	case least >= 5 && alike(&x.box, &y.box, 0.93) && x.digits == y.digits:
		return mailClose
	case least >= 4 && alike(&x.box, &y.box, 0.85):
		return mailSimilar
	case domain && !x.free:
		return mailDomain
	}
	return mailDifferent
}

// domainSlip reports whether two domains are one with a slip of the keys, or
// with another ending: gmail.con, hotmial.com, firma.de and firma.com.
func domainSlip(x, y *mail) bool {
	if x.domain == "" || y.domain == "" {
		return true // one was cut off behind the mailbox
	}
	if x.free && y.free {
		return false
	}
	p, q := spell(x.domain), spell(y.domain)
	return slips(&p, &q, 1) || !x.free && !y.free && domainName(x.domain) == domainName(y.domain) || min(p.runes, q.runes) >= 8 && slips(&p, &q, 2)
}

// domainName returns a domain without its endings: firma of firma.co.uk.
func domainName(d string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(d, "www."), ".")
	return name
}

// Keys returns the address, its mailbox, the mailbox's first letters, its
// letters without figures, the domain where few share it, and the mailbox's
// neighbourhood.
func (c *email) Keys(dst []Key, v Packed, want uint32) []Key {
	if v == "" {
		return dst
	}
	m := mailOf(v)
	dst = append(dst, Key{0, hash(0, m.text)})
	if !m.free && m.domain != "" {
		dst = append(dst, Key{4, hash(4, m.domain)})
	}
	if m.shared {
		return dst
	}
	dst = append(dst, Key{1, hash(1, m.box.text)}, Key{2, hash(2, prefix(m.box.text, 5))})
	if len(m.letters) >= 4 {
		dst = append(dst, Key{3, hash(3, m.letters)})
	}
	return deletions(dst, 5, m.box.text, want)
}
