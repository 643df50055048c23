package hub

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"crmhub/fault"
	"crmhub/hub/sheet"
	"crmhub/record"
	"crmhub/store/golden"
)

// Export says what is exported.
type Export struct {
	// Format is csv or jsonl.
	Format string
	// Members exports one line a source record: golden_id,source,stream,key.
	Members bool
	Reveal  Reveal
}

// Export writes every active golden record, or its members, in the order of ids.
func (h *Hub) Export(ctx context.Context, w io.Writer, e Export) error {
	if err := e.Reveal.allow(); err != nil {
		return err
	}
	if err := h.open(ctx); err != nil {
		return err
	}
	what := "golden export"
	if e.Members {
		what += " members"
	}
	if err := h.recorded(ctx, e.Reveal, what); err != nil {
		return err
	}
	var out rows
	switch {
	case e.Format == "csv" && e.Members:
		out = &csvMembers{w: csv.NewWriter(w)}
	case e.Format == "csv":
		out = &csvGolden{w: csv.NewWriter(w), columns: h.goldenColumns()}
	default:
		j := json.NewEncoder(w)
		j.SetEscapeHTML(false)
		out = jsonRows{j, e.Members}
	}
	k := h.keyClasses()
	err := out.begin()
	if err == nil {
		err = h.golden.Each(ctx, func(g golden.View) error { return out.row(h.goldenView(g, k, e.Reveal)) })
	}
	if err == nil {
		err = out.end()
	}
	if err != nil && fault.Of(err) == nil {
		return fault.New("E9003", "", "reason", fault.Reason(err)).Because(err)
	}
	return err
}

// goldenColumns are the columns of a CSV of golden records: the properties of
// the schema, in its order.
func (h *Hub) goldenColumns() []string {
	var columns []string
	if s, ok := h.schemas.Schema(record.Customer); ok {
		for _, p := range s.Properties() {
			columns = append(columns, p.Name)
		}
	}
	return columns
}

// rows is one form of export.
type rows interface {
	begin() error
	row(GoldenView) error
	end() error
}

type csvMembers struct{ w *csv.Writer }

func (c *csvMembers) begin() error {
	return c.w.Write([]string{"golden_id", "source", "stream", "key"})
}

func (c *csvMembers) row(g GoldenView) error {
	for _, m := range g.Members {
		if err := c.w.Write([]string{g.ID, m.Source, m.Stream, m.Key}); err != nil {
			return err
		}
	}
	return nil
}

func (c *csvMembers) end() error { c.w.Flush(); return c.w.Error() }

type csvGolden struct {
	w       *csv.Writer
	columns []string
}

func (c *csvGolden) begin() error {
	return c.w.Write(append([]string{"golden_id", "type", "version", "members"}, c.columns...))
}

func (c *csvGolden) row(g GoldenView) error {
	line := []string{g.ID, string(g.Type), fmt.Sprint(g.Version), fmt.Sprint(len(g.Members))}
	for _, name := range c.columns {
		line = append(line, sheet.Cell(g.Fields[name]))
	}
	return c.w.Write(line)
}

func (c *csvGolden) end() error { c.w.Flush(); return c.w.Error() }

type jsonRows struct {
	e       *json.Encoder
	members bool
}

func (jsonRows) begin() error { return nil }

func (j jsonRows) row(g GoldenView) error {
	if !j.members {
		return j.e.Encode(g)
	}
	for _, m := range g.Members {
		line := struct {
			Golden string `json:"golden_id"`
			Source string `json:"source"`
			Stream string `json:"stream"`
			Key    string `json:"key"`
		}{g.ID, m.Source, m.Stream, m.Key}
		if err := j.e.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func (jsonRows) end() error { return nil }

// unsearchable is the fault of a field that has no index.
func unsearchable(field string, known []string) error {
	return fault.New("E1213", "", "name", field, "nearest", fault.Nearest(field, known), "known", strings.Join(known, ", "))
}
