package backup

import "io"

// WithPartSize makes objects of about that many bytes of rows.
func WithPartSize(o Options, size int) Options {
	o.partSize = size
	return o
}

// ReadRows reads the rows of an object.
func ReadRows(r io.Reader, columns int) (n int, err error) {
	err = readRows(r, func(body []byte) error {
		row, err := parseRow(body, columns)
		if err != nil {
			return err
		}
		if again := appendValues(nil, row); string(again) != string(body) {
			canonical, err := parseRow(again, columns)
			if err != nil || len(canonical) != columns {
				return errFormat
			}
		}
		n++
		return nil
	})
	return n, err
}
