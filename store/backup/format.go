package backup

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/bits"

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

// digest is the sum modulo 2^256 of the SHA-256 of every row of a table, each
// keyed and under the table's name: the same for the same rows in any order,
// and without the snapshot's key it tells nothing of them.
type digest struct {
	sum [4]uint64 // least significant first
	buf []byte
	pre int // length of the key and name in buf
}

func newDigest(key [32]byte, table string) *digest {
	buf := append([]byte(nil), key[:]...)
	buf = append(binary.AppendUvarint(buf, uint64(len(table))), table...)
	return &digest{buf: buf, pre: len(buf)}
}

func (d *digest) add(body []byte) {
	d.buf = append(d.buf[:d.pre], body...)
	h := sha256.Sum256(d.buf)
	var carry uint64
	for i := range d.sum {
		d.sum[i], carry = bits.Add64(d.sum[i], binary.BigEndian.Uint64(h[24-8*i:]), carry)
	}
}

// String returns the sum as 64 hex digits.
func (d *digest) String() string {
	var out [32]byte
	for i, w := range d.sum {
		binary.BigEndian.PutUint64(out[24-8*i:], w)
	}
	return hex.EncodeToString(out[:])
}
