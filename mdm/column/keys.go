package column

import "slices"

// hash returns a text's hash under a predicate, the same on every machine (FNV-1a, mixed).
func hash(predicate uint8, s string) uint64 { return mix(fnv(seed(predicate), s)) }

// seed is where the hash of a predicate begins.
func seed(predicate uint8) uint64 { return 14695981039346656037 ^ uint64(predicate)<<56 }

// fnv goes on with an FNV-1a hash.
func fnv(h uint64, s string) uint64 {
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// mix spreads the bits of a number over all 64 (splitmix64).
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// numberKey is the key of a number under a predicate.
func numberKey(predicate uint8, n int64) Key {
	return Key{predicate, mix(uint64(n) ^ seed(predicate))}
}

// appendKey appends a key that isn't there yet.
func appendKey(dst []Key, k Key) []Key {
	if slices.Contains(dst, k) {
		return dst
	}
	return append(dst, k)
}

// prefix returns the first n letters of a text.
func prefix(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// bloom returns a bit for a word: words in common have a bit in common.
func bloom(w string) uint64 { return 1 << (fnv(seed(0), w) * 0x9E3779B97F4A7C15 >> 58) }
