package stream

import (
	"sync"
	"time"

	"crmhub/record"
)

// Event is how far a run is. The rows of Read and Mapped are those of this
// call of Run; Counts are those of the run, which may have begun before.
type Event struct {
	Pipeline string
	Run      record.RunID
	// Read, Mapped and Landed count the rows that have passed each stage.
	Read, Mapped, Landed int64
	// Quarantined counts the rows of the run that are in quarantine.
	Quarantined int64
	// RowsPerSecond is the speed of landing, over the whole call.
	RowsPerSecond float64
	Elapsed       time.Duration
	Counts        record.Counts
	Status        record.Status
	// Finished says that this is the last event.
	Finished bool
}

// eventEvery is how often progress is told at most.
const eventEvery = 200 * time.Millisecond

// meter counts rows by stage and tells of them. It is safe for concurrent use.
type meter struct {
	now    func() time.Time
	tell   func(Event)
	mu     sync.Mutex
	begun  time.Time
	told   time.Time
	before int64 // rows that the run had read before
	event  Event
}

func newMeter(pipeline string, run record.Run, now func() time.Time, tell func(Event)) *meter {
	return &meter{
		now: now, tell: tell, begun: now(), before: run.Counts.Read,
		event: Event{Pipeline: pipeline, Run: run.ID, Counts: run.Counts, Status: record.Running},
	}
}

func (m *meter) read(n int)   { m.count(&m.event.Read, n) }
func (m *meter) mapped(n int) { m.count(&m.event.Mapped, n) }

func (m *meter) count(field *int64, n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	*field += int64(n)
	m.report(false)
}

// landed takes the run's counts after a commit.
func (m *meter) landed(c record.Counts) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.event.Counts, m.event.Landed, m.event.Quarantined = c, c.Read-m.before, c.Quarantined
	m.report(false)
}

func (m *meter) finish(run record.Run) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := run.Counts
	m.event.Counts, m.event.Landed, m.event.Quarantined = c, c.Read-m.before, c.Quarantined
	m.event.Status, m.event.Finished = run.Status, true
	m.report(true)
}

// report tells of the run, holding the lock so that events come in order.
func (m *meter) report(always bool) {
	if m.tell == nil {
		return
	}
	now := m.now()
	if !always && now.Sub(m.told) < eventEvery {
		return
	}
	m.told = now
	m.event.Elapsed = now.Sub(m.begun)
	m.event.RowsPerSecond = 0
	if s := m.event.Elapsed.Seconds(); s > 0 {
		m.event.RowsPerSecond = float64(m.event.Landed) / s
	}
	m.tell(m.event)
}
