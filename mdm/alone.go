package mdm

import (
	"context"

	"crmhub/mdm/entity"
	"crmhub/mdm/survive"
)

// Lone is an extra power of a Store: it can write down that a record stands
// alone without being told its golden values, which Alone computes of the record
// itself whenever they are read.
type Lone interface {
	// Alone writes, in one transaction, that each of these records (ascending) is an
	// entity of its own under its own id, and takes them off the dirty set. It returns,
	// ascending, those that it left as they are, for Apply: what stood before of
	// them has to be compared or undone.
	Alone(ctx context.Context, ids []entity.RecordID) (rest []entity.RecordID, err error)
}

// Whole is an extra power of a Store: where it is told that a pass resolves all
// records, it need not note each of them.
type Whole interface {
	// BeginAll begins such a pass, after BeginPass; EndAll ends it, once all is written.
	BeginAll(ctx context.Context) error
	EndAll(ctx context.Context) error
}

// Alone returns the golden record of one record that stands alone. It depends
// on no rule of a model, for there is nothing to choose: survivorship by any rules
// gives the same. Its ID is left to the caller.
func Alone(m entity.Member) entity.Golden {
	g := (&survive.Rules{}).Golden([]entity.Member{m})
	g.Alone = m.Version
	return g
}
