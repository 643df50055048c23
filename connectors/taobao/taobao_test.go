package taobao_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/taobao"
	"crmhub/fault"
)

func TestConformance(t *testing.T) {
	s := newShop(t)
	var want []connectortest.Row
	now := time.Now().Truncate(time.Second)
	put := func(tid int64, back time.Duration) {
		row := s.put(tid, now.Add(-back), "WAIT_SELLER_SEND_GOODS")
		want = append(want, connectortest.Row{Key: strconv.FormatInt(tid, 10), Place: "trades", Data: connectortest.AsRead(t, row)})
	}
	// Of a window the page's first rows, the newest, come first.
	put(3456789012345678901, 70*24*time.Hour)
	put(3456789012345678905, 20*24*time.Hour+2*time.Minute)
	put(3456789012345678904, 20*24*time.Hour+3*time.Minute)
	put(3456789012345678903, 20*24*time.Hour+4*time.Minute)
	put(3456789012345678906, 5*time.Minute)
	s.refunds = []params{{"refund_id": "1", "tid": 1, "status": "SUCCESS", "refund_fee": "1.00", "modified": stamp(now.Add(-time.Hour)), "created": stamp(now.Add(-time.Hour))}}
	connectortest.Run(t, connectortest.Case{
		Connector: taobao.Connector{}, Params: quick(s.serve()), Request: connectors.Request{Stream: "trades"}, Want: want,
		Streams: []string{"trades", "refunds"},
		Broken:  []map[string]any{{"app_secret": "no"}, {"session": "no"}, {"app_key": "no"}, {"url": "http://127.0.0.1:1", "retries": uint64(1)}},
		Faults:  true,
		Secrets: []string{appSecret, session, "canary-name"},
	})
}

func TestEachWayOfSigning(t *testing.T) {
	s := newShop(t)
	raw := quick(s.serve())
	for _, method := range []string{"md5", "hmac", "hmac-sha256"} {
		raw["sign_method"] = method
		if err := open(t, raw, time.Now).Check(t.Context()); err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
}

var noon = time.Date(2026, 3, 15, 4, 0, 0, 0, time.UTC)

// Trades that change while they are listed move to the front of the list or
// out of the window: each comes at least once, and in its last state with the
// next read.
func TestNothingIsLostWhileTradesChange(t *testing.T) {
	s := newShop(t)
	now := noon
	s.now = func() time.Time { now = now.Add(time.Second); return now }
	for i := range int64(330) {
		s.put(1000+i, noon.Add(-3*time.Hour+time.Duration(i)*10*time.Second), "WAIT_BUYER_PAY")
	}
	listed, changed := 0, map[string]bool{}
	s.before = func(n int, method string) {
		if method == "taobao.trades.sold.increment.get" && len(s.asked) > 8 {
			listed++
			for _, tid := range []int64{1000 + int64(listed), 1150 + int64(listed), 1325 - int64(listed)} {
				if s.trades[tid] != nil && now.After(noon) {
					s.put(tid, now, "TRADE_FINISHED")
					changed[strconv.FormatInt(tid, 10)] = true
				}
			}
		}
	}
	src := open(t, quick(s.serve()), s.now)
	r := connectors.Request{Stream: "trades", Mode: connectors.Incremental, BatchRows: 7}
	rows, at, err := connectortest.TryRead(t, src, r)
	if err != nil {
		t.Fatal(err)
	}
	status := map[string]any{}
	for _, row := range rows {
		status[row.Key] = row.Data["status"]
	}
	s.mu.Lock()
	s.before = nil
	s.put(2000, now, "WAIT_BUYER_PAY")
	now = now.Add(5 * time.Minute)
	s.mu.Unlock()
	r.From = at
	rows, _, err = connectortest.TryRead(t, src, r)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		status[row.Key] = row.Data["status"]
	}
	if len(status) != 331 || len(changed) < 3 {
		t.Errorf("%d trades, %d changed", len(status), len(changed))
	}
	for tid := range changed {
		if status[tid] != "TRADE_FINISHED" {
			t.Errorf("trade %s is %v", tid, status[tid])
		}
	}
	if most := len(changed) + 100; len(rows) > most {
		t.Errorf("the second read brought %d trades, want at most %d", len(rows), most)
	}
}

