package restapi

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"crmhub/connectors"
	"crmhub/record"
)

// phase is a part of a read.
type phase string

const (
	// phaseRows reads the list.
	phaseRows phase = "rows"
	// phaseReread reads what may have changed without its cursor moving.
	phaseReread phase = "reread"
	// phaseChanges reads what an event log says has changed.
	phaseChanges phase = "changes"
	// phaseGone reads the list of what was deleted.
	phaseGone phase = "gone"
)

// position is where a read stands, as JSON.
type position struct {
	Mode connectors.Mode `json:"mode"`
	// Print is a fingerprint of the stream's description: another one means
	// that the position says nothing.
	Print string `json:"print"`
	Phase phase  `json:"phase,omitempty"`
	// Places are the list under way and those of its parents.
	Places []place `json:"places,omitempty"`
	// Since is the lower bound of the phase; From that of the slice of it under
	// way, Span how long that slice is (nanoseconds), Top the greatest cursor in it.
	Since string `json:"since,omitempty"`
	From  string `json:"from,omitempty"`
	Span  int64  `json:"span,omitempty"`
	Top   string `json:"top,omitempty"`
	// Count is how many rows the pages of the slice had before the one under way.
	Count int64 `json:"count,omitempty"`
	// Begun is when the read began, by the server's clock; High the greatest
	// cursor of the phase.
	Begun string `json:"begun,omitempty"`
	High  string `json:"high,omitempty"`
	// After is the last changed id that was fetched, Until what was known then.
	After string `json:"after,omitempty"`
	Until string `json:"until,omitempty"`
	// Next and NextGone are where the next incremental read begins; Delta is
	// its address, where the server gives one.
	Next     string `json:"next,omitempty"`
	NextGone string `json:"next_gone,omitempty"`
	Delta    string `json:"delta,omitempty"`
	// Whole is when the last read of the whole list began.
	Whole string `json:"whole,omitempty"`
	// First says that nothing was read before this read.
	First bool `json:"first,omitempty"`
	Done  bool `json:"done,omitempty"`
}

// place is where the reading of one list stands.
type place struct {
	Page page `json:"page"`
	// Rows of the page were handed over; Sum is the checksum of their bytes.
	Rows int    `json:"rows,omitempty"`
	Sum  uint64 `json:"sum,omitempty"`
	Set  bool   `json:"set,omitempty"`
}

func decodePosition(from record.Position, mode connectors.Mode, print string) (position, bool) {
	var p position
	if len(from) == 0 || json.Unmarshal(from, &p) != nil || p.Mode != mode || p.Print != print {
		return position{}, false
	}
	return p, true
}

// encode writes the position; what has the zero value is left out.
func (p *position) encode() (record.Position, error) { return json.Marshal(p) }

// place returns the place of the list at a depth: 0 is the stream's own, 1
// that of its parent.
func (p *position) place(depth int) *place {
	for len(p.Places) <= depth {
		p.Places = append(p.Places, place{})
	}
	return &p.Places[depth]
}

// restart forgets the place of the list at a depth and of those inside it.
func (p *position) restart(depth int) {
	for i := range min(depth+1, len(p.Places)) {
		p.Places[i] = place{}
	}
	p.From, p.Span, p.Top, p.Count = "", 0, "", 0
}

// begin enters a phase.
func (p *position) begin(ph phase, since string) {
	p.Phase, p.Since = ph, since
	p.Places, p.From, p.Span, p.Top, p.Count, p.High, p.After, p.Until = nil, "", 0, "", 0, "", "", ""
}

// fingerprint names what a position belongs to.
func fingerprint(stream string, st *Stream, r connectors.Request) string {
	described, err := json.Marshal(struct {
		Name string
		S    *Stream
		Key  []string
		C    string
	}{stream, st, slices.Clone(r.Key), r.Cursor})
	if err != nil {
		return stream
	}
	sum := sha256.Sum256(described)
	return hex.EncodeToString(sum[:12])
}
