package sqldb_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	"crmhub/connectors"
	"crmhub/connectors/sqldb"
)

func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	db, err := sql.Open("sqlite", filepath.Join(dir, "crm.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO customers VALUES (7, '张伟'), (3, 'Zoë')`); err != nil {
		fmt.Println(err)
		return
	}
	c := sqldb.Connector{}
	params, err := c.Spec().Decode("hub.yaml:5", map[string]any{"url": "sqlite:crm.db"})
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := c.Open(connectors.Config{Name: "legacy", Params: params, Dir: dir})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	err = s.Read(context.Background(), connectors.Request{Stream: "customers"}, func(_ context.Context, b connectors.Batch) error {
		for _, r := range b.Rows {
			fmt.Println(r.Key, r.Data["name"])
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 3 Zoë
	// 7 张伟
}
