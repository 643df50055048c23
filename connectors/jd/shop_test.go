package jd_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/jd"
	"crmhub/connectors/sorted"
)

type params = map[string]any

const (
	appSecret = "app-secret-canary"
	token     = "token-canary"
)

var china = time.FixedZone("", 8*3600)

// shop is a stand-in for JD's gateway that follows its documents: it checks
// each signature and time stamp (six minutes), answers errors with status 200,
// shows at most a month of the last three, in the states asked for.
type shop struct {
	t      *testing.T
	mu     sync.Mutex
	orders map[string]params
	now    func() time.Time
	asked  int
	before func(n int)
	wrong  []string // answers in place of the right ones, in order
}

func newShop(t *testing.T) *shop { return &shop{t: t, orders: map[string]params{}, now: time.Now} }

func stamp(t time.Time) string { return t.In(china).Format(time.DateTime) }

// put makes or changes an order.
func (s *shop) put(id string, at time.Time, state string) params {
	s.orders[id] = params{
		"orderId": id, "orderState": state, "orderPayment": "199.00", "orderStartTime": stamp(at), "modified": stamp(at), "open_id_buyer": "o" + id,
		"consigneeInfo": params{"fullname": "canary-name"}, "itemInfoList": []params{{"skuId": "1", "skuName": "茶, 250 克", "itemTotal": "1"}},
	}
	return s.orders[id]
}

func answer(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	if _, err := w.Write([]byte(text)); err != nil {
		return // the client has gone
	}
}

func wrong(code string) string {
	return fmt.Sprintf(`{"error_response":{"code":%q,"zh_desc":"关于 canary-name","en_desc":"about canary-name"}}`, code)
}

// ServeHTTP answers.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		s.t.Error(err)
	}
	q := r.Form
	if s.asked++; s.before != nil {
		s.before(s.asked)
	}
	at, err := time.ParseInLocation(time.DateTime, q.Get("timestamp"), china)
	for name := range q {
		if !slices.Contains([]string{"method", "app_key", "access_token", "timestamp", "v", "sign", "360buy_param_json"}, name) {
			s.t.Errorf("a parameter of the method stands outside of its JSON: %s", name)
		}
	}
	switch {
	case q.Get("app_key") != "APPKEY":
		answer(w, wrong("13"))
		return
	case err != nil || s.now().Sub(at).Abs() > 6*time.Minute && time.Since(at).Abs() > 6*time.Minute:
		answer(w, wrong("8"))
		return
	case q.Get("sign") != sorted.Sign(sorted.MD5, appSecret, q):
		answer(w, wrong("12"))
		return
	case q.Get("access_token") != token:
		answer(w, wrong("19"))
		return
	}
	if len(s.wrong) > 0 {
		first := s.wrong[0]
		if s.wrong = s.wrong[1:]; first != "" {
			answer(w, first)
			return
		}
	}
	switch q.Get("method") {
	case "jingdong.vender.shop.query":
		answer(w, `{"jingdong_vender_shop_query_responce":{"code":"0","shop_jos_result":{"vender_id":1,"shop_name":"x"}}}`)
	case "jingdong.pop.order.search":
		s.search(w, q.Get("360buy_param_json"))
	default:
		answer(w, wrong("15"))
	}
}

func (s *shop) search(w http.ResponseWriter, text string) {
	var q map[string]string
	if err := json.Unmarshal([]byte(text), &q); err != nil {
		answer(w, wrong("60"))
		return
	}
	start, err1 := time.ParseInLocation(time.DateTime, q["start_date"], china)
	end, err2 := time.ParseInLocation(time.DateTime, q["end_date"], china)
	page, err3 := strconv.Atoi(q["page"])
	size, err4 := strconv.Atoi(q["page_size"])
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil || page < 1 || size < 1 || size > 100 || q["dateType"] != "0" ||
		end.Before(start) || end.Sub(start) > 31*24*time.Hour || start.Before(s.now().AddDate(0, -3, -1)) || q["optional_fields"] == "" {
		answer(w, `{"jingdong_pop_order_search_responce":{"code":"0","searchorderinfo_result":{"apiResult":{"success":false,"chineseErrCode":"关于 canary-name","numberCode":10400001}}}}`)
		return
	}
	if end.After(s.now()) {
		s.t.Errorf("a window reaches to %s, into the future", end)
	}
	var all []params
	for _, o := range s.orders {
		if m := o["modified"].(string); m >= stamp(start) && m <= stamp(end) && slices.Contains(strings.Split(q["order_state"], ","), o["orderState"].(string)) {
			part := params{}
			for _, f := range strings.Split(q["optional_fields"], ",") {
				if v, ok := o[f]; ok {
					part[f] = v
				}
			}
			all = append(all, part)
		}
	}
	slices.SortFunc(all, func(a, b params) int {
		c := strings.Compare(a["modified"].(string)+a["orderId"].(string), b["modified"].(string)+b["orderId"].(string))
		if q["sortType"] == "1" {
			return -c
		}
		return c
	})
	result := params{"orderTotal": len(all), "apiResult": params{"success": true, "englishErrCode": "", "numberCode": 0}}
	if from := (page - 1) * size; from < len(all) {
		result["orderInfoList"] = all[from:min(from+size, len(all))]
	}
	body, err := json.Marshal(params{"jingdong_pop_order_search_responce": params{"code": "0", "searchorderinfo_result": result}})
	if err != nil {
		s.t.Error(err)
	}
	answer(w, string(body))
}

func (s *shop) serve() string {
	srv := httptest.NewServer(s)
	s.t.Cleanup(srv.Close)
	return srv.URL + "/routerjson"
}

func quick(address string) params {
	return params{"url": address, "app_key": "APPKEY", "app_secret": appSecret, "access_token": token, "retry_wait": "1ms", "rate": "1000/s", "retries": uint64(3)}
}

func open(t *testing.T, raw params, now func() time.Time) connectors.Source {
	t.Helper()
	return connectortest.Open(t, jd.Connector{}, raw, connectors.Config{Name: "shop", Now: now})
}
