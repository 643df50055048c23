package sqldb_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"crmhub/connectors"
)

const benchRows = 100_000

// wide fills a table of 15 columns such as a shop's customers have.
func wide(b *testing.B, d database) {
	b.Helper()
	stamp := map[string]string{"mysql": "DATETIME", "postgres": "timestamp", "sqlite": "DATETIME"}[d.kind]
	d.exec(b, `CREATE TABLE customers (id INT NOT NULL PRIMARY KEY, first_name VARCHAR(40), last_name VARCHAR(40), email VARCHAR(80),
		phone VARCHAR(30), street VARCHAR(80), city VARCHAR(40), postcode VARCHAR(12), country CHAR(2), company VARCHAR(60),
		balance DECIMAL(18,2), orders INT, birth_date DATE, created_at `+stamp+`, updated_at `+stamp+`)`)
	number, rows := "i", "generate_series(1, 100000) AS n(i)"
	join := func(a, c string) string { return a + " || " + c }
	switch d.kind {
	case "mysql":
		number, rows = "seq", "seq_1_to_100000"
		join = func(a, c string) string { return "CONCAT(" + a + ", " + c + ")" }
	case "sqlite":
		rows = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 100000) SELECT i FROM n)"
	}
	d.exec(b, "INSERT INTO customers SELECT "+number+", "+join("'伟'", number)+", '张', "+join(join("'customer'", number), "'@example.cn'")+
		", '+8613800138000', "+join("'南京东路 '", number)+", '上海', '200001', 'CN', 'Example Trading Ltd', "+number+"*1.25, "+number+
		" % 90, '1980-02-29', '2024-01-02 03:04:05', '2024-06-01 12:30:45' FROM "+rows)
}

func benchmarkRead(b *testing.B, d database) {
	wide(b, d)
	s := open(b, d, params{"fix_encoding": "off"}, nil)
	b.ReportAllocs()
	spent := cpu(b)
	for b.Loop() {
		n := 0
		err := s.Read(context.Background(), connectors.Request{Stream: "customers", Cells: true}, func(_ context.Context, batch connectors.Batch) error {
			n += len(batch.Rows)
			return nil
		})
		if err != nil || n != benchRows {
			b.Fatalf("%d rows, %v", n, err)
		}
	}
	rows := float64(benchRows) * float64(b.N)
	b.ReportMetric(rows/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(rows/(cpu(b)-spent).Seconds(), "rows/cpu-s")
}

// cpu is the processor time that this process has used: what reading costs
// us, whatever the server and its neighbours do.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Each reads 100,000 rows of 15 columns, as a pipeline without processors does. Elapsed time holds the server's work too.
func BenchmarkReadMySQL(b *testing.B)    { benchmarkRead(b, mysqlDB(b)) }
func BenchmarkReadPostgres(b *testing.B) { benchmarkRead(b, postgresDB(b)) }
func BenchmarkReadSQLite(b *testing.B)   { benchmarkRead(b, sqliteDB(b)) }
