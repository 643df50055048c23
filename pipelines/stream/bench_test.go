package stream_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"crmhub/connectors"
	"crmhub/pipelines/stream"
	"crmhub/record"
)

// counting is a sink that only counts.
type counting struct{ counts record.Counts }

func (c *counting) Begin(context.Context, record.RunSpec) (record.Run, error) {
	c.counts = record.Counts{}
	return record.Run{ID: "r"}, nil
}

func (c *counting) Prepare(_ context.Context, _ record.RunID, rows []record.Landing) (any, error) {
	n := record.Counts{Read: int64(len(rows))}
	for i := range rows {
		if rows[i].Refusal != nil {
			n.Quarantined++
		} else {
			n.Created++
		}
	}
	return n, nil
}

func (c *counting) Commit(_ context.Context, _ record.RunID, prepared []any, _, _ record.Position) (record.Counts, error) {
	for _, p := range prepared {
		c.counts.Add(p.(record.Counts))
	}
	return c.counts, nil
}

func (c *counting) End(_ context.Context, _ record.RunID, s record.Status, _ error) (record.Run, error) {
	return record.Run{ID: "r", Status: s, Counts: c.counts}, nil
}

// BenchmarkStream measures rows of 20 columns from a source to a sink that
// counts: mapped by Bloblang, standardised and validated.
func BenchmarkStream(b *testing.B) {
	const batch = 1000
	var text strings.Builder
	names := []string{"full_name", "given_name", "family_name", "gender", "birth_date", "language", "status", "owner"}
	for _, n := range names {
		fmt.Fprintf(&text, "root.%s = this.%s\n", n, n)
	}
	text.WriteString("root.emails = [this.email]\nroot.phones = [this.phone]\n" +
		"root.addresses = [{\"street\": this.street, \"city\": this.city, \"postcode\": this.postcode, \"country\": this.country}]\nroot._updated_at = this.updated_at\n")
	row := func(i int) map[string]any {
		n := strconv.Itoa(i)
		return map[string]any{
			"id": n, "full_name": "Li Xiaoming " + n, "given_name": "Xiaoming", "family_name": "Li", "gender": "male", "birth_date": "1980-02-03",
			"language": "zh-CN", "status": "active", "owner": "sales-" + n, "email": "li" + n + "@example.com", "phone": "+8613812345678",
			"street": "1 Nanjing Road", "city": "Shanghai", "postcode": "200001", "country": "CN", "updated_at": "2024-05-01T10:00:00Z",
			"note": "a customer", "score": "12", "source": "web", "campaign": nil,
		}
	}
	for _, processors := range []string{"", "processors:\n  - mutation: root.note = this.note.uppercase()\n"} {
		b.Run(fmt.Sprintf("processors=%v", processors != ""), func(b *testing.B) {
			var total int64
			for b.Loop() {
				const rowsEach = 100_000
				s := source{read: func(ctx context.Context, _ connectors.Request, emit connectors.Emit) error {
					for at := 0; at < rowsEach; at += batch {
						all := make([]record.Row, batch)
						for i := range all {
							all[i] = record.Row{Place: record.Place{Name: "a.csv", Line: int64(at + i)}, Data: row(at + i)}
						}
						if err := emit(ctx, connectors.Batch{Rows: all, Position: record.Position(strconv.Itoa(at))}); err != nil {
							return err
						}
					}
					return nil
				}}
				r := &stream.Runner{Pipeline: pipeline(b, shop+processors), Source: s, Sink: &counting{}, Mapper: blobl(b, text.String()), Schemas: shipped(b)}
				run := mustRun(b, r)
				if run.Counts.Created != rowsEach {
					b.Fatalf("created %d", run.Counts.Created)
				}
				total += rowsEach
			}
			b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
