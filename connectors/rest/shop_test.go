package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"crmhub/connectors/connectortest"
)

// shopAPI describes shop.
const shopAPI = `
title: Shop
auth: {type: bearer}
check: {path: /me}
streams:
  customers:
    key: id
    list:
      path: /customers
      records: data.items
      paging: {type: token, param: page_token, next: data.next, size: 2, size_param: limit}
    cursor: {field: updated_at, param: updated_after, order: asc}
    deletes: {field: deleted}
  orders:
    key: [parent_id, no]
    parent: {stream: customers, fields: [id]}
    list: {path: "/customers/{parent.id}/orders", records: orders, paging: {type: page, param: page, size: 1, size_param: per_page, pages: "header:X-Pages"}}
  tags:
    list: {path: /tags}
`

// shop is a small API that stands still: five customers, their orders, and a
// list that holds something that is no record.
type shop struct{ rows []map[string]any }

func newShop() *shop {
	s := &shop{}
	for i := 1; i <= 5; i++ {
		s.rows = append(s.rows, map[string]any{
			"id": json.Number(strconv.Itoa(i)), "name": []string{"张伟 😀", "José", "O'Neil", "欧阳\n娜", ""}[i-1], "email": "canary@example.cn",
			"credit": json.Number("12345678901234567.10"), "updated_at": fmt.Sprintf("2026-01-0%dT10:00:00Z", min(i, 4)), "deleted": i == 3,
		})
	}
	return s
}

func (s *shop) customers() (rows []connectortest.Row) {
	for _, r := range s.rows {
		rows = append(rows, connectortest.Row{Key: r["id"].(json.Number).String(), Place: "customers", Data: r, Deleted: r["deleted"] == true})
	}
	return rows
}

func (s *shop) orders() (rows []connectortest.Row) {
	for _, r := range s.rows {
		id := r["id"].(json.Number).String()
		for no := range orderCount(id) {
			rows = append(rows, connectortest.Row{
				Key: id + "|A" + strconv.Itoa(no+1), Place: "orders",
				Data: map[string]any{"no": "A" + strconv.Itoa(no+1), "total": json.Number("9.90"), "parent_id": id},
			})
		}
	}
	return rows
}

// orderCount is how many orders a customer has: 1, 2, 0, 1, 2.
func orderCount(id string) int {
	i, err := strconv.Atoi(id)
	if err != nil {
		return 0
	}
	return i % 3
}

// ServeHTTP answers.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer sk-canary-secret" {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":{"code":"invalid_token","message":"the token sk-canary-secret of canary@example.cn is no good"}}`)
		return
	}
	q := r.URL.Query()
	switch parts := strings.Split(r.URL.Path, "/"); {
	case r.URL.Path == "/me":
		fmt.Fprint(w, `{"ok":true}`)
	case r.URL.Path == "/customers":
		start, err := strconv.Atoi(q.Get("page_token"))
		if err != nil {
			start = 0
		}
		var list []map[string]any
		for _, row := range s.rows {
			if row["updated_at"].(string) > q.Get("updated_after") {
				list = append(list, row)
			}
		}
		end := min(start+2, len(list))
		next := any(nil)
		if end < len(list) {
			next = strconv.Itoa(end)
		}
		write(w, map[string]any{"data": map[string]any{"items": list[min(start, end):end], "next": next}})
	case len(parts) == 4 && parts[3] == "orders":
		page, err := strconv.Atoi(q.Get("page"))
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		list := []any{}
		if page <= orderCount(parts[2]) {
			list = append(list, map[string]any{"no": "A" + strconv.Itoa(page), "total": json.Number("9.90")})
		}
		w.Header().Set("X-Pages", strconv.Itoa(orderCount(parts[2])))
		write(w, map[string]any{"orders": list})
	case r.URL.Path == "/tags":
		fmt.Fprint(w, `[{"name":"vip","weight":0.10}, null , {"name":"新客户","weight":9007199254740993}, {"name":"cut \ud83d"}]`)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return // the client is gone
	}
}
