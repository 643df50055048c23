package jd_test

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/jd"
	"crmhub/fault"
)

func TestConformance(t *testing.T) {
	s := newShop(t)
	var want []connectortest.Row
	now := time.Now().Truncate(time.Second)
	put := func(id string, back time.Duration) {
		row := s.put(id, now.Add(-back), "FINISHED_L")
		want = append(want, connectortest.Row{Key: id, Place: "orders", Data: connectortest.AsRead(t, row)})
	}
	// Of a window the page's first rows, the newest, come first.
	put("288465183421", 70*24*time.Hour)
	put("288465183425", 20*24*time.Hour+2*time.Minute)
	put("288465183424", 20*24*time.Hour+3*time.Minute)
	put("288465183423", 20*24*time.Hour+4*time.Minute)
	put("288465183426", 5*time.Minute)
	s.put("288465183427", now.Add(-time.Hour), "NOT_ASKED_FOR")
	connectortest.Run(t, connectortest.Case{
		Connector: jd.Connector{}, Params: quick(s.serve()), Request: connectors.Request{Stream: "orders"}, Want: want, Streams: []string{"orders"},
		Broken:  []map[string]any{{"app_secret": "no"}, {"access_token": "no"}, {"app_key": "no"}, {"url": "http://127.0.0.1:1", "retries": uint64(1)}},
		Faults:  true,
		Secrets: []string{appSecret, token, "canary-name"},
	})
}

var noon = time.Date(2026, 3, 15, 4, 0, 0, 0, time.UTC)

// Orders that change while they are listed: each comes, and in its last state
// with the next read.
func TestNothingIsLostWhileOrdersChange(t *testing.T) {
	s := newShop(t)
	now := noon
	s.now = func() time.Time { now = now.Add(time.Second); return now }
	for i := range 330 {
		s.put(strconv.Itoa(1000+i), noon.Add(-3*time.Hour+time.Duration(i)*10*time.Second), "PAUSE")
	}
	changed := map[string]bool{}
	s.before = func(n int) {
		for _, id := range []string{strconv.Itoa(1000 + n), strconv.Itoa(1150 + n), strconv.Itoa(1325 - n)} {
			if s.orders[id] != nil {
				s.put(id, now, "FINISHED_L")
				changed[id] = true
			}
		}
	}
	src := open(t, quick(s.serve()), s.now)
	r := connectors.Request{Stream: "orders", Mode: connectors.Incremental, BatchRows: 7}
	rows, at, err := connectortest.TryRead(t, src, r)
	if err != nil {
		t.Fatal(err)
	}
	state := map[string]any{}
	for _, row := range rows {
		state[row.Key] = row.Data["orderState"]
	}
	s.mu.Lock()
	s.before = nil
	now = now.Add(5 * time.Minute)
	s.mu.Unlock()
	r.From = at
	rows, _, err = connectortest.TryRead(t, src, r)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		state[row.Key] = row.Data["orderState"]
	}
	if len(state) != 330 || len(changed) < 3 {
		t.Errorf("%d orders, %d changed", len(state), len(changed))
	}
	for id := range changed {
		if state[id] != "FINISHED_L" {
			t.Errorf("order %s is %v", id, state[id])
		}
	}
}

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name  string
		wrong []string
		want  fault.Code
		asked int // how often in all until it gave up; 0: not looked at
	}{
		{"call limit", []string{wrong("2"), wrong("2")}, "", 0},
		{"platform fails", []string{wrong("67"), "", wrong("1")}, "", 0},
		{"platform fails for good", []string{wrong("67"), wrong("67"), wrong("67"), wrong("67"), wrong("67")}, "E2308", 4},
		{"token expired", []string{wrong("19")}, "E2303", 1},
		{"no right", []string{wrong("21")}, "E2304", 1},
		{"the search fails", []string{`{"jingdong_pop_order_search_responce":{"code":"0","searchorderinfo_result":{"apiResult":{"success":false,"numberCode":10400001},"orderTotal":0}}}`}, "E2322", 1},
		{"orders that are counted and not given", []string{`{"jingdong_pop_order_search_responce":{"searchorderinfo_result":{"orderTotal":7}}}`}, "E2313", 1},
		{"another answer", []string{`{"something_else":{}}`}, "E2312", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newShop(t)
			s.put("7", time.Now().Add(-89*24*time.Hour+2*time.Hour), "LOCKED")
			src := open(t, quick(s.serve()), time.Now)
			s.wrong = tt.wrong
			rows, _, err := connectortest.TryRead(t, src, connectors.Request{Stream: "orders"})
			if tt.want == "" && (err != nil || connectortest.Keys(rows) != "7") || tt.want != "" && (fault.Of(err) == nil || fault.Of(err).Code != tt.want) {
				t.Errorf("%q, %v; want %q", connectortest.Keys(rows), err, tt.want)
			}
			if tt.asked > 0 && s.asked != tt.asked {
				t.Errorf("asked %d times, want %d", s.asked, tt.asked)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("%v shows a value", err)
			}
		})
	}
}

// Another signer reads the stand-in as the connector does.
func TestAnotherClientReadsTheSame(t *testing.T) {
	s := newShop(t)
	now := time.Now().Truncate(time.Second)
	for i := range 5 {
		s.put(strconv.Itoa(100+i), now.Add(-time.Duration(i+1)*time.Hour), "FINISHED_L")
	}
	address := s.serve()
	rows, _, err := connectortest.TryRead(t, open(t, quick(address), time.Now), connectors.Request{Stream: "orders"})
	if err != nil {
		t.Fatal(err)
	}
	show := func(o params) string {
		return fmt.Sprint(o["orderId"], o["modified"], o["orderPayment"], o["itemInfoList"].([]any)[0].(params)["skuName"])
	}
	ours, theirs := map[string]bool{}, map[string]bool{}
	for _, r := range rows {
		ours[show(r.Data)] = true
	}
	var orders []params
	connectortest.Foreign(t, "testdata/client.mjs", &orders, "TZ=Asia/Shanghai", "URL="+address, "APP_KEY=APPKEY", "APP_SECRET="+appSecret, "ACCESS_TOKEN="+token,
		"START="+stamp(now.Add(-20*time.Hour)), "END="+stamp(now))
	for _, o := range orders {
		theirs[show(o)] = true
	}
	if !maps.Equal(ours, theirs) || len(theirs) != 5 {
		t.Errorf("we read\n%v\nthe other client\n%v", ours, theirs)
	}
}
