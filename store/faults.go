package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"syscall"

	faults "crmhub/fault"

	"github.com/jackc/pgx/v5/pgconn"
)

// fault returns a fault of the catalogue.
func fault(code faults.Code, place string, args []any) *faults.Error {
	return faults.New(code, place, args...)
}

func joinClose(err error, closing func() error) error { return errors.Join(err, closing()) }

// fault turns a database's error into one of the catalogue. Faults and the
// context's own errors pass unchanged; the database's text, which may hold
// values, stays beneath.
func (d *DB) fault(err error) error {
	switch {
	case err == nil:
		return nil
	case faults.Of(err) != nil:
		if f := faults.Of(err); f.Place == "" && f.Code[:2] == "E5" {
			f.Place = d.place
		}
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	code := faults.Code("E5012")
	var lite *sqliteError
	var connect *pgconn.ConnectError
	var network net.Error
	switch pg := postgresCode(err); {
	case errors.As(err, &lite):
		code = sqliteFault(lite.code)
	case pg != "":
		code = postgresFault(pg)
	// An error number of the operating system is a net.Error too, so the kind is asked.
	case d.kind == Postgres && (errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) || errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrUnexpectedEOF)):
		code = "E5008"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		code = "E5006"
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		code = "E5007"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.EISDIR), errors.Is(err, syscall.ENOTDIR):
		code = "E5002"
	}
	return fault(code, d.place, nil).Because(err)
}

// sqliteFault maps SQLite's primary result codes.
func sqliteFault(code int) faults.Code {
	switch code & 0xff {
	case 5, 6: // BUSY, LOCKED
		return "E5010"
	case 3, 8, 23: // PERM, READONLY, AUTH
		return "E5007"
	case 13: // FULL
		return "E5006"
	case 11, 26: // CORRUPT, NOTADB
		return "E5009"
	case 14: // CANTOPEN
		return "E5002"
	}
	return "E5012"
}

// postgresFault maps the server's SQLSTATE.
func postgresFault(code string) faults.Code {
	switch code {
	case "53100": // disk_full
		return "E5006"
	case "25006", "42501": // read_only_sql_transaction, insufficient_privilege
		return "E5007"
	case "55P03", "40001", "40P01": // lock_not_available, serialization_failure, deadlock_detected
		return "E5010"
	case "XX001", "XX002": // data_corrupted, index_corrupted
		return "E5009"
	case "3D000", "28P01", "28000": // no such database, wrong password, not authorised
		return "E5002"
	}
	switch code[:2] {
	case "08", "57", "53": // connection, operator intervention, resources
		return "E5008"
	}
	return "E5012"
}
