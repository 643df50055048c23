package backup

import (
	"context"

	"crmhub/fault"
	"crmhub/governance/crypt"
)

// Report is what Verify found.
type Report struct {
	Manifest Manifest
	Objects  int   // that were opened whole
	Rows     int64 // in them
	Bytes    int64 // of them, as they lie in the target
	// Problems are the faults of objects and tables, in the manifest's order.
	Problems []error
}

// Verify opens every object of a snapshot ("latest" for the newest) with the
// key ring ring, and compares rows and digests with the manifest. It goes on
// after a damaged or missing object and returns the first problem as its error;
// the report has them all. A lost connection ends it at once.
func Verify(ctx context.Context, t Target, snapshot string, ring *crypt.Ring, o Options) (Report, error) {
	var rep Report
	id, err := resolve(ctx, t, snapshot)
	if err != nil {
		return rep, interrupted(ctx, t, err)
	}
	m, k, err := openManifest(ctx, t, id, ring)
	if err != nil {
		return rep, interrupted(ctx, t, err)
	}
	rep.Manifest = m
	r, err := newReader(t, m, k)
	if err != nil {
		return rep, err
	}
	defer r.close()
	r.sums = true
	for _, table := range m.Tables {
		sum := newDigest(k.digest, table.Name)
		var rows int64
		whole := true
		for n, p := range table.Objects {
			err := r.part(ctx, table, n, func(body []byte) error {
				if _, err := parseRow(body, len(table.Columns)); err != nil {
					return fault.New("E8007", r.place(p)).Because(err)
				}
				sum.add(body)
				rows++
				return nil
			})
			if err != nil && !ofObject(err) {
				return rep, interrupted(ctx, t, err)
			}
			if err != nil {
				rep.Problems = append(rep.Problems, err)
				whole = false
				continue
			}
			rep.Objects++
			rep.Bytes += p.Size
			if o.Progress != nil {
				o.Progress(Progress{Table: table.Name, Rows: rep.Rows + rows, Bytes: rep.Bytes})
			}
		}
		rep.Rows += rows
		if whole && (rows != table.Rows || sum.String() != table.Digest) {
			rep.Problems = append(rep.Problems, fault.New("E8011", t.String()+"/"+id, "table", table.Name, "want", table.Rows, "got", rows))
		}
	}
	if len(rep.Problems) > 0 {
		return rep, rep.Problems[0]
	}
	return rep, nil
}

// ofObject reports whether a fault is of one object, so that others are worth opening.
func ofObject(err error) bool {
	f := fault.Of(err)
	return f != nil && (f.Code == "E8006" || f.Code == "E8007")
}