func TestFaults(t *testing.T) {
	wrong := func(code int, sub string) string {
		return fmt.Sprintf(`{"error_response":{"code":%d,"msg":"about canary-name","sub_code":%q,"sub_msg":"about canary-name"}}`, code, sub)
	}
	for _, tt := range []struct {
		name  string
		wrong []string
		want  fault.Code
		asked int // how often in all until it gave up; 0: not looked at
	}{
		{"call limit", []string{wrong(7, "accesscontrol.limited-by-api-access-count"), wrong(7, "accesscontrol.limited-by-api-access-count")}, "", 0},
		{"call limit in the middle", []string{"", "", wrong(7, "accesscontrol.limited-by-app-access-count")}, "", 0},
		{"platform fails", []string{wrong(15, "isp.remote-service-timeout"), wrong(10, ""), wrong(15, "isp.top-remote-connection-timeout")}, "", 0},
		{"platform fails for good", []string{wrong(15, "isp.unknown-error"), wrong(15, "isp.unknown-error"), wrong(15, "isp.unknown-error"), wrong(15, "isp.unknown-error"), wrong(15, "isp.unknown-error")}, "E2308", 4},
		{"session expired", []string{wrong(27, "session-expired")}, "E2303", 1},
		{"not allowed", []string{wrong(11, "isv.permission-api-package-limit")}, "E2304", 1},
		{"a parameter is wrong", []string{wrong(41, "isv.invalid-parameter")}, "E2322", 1},
		{"rows that are counted and not given", []string{`{"trades_sold_increment_get_response":{"total_results":7,"request_id":"x"}}`}, "E2313", 1},
		{"another answer", []string{`{"something_else_response":{"total_results":0}}`}, "E2312", 1},
		{"no JSON", []string{`<html>`}, "E2311", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newShop(t)
			s.put(7, time.Now().Add(-89*24*time.Hour+2*time.Hour), "TRADE_CLOSED")
			src := open(t, quick(s.serve()), time.Now)
			s.wrong = tt.wrong
			rows, _, err := connectortest.TryRead(t, src, connectors.Request{Stream: "trades"})
			if tt.want == "" && (err != nil || connectortest.Keys(rows) != "7") || tt.want != "" && (fault.Of(err) == nil || fault.Of(err).Code != tt.want) {
				t.Errorf("%q, %v; want %q", connectortest.Keys(rows), err, tt.want)
			}
			if tt.asked > 0 && len(s.asked) != tt.asked {
				t.Errorf("asked %d times, want %d", len(s.asked), tt.asked)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("%v shows a value", err)
			}
		})
	}
}

func TestRefunds(t *testing.T) {
	s := newShop(t)
	for i := range 5 {
		at := stamp(time.Now().Add(-time.Duration(i+1) * time.Hour))
		s.refunds = append(s.refunds, params{"refund_id": fmt.Sprint(i), "tid": 7, "status": "SUCCESS", "refund_fee": "1.00", "modified": at, "created": at})
	}
	rows, _, err := connectortest.TryRead(t, open(t, quick(s.serve()), time.Now), connectors.Request{Stream: "refunds", Mode: connectors.Incremental})
	got := strings.Fields(connectortest.Keys(rows))
	slices.Sort(got)
	if want := []string{"0", "1", "2", "3", "4"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

// A client that others wrote reads the stand-in as the connector does.
func TestAnotherClientReadsTheSame(t *testing.T) {
	s := newShop(t)
	now := time.Now().Truncate(time.Second)
	for i := range int64(5) {
		s.put(3456789012345678900+i, now.Add(-time.Duration(i+1)*time.Hour), "TRADE_FINISHED")
	}
	address := s.serve()
	raw := quick(address)
	raw["sign_method"] = "md5"
	rows, _, err := connectortest.TryRead(t, open(t, raw, time.Now), connectors.Request{Stream: "trades"})
	if err != nil {
		t.Fatal(err)
	}
	show := func(trade params) string {
		order := trade["orders"].(params)["order"].([]any)[0].(params)
		return fmt.Sprint(trade["tid"], trade["status"], trade["modified"], trade["payment"], trade["buyer_open_uid"], order["oid"], order["title"])
	}
	ours, theirs := map[string]bool{}, map[string]bool{}
	for _, r := range rows {
		ours[show(r.Data)] = true
	}
	var trades []params
	connectortest.Foreign(t, "testdata/client.mjs", &trades, "TZ=Asia/Shanghai", "URL="+address, "APP_KEY=12345678", "APP_SECRET="+appSecret, "SESSION="+session,
		"START="+stamp(now.Add(-20*time.Hour)), "END="+stamp(now))
	for _, trade := range trades {
		theirs[show(trade)] = true
	}
	if !maps.Equal(ours, theirs) || len(theirs) != 5 {
		t.Errorf("we read\n%v\nthe other client\n%v", ours, theirs)
	}
}
