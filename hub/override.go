package hub

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"crmhub/fault"
	"crmhub/mdm/entity"
	"crmhub/mdm/standardize"
	"crmhub/record"
	"crmhub/store/golden"
)

// OverrideRequest is a steward's value for one attribute of a golden record.
type OverrideRequest struct {
	ID, Attribute string
	// Value is a text, or JSON where JSON is set; it is standardised as a
	// source's would be. Clear takes the attribute's value away instead.
	Value       string
	JSON, Clear bool
	// Until is a date, a moment or a number of days (90d) after which it ends; "" is never.
	Until  string
	Reason string
}

// Override writes a steward's value and resolves, so that the golden record
// has it. E6501 to E6504 say what cannot be.
func (h *Hub) Override(ctx context.Context, q OverrideRequest, events func(Event)) (o OverrideOf, err error) {
	if strings.TrimSpace(q.Reason) == "" {
		return o, fault.New("E6501", "")
	}
	err = h.locked(ctx, "golden override", func() error {
		if err := h.attribute(q.Attribute, true); err != nil {
			return err
		}
		if err := h.warnClock(ctx, events); err != nil {
			return err
		}
		until, err := moment(q.Until, h.now())
		if err != nil {
			return err
		}
		if _, err := h.resolve(ctx, events); err != nil {
			return err
		}
		g, err := h.byID(ctx, q.ID)
		if err != nil {
			return err
		}
		if len(g.Members) == 0 {
			return fault.New("E5022", "", "record", golden.IDText(g.ID))
		}
		value, err := h.overrideValue(q, g.Fields)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(g.Members, func(m golden.Member) bool { return m.Own == g.ID })
		e := entity.Override{Record: g.Members[max(at, 0)].RecordID, Attribute: q.Attribute, Value: value, By: h.o.Who, At: h.now(), Until: until, Reason: q.Reason}
		id, err := h.golden.Override(ctx, e)
		if err != nil {
			return err
		}
		o = h.overrideView(golden.Override{ID: id, Override: e, Entity: g.ID}, Reveal{})
		_, err = h.resolve(ctx, events)
		return err
	})
	return o, err
}

// overrideValue standardises and validates a steward's value beside the other
// values of the golden record.
func (h *Hub) overrideValue(q OverrideRequest, fields record.Fields) (any, error) {
	if q.Clear {
		return nil, nil
	}
	schema, _ := h.schemas.Schema(record.Customer)
	refused := func(rule string) error { return fault.New("E6503", "", "name", q.Attribute, "rule", rule) }
	var value any = q.Value
	if q.JSON {
		d := json.NewDecoder(strings.NewReader(q.Value))
		d.UseNumber()
		if err := d.Decode(&value); err != nil || d.More() {
			return nil, refused("JSON")
		}
	} else if schema.Property(q.Attribute).List() {
		value = []any{q.Value}
	}
	whole := record.Fields{}
	for n, v := range fields {
		if n != q.Attribute {
			whole[n] = v
		}
	}
	whole[q.Attribute] = value
	for _, s := range schema.Standardize() {
		if s.Path[0] == q.Attribute {
			whole[q.Attribute] = spell(whole[q.Attribute], s.Path[1:], s.Kind)
		}
	}
	r := record.Record{Ref: record.Ref{Type: record.Customer}, Fields: whole}
	if err := schema.Validate(&r); err != nil {
		return nil, refused(schemaRule(err))
	}
	for _, i := range r.Invalid {
		if strings.HasPrefix(i.Path, "/"+q.Attribute) {
			return nil, refused(i.Rule)
		}
	}
	if v, ok := r.Fields[q.Attribute]; ok {
		return v, nil
	}
	return nil, refused("minLength")
}

// schemaRule is the code of a schema's fault; its words are the row's, not a steward's.
func schemaRule(err error) string {
	if f := fault.Of(err); f != nil {
		return string(f.Code)
	}
	return "type"
}

// spell standardises the values at a path.
func spell(v any, path []string, kind string) any {
	if len(path) == 0 {
		return standardize.Locale{}.Value(kind, v)
	}
	switch v := v.(type) {
	case []any:
		if path[0] == "*" {
			for i := range v {
				v[i] = spell(v[i], path[1:], kind)
			}
		}
	case map[string]any:
		if inner, ok := v[path[0]]; ok {
			v[path[0]] = spell(inner, path[1:], kind)
		}
	}
	return v
}

// moment reads when something ends: a date, a moment or a number of days from
// now. "" is never. E6504 for what is none, or past.
func moment(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t := time.Time{}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= 36500 {
			t = now.AddDate(0, 0, n)
		}
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if p, err := time.Parse(form, s); err == nil {
			t = p
		}
	}
	if !t.After(now) {
		return t, fault.New("E6504", "")
	}
	return t.UTC().Truncate(time.Second), nil
}

// Overrides lists the overrides that stand, the ended ones too where all is set.
func (h *Hub) Overrides(ctx context.Context, all bool, r Reveal) ([]OverrideOf, error) {
	if err := r.allow(); err != nil {
		return nil, err
	}
	if err := h.open(ctx); err != nil {
		return nil, err
	}
	if err := h.recorded(ctx, r, "golden override list"); err != nil {
		return nil, err
	}
	found, err := h.golden.ListOverrides(ctx, all)
	if err != nil {
		return nil, err
	}
	list := make([]OverrideOf, len(found))
	for i, o := range found {
		list[i] = h.overrideView(o, r)
	}
	return list, nil
}

// EndOverride takes an override back and resolves.
func (h *Hub) EndOverride(ctx context.Context, id int64, events func(Event)) error {
	return h.locked(ctx, "golden override", func() error {
		if err := h.warnClock(ctx, events); err != nil {
			return err
		}
		if err := h.golden.EndOverride(ctx, id); err != nil {
			return err
		}
		_, err := h.resolve(ctx, events)
		return err
	})
}
