package bill

import (
	"context"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

// Since reads a connection's parameter since; zero where it names no day.
func Since(cfg connectors.Config, connector string) (time.Time, error) {
	text := cfg.Params.Text("since")
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return day, fault.New("E2003", cfg.Name, "connector", connector, "name", "since", "want", "a day such as 2026-01-31")
	}
	return day, nil
}

// Discover lists a connector's streams. How many rows they have only reading tells.
func Discover(ctx context.Context, spec connectors.Spec) ([]connectors.Stream, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var out []connectors.Stream
	for _, st := range spec.Streams {
		out = append(out, connectors.Stream{Name: st.Name, Key: st.Key, Cursor: st.Cursor, Rows: -1, Notes: []connectors.Note{{"one statement a day, in China Standard Time", "每日一份账单，按北京时间"}}})
	}
	return out, nil
}
