package file

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"crmhub/connectors"
	"crmhub/record"
)

// position is where a read stands: which files were read whole, and how far
// the one after them was read. Both carry a fingerprint; where one does not
// fit, reading starts anew.
type position struct {
	// Done files were read whole; Fold is the fingerprint of their names,
	// sizes and times.
	Done int    `json:"done"`
	Fold string `json:"fold,omitempty"`
	// File is the one that Mark stands in; its whole content up to Mark is
	// fingerprinted.
	File string `json:"file,omitempty"`
	Mark mark   `json:"mark"`
	// How names the parameters and the request under which it was read: rows
	// that are read otherwise are other rows.
	How string `json:"how"`
}

// mark is a place inside one file, behind a row.
type mark struct {
	Offset int64  `json:"offset"`         // bytes of text, or rows of a sheet
	Line   int64  `json:"line,omitempty"` // the line that comes next
	Sum    string `json:"sum,omitempty"`
	// Open says that the last row had no line end: what is added later may
	// belong to it.
	Open bool `json:"open,omitempty"`
	// Shape is how the file was read: encoding, dialect.
	Shape *shape `json:"shape,omitempty"`
}

// shape is what was detected of a text. A file that is read on is read as it
// was begun, even if more of it would be detected otherwise.
type shape struct {
	Encoding string  `json:"encoding"`
	BOM      int     `json:"bom,omitempty"`
	Dialect  dialect `json:"dialect,omitzero"`
}

func (p position) encode() record.Position {
	b, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("file: a position that is no JSON: %v", err)) // it holds text and numbers only
	}
	return b
}

// decodePosition returns the position that was handed over before; false where
// there is none, or it is not ours or of another way of reading.
func decodePosition(p record.Position, how string) (position, bool) {
	var out position
	if len(p) == 0 || json.Unmarshal(p, &out) != nil || out.How != how || out.Done < 0 {
		return position{}, false
	}
	return out, true
}

// how fingerprints what decides how rows come out.
func (s *source) how(r connectors.Request) string {
	o := s.o
	b := fmt.Sprintf("%q %q %q %d %d %d %d %q %q %q %v %v %v %q %q %q %q %q", o.path, o.format, o.encoding, o.delimiter, o.quote, o.headerRow, o.headerRows,
		o.columns, o.sheets, o.records, o.keepEmpty, o.fillShort, o.emptyErrors, o.dates, o.dateSystem, r.Stream, r.Key, r.Deleted)
	sum := sha256.Sum256([]byte(b))
	return hex.EncodeToString(sum[:8])
}

// fold adds a file that was read whole to the fingerprint of those before it.
func fold(before string, in input) string {
	sum := sha256.Sum256([]byte(before + "\x00" + in.identity() + "\x00" + strconv.FormatInt(in.size, 10) + "\x00" + strconv.FormatInt(in.mtime, 10)))
	return hex.EncodeToString(sum[:12])
}
