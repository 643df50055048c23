package magento

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

// source is a shop whose invoices and shipments are given their orders.
type source struct {
	connectors.Source
	web  *restapi.Caller
	name string
	// path is that of the orders.
	path string
}

func open(cfg connectors.Config, api *restapi.API, o restapi.Options) (connectors.Source, error) {
	src, err := restapi.Open(cfg, api, o)
	if err != nil {
		return nil, err
	}
	web, err := restapi.NewCaller(cfg, api, o)
	if err != nil {
		return nil, err
	}
	store := api.Settings["store"]
	if s := o.Settings["store"]; s != "" {
		store = s
	}
	return &source{Source: src, web: web, name: cfg.Name, path: "/rest/" + url.PathEscape(store) + "/V1/orders"}, nil
}

// Close gives idle connections back.
func (s *source) Close() error { return errors.Join(s.Source.Close(), s.web.Close()) }

// ofOrders are the streams whose rows name their order only.
var ofOrders = []string{"invoices", "credit_memos", "transactions", "shipments"}

// Read reads a stream. Rows that name an order get what is needed of it.
func (s *source) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	if !slices.Contains(ofOrders, r.Stream) {
		return s.Source.Read(ctx, r, emit)
	}
	return s.Source.Read(ctx, r, func(ctx context.Context, b connectors.Batch) error {
		if err := s.join(ctx, r.Stream, b); err != nil {
			return err
		}
		return emit(ctx, b)
	})
}

// many is how many orders one question asks for; a shop may give fewer.
const many = 100

// join puts the orders of a batch into its rows, under order.
func (s *source) join(ctx context.Context, stream string, b connectors.Batch) error {
	var ids []string
	for _, row := range b.Rows {
		if id, ok := row.Data["order_id"].(json.Number); ok {
			ids = append(ids, id.String())
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	known := map[string]any{}
	for len(ids) > 0 {
		part := ids[:min(many, len(ids))]
		rest, err := s.orders(ctx, s.name+"/"+stream, part, known)
		if err != nil {
			return err
		}
		ids = append(slices.Clone(ids[len(part):]), rest...)
	}
	for _, row := range b.Rows {
		if id, ok := row.Data["order_id"].(json.Number); ok {
			row.Data["order"] = known[id.String()]
		}
	}
	return nil
}

// orders reads some orders, and returns the ids of those that must be asked
// for again since the shop's pages are shorter.
func (s *source) orders(ctx context.Context, place string, ids []string, known map[string]any) ([]string, error) {
	query := url.Values{"fields": {"items[entity_id,increment_id,customer_id,customer_is_guest,order_currency_code],total_count"}}
	for name, v := range map[string]string{
		"[filter_groups][0][filters][0][field]": "entity_id", "[filter_groups][0][filters][0][condition_type]": "in",
		"[filter_groups][0][filters][0][value]": strings.Join(ids, ","), "[pageSize]": strconv.Itoa(many), "[currentPage]": "1",
	} {
		query.Set("searchCriteria"+name, v)
	}
	a, err := s.web.Ask(ctx, restapi.Question{Path: s.path, Query: query, Place: place})
	if err != nil {
		return nil, err
	}
	var found struct {
		Items []map[string]any
		Total int `json:"total_count"`
	}
	dec := json.NewDecoder(bytes.NewReader(a.Body))
	dec.UseNumber()
	if err := dec.Decode(&found); err != nil {
		return nil, fault.New("E2311", place, "address", s.web.Host()).Because(err)
	}
	got := map[string]bool{}
	for _, order := range found.Items {
		if id, ok := order["entity_id"].(json.Number); ok {
			known[id.String()], got[id.String()] = order, true
		}
	}
	if found.Total <= len(found.Items) {
		return nil, nil // the others are not there any more
	}
	rest := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return got[id] })
	if len(rest) == len(ids) {
		return nil, fault.New("E2313", place, "stream", "orders", "address", s.web.Host())
	}
	return rest, nil
}
