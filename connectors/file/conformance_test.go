package file_test

import (
	"testing"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/file"
)

func TestConformanceCSV(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "shop-2.csv", []byte("id,name,email\n1,李雷,li@example.cn\n2,\"Wang, Mei\",canary@example.cn\n3,broken\n\n4,Zhao,\n"))
	write(t, dir, "shop-10.csv", []byte("id;name;email\r\n5;\"a\nb\";x@example.cn\r\n6;\"open;y\r\n7;z;z@example.cn"))
	connectortest.Run(t, connectortest.Case{
		Connector: file.Connector{},
		Params:    map[string]any{"path": "shop-*.csv"},
		Dir:       dir,
		Request:   connectors.Request{Stream: "customers", Key: []string{"id"}},
		Want: []connectortest.Row{
			{Key: "1", Place: "shop-2.csv:2", Data: map[string]any{"id": "1", "name": "李雷", "email": "li@example.cn"}},
			{Key: "2", Place: "shop-2.csv:3", Data: map[string]any{"id": "2", "name": "Wang, Mei", "email": "canary@example.cn"}},
			{Key: "3", Place: "shop-2.csv:4:3", Fault: "E3101"},
			{Key: "4", Place: "shop-2.csv:6", Data: map[string]any{"id": "4", "name": "Zhao", "email": nil}},
			{Key: "5", Place: "shop-10.csv:2", Data: map[string]any{"id": "5", "name": "a\nb", "email": "x@example.cn"}},
			{Key: "6", Place: "shop-10.csv:4:2", Fault: "E3102"},
			{Key: "7", Place: "shop-10.csv:5", Data: map[string]any{"id": "7", "name": "z", "email": "z@example.cn"}},
		},
		Broken: []map[string]any{
			{"path": "nothing.csv"},
			{"path": "none-*.csv"},
			{"encoding": "utf-99"},
			{"delimiter": "ab"},
			{"quote": "''"},
			{"header_row": "third"},
			{"header_row": "none"},
			{"columns": []any{"a", "a"}},
			{"header_rows": uint64(11)},
		},
		Secrets: []string{"canary@example.cn"},
	})
}
