package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"sync"

	"crmhub/governance/crypt"
	"crmhub/store"

	"github.com/klauspost/compress/zstd"
)

// writer turns tables into objects. Three goroutines share the work: the
// caller's reads and encodes rows, one compresses and seals, one uploads. What
// lies between them is bounded: a few blocks of rows, one object on its way up
// and one being made.
type writer struct {
	ctx      context.Context // the backup's own; ends when a stage fails
	cancel   context.CancelCauseFunc
	target   Target
	o        Options
	snapshot string
	k        keys

	blocks chan block
	bodies chan body
	free   chan *bytes.Buffer // two: one is filled while the other is uploaded
	wait   sync.WaitGroup
	tables []Table // of the caller's goroutine
	parts  map[string][]Part

	spare sync.Pool // of *[]byte, blocks to fill again
}

// block is some rows of one object; the last block of an object is marked.
type block struct {
	rows  *[]byte
	table string
	n     int64 // rows
	last  bool
}

// body is a finished object.
type body struct {
	table string
	buf   *bytes.Buffer
	rows  int64
}

// blockSize is how many bytes of rows go to the compressor at once.
const blockSize = 256 << 10

func newWriter(ctx context.Context, t Target, o Options, snapshot string, k keys) *writer {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &writer{
		ctx: ctx, cancel: cancel, target: t, o: o, snapshot: snapshot, k: k,
		blocks: make(chan block, 8), bodies: make(chan body), free: make(chan *bytes.Buffer, 2), parts: map[string][]Part{},
	}
	w.free <- &bytes.Buffer{}
	w.free <- &bytes.Buffer{}
	w.spare.New = func() any {
		b := make([]byte, 0, blockSize+blockSize/4)
		return &b
	}
	w.wait.Go(func() { w.fail(w.pack()) })
	w.wait.Go(func() { w.fail(w.upload()) })
	return w
}

// fail ends all stages for the first reason.
func (w *writer) fail(err error) {
	if err != nil {
		w.cancel(err)
	}
}

// table writes the rows of one table; one without rows has no objects.
func (w *writer) table(tx *store.Tx, t store.Table) error {
	out := Table{Name: t.Name}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, Column{c.Name, kindNames[c.Kind]})
	}
	sum := newDigest(w.k.digest, t.Name)
	cur, inPart := block{table: t.Name}, 0
	var row []byte
	err := tx.Dump(w.ctx, t, func(r store.Row) error {
		var err error
		if row, err = appendRow(row[:0], t, r); err != nil {
			return err
		}
		sum.add(row)
		if cur.rows == nil {
			cur.rows = w.spare.Get().(*[]byte)
		}
		*cur.rows = append(binary.AppendUvarint(*cur.rows, uint64(len(row))), row...)
		out.Rows++
		cur.n++
		if len(*cur.rows) < blockSize && inPart+len(*cur.rows) < w.o.partSize {
			return nil
		}
		inPart += len(*cur.rows)
		cur.last = inPart >= w.o.partSize
		if err := w.send(cur); err != nil {
			return err
		}
		if cur.last {
			inPart = 0
		}
		cur = block{table: t.Name}
		return nil
	})
	if err != nil {
		return err
	}
	if cur.n > 0 || inPart > 0 {
		cur.last = true
		if err := w.send(cur); err != nil {
			return err
		}
	}
	out.Digest = sum.String()
	w.tables = append(w.tables, out)
	return nil
}

func (w *writer) send(b block) error {
	select {
	case w.blocks <- b:
		return nil
	case <-w.ctx.Done():
		return context.Cause(w.ctx)
	}
}

// close waits for the last upload and returns the tables for the manifest.
func (w *writer) close() ([]Table, error) {
	close(w.blocks)
	w.wait.Wait()
	defer w.cancel(nil)
	if w.ctx.Err() != nil {
		return nil, context.Cause(w.ctx)
	}
	for i, t := range w.tables {
		w.tables[i].Objects = w.parts[t.Name]
	}
	return w.tables, nil
}

// abort stops all stages and returns the first reason.
func (w *writer) abort(err error) error {
	w.cancel(err)
	close(w.blocks)
	w.wait.Wait()
	return context.Cause(w.ctx)
}

// pack compresses and seals blocks until there are no more.
func (w *writer) pack() error {
	defer close(w.bodies)
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	if err != nil {
		return err
	}
	var out *bytes.Buffer
	var sealer io.WriteCloser
	var rows int64
	numbers := map[string]int{}
	for b := range w.blocks {
		if out == nil {
			numbers[b.table]++
			select {
			case out = <-w.free:
			case <-w.ctx.Done():
				return context.Cause(w.ctx)
			}
			sealer = crypt.NewSealWriter(out, w.k.data, partAD(w.snapshot, b.table, numbers[b.table]))
			z.Reset(sealer)
			if _, err := z.Write([]byte(chunkMagic)); err != nil {
				return err
			}
		}
		if b.rows != nil {
			if _, err := z.Write(*b.rows); err != nil {
				return err
			}
			*b.rows = (*b.rows)[:0]
			w.spare.Put(b.rows)
		}
		rows += b.n
		// Past the size of small tables an object gets the room of a full one
		// at once: doubling would take twice of it.
		if full := w.o.partSize + w.o.partSize/16 + 2*blockSize; out.Len() > blockSize && out.Cap() < full {
			out.Grow(full - out.Len())
		}
		if !b.last {
			continue
		}
		if err := z.Close(); err != nil {
			return err
		}
		if err := sealer.Close(); err != nil {
			return err
		}
		select {
		case w.bodies <- body{b.table, out, rows}:
		case <-w.ctx.Done():
			return context.Cause(w.ctx)
		}
		out, rows = nil, 0
	}
	return nil
}

// upload puts objects until there are no more.
func (w *writer) upload() error {
	var p Progress
	for b := range w.bodies {
		part := Part{Name: partName(b.table, len(w.parts[b.table])+1), Rows: b.rows, Size: int64(b.buf.Len())}
		sum := sha256.Sum256(b.buf.Bytes())
		part.SHA256 = hex.EncodeToString(sum[:])
		if err := put(w.ctx, w.target, w.snapshot+"/"+part.Name, b.buf.Bytes(), sum); err != nil {
			return err
		}
		b.buf.Reset()
		w.free <- b.buf
		w.parts[b.table] = append(w.parts[b.table], part)
		if p.Table, p.Rows, p.Bytes = b.table, p.Rows+b.rows, p.Bytes+part.Size; w.o.Progress != nil {
			w.o.Progress(p)
		}
	}
	return nil
}
