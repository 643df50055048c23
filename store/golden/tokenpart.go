package golden

import (
	"bytes"
	"context"
	"slices"

	"crmhub/mdm/entity"
	"crmhub/store"
)

// crowd is what a part does to one blocking token: how many lines come and go,
// and how many stood before.
type crowd struct {
	token      entity.Token
	adds, goes int64
	before     int64
}

// walked is how many lines make it cheaper to walk through the table beside
// them than to ask for each token.
const walked = 5000

// syncPart writes lines, sorted, that hold all lines of their tokens.
func (s *Store) syncPart(ctx context.Context, tx *store.Tx, lines []holding, limit int) ([]int64, error) {
	var last []byte
	if _, err := tx.One(ctx, func(r store.Row) error {
		last = r.Bytes(0)
		return nil
	}, "SELECT token FROM token ORDER BY token DESC LIMIT 1"); err != nil {
		return nil, err
	}
	// Tokens past the last of the table have no holders yet.
	past := last == nil || bytes.Compare(lines[0].token[:], last) > 0
	var crowds []crowd
	var err error
	switch {
	case past:
		lines = slices.DeleteFunc(lines, func(l holding) bool { return !l.add() })
		crowds = crowdsOf(lines)
	case len(lines) >= walked:
		lines, crowds, err = walk(ctx, tx, lines)
	default:
		crowds = crowdsOf(lines)
		err = countBefore(ctx, tx, crowds, limit)
	}
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	var add, drop []holding
	for _, l := range lines {
		if l.add() {
			add = append(add, l)
		} else {
			drop = append(drop, l)
		}
	}
	if _, err := tx.Remove(ctx, "token", len(drop), func(i int, v []any) { v[0], v[1] = drop[i].token[:], drop[i].record() }); err != nil {
		return nil, err
	}
	columns := []string{"token", "record"}
	fill := func(i int, v []any) { v[0], v[1] = add[i].token[:], add[i].record() }
	if past {
		err = tx.Insert(ctx, "token", columns, len(add), fill)
	} else {
		_, err = tx.InsertNew(ctx, "token", columns, len(add), fill)
	}
	if err != nil {
		return nil, err
	}
	return s.crossings(ctx, tx, crowds, limit)
}

// crowdsOf counts the lines of each blocking token.
func crowdsOf(lines []holding) []crowd {
	var crowds []crowd
	for _, l := range lines {
		if !l.block() {
			continue
		}
		if n := len(crowds); n == 0 || crowds[n-1].token != l.token {
			crowds = append(crowds, crowd{token: l.token})
		}
		if c := &crowds[len(crowds)-1]; l.add() {
			c.adds++
		} else {
			c.goes++
		}
	}
	return crowds
}

// walk goes through the table beside the lines, from the first token to the
// last: it leaves the lines that change something, and counts the holders before.
func walk(ctx context.Context, tx *store.Tx, lines []holding) ([]holding, []crowd, error) {
	before := map[entity.Token]int64{}
	stands := make([]bool, len(lines))
	group, at := 0, 0 // the first line of the row's token, and of the row itself, or past them
	err := tx.Each(ctx, func(r store.Row) error {
		token, id := entity.Token(r.Bytes(0)), r.Int(1)
		for group < len(lines) && bytes.Compare(lines[group].token[:], token[:]) < 0 {
			group++
		}
		if group == len(lines) || lines[group].token != token {
			return nil
		}
		if lines[group].block() {
			before[token]++
		}
		for at = max(at, group); at < len(lines) && lines[at].token == token && lines[at].record() < id; {
			at++
		}
		if at < len(lines) && lines[at].token == token && lines[at].record() == id {
			stands[at] = true
		}
		return nil
	}, "SELECT token, record FROM token WHERE token >= $1 AND token <= $2 ORDER BY token, record", lines[0].token[:], lines[len(lines)-1].token[:])
	if err != nil {
		return nil, nil, err
	}
	var changes []holding
	for i, l := range lines {
		if l.add() != stands[i] {
			changes = append(changes, l)
		}
	}
	crowds := crowdsOf(changes)
	for i := range crowds {
		crowds[i].before = before[crowds[i].token]
	}
	return changes, crowds, nil
}

// countBefore counts the holders of tokens, as far as it matters.
func countBefore(ctx context.Context, tx *store.Tx, crowds []crowd, limit int) error {
	keys := make([][]byte, len(crowds))
	most := int64(0)
	for i := range crowds {
		keys[i] = crowds[i].token[:]
		most = max(most, crowds[i].goes)
	}
	return tx.ForKeys(ctx, keys, func(i int, r store.Row) error {
		crowds[i].before = r.Int(0)
		return nil
	}, "SELECT count(*) FROM (SELECT 1 FROM token WHERE token = $key LIMIT $1) AS x", int64(limit)+most+1)
}

// crossings makes the holders of tokens that crossed the limit dirty.
func (s *Store) crossings(ctx context.Context, tx *store.Tx, crowds []crowd, limit int) ([]int64, error) {
	most := int64(limit)
	var keys [][]byte
	var asked []crowd
	for _, c := range crowds {
		if c.before <= most && c.before+c.adds > most || c.before > most && c.before-c.goes <= most {
			keys, asked = append(keys, bytes.Clone(c.token[:])), append(asked, c)
		}
	}
	var crossed [][]byte
	err := tx.ForKeys(ctx, keys, func(i int, r store.Row) error {
		if (asked[i].before > most) != (r.Int(0) > most) {
			crossed = append(crossed, asked[i].token[:])
		}
		return nil
	}, "SELECT count(*) FROM (SELECT 1 FROM token WHERE token = $key LIMIT $1) AS x", most+1)
	if err != nil {
		return nil, err
	}
	var ids []int64
	err = tx.InBytes(ctx, crossed, func(r store.Row) error {
		ids = append(ids, r.Int(0))
		return nil
	}, "SELECT record FROM token WHERE token IN ($keys)")
	if err != nil {
		return nil, err
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids, tx.ExecInts(ctx, ids, "UPDATE xref SET dirty = $1 WHERE record IN ($keys) AND dirty = 0", s.marked())
}
