package storetest_test

import (
	"testing"

	"crmhub/store/storetest"
)

func TestSQLite(t *testing.T)   { storetest.Run(t, storetest.SQLite) }
func TestPostgres(t *testing.T) { storetest.Run(t, storetest.Postgres(t)) }

func TestBothDatabasesHoldTheSame(t *testing.T) {
	storetest.Equal(t, storetest.SQLite, storetest.Postgres(t))
}
