package column

// split is the first words of a folded text.
type split struct {
	room [maxWords]string
	n    int
}

// words parts a text at its spaces; what follows maxWords words is left out.
func (p *split) words(s string) {
	from := 0
	for i := 0; i <= len(s) && p.n < maxWords; i++ {
		if i < len(s) && s[i] != ' ' {
			continue
		}
		if i > from {
			p.room[p.n] = s[from:i]
			p.n++
		}
		from = i + 1
	}
}

func (p *split) all() []string { return p.room[:p.n] }
