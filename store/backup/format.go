package backup

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"crmhub/governance/crypt"
	"crmhub/store"
)

// Rows are written the same from every database. An object is, from outside
// in: a sealed stream (crypt.NewSealWriter), zstd, chunkMagic, and rows until
// its end. A row is the length of what follows (uvarint) and its values in the
// order of the manifest's columns, each a tag and
//
//	0 null      nothing
//	1 integer   zigzag varint, 64 bits
//	2 bytes     length (uvarint), bytes
//	3 text      length (uvarint), UTF-8
const (
	tagNull byte = iota
	tagInt
	tagBytes
	tagText
)

// chunkMagic begins the rows of an object; its last byte is the format version.
const chunkMagic = "CRMROWS\x01"

// maxRow bounds one row, in bytes: a damaged length must not ask for all memory.
const maxRow = 1 << 30

// errFormat is what reading rows that are none gives. What was authenticated
// is never that, unless the program that wrote it was wrong.
var errFormat = errors.New("the rows are malformed")

// kindNames are the kinds of columns as the manifest writes them.
var kindNames = map[store.Kind]string{store.IntKind: "int", store.BytesKind: "bytes", store.TextKind: "text"}

// appendRow appends the values of r, as the columns of t say.
func appendRow(dst []byte, t store.Table, r store.Row) ([]byte, error) {
	for i, c := range t.Columns {
		if r.Null(i) {
			dst = append(dst, tagNull)
			continue
		}
		switch c.Kind {
		case store.IntKind:
			dst = binary.AppendVarint(append(dst, tagInt), r.Int(i))
		case store.BytesKind:
			b := r.Bytes(i)
			if len(b) == 0 {
				// Empty bytes are null in every store: this is another type.
				return nil, fmt.Errorf("table %s: column %s holds no bytes", t.Name, c.Name)
			}
			dst = append(binary.AppendUvarint(append(dst, tagBytes), uint64(len(b))), b...)
		case store.TextKind:
			s := r.Text(i)
			dst = append(binary.AppendUvarint(append(dst, tagText), uint64(len(s))), s...)
		}
	}
	return dst, nil
}

// appendValues is appendRow for values that were read from a snapshot.
func appendValues(dst []byte, row []any) []byte {
	for _, v := range row {
		switch v := v.(type) {
		case int64:
			dst = binary.AppendVarint(append(dst, tagInt), v)
		case []byte:
			dst = append(binary.AppendUvarint(append(dst, tagBytes), uint64(len(v))), v...)
		case string:
			dst = append(binary.AppendUvarint(append(dst, tagText), uint64(len(v))), v...)
		default:
			dst = append(dst, tagNull)
		}
	}
	return dst
}

// parseRow returns the values of one row of n columns; bytes are parts of body.
func parseRow(body []byte, n int) ([]any, error) {
	row := make([]any, n)
	for i := range row {
		if len(body) == 0 {
			return nil, errFormat
		}
		tag := body[0]
		body = body[1:]
		switch tag {
		case tagNull:
		case tagInt:
			v, used := binary.Varint(body)
			if used <= 0 {
				return nil, errFormat
			}
			row[i], body = v, body[used:]
		case tagBytes, tagText:
			size, used := binary.Uvarint(body)
			if used <= 0 || size > uint64(len(body)-used) || tag == tagBytes && size == 0 {
				return nil, errFormat
			}
			value := body[used : used+int(size) : used+int(size)]
			body = body[used+int(size):]
			if tag == tagText {
				row[i] = string(value)
			} else {
				row[i] = value
			}
		default:
			return nil, errFormat
		}
	}
	if len(body) != 0 {
		return nil, errFormat
	}
	return row, nil
}

// readRows hands the body of each row to f, which may keep it.
func readRows(r io.Reader, f func(body []byte) error) error {
	b := bufio.NewReaderSize(r, 64<<10)
	magic := make([]byte, len(chunkMagic))
	if _, err := io.ReadFull(b, magic); err != nil {
		return short(err)
	}
	if string(magic) != chunkMagic {
		return errFormat
	}
	for {
		size, err := binary.ReadUvarint(b)
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return short(err)
		case size > maxRow:
			return errFormat
		}
		body, err := readBody(b, int(size))
		if err != nil {
			return err
		}
		if err := f(body); err != nil {
			return err
		}
	}
}

// readBody reads size bytes; a large row gets its memory as its bytes come.
func readBody(r io.Reader, size int) ([]byte, error) {
	const step = 1 << 20
	body := make([]byte, min(size, step))
	for at := 0; ; {
		n, err := io.ReadFull(r, body[at:])
		if err != nil {
			return nil, short(err)
		}
		if at += n; at == size {
			return body, nil
		}
		body = append(body, make([]byte, min(size-at, max(at, step)))...)
	}
}

// short turns an end in the middle of a row into errFormat.
func short(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errFormat
	}
	return err
}

// digest is the sum modulo 2^128 of the MAC of every row of a table, each with
// the table's name before it: the same for the same rows in any order, and
// without the snapshot's key it tells nothing of them.
type digest struct {
	mac    *crypt.MAC
	lo, hi uint64
	buf    []byte
	name   int // length of the name in buf
}

func newDigest(mac *crypt.MAC, table string) *digest {
	buf := crypt.AppendAD(nil, table)
	return &digest{mac: mac, buf: buf, name: len(buf)}
}

func (d *digest) add(body []byte) {
	d.buf = append(d.buf[:d.name], body...)
	h := d.mac.Sum(d.buf)
	var carry uint64
	d.lo, carry = bits.Add64(d.lo, binary.BigEndian.Uint64(h[8:]), 0)
	d.hi, _ = bits.Add64(d.hi, binary.BigEndian.Uint64(h[:]), carry)
}

// String returns the sum as 32 hex digits.
func (d *digest) String() string { return fmt.Sprintf("%016x%016x", d.hi, d.lo) }
