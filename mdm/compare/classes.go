package compare

// NameClasses returns the families of given names, William, Bill, Liam, that a
// folded word belongs to, and the Chinese surnames that it is a way to write,
// in whatever romanisation. The numbers mean nothing but that they are equal.
func NameClasses(word string) (given, surnames []uint16) {
	return nicknames()[word], romanisations()[word]
}
