package backup

import (
	"io"

	"crmhub/governance/crypt"
)

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

// SealManifest returns the file of a changed manifest, with the HMAC that the
// key ring gives.
func SealManifest(m Manifest, ring *crypt.Ring) ([]byte, error) {
	secret, err := ring.Unwrap(m.Key, keyAD(m.Snapshot, m.StoreID))
	if err != nil {
		return nil, err
	}
	k, err := deriveKeys(secret)
	if err != nil {
		return nil, err
	}
	return m.seal(k)
}

// FolderFault names what a file system refused.
func FolderFault(err error) error { return folder{"f"}.fault("x", err) }
