package shopify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/shopify"
	"crmhub/fault"
)

type params = map[string]any

const token = "shpat_canary"

// shop is a Shopify shop that follows Shopify's documents: GraphQL with a
// bucket of points that refills, refusals with status 200, opaque cursors.
type shop struct {
	t         *testing.T
	mu        sync.Mutex
	customers []params // in the order of change
	points    float64
	most      float64
	restore   float64
	last      time.Time
	throttled int
	denied    bool
	bulk      bulk
}

func newShop(t *testing.T) *shop {
	return &shop{t: t, points: 2000, most: 2000, restore: 100_000, last: time.Now()}
}

func (s *shop) put(id int, at time.Time, email string) {
	gid := fmt.Sprintf("gid://shopify/Customer/%d", id)
	s.customers = slices.DeleteFunc(s.customers, func(c params) bool { return c["id"] == gid })
	s.customers = append(s.customers, params{"id": gid, "email": email, "updatedAt": at.UTC().Format(time.RFC3339)})
	slices.SortStableFunc(s.customers, func(a, b params) int { return strings.Compare(a["updatedAt"].(string), b["updatedAt"].(string)) })
}

var since = regexp.MustCompile(`^updated_at:>='([^']+)'$`)

// ServeHTTP answers.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("X-Shopify-Access-Token") != token {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}`)
		return
	}
	if r.Method != http.MethodPost || r.URL.Path != "/admin/api/2026-07/graphql.json" {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"errors":"Not Found"}`)
		return
	}
	var ask struct {
		Query     string
		Variables struct {
			First int
			After string
			Query string
			ID    string
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		s.t.Error(err)
	}
	now := time.Now()
	s.points = math.Min(s.most, s.points+now.Sub(s.last).Seconds()*s.restore)
	s.last = now
	cost := float64(2 + 10*ask.Variables.First)
	answer := params{"data": nil}
	status := params{"maximumAvailable": s.most, "currentlyAvailable": math.Floor(s.points), "restoreRate": s.restore}
	answer["extensions"] = params{"cost": params{"requestedQueryCost": cost, "throttleStatus": status}}
	refuse := func(code string) {
		answer["errors"] = []params{{"message": "about canary@example.cn", "extensions": params{"code": code}}}
	}
	switch {
	case s.points < cost:
		s.throttled++
		refuse("THROTTLED")
	case s.denied:
		refuse("ACCESS_DENIED")
	case strings.Contains(ask.Query, "bulkOperationRunQuery("):
		answer["data"] = params{"bulkOperationRunQuery": s.run(ask.Variables.Query)}
	case strings.Contains(ask.Query, "on BulkOperation"):
		answer["data"] = params{"node": s.operation(ask.Variables.ID)}
	case strings.Contains(ask.Query, "shop {"):
		answer["data"] = params{"shop": params{"id": "gid://shopify/Shop/1"}}
	case strings.Contains(ask.Query, "customers("):
		s.points -= cost
		status["currentlyAvailable"] = math.Floor(s.points)
		answer["data"] = params{"customers": s.page(ask.Variables.First, ask.Variables.After, ask.Variables.Query)}
	default:
		answer["data"] = params{"orders": params{"nodes": []params{}, "pageInfo": params{"hasNextPage": false, "endCursor": nil}}}
	}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		s.t.Error(err)
	}
}

// page gives customers behind a cursor, which names place and id of the last one.
func (s *shop) page(first int, after, query string) params {
	from := ""
	if query != "" {
		m := since.FindStringSubmatch(query)
		if m == nil {
			s.t.Errorf("query %q", query)
			return nil
		}
		from = m[1]
	}
	place := func(c params) string { return c["updatedAt"].(string) + "|" + c["id"].(string) }
	nodes := []params{}
	end, more := any(nil), false
	for _, c := range s.customers {
		if c["updatedAt"].(string) < from || after != "" && place(c) <= after {
			continue
		}
		if more = len(nodes) == min(first, 4); more {
			break
		}
		nodes = append(nodes, c)
		end = place(c)
	}
	return params{"nodes": nodes, "pageInfo": params{"hasNextPage": more, "endCursor": end}}
}

func connection(t *testing.T, s *shop) params {
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return params{"url": srv.URL, "token": token, "retry_wait": "1ms", "retries": uint64(5)}
}

// paged is a connection without bulk operations.
func paged(t *testing.T, s *shop) params {
	p := connection(t, s)
	p["bulk"] = false
	return p
}

func TestConformance(t *testing.T) {
	for name, connect := range map[string]func(*testing.T, *shop) params{"bulk": connection, "pages": paged} {
		t.Run(name, func(t *testing.T) { conformance(t, connect) })
	}
}

func conformance(t *testing.T, connect func(*testing.T, *shop) params) {
	s := newShop(t)
	var want []connectortest.Row
	for i := 1; i <= 7; i++ {
		s.put(i, time.Date(2026, 1, i, 1, 0, 0, 0, time.UTC), "canary@example.cn")
	}
	for _, c := range s.customers {
		want = append(want, connectortest.Row{Key: c["id"].(string), Place: "customers", Data: c})
	}
	connectortest.Run(t, connectortest.Case{
		Faults:    true,
		Connector: shopify.Connector{}, Params: connect(t, s), Request: connectors.Request{Stream: "customers"}, Want: want,
		Streams: []string{"customers", "orders"},
		Broken: []map[string]any{
			{"token": "shpat_wrong"}, {"token": nil}, {"url": nil}, {"url": "http://127.0.0.1:1", "retries": uint64(1)}, {"settings": "version=1999-01"},
		},
		Secrets: []string{token, "canary@example.cn"},
	})
}

// With a small bucket the reader waits for points: it is refused once at most,
// by a bucket that others emptied before it came.
func TestTheBudgetOfPointsIsKept(t *testing.T) {
	s := newShop(t)
	s.most, s.points, s.restore = 2500, 0, 20_000
	for i := 1; i <= 60; i++ {
		s.put(i, time.Date(2026, 1, 1, 1, i/3, 0, 0, time.UTC), "x")
	}
	p, err := shopify.Connector{}.Spec().Decode("hub.yaml:5", paged(t, s))
	if err != nil {
		t.Fatal(err)
	}
	src, err := shopify.Connector{}.Open(connectors.Config{Name: "shop", Params: p, Dir: t.TempDir(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	r := connectors.Request{Stream: "customers", Mode: connectors.Incremental}
	got := map[string]string{}
	take := func(_ context.Context, b connectors.Batch) error {
		for _, row := range b.Rows {
			got[row.Key] = row.Data["email"].(string)
		}
		r.From = b.Position
		return nil
	}
	if err := src.Read(t.Context(), r, take); err != nil {
		t.Fatal(err)
	}
	if len(got) != 60 || s.throttled > 1 {
		t.Errorf("%d customers; refused %d times", len(got), s.throttled)
	}
	s.mu.Lock()
	for i := 1; i <= 9; i++ {
		s.put(i, time.Now(), "new")
	}
	s.mu.Unlock()
	got = map[string]string{}
	if err := src.Read(t.Context(), r, take); err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 9; i++ {
		if got["gid://shopify/Customer/"+strconv.Itoa(i)] != "new" {
			t.Errorf("the change of %d is lost: %v", i, got)
		}
	}
	if len(got) > 15 {
		t.Errorf("an incremental read brings %d", len(got))
	}
	s.denied = true
	err = src.Read(t.Context(), r, take)
	if f := fault.Of(err); f == nil || f.Code != "E2304" || f.Args["code"] != "ACCESS_DENIED" {
		t.Errorf("denied: %v", err)
	}
}
