package golden

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"

	"crmhub/governance/crypt"
	"crmhub/record"
	"crmhub/store"
	"crmhub/store/canon"
)

// Digest names a store's content: equal content has equal digests, whatever the
// order of arrival, run ids, clock, nonces, keys, key ring or database.
type Digest struct {
	Digest string        `json:"digest"`
	Tables []TableDigest `json:"tables"`
}

// TableDigest is the digest of one kind of content.
type TableDigest struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	Digest string `json:"digest"`
}

// digestKey is a constant of the program: only totals under it leave the process.
const digestKey = "crmhub store digest 1"

// sum is an order-independent digest: the HMACs of the rows, added up.
type sum struct {
	name  string
	rows  int64
	total big.Int
	mu    sync.Mutex
}

func newSum(name string) *sum { return &sum{name: name} }

// add adds one row, whose parts must tell it from every other.
func (s *sum) add(parts ...string) {
	m := hmac.New(sha256.New, []byte(digestKey))
	m.Write(crypt.AppendAD(nil, append([]string{s.name}, parts...)...))
	var n big.Int
	n.SetBytes(m.Sum(nil))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows++
	s.total.Add(&s.total, &n)
}

func (s *sum) table() TableDigest {
	var m big.Int
	m.Lsh(big.NewInt(1), 256)
	m.Mod(&s.total, &m)
	var b [32]byte
	return TableDigest{s.name, s.rows, hex.EncodeToString(m.FillBytes(b[:]))}
}

// Digest computes the digest of the store's current source records, memberships,
// golden records, judgements in force and open quarantine, as they are at one moment. It
// reads and opens everything, in flat memory.
func (s *Store) Digest(ctx context.Context) (Digest, error) {
	var d Digest
	err := s.db.View(ctx, func(tx *store.Tx) error {
		var err error
		d, err = s.DigestTx(ctx, tx)
		return err
	})
	return d, err
}

// DigestTx computes the digest of what one transaction sees, as a backup does
// of what it copies.
func (s *Store) DigestTx(ctx context.Context, tx *store.Tx) (Digest, error) {
	records, memberships, goldens, judgements, items := newSum("records"), newSum("memberships"), newSum("golden"), newSum("judgements"), newSum("quarantine")
	names, err := s.streams(ctx, tx)
	if err != nil {
		return Digest{}, err
	}
	for _, step := range []func() error{
		func() error { return s.digestRecords(ctx, tx, names, records) },
		func() error { return s.digestGoldens(ctx, tx, memberships, goldens) },
		func() error { return s.digestJudgements(ctx, tx, judgements) },
		func() error { return s.digestOverrides(ctx, tx, judgements) },
		func() error { return s.digestQuarantine(ctx, tx, items) },
	} {
		if err := step(); err != nil {
			return Digest{}, err
		}
	}
	d := Digest{}
	all := sha256.New()
	for _, t := range []*sum{records, memberships, goldens, judgements, items} {
		td := t.table()
		d.Tables = append(d.Tables, td)
		fmt.Fprintf(all, "%s %d %s\n", td.Name, td.Rows, td.Digest)
	}
	d.Digest = hex.EncodeToString(all.Sum(nil))
	return d, nil
}

// digestPart is how many records are held at a time.
const digestPart = 2000

// digestRecords adds the current source records: ref, instant, and opened values.
func (s *Store) digestRecords(ctx context.Context, tx *store.Tx, names map[int64]streamName, to *sum) error {
	type sealed struct {
		name                  streamName
		ref, wrapped, payload []byte
		updated               int64
	}
	sealers := sync.Pool{New: func() any { return &sealer{s: s} }}
	for after := int64(0); ; {
		var part []sealed
		err := tx.Each(ctx, func(r store.Row) error {
			after = r.Int(0)
			part = append(part, sealed{names[r.Int(1)], r.Bytes(2), r.Bytes(4), r.Bytes(5), r.Int(3)})
			return nil
		}, "SELECT id, stream, ref, updated, wrapped, payload FROM record WHERE id > $1 AND deleted = 0 ORDER BY id LIMIT $2", after, digestPart)
		if err != nil || len(part) == 0 {
			return err
		}
		err = parallel(ctx, len(part), func(i int) error {
			x := part[i]
			o, err := s.open(x.wrapped, x.payload, string(x.name.typ), x.ref, false)
			if err != nil {
				return err
			}
			p := sealers.Get().(*sealer)
			defer sealers.Put(p)
			ref := record.Ref{Source: x.name.source, Stream: x.name.stream, Type: x.name.typ, Key: o.key}
			to.add(ref.Canonical(), fmt.Sprint(x.updated), string(p.canonical(o.fields, o.invalid)))
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// digestGoldens adds entities by their members, and golden values with their
// provenance by ref.
func (s *Store) digestGoldens(ctx context.Context, tx *store.Tx, memberships, goldens *sum) error {
	return s.eachIn(ctx, tx, func(views []View) error {
		return parallel(ctx, len(views), func(i int) error {
			v := views[i]
			refs := make([]string, len(v.Members))
			for j, m := range v.Members {
				refs[j] = m.Ref.Canonical()
			}
			slices.Sort(refs)
			memberships.add(refs...)
			prov := map[string]any{}
			for n, p := range v.Provenance {
				from := ""
				if p.From.Key != "" {
					from = p.From.Canonical()
				}
				all := make([]string, len(p.All))
				for j, r := range p.All {
					all[j] = r.Canonical()
				}
				slices.Sort(all)
				prov[n] = []any{from, all, p.Rule}
			}
			p := sealer{s: s}
			goldens.add(strings.Join(refs, "\x00"), string(p.canonical(v.Fields, nil)), string(canon.Append(nil, prov)))
			return nil
		})
	})
}

func (s *Store) digestJudgements(ctx context.Context, tx *store.Tx, to *sum) error {
	all, err := s.judgements(ctx, tx, nil)
	if err != nil {
		return err
	}
	for len(all) > 0 {
		part := all[:min(digestPart, len(all))]
		all = all[len(part):]
		ids := make([]int64, 0, 2*len(part))
		for _, j := range part {
			ids = append(ids, int64(j.A), int64(j.B))
		}
		slices.Sort(ids)
		members, err := s.membersIn(ctx, tx, recordIDs(ids), true)
		if err != nil {
			return err
		}
		for _, j := range part {
			pair := []string{members[j.A].Ref.Canonical(), members[j.B].Ref.Canonical()}
			slices.Sort(pair)
			to.add(pair[0], pair[1], string(j.Kind), j.By, j.Reason)
		}
	}
	return nil
}

// digestQuarantine adds the open items: pipeline, stage, code and row. The
// place and the count are not content.
func (s *Store) digestQuarantine(ctx context.Context, tx *store.Tx, to *sum) error {
	for after := int64(0); ; {
		n := 0
		err := tx.Each(ctx, func(r store.Row) error {
			after, n = r.Int(0), n+1
			row, err := s.db.OpenOne("quarantine", r.Bytes(1), r.Bytes(5), r.Bytes(6))
			if err != nil {
				return err
			}
			to.add(r.Text(2), r.Text(3), r.Text(4), string(row))
			return nil
		}, "SELECT id, item, pipeline, stage, code, wrapped, row_data FROM quarantine WHERE id > $1 AND open = 1 ORDER BY id LIMIT $2", after, digestPart)
		if err != nil || n == 0 {
			return err
		}
	}
}
