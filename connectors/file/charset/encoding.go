// Package charset tells the encoding of text, with a confidence, and reads it as UTF-8: by the names that exports and mailers use, and beyond damaged bytes.
package charset

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/simplifiedchinese"

	"crmhub/fault"
)

// The canonical names of encodings that are treated by name; all others come from the lists of
// the web and of IANA.
const (
	UTF8    = "utf-8"
	UTF16LE = "utf-16le"
	UTF16BE = "utf-16be"
	UTF16   = "utf-16" // by its byte order mark; little-endian without
	GB18030 = "gb18030"
)

// aliases are names that legacy mailers and exports use and no list knows. GBK
// and GB 2312 are read as GB 18030, which holds both: text declared as GB 2312
// very often has characters beyond it.
var aliases = map[string]string{
	"utf8": UTF8, "unicode": UTF16, "utf16": UTF16, "utf-16": UTF16, "utf-16le": UTF16LE, "utf-16be": UTF16BE,
	"ucs-2": UTF16, "unicode-1-1-utf-8": UTF8, "utf-8-sig": UTF8, "utf-8-bom": UTF8, "us-ascii": UTF8, "ascii": UTF8, "ansi_x3.4-1968": UTF8,
	"gb18030": GB18030, "gbk": GB18030, "gb2312": GB18030, "gb_2312": GB18030, "gb_2312-80": GB18030, "gb2312-80": GB18030,
	"eucgb2312_cn": GB18030, "euc-cn": GB18030, "euccn": GB18030, "x-gbk": GB18030, "cp936": GB18030, "ms936": GB18030,
	"936": GB18030, "windows-936": GB18030, "chinese": GB18030, "hz-gb-2312": "hz-gb-2312", "x-euc-cn": GB18030, "gb18030-2005": GB18030, "gb18030-2022": GB18030,
	"cp950": "big5", "ms950": "big5", "950": "big5", "windows-950": "big5", "big-5": "big5", "big5_tw": "big5", "x-big5": "big5", "cn-big5": "big5",
	"cp932": "shift_jis", "ms932": "shift_jis", "windows-31j": "shift_jis", "sjis": "shift_jis", "932": "shift_jis", "x-sjis": "shift_jis",
	"cp949": "euc-kr", "ms949": "euc-kr", "949": "euc-kr", "ks_c_5601-1987": "euc-kr", "ansi": "windows-1252", "latin1": "windows-1252", "latin-1": "windows-1252",
	"iso8859-1": "windows-1252", "iso-8859-1": "windows-1252", "iso8859-2": "iso-8859-2", "iso8859-15": "iso-8859-15",
	"cp1250": "windows-1250", "cp1251": "windows-1251", "cp1252": "windows-1252", "cp1253": "windows-1253", "cp1254": "windows-1254",
	"cp1255": "windows-1255", "cp1256": "windows-1256", "cp1257": "windows-1257", "cp1258": "windows-1258", "cp866": "ibm866", "koi8r": "koi8-r",
}

// offered are the names that a misspelt encoding is compared with.
var offered = []string{
	"auto", "utf-8", "utf-16", "utf-16le", "utf-16be", "gb18030", "gbk", "gb2312", "big5", "shift_jis", "euc-jp", "euc-kr", "iso-2022-jp",
	"windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255", "windows-1256", "windows-1257", "windows-1258", "windows-874",
	"iso-8859-1", "iso-8859-2", "iso-8859-5", "iso-8859-7", "iso-8859-9", "iso-8859-15", "koi8-r", "koi8-u", "ibm866", "macintosh",
}

// Name returns the one name of an encoding that may be called many;
// where there is none, the nearest that is offered.
func Name(s string) (name, nearest string, ok bool) {
	s = strings.ToLower(strings.Trim(strings.TrimSpace(s), `"'`))
	if a, known := aliases[s]; known {
		return a, "", true
	}
	if e, err := htmlindex.Get(s); err == nil {
		if n, err := htmlindex.Name(e); err == nil && n != "replacement" && n != "x-user-defined" {
			return n, "", true
		}
	}
	if e, err := ianaindex.IANA.Encoding(s); err == nil && e != nil {
		if n, err := ianaindex.IANA.Name(e); err == nil {
			return strings.ToLower(n), "", true
		}
	}
	return "", fault.Nearest(s, offered), false
}

// decoderOf returns the decoder of a canonical name; nil for UTF-8.
func decoderOf(name string) *encoding.Decoder {
	switch name {
	case "", UTF8:
		return nil
	case GB18030:
		return simplifiedchinese.GB18030.NewDecoder()
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312.NewDecoder()
	}
	if e, err := htmlindex.Get(name); err == nil {
		return e.NewDecoder()
	}
	if e, err := ianaindex.IANA.Encoding(name); err == nil && e != nil {
		return e.NewDecoder()
	}
	return nil
}

// IsUTF16 says whether the name is one of the forms of UTF-16.
func IsUTF16(name string) bool {
	return name == UTF16 || name == UTF16LE || name == UTF16BE
}

// Decode returns text in the named encoding as UTF-8, with U+FFFD for
// what can't be read. It is for mail and names of archive members, where a
// damaged character is no reason to refuse the whole.
func Decode(b []byte, name string) string {
	if IsUTF16(name) {
		out, _ := AppendUTF16(nil, b, name == UTF16BE)
		return strings.ToValidUTF8(string(out), "\uFFFD")
	}
	dec := decoderOf(name)
	if dec == nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	out, err := dec.Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(out)
}

// Guess reads text that names no encoding, or a wrong one: UTF-8 where it
// is valid, else what detection says, which for a few bytes of mail means GB 18030.
func Guess(b []byte, fallback string) string {
	if utf8.Valid(b) {
		return string(b)
	}
	if fallback != "" && fallback != UTF8 {
		return Decode(b, fallback)
	}
	g := Detect(b, true)
	if g.Name == UTF8 || g.Confidence < 0.5 {
		return Decode(b, GB18030)
	}
	return Decode(b, g.Name)
}

// Known says whether there is a decoder for a canonical name.
func Known(name string) bool {
	return name == UTF8 || IsUTF16(name) || decoderOf(name) != nil
}
