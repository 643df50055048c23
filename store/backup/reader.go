package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"

	"crmhub/fault"
	"crmhub/governance/crypt"

	"github.com/klauspost/compress/zstd"
)

// reader reads the objects of one snapshot. It is used by one goroutine.
type reader struct {
	target Target
	m      Manifest
	k      keys
	z      *zstd.Decoder
	// sums compares each object's SHA-256 too. That says no more than its
	// authentication does, but it is what others check who have no keys.
	sums bool
}

func newReader(t Target, m Manifest, k keys) (*reader, error) {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	return &reader{target: t, m: m, k: k, z: z}, nil
}

func (r *reader) close() { r.z.Close() }

// place names an object for faults.
func (r *reader) place(p Part) string {
	return r.target.String() + "/" + r.m.Snapshot + "/" + p.Name
}

// part hands the body of every row of a table's n-th object (from 0) to f,
// after each piece of it was authenticated. It returns E8006 where the object
// is missing, E8007 where it is not what the manifest says.
func (r *reader) part(ctx context.Context, t Table, n int, f func(body []byte) error) error {
	p := t.Objects[n]
	if p.Name != partName(t.Name, n+1) {
		return fault.New("E8008", r.target.String()+"/"+r.m.Snapshot+"/"+manifestName)
	}
	name := r.m.Snapshot + "/" + p.Name
	body, err := r.target.Get(ctx, name)
	if err != nil {
		return missing(r.target, name, err)
	}
	rows, err := r.rows(ctx, t, n, body, f)
	err = errors.Join(err, body.Close())
	switch {
	case err == nil && rows != p.Rows:
		return fault.New("E8007", r.place(p))
	case err == nil || ctx.Err() != nil:
		return err
	case errors.Is(err, errDamaged):
		return fault.New("E8007", r.place(p)).Because(err)
	}
	return err
}

// rows reads one object. Its error is errDamaged where the object is not what
// was written, else one of f or of the target.
func (r *reader) rows(ctx context.Context, t Table, n int, body io.Reader, f func(body []byte) error) (int64, error) {
	p := t.Objects[n]
	sum := &summing{r: io.LimitReader(body, p.Size+1), ctx: ctx}
	if r.sums {
		sum.sum = sha256.New()
	}
	plain := &authentic{r: crypt.NewOpenReader(sum, r.k.data, partAD(r.m.Snapshot, t.Name, n+1))}
	if err := r.z.Reset(plain); err != nil {
		return 0, plain.because(err)
	}
	var rows int64
	var passed error
	err := readRows(r.z, func(body []byte) error {
		rows++
		passed = f(body)
		return passed
	})
	if passed != nil {
		return rows, passed
	}
	if err != nil {
		return rows, plain.because(errors.Join(errDamaged, err))
	}
	// Nothing may follow what was read.
	if _, err := io.Copy(io.Discard, plain); err != nil {
		return rows, plain.because(err)
	}
	if sum.n != p.Size || r.sums && hex.EncodeToString(sum.sum.Sum(nil)) != p.SHA256 {
		return rows, errDamaged
	}
	return rows, nil
}

// errDamaged is an object that is not what was written.
var errDamaged = errors.New("the object is damaged")

// summing counts and hashes what is read through it, and ends with its context.
type summing struct {
	r   io.Reader
	ctx context.Context
	sum hash.Hash // nil where nobody asks
	n   int64
}

// Read implements io.Reader.
func (s *summing) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.r.Read(p)
	s.n += int64(n)
	if s.sum != nil {
		s.sum.Write(p[:n])
	}
	return n, err
}

// authentic remembers why its reader failed: what stands above it wraps
// errors in words of its own, or takes a cut for an end.
type authentic struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (a *authentic) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if err != nil && err != io.EOF {
		a.err = err
	}
	return n, err
}

// because returns why reading failed: the reader's own error where it had one,
// which is damage where bytes did not authenticate, or err.
func (a *authentic) because(err error) error {
	switch f := fault.Of(a.err); {
	case a.err == nil:
		return err
	case f != nil && (f.Code == "E7004" || f.Code == "E7005"):
		return errors.Join(errDamaged, a.err)
	}
	return a.err
}
