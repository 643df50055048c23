package stream

import (
	"context"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"crmhub/record"
)

// batch is one batch of the source on its way through the stream. It travels
// as one Benthos message, in the message's context, so that a row costs no
// message of its own where no processor wants one. One goroutine holds it at a time.
type batch struct {
	seq  int64
	read time.Time
	rows []record.Row
	size int // rows read; rows is let go of on the way
	from record.Position
	to   record.Position
	// work is what the user's processors made of each row; nil where there are none.
	work []processed
	// landings is what the rows became, one for each row.
	landings []record.Landing
	prepared any
	// err is why the batch can't be stored.
	err  error
	done chan struct{} // closed when the batch is stored, or never will be
	// samples is filled by previews only.
	samples []Sample
}

// processed is what the user's processors made of one row.
type processed struct {
	rows  []map[string]any // none: filtered
	fault error
}

type batchKey struct{}

// message packs b into one Benthos message.
func (b *batch) message() *service.Message {
	return service.NewMessageWithContext(context.WithValue(context.Background(), batchKey{}, b), nil)
}

// batchOf unpacks the batch of a message, or nil.
func batchOf(m *service.Message) *batch {
	b, _ := m.Context().Value(batchKey{}).(*batch)
	return b
}

// each calls f with each batch that messages carry.
func each(messages service.MessageBatch, f func(*batch)) {
	for _, m := range messages {
		if b := batchOf(m); b != nil {
			f(b)
		}
	}
}
