package email

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/emersion/go-imap/v2"

	"crmhub/connectors"
	"crmhub/record"
)

// position is where a read stands, as JSON.
type position struct {
	Mode connectors.Mode `json:"mode"`
	// Print is what the position belongs to: server, account, stream.
	Print   string           `json:"print"`
	Folders map[string]*mark `json:"folders,omitempty"`
	// Done says that the read was finished.
	Done bool `json:"done,omitempty"`
}

// mark is where a folder is read up to.
type mark struct {
	// Validity is the folder's UIDVALIDITY: under another one all UIDs are new.
	Validity uint32 `json:"validity"`
	// UID is the last message read.
	UID imap.UID `json:"uid,omitempty"`
	// ModSeq is up to where changes of flags were read.
	ModSeq uint64 `json:"modseq,omitempty"`
	// Next is the ModSeq when the folder is finished, and Changed the last
	// message that was read again: both are of an unfinished read.
	Next    uint64   `json:"next,omitempty"`
	Changed imap.UID `json:"changed,omitempty"`
	// Finished says that an unfinished read is past this folder.
	Finished bool `json:"finished,omitempty"`
}

// resume returns the position that a read goes on from; false where it is over.
func (s *source) resume(r connectors.Request) (position, bool) {
	sum := sha256.Sum256([]byte(s.address + "\x00" + s.cfg.Params.Text("user") + "\x00" + r.Stream))
	fresh := position{Mode: r.Mode, Print: hex.EncodeToString(sum[:8]), Folders: map[string]*mark{}}
	var p position
	if len(r.From) == 0 || json.Unmarshal(r.From, &p) != nil || p.Mode != r.Mode || p.Print != fresh.Print || p.Folders == nil {
		return fresh, true
	}
	if p.Done && r.Mode != connectors.Incremental {
		return p, false
	}
	if p.Done {
		p.Done = false
		p.again()
	}
	return p, true
}

// again has every folder looked at once more, for what is behind its mark.
func (p *position) again() {
	for _, m := range p.Folders {
		m.Finished = false
	}
}

// at returns the mark of a folder that was just opened, begun anew where the
// folder is no longer the one that was read.
func (p *position) at(name string, now opened) *mark {
	m := p.Folders[name]
	// A server that gives out smaller UIDs than it did was set back, whatever
	// its UIDVALIDITY says.
	if m == nil || m.Validity != now.validity || (now.next != 0 && m.UID >= now.next) {
		m = &mark{Validity: now.validity}
		p.Folders[name] = m
	}
	if m.Next == 0 {
		m.Next = now.modseq
	}
	return m
}

// finish sets the mark behind a folder that was read to its end.
func (m *mark) finish() {
	m.ModSeq, m.Next, m.Changed, m.Finished = m.Next, 0, 0, true
}

func (p *position) encode() (record.Position, error) {
	b, err := json.Marshal(p)
	return b, err
}
