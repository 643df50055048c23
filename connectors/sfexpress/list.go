package sfexpress

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"crmhub/connectors"
	"crmhub/connectors/file"
	"crmhub/fault"
	"crmhub/record"
)

// waybill is one line of the list; one whose number is empty can't be asked for.
type waybill struct {
	number string
	phone  string         // the last four digits, "" where none is known
	listed map[string]any // the other columns
	row    record.Row     // as the list was read
}

var (
	numberColumns = []string{"waybill", "waybill_no", "tracking_number", "mailNo", "运单号", "快递单号"}
	phoneColumns  = []string{"phone", "mobile", "receiver_phone", "手机号", "电话", "收件人电话"}
)

// waybills reads the list. A waybill that stands there twice, as one with
// several goods does, is asked for once.
func (s *source) waybills(ctx context.Context) ([]waybill, error) {
	path := s.cfg.Params.Text("waybills")
	p, err := file.Connector{}.Spec().Decode(s.cfg.Name, map[string]any{"path": path})
	if err != nil {
		return nil, err
	}
	cfg := s.cfg
	cfg.Params = p
	src, err := file.Connector{}.Open(cfg)
	if err != nil {
		return nil, err
	}
	all, err := s.listed(ctx, src)
	return all, errors.Join(err, src.Close())
}

func (s *source) listed(ctx context.Context, src connectors.Source) ([]waybill, error) {
	streams, err := src.Discover(ctx)
	if err != nil || len(streams) == 0 {
		return nil, err
	}
	var all []waybill
	seen := map[string]bool{}
	err = src.Read(ctx, connectors.Request{Stream: streams[0].Name, Mode: connectors.Full}, func(_ context.Context, b connectors.Batch) error {
		for _, row := range b.Rows {
			w := waybill{row: row}
			if row.Fault == nil {
				number, err := column(s.cfg, "waybill_column", numberColumns, row)
				if err != nil {
					return err
				}
				phone, err := column(s.cfg, "phone_column", phoneColumns, row)
				if err != nil {
					return err
				}
				w.number, w.phone = strings.TrimSpace(text(row.Data[number])), lastDigits(text(row.Data[phone]))
				w.listed = map[string]any{}
				for name, v := range row.Data {
					if name != number && name != phone && v != nil {
						w.listed[name] = v
					}
				}
				if w.number == "" {
					w.row.Fault = fault.New("E3108", row.Place.String(), "column", number)
				} else if seen[w.number] {
					continue
				}
				seen[w.number] = true
			}
			all = append(all, w)
		}
		return nil
	})
	return all, err
}

// column returns the name of a column of the list: the one that the connection
// names, or the first of the usual ones; "" where there is none and none is needed.
func column(cfg connectors.Config, param string, usual []string, row record.Row) (string, error) {
	named := cfg.Params.Text(param)
	if named != "" {
		usual = []string{named}
	}
	for _, want := range usual {
		for name := range row.Data {
			if strings.EqualFold(name, want) {
				return name, nil
			}
		}
	}
	if named == "" && param == "phone_column" {
		return "", nil
	}
	var names []string
	for name := range row.Data {
		names = append(names, name)
	}
	slices.Sort(names)
	return "", fault.New("E2109", row.Place.Name, "name", usual[0], "nearest", fault.Nearest(usual[0], names))
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// lastDigits returns the last four digits of a phone, "" where it has fewer.
func lastDigits(phone string) string {
	var digits []rune
	for _, c := range phone {
		if c >= '0' && c <= '9' {
			digits = append(digits, c)
		}
	}
	if len(digits) < 4 {
		return ""
	}
	return string(digits[len(digits)-4:])
}
