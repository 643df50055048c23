package email_test

import (
	"encoding/json"
	"strconv"
	"testing"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/email"
)

// expected is the row of mail(id, subject).
func expected(id, subject, folder string, over map[string]any) connectortest.Row {
	data := map[string]any{
		"message_id": id + "@example.cn", "date": "2026-03-01T17:00:00+08:00",
		"from": map[string]any{"name": "Li Wei", "address": "li@example.cn"},
		"to":   []any{map[string]any{"name": nil, "address": "support@hub.example"}},
		"cc":   nil, "bcc": nil, "reply_to": nil, "subject": subject, "text": "hello", "html": false,
		"in_reply_to": nil, "references": nil, "attachments": nil,
		"folder": folder, "flags": nil, "deleted": false, "outbound": false, "received_at": "2026-03-01T09:30:00Z",
		"size": json.Number(strconv.Itoa(len(mail(id, subject)))),
	}
	for k, v := range over {
		data[k] = v
	}
	return connectortest.Row{Key: id + "@example.cn", Data: data}
}

func TestConformance(t *testing.T) {
	b := newBox(t)
	b.create("Archive")
	b.create("Sent")
	b.create("Trash")
	b.put("Archive", mail("a1", "one"), `\Seen`)
	b.put("Archive", mail("a2", "two"), `\Deleted`)
	b.put("INBOX", mail("i1", "three"))
	b.put("INBOX", "no header at all\r\n")
	b.put("INBOX", mail("i2", "four"))
	b.put("Sent", mail("s1", "five"))
	b.put("Trash", mail("t1", "thrown away"))
	connectortest.Run(t, connectortest.Case{
		Faults:    true,
		Connector: email.Connector{}, Params: b.params(), Streams: []string{"messages", "INBOX", "Archive", "Sent"},
		Request: connectors.Request{Stream: "messages", Deleted: "deleted"},
		Want: []connectortest.Row{
			expected("a1", "one", "Archive", map[string]any{"flags": []any{`\Seen`}}),
			func() connectortest.Row {
				r := expected("a2", "two", "Archive", map[string]any{"flags": []any{`\Deleted`}, "deleted": true})
				r.Deleted = true
				return r
			}(),
			expected("i1", "three", "INBOX", nil),
			{Fault: "E3112", Place: "INBOX:2"},
			expected("i2", "four", "INBOX", nil),
			expected("s1", "five", "Sent", map[string]any{"outbound": true}),
		},
		Broken: []map[string]any{
			{"password": "guess-4712"},
			{"password": nil},
			{"host": "127.0.0.1:1", "retries": 0},
			{"host": "a b"},
			{"folders": "Nowhere"},
			{"folders": "[x"},
			{"ca_file": "/nowhere.pem"},
			{"tls": "implicit", "retries": 0, "timeout": "2s"},
			{"token": "t", "password": nil},
		},
		Secrets: []string{b.d.password, "guess-4712"},
	})
}
