package taobao_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/sorted"
	"crmhub/connectors/taobao"
)

type params = map[string]any

const (
	appSecret = "app-secret-canary"
	session   = "session-canary"
)

var china = time.FixedZone("", 8*3600)

// shop is a stand-in for TOP that follows its documents: it checks each
// signature and time stamp, answers errors with status 200, shows at most a
// day of the last three months, the newest change first, and no list where
// there is nothing.
type shop struct {
	t       *testing.T
	mu      sync.Mutex
	trades  map[int64]params
	refunds []params
	now     func() time.Time
	asked   []string
	before  func(n int, method string)
	wrong   []string // answers in place of the right ones, in order
}

func newShop(t *testing.T) *shop {
	return &shop{t: t, trades: map[int64]params{}, now: time.Now}
}

func stamp(t time.Time) string { return t.In(china).Format(time.DateTime) }

// put makes or changes a trade.
func (s *shop) put(tid int64, at time.Time, status string) params {
	s.trades[tid] = params{
		"tid": tid, "status": status, "payment": "199.00", "created": stamp(at), "modified": stamp(at), "buyer_open_uid": fmt.Sprintf("AAE%d", tid), "buyer_nick": "t**1",
		"receiver_name": "canary-name", "receiver_mobile": "138****8000", "oaid": "1x", "orders": params{"order": []params{{"oid": tid + 1, "title": "茶, 250 克", "num": 1}}},
	}
	return s.trades[tid]
}

// answer writes an answer, always with status 200.
func answer(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/javascript;charset=UTF-8")
	if _, err := w.Write([]byte(text)); err != nil {
		return // the client has gone
	}
}

func (s *shop) fail(w http.ResponseWriter, code int, sub string) {
	answer(w, fmt.Sprintf(`{"error_response":{"code":%d,"msg":"about canary-name","sub_code":%q,"sub_msg":"about canary-name","request_id":"x"}}`, code, sub))
}

// ServeHTTP answers.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		s.t.Error(err)
	}
	q := r.Form
	method := q.Get("method")
	s.asked = append(s.asked, method)
	if s.before != nil {
		s.before(len(s.asked), method)
	}
	at, err := time.ParseInLocation(time.DateTime, q.Get("timestamp"), china)
	switch {
	case q.Get("app_key") != "12345678":
		s.fail(w, 29, "isv.appkey-not-exists")
		return
	case err != nil || s.now().Sub(at).Abs() > 10*time.Minute && time.Since(at).Abs() > 10*time.Minute:
		s.fail(w, 31, "")
		return
	case q.Get("sign") != sorted.Sign(sorted.Method(q.Get("sign_method")), appSecret, q):
		s.fail(w, 25, "")
		return
	case q.Get("session") != session:
		s.fail(w, 27, "invalid-sessionkey")
		return
	case q.Get("v") != "2.0" || q.Get("format") != "json":
		s.fail(w, 40, "")
		return
	}
	if len(s.wrong) > 0 {
		first := s.wrong[0]
		if s.wrong = s.wrong[1:]; first != "" {
			answer(w, first)
			return
		}
	}
	switch method {
	case "taobao.user.seller.get":
		answer(w, `{"user_seller_get_response":{"user":{"nick":"shop"},"request_id":"x"}}`)
	case "taobao.trades.sold.increment.get":
		s.list(w, q, "trades_sold_increment_get_response", "trade", s.sold())
	case "taobao.refunds.receive.get":
		s.list(w, q, "refunds_receive_get_response", "refund", s.refunds)
	case "taobao.trade.fullinfo.get":
		tid, err := strconv.ParseInt(q.Get("tid"), 10, 64)
		trade := s.trades[tid]
		if err != nil || trade == nil || !strings.Contains(q.Get("fields"), "orders") {
			s.fail(w, 15, "isv.trade-not-exist")
			return
		}
		s.say(w, params{"trade_fullinfo_get_response": params{"trade": trade, "request_id": "x"}})
	default:
		s.fail(w, 22, "")
	}
}

func (s *shop) sold() (all []params) {
	for _, t := range s.trades {
		all = append(all, t)
	}
	return all
}

func (s *shop) say(w http.ResponseWriter, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		s.t.Error(err)
	}
	answer(w, string(text))
}

// list answers with one page of what changed in a window.
func (s *shop) list(w http.ResponseWriter, q url.Values, node, kind string, rows []params) {
	start, err1 := time.ParseInLocation(time.DateTime, q.Get("start_modified"), china)
	end, err2 := time.ParseInLocation(time.DateTime, q.Get("end_modified"), china)
	page, err3 := strconv.ParseInt(q.Get("page_no"), 10, 64)
	size, err4 := strconv.ParseInt(q.Get("page_size"), 10, 64)
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil || page < 1 || size < 1 || size > 100 ||
		end.Before(start) || end.Sub(start) > 24*time.Hour || start.Before(s.now().AddDate(0, -3, -1)) || q.Get("fields") == "" {
		s.fail(w, 41, "isv.invalid-parameter")
		return
	}
	if end.After(s.now()) {
		s.t.Errorf("a window reaches to %s, into the future", end)
	}
	var all []params
	for _, row := range rows {
		if m := row["modified"].(string); m >= stamp(start) && m <= stamp(end) {
			part := params{}
			for _, f := range strings.Split(q.Get("fields"), ",") {
				if v, ok := row[f]; ok {
					part[f] = v
				}
			}
			all = append(all, part)
		}
	}
	id := "tid"
	if kind == "refund" {
		id = "refund_id"
	}
	slices.SortFunc(all, func(a, b params) int {
		if c := strings.Compare(b["modified"].(string), a["modified"].(string)); c != 0 {
			return c
		}
		return strings.Compare(fmt.Sprint(b[id]), fmt.Sprint(a[id]))
	})
	body := params{"total_results": len(all), "request_id": "x"}
	n := int64(len(all))
	if from := (page - 1) * size; from < n {
		body[kind+"s"] = params{kind: all[from:min(from+size, n)]}
	}
	s.say(w, params{node: body})
}

func (s *shop) serve() string {
	srv := httptest.NewServer(s)
	s.t.Cleanup(srv.Close)
	return srv.URL + "/router/rest"
}

func quick(address string) params {
	return params{"url": address, "app_key": "12345678", "app_secret": appSecret, "session": session, "retry_wait": "1ms", "rate": "1000/s", "retries": uint64(3)}
}

func open(t *testing.T, raw params, now func() time.Time) connectors.Source {
	t.Helper()
	return connectortest.Open(t, taobao.Connector{}, raw, connectors.Config{Name: "shop", Now: now})
}
