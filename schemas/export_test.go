package schemas

import "crmhub/record"

// Passes tells what the fast check says of fields.
func (s *Schema) Passes(f record.Fields) bool { return s.passes(map[string]any(f)) }

// Judged tells what the validator says of fields.
func (s *Schema) Judged(f record.Fields) error { return s.judge.Validate(map[string]any(f)) }
