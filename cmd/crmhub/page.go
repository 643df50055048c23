package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"crmhub/hub"
	"crmhub/record"
)

// fields prints a record's values, one a line, lists and objects on one line each.
func (a *app) fields(w io.Writer, f map[string]any, indent string) {
	names := make([]string, 0, len(f))
	wide := 0
	for name := range f {
		names = append(names, name)
		wide = max(wide, cells(name))
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(w, "%s%s%s  %s\n", indent, name, strings.Repeat(" ", wide-cells(name)), text(f[name]))
	}
}

// text writes a value for people: lists by commas, objects by their values.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = text(v[i])
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		parts := make([]string, 0, len(v))
		for _, name := range names {
			if s := text(v[name]); s != "" {
				parts = append(parts, name+": "+s)
			}
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(v)
}

// goldenPage shows one golden record for people.
func (a *app) goldenPage(w io.Writer, g hub.GoldenView) {
	fmt.Fprintf(w, "%s  %s  %s  %s %d  %s\n", a.paint(a.outTTY, bold, g.ID), g.Type, g.Status, a.t("version", "版本"), g.Version, moment(g.UpdatedAt))
	if g.RedirectedFrom != "" {
		fmt.Fprintf(w, a.t("%s was merged into it\n", "%s 已并入此记录\n"), g.RedirectedFrom)
	}
	if q := g.Quality; q != nil {
		fmt.Fprintf(w, a.t("quality %d of 100: completeness %d, validity %d, agreement %d, freshness %d\n", "质量 %d 分（满分 100）：完整 %d、有效 %d、一致 %d、新鲜 %d\n"), q.Score, q.Completeness, q.Validity, q.Agreement, q.Freshness)
	}
	names := make([]string, 0, len(g.Fields))
	for name := range g.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	t := table{head: []string{a.t("field", "字段"), a.t("value", "值"), a.t("from", "来自"), a.t("rule", "规则")}}
	for _, name := range names {
		o := g.Provenance[name]
		from := make([]string, len(o.From))
		for i, r := range o.From {
			from[i] = recordName(r)
		}
		t.add(name, text(g.Fields[name]), strings.Join(from, ", "), o.Rule)
	}
	fmt.Fprintln(w)
	a.aligned(w, &t)
	fmt.Fprintf(w, "\n%s\n", fmt.Sprintf(a.t("source records (%d)", "来源记录（%d）"), len(g.Members)))
	for _, m := range g.Members {
		fmt.Fprintf(w, "  %s\n", recordName(m))
		a.fields(w, m.Fields, "      ")
	}
	byType := map[record.Type][]hub.RecordView{}
	for _, r := range g.Related {
		byType[r.Type] = append(byType[r.Type], r)
	}
	for _, t := range record.Types {
		if len(byType[t]) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s (%d)\n", a.typeName(t), len(byType[t]))
		for _, r := range byType[t] {
			fmt.Fprintf(w, "  %s  %s\n", recordName(r), text(map[string]any(brief(r.Fields))))
		}
	}
}

// brief keeps the fields of a related record that tell it apart at a glance.
func brief(f record.Fields) record.Fields {
	out := record.Fields{}
	for _, name := range []string{"number", "status", "total", "amount", "currency", "placed_at", "at", "method", "tracking_number", "carrier", "channel", "direction", "subject"} {
		if v, ok := f[name]; ok {
			out[name] = v
		}
	}
	return out
}

// recordName names a source record as unmerge takes it: SOURCE/STREAM/KEY.
func recordName(r hub.RecordView) string { return r.Source + "/" + r.Stream + "/" + r.Key }

func (a *app) typeName(t record.Type) string {
	words := map[record.Type][2]string{
		record.Customer: {"customers", "客户"}, record.Order: {"orders", "订单"}, record.Payment: {"payments", "付款"},
		record.Shipment: {"shipments", "物流"}, record.Interaction: {"interactions", "往来"},
	}
	return words[t][a.lang]
}
