package compare

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Soundex returns the American Soundex code of a Latin word packed in 32
// bits, 0 where it begins with none of the 26 letters.
func Soundex(s string) uint32 {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return 0
	}
	const codes = "01230120022455012623010202"
	out := [4]byte{s[0], '0', '0', '0'}
	n, last := 1, codes[s[0]-'a']
	for i := 1; i < len(s) && n < 4; i++ {
		c := s[i]
		if c < 'a' || c > 'z' {
			last = '0'
			continue
		}
		code := codes[c-'a']
		if code != '0' && code != last {
			out[n] = code
			n++
		}
		if c != 'h' && c != 'w' {
			last = code
		}
	}
	return uint32(out[0])<<24 | uint32(out[1])<<16 | uint32(out[2])<<8 | uint32(out[3])
}
