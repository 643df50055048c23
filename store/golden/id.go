package golden

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"sync"
	"time"

	"crmhub/mdm/entity"
)

// idSource makes UUIDv7s (RFC 9562) that ascend within the process, so that
// an index on them grows at its end.
type idSource struct {
	mu    sync.Mutex
	ms    int64
	count uint16
	room  []byte
}

// next returns n ids for that time.
func (s *idSource) next(now time.Time, n int) []entity.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	if need := 10 * n; cap(s.room) < need {
		s.room = make([]byte, need)
	}
	random := s.room[:10*n]
	if _, err := rand.Read(random); err != nil {
		panic(err) // crypto/rand never returns an error; it ends the program itself
	}
	ids := make([]entity.ID, n)
	if ms := now.UnixMilli(); ms > s.ms {
		s.ms, s.count = ms, 0
	}
	for i := range ids {
		if s.count == 1<<12 {
			s.ms, s.count = s.ms+1, 0
		}
		id := &ids[i]
		binary.BigEndian.PutUint64(id[:], uint64(s.ms)<<16)
		binary.BigEndian.PutUint16(id[6:], 0x7000|s.count)
		copy(id[8:], random[10*i:10*i+8])
		id[8] = id[8]&0x3f | 0x80
		s.count++
	}
	return ids
}

// idText returns the usual form of a UUID.
func idText(id [16]byte) string {
	var b [36]byte
	hex.Encode(b[:8], id[:4])
	b[8] = '-'
	hex.Encode(b[9:13], id[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], id[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], id[8:10])
	b[23] = '-'
	hex.Encode(b[24:], id[10:])
	return string(b[:])
}

// IDText returns an entity's id as people see it: the usual form of a UUID.
func IDText(id entity.ID) string { return idText(id) }
