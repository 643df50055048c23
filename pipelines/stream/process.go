package stream

import (
	"context"
	"fmt"

	"github.com/redpanda-data/benthos/v4/public/service"

	"crmhub/fault"
	"crmhub/record"
)

// process runs the user's own Benthos processors over the rows of a batch.
// It knows at the end what became of each row: Benthos passes a message that
// failed on unchanged, and a panic in a processor would end the program.
type process struct {
	s     *session
	steps []*service.OwnedProcessor
	names []string
}

func processSpec() *service.ConfigSpec {
	return service.NewConfigSpec().
		Summary("Runs processors row by row; a row that fails goes to quarantine.").
		Fields(service.NewProcessorListField("processors"))
}

func newProcess(s *session, c *service.ParsedConfig) (*process, error) {
	steps, err := c.FieldProcessorList("processors")
	if err != nil {
		return nil, fmt.Errorf("build the processors: %w", err)
	}
	p := &process{s: s, steps: steps}
	for _, raw := range s.r.Pipeline.Processors {
		p.names = append(p.names, processorName(raw))
	}
	return p, nil
}

// ProcessBatch is safe for concurrent use, as the processors of Benthos are.
func (p *process) ProcessBatch(ctx context.Context, messages service.MessageBatch) ([]service.MessageBatch, error) {
	each(messages, func(b *batch) {
		if !p.s.abandoned() {
			p.batch(ctx, b)
		}
	})
	return []service.MessageBatch{messages}, nil
}

func (p *process) batch(ctx context.Context, b *batch) {
	b.work = make([]processed, len(b.rows))
	rows := make([]int, 0, len(b.rows))
	for i := range b.rows {
		if b.rows[i].Fault == nil && !b.rows[i].Deleted {
			rows = append(rows, i)
		}
	}
	if len(rows) == 0 || p.run(ctx, b, rows) {
		return
	}
	// A panic, or messages whose row is lost on the way: each row for itself.
	for _, i := range rows {
		b.work[i] = processed{}
		if !p.run(ctx, b, []int{i}) {
			b.work[i] = processed{fault: fault.New("E3251", b.rows[i].Place.String())}
		}
	}
}

// run sends some rows through all processors. It reports false where what
// came out cannot be told apart by row.
func (p *process) run(ctx context.Context, b *batch, rows []int) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	messages := make(service.MessageBatch, len(rows))
	for n, i := range rows {
		messages[n] = service.NewMessage(nil)
		messages[n].MetaSetMut(rowMeta, i)
		messages[n].SetStructured(b.rows[i].Data) // read only: a processor that changes it takes a copy
	}
	failedAt := make(map[int]int)
	for step, processor := range p.steps {
		if len(messages) == 0 {
			break
		}
		batches, err := processor.ProcessBatch(ctx, messages)
		if err != nil {
			return false
		}
		messages = messages[:0:0]
		for _, x := range batches {
			messages = append(messages, x...)
		}
		for _, m := range messages {
			i, known := rowOf(m, rows)
			if !known {
				return false
			}
			if _, before := failedAt[i]; m.GetError() != nil && !before {
				failedAt[i] = step
			}
		}
	}
	for _, m := range messages {
		i, _ := rowOf(m, rows)
		w := &b.work[i]
		if m.GetError() != nil {
			w.fault = fault.New("E3250", b.rows[i].Place.String(), "processor", p.names[failedAt[i]], "step", failedAt[i]+1)
			continue
		}
		if v, err := m.AsStructured(); err != nil {
			w.fault = fault.New("E3252", b.rows[i].Place.String())
		} else if row, isObject := v.(map[string]any); isObject {
			w.rows = append(w.rows, row)
		} else {
			w.fault = fault.New("E3252", b.rows[i].Place.String())
		}
	}
	return true
}

// rowMeta is the metadata that names a message's row. Contexts would not do:
// Benthos gives them back by position after a processor dropped messages.
const rowMeta = "crmhub_row"

// rowOf returns the row that a message came from. Where there is but one, it
// is that one, whatever a processor did to the message.
func rowOf(m *service.Message, rows []int) (int, bool) {
	if len(rows) == 1 {
		return rows[0], true
	}
	v, _ := m.MetaGetImmut(rowMeta)
	i, ok := v.(int)
	return i, ok
}

// Close closes the processors.
func (p *process) Close(ctx context.Context) error {
	for _, x := range p.steps {
		if err := x.Close(ctx); err != nil {
			return fmt.Errorf("close processors: %w", err)
		}
	}
	return nil
}

// refusal is the refusal of a row at a stage.
func refusal(stage record.Stage, row *record.Row, err error) *record.Refusal {
	return &record.Refusal{Stage: stage, Fault: err, Row: rowBytes(row)}
}
