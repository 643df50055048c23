package restapi

import (
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

// wholeDue reports whether the whole list is to be read again.
func (rd *reader) wholeDue() bool {
	every := rd.st.FullEvery
	return every > 0 && rd.pos.Whole < rd.s.cfg.Now().UTC().Add(-every).Format(canonical)
}

// again reports whether a row of the reread came as new in this read already:
// one that changed between the two would stand there twice, and differ.
func (rd *reader) again(key string) bool {
	if rd.st.Reread == nil {
		return false
	}
	switch {
	case rd.pos.Phase == phaseReread:
		return rd.fresh[key]
	case rd.pos.Phase == phaseRows && rd.pos.Since != "":
		if rd.fresh == nil {
			rd.fresh = map[string]bool{}
		}
		rd.fresh[key] = true
	}
	return false
}

// farBelow is how much older than the bound a record may be before the server
// is suspected of passing the bound over: zones and days are rounded.
const farBelow = 48 * time.Hour

// obeyed warns, once in a read, where a record is older than what was asked
// for: many servers pass over parameters that they don't know, and every read
// is then a full one.
func (rd *reader) obeyed(c *Cursor, at string) {
	if rd.warned || c.Param == "" || c.Format == Number || rd.r.Mode != connectors.Incremental || rd.pos.Phase != phaseRows {
		return
	}
	if since := rd.pos.Since; since == "" || !c.less(at, c.earlier(since, farBelow)) {
		return
	}
	rd.warned = true
	rd.s.cfg.Noticed(fault.New("W2302", rd.s.cfg.Name+"/"+rd.name, "parameter", c.Param))
}
