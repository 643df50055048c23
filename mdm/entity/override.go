package entity

import "time"

// Override is a steward's own value for one attribute of a golden record. It
// hangs on a source record and follows it: the golden record of whichever
// entity that record belongs to has the value. Only overrides that stand are
// shown to a resolver; one whose time is over was ended before, by a run.
type Override struct {
	Record    RecordID
	Attribute string
	// Value is the attribute's whole value; nil means that it has none.
	Value any
	By    string
	At    time.Time
	// Until is when it ends of itself; zero is never. A resolver doesn't look at it.
	Until  time.Time
	Reason string // stored sealed, like the value
}
