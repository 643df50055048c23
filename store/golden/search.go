package golden

import (
	"bytes"
	"context"
	"encoding/hex"
	"slices"
	"strings"

	"crmhub/fault"
	"crmhub/mdm/entity"
	"crmhub/record"
	"crmhub/store"
)

// Find returns the golden record that a source record belongs to. Where there
// is none, or the record was not resolved yet, it returns E5020.
func (s *Store) Find(ctx context.Context, ref record.Ref) (View, error) {
	var v View
	token := s.db.RefToken(ref.Canonical())
	err := s.db.View(ctx, func(tx *store.Tx) error {
		var id []byte
		if _, err := tx.One(ctx, func(r store.Row) error {
			id = r.Bytes(1)
			return nil
		}, entitySelect+"r.ref = $1", token[:]); err != nil {
			return err
		}
		if id == nil {
			return fault.New("E5020", "", "id", ref.String())
		}
		var err error
		v, err = s.get(ctx, tx, entity.ID(id))
		return err
	})
	return v, err
}

// ResolveID returns the id that text names: a whole one, or its first four or
// more hex digits where no other begins so. It returns E5020 for none, E5021 for several.
func (s *Store) ResolveID(ctx context.Context, text string) (entity.ID, error) {
	digits := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(text), "-", ""))
	if len(digits) < 4 || len(digits) > 32 || strings.Trim(digits, "0123456789abcdef") != "" {
		return entity.ID{}, fault.New("E5020", "", "id", "…") // what was typed may be a name or an address
	}
	low, err := hex.DecodeString(digits + strings.Repeat("0", 32-len(digits)))
	if err != nil {
		return entity.ID{}, err
	}
	high, err := hex.DecodeString(digits + strings.Repeat("f", 32-len(digits)))
	if err != nil {
		return entity.ID{}, err
	}
	var found []entity.ID
	err = s.db.View(ctx, func(tx *store.Tx) error {
		for _, table := range []string{"golden", "redirect"} {
			err := tx.Each(ctx, func(r store.Row) error {
				found = append(found, entity.ID(r.Bytes(0)))
				return nil
			}, "SELECT id FROM "+table+" WHERE id >= $1 AND id <= $2 ORDER BY id LIMIT 2", low, high)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return entity.ID{}, err
	}
	slices.SortFunc(found, func(a, b entity.ID) int { return bytes.Compare(a[:], b[:]) })
	switch found = slices.Compact(found); len(found) {
	case 0:
		return entity.ID{}, fault.New("E5020", "", "id", text)
	case 1:
		return found[0], nil
	}
	return entity.ID{}, fault.New("E5021", "", "id", text)
}

// Search returns at most limit golden records (20 for 0 or less) with a member that holds the value in an
// indexed field, in any of them for field "". The caller gives the value in its one spelling.
func (s *Store) Search(ctx context.Context, field, value string, limit int) ([]View, error) {
	if limit <= 0 {
		limit = 20
	}
	var tokens []uint64
	var names []string
	if schema, ok := s.schema(record.Customer); ok {
		for _, p := range schema.Properties() {
			if p.Index && (field == "" || field == p.Name) {
				t := s.searchToken(p.Name, value)
				tokens, names = append(tokens, number(t)), append(names, p.Name)
			}
		}
	}
	var found []View
	err := s.db.View(ctx, func(tx *store.Tx) error {
		var records []int64
		slices.Sort(tokens)
		size, err := readIndexSize(ctx, tx)
		if err != nil {
			return err
		}
		if err := s.held(ctx, tx, size, slices.Compact(tokens), func(_ uint64, _, now []int64) { records = append(records, now...) }); err != nil {
			return err
		}
		var ids [][]byte
		err = tx.InInts(ctx, sortedInts(records), func(r store.Row) error {
			if id := r.Bytes(1); id != nil {
				ids = append(ids, id)
			}
			return nil
		}, entitySelect+"r.id IN ($keys) AND r.deleted = 0")
		if err != nil {
			return err
		}
		slices.SortFunc(ids, bytes.Compare)
		ids = slices.CompactFunc(ids, bytes.Equal)
		var rows []row
		err = tx.InBytes(ctx, ids[:min(limit, len(ids))], func(r store.Row) error {
			rows = append(rows, scanGolden(r))
			return nil
		}, goldenSelect+" WHERE id IN ($keys) AND status = 0")
		if err != nil {
			return err
		}
		slices.SortFunc(rows, func(a, b row) int { return bytes.Compare(a.id[:], b.id[:]) })
		found, err = s.views(ctx, tx, rows, true)
		return err
	})
	// A token is short: two values may share one, and it may be of a version
	// that a resolve has not seen the end of. What is opened decides.
	return slices.DeleteFunc(found, func(v View) bool { return !v.holds(names, fold(value)) }), err
}

// holds reports whether a member has that folded text in one of the fields.
func (v *View) holds(names []string, want string) bool {
	for _, m := range v.Members {
		for _, n := range names {
			found := false
			leaves(m.Fields[n], func(text string) { found = found || fold(text) == want })
			if found {
				return true
			}
		}
	}
	return false
}
