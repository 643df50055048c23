package tryton_test

import (
	"testing"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
)

// A pipeline's own column says what is gone, in place of the archive's flag.
func TestThePipelineNamesWhatIsGone(t *testing.T) {
	e := fresh(t)
	rows, _ := connectortest.Read(t, e.source(nil), connectors.Request{Stream: "parties", Mode: connectors.Full, Deleted: "active"})
	seen := map[bool]bool{}
	for _, r := range rows {
		active := r.Data["active"] == true
		if seen[active] = true; r.Deleted != active {
			t.Errorf("party %s, active %v: deleted is %v", r.Key, active, r.Deleted)
		}
	}
	if !seen[true] || !seen[false] {
		t.Errorf("%d parties, want active ones and archived ones", len(rows))
	}
}
