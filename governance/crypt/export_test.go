package crypt

// CMAC is the CMAC of the parts, one behind the other, as often as it is called.
func CMAC(key []byte) func(parts ...[]byte) [16]byte {
	m := newCMAC(key)
	return func(parts ...[]byte) [16]byte {
		c := m.begin()
		for _, p := range parts {
			write(c, p)
		}
		return m.end(c)
	}
}
