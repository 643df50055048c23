package hub

import (
	"context"

	"crmhub/fault"
	"crmhub/governance/mask"
	"crmhub/record"
	"crmhub/store/golden"
)

// Reveal asks for personal values in clear. A reason must be given; it is
// recorded with the name of the person and what was shown.
type Reveal struct {
	On     bool
	Reason string
}

// allow checks a Reveal: nothing is shown in clear without a reason (E1206).
func (r Reveal) allow() error {
	if r.On && r.Reason == "" {
		return fault.New("E1206", "")
	}
	return nil
}

// recorded writes into the journal that values are shown. It comes before the
// values, so that nobody sees what was not recorded.
func (h *Hub) recorded(ctx context.Context, r Reveal, what string) error {
	if !r.On {
		return nil
	}
	return h.journal.Reveal(ctx, h.o.Who, what, r.Reason)
}

// fields returns values as they are shown: masked as the schema of their type
// says, or as they are.
func (h *Hub) fields(t record.Type, f record.Fields, r Reveal) record.Fields {
	if r.On {
		return f
	}
	rules := map[string]mask.Rule{}
	if s, ok := h.schemas.Schema(t); ok {
		for _, p := range s.Properties() {
			rules[p.Name] = mask.Rule{Class: p.Class, Kind: p.Mask}
		}
	}
	return mask.Fields(f, rules)
}

// keys knows how the keys of each stream are shown.
type keys map[[2]string]string

// keyClasses reads from the pipelines what their keys are. Keys of streams
// that no pipeline of the project names any more are not personal as far as
// anyone said.
func (h *Hub) keyClasses() keys {
	// A faulty file must not stop a look at the store; the pipelines that can
	// be read say what they know.
	all, _ := h.allPipelines()
	k := keys{}
	for _, p := range all {
		if c := string(p.Source.KeyClass); c != "" && c != "none" {
			k[[2]string{p.Source.Connection, p.Source.Stream}] = c
		}
	}
	return k
}

// show returns a key as it is shown.
func (k keys) show(ref record.Ref, r Reveal) string {
	class, personal := k[[2]string{ref.Source, ref.Stream}]
	if !personal {
		// A pipeline that names no stream reads the only one there is.
		class, personal = k[[2]string{ref.Source, ""}]
	}
	if r.On || !personal {
		return ref.Key
	}
	s, _ := mask.Value("direct_identifier", class, ref.Key).(string)
	return s
}

// recordView returns a source record as it is shown.
func (h *Hub) recordView(m golden.Member, k keys, r Reveal) RecordView {
	v := RecordView{
		Source: m.Ref.Source, Stream: m.Ref.Stream, Type: m.Ref.Type, Key: k.show(m.Ref, r), ID: m.RecordID,
		Fields: h.fields(m.Ref.Type, m.Fields, r),
	}
	if !m.UpdatedAt.IsZero() {
		t := m.UpdatedAt.UTC()
		v.UpdatedAt = &t
	}
	return v
}
