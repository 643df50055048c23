package email_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"crmhub/connectors"
)

// BenchmarkRead reads a mailbox of a local server: 5,000 messages of 2 to
// 12 kB, one in ten with an attachment of 30 kB.
func BenchmarkRead(b *testing.B) {
	box := newBox(b)
	const messages = 5000
	pdf := base64.StdEncoding.EncodeToString(make([]byte, 30_000))
	for i := range messages {
		raw := mail(fmt.Sprint(i), "order "+fmt.Sprint(i)) + strings.Repeat("The parcel has not arrived yet, please look into it.\r\n", 40+i%200)
		if i%10 == 0 {
			raw = "From: a@example.cn\r\nMessage-ID: <" + fmt.Sprint(i) + "@x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n" +
				"--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + pdf + "\r\n--b--\r\n"
		}
		box.put("INBOX", raw)
	}
	src := box.source(nil)
	read := 0
	for b.Loop() {
		read = 0
		err := src.Read(b.Context(), connectors.Request{Stream: "INBOX"}, func(_ context.Context, batch connectors.Batch) error {
			read += len(batch.Rows)
			return nil
		})
		if err != nil || read != messages {
			b.Fatalf("%d messages, %v", read, err)
		}
	}
	b.ReportMetric(float64(read)*float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}
