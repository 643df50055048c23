package wechatpay_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/bill"
	"crmhub/connectors/connectortest"
	"crmhub/connectors/wechatpay"
	"crmhub/fault"
	"crmhub/record"
)

// vectors are signatures that an SDK which others wrote has made.
type vectors struct {
	PrivateKey    string `json:"private_key"`
	PublicKey     string `json:"public_key"`
	Path          string `json:"path"`
	MchID         string `json:"mchid"`
	SerialNo      string `json:"serial_no"`
	Nonce         string `json:"nonce"`
	Timestamp     string `json:"timestamp"`
	Authorization string `json:"authorization"`
	Answer        string `json:"answer"`
	AnswerSign    string `json:"answer_sign"`
}

func load(t testing.TB) (v vectors) {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSignatureIsThatOfTheSDK(t *testing.T) {
	v := load(t)
	private, err := bill.PrivateKey("x", "private_key", v.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := bill.Sign(private, wechatpay.Message("GET", v.Path, v.Timestamp, v.Nonce, ""))
	if err != nil {
		t.Fatal(err)
	}
	if got := wechatpay.Authorization(v.MchID, v.Nonce, sig, v.Timestamp, v.SerialNo); got != v.Authorization {
		t.Errorf("signed\n%s\nthe SDK\n%s", got, v.Authorization)
	}
	public, err := bill.PublicKey("x", "platform_key", v.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if !bill.Holds(public, v.Timestamp+"\nn\n"+v.Answer+"\n", v.AnswerSign) {
		t.Error("the SDK's signature does not hold")
	}
	if bill.Holds(public, v.Timestamp+"\nn\n"+v.Answer+" \n", v.AnswerSign) {
		t.Error("a signature holds over another text")
	}
}

const (
	columns = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
	sums    = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)

func paid(number, order, name, amount string) string {
	return "`2026-03-01 10:00:00,`wx1,`1900000001,`0,`,`" + number + ",`" + order + ",`oQh6_a,`JSAPI,`SUCCESS,`ICBC_DEBIT,`CNY,`" + amount + ",`0.00,`0,`0,`0.00,`0.00,`,`,`" + name + ",`,`0.60000,`0.60%,`" + amount + ",`0.00,`"
}

func refunded(number, refund, amount string) string {
	return "`2026-03-01 11:00:00,`wx1,`1900000001,`0,`,`" + number + ",`S1,`oQh6_a,`JSAPI,`REFUND,`ICBC_DEBIT,`CNY,`0.00,`0.00,`" + refund + ",`R1,`" + amount + ",`0.00,`ORIGINAL,`SUCCESS,`茶,`,`-0.60000,`0.60%,`0.00,`" + amount + ",`"
}

func statement(rows ...string) string {
	return "\ufeff" + columns + "\r\n" + strings.Join(rows, "\r\n") + "\r\n" + sums + "\r\n`" + fmt.Sprint(len(rows)) + ",`0,`0,`0,`0,`0,`0\r\n"
}

// wechat is a stand-in that follows the documents: it verifies each signature,
// announces address and hash, hands over a file once for each address, and
// goes wrong as it is told to.
type wechat struct {
	t      testing.TB
	v      vectors
	public *rsa.PublicKey
	server *httptest.Server
	mu     sync.Mutex
	bills  map[string]string // by day
	tokens map[string]string
	wrong  []func(w http.ResponseWriter, r *http.Request) bool // each once, in order
	asked  []string
}

func start(t testing.TB) *wechat {
	s := &wechat{t: t, v: load(t), bills: map[string]string{}, tokens: map[string]string{}}
	public, err := bill.PublicKey("x", "x", s.v.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	s.public = public
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	return s
}

var header = regexp.MustCompile(`^WECHATPAY2-SHA256-RSA2048 mchid="(\d+)",nonce_str="(\w+)",signature="([^"]+)",timestamp="(\d+)",serial_no="(\w+)"$`)

func (s *wechat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.wrong) > 0 {
		first := s.wrong[0]
		s.wrong = s.wrong[1:]
		if first(w, r) {
			return
		}
	}
	m := header.FindStringSubmatch(r.Header.Get("Authorization"))
	if m == nil || !bill.Holds(s.public, r.Method+"\n"+r.URL.RequestURI()+"\n"+m[4]+"\n"+m[2]+"\n\n", m[3]) {
		refuse(w, http.StatusUnauthorized, "SIGN_ERROR")
		return
	}
	switch r.URL.Path {
	case "/v3/bill/tradebill":
		day := r.URL.Query().Get("bill_date")
		s.asked = append(s.asked, day)
		text, ok := s.bills[day]
		if !ok {
			refuse(w, http.StatusBadRequest, "NO_STATEMENT_EXIST")
			return
		}
		token := fmt.Sprintf("%x", sha1.Sum([]byte(day+fmt.Sprint(len(s.tokens)))))
		s.tokens[token] = text
		sum := sha1.Sum([]byte(text))
		body := `{"hash_type":"SHA1","hash_value":"` + hex.EncodeToString(sum[:]) + `","download_url":"http://` + r.Host + `/v3/billdownload/file?token=` + token + `"}`
		sign(s.t, w, s.v.PrivateKey, body)
		say(w, body)
	case "/v3/billdownload/file":
		text, ok := s.tokens[r.URL.Query().Get("token")]
		if !ok {
			refuse(w, http.StatusBadRequest, "PARAM_ERROR")
			return
		}
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write([]byte(text))
		z.Close()
		w.Write(b.Bytes())
	default:
		refuse(w, http.StatusNotFound, "RESOURCE_NOT_EXISTS")
	}
}

func say(w http.ResponseWriter, body string) { w.Write([]byte(body)) }

func sign(t testing.TB, w http.ResponseWriter, key, body string) {
	private, err := bill.PrivateKey("x", "x", key)
	if err != nil {
		t.Error(err)
		return
	}
	sig, err := bill.Sign(private, "1772418600\nn\n"+body+"\n")
	if err != nil {
		t.Error(err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Wechatpay-Serial", "PUB_KEY_ID_1")
	w.Header().Set("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048")
	w.Header().Set("Wechatpay-Timestamp", "1772418600")
	w.Header().Set("Wechatpay-Nonce", "n")
	w.Header().Set("Wechatpay-Signature", sig)
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	say(w, `{"code":"`+code+`","message":"…"}`)
}

func (s *wechat) params(over map[string]any) map[string]any {
	p := map[string]any{
		"url": s.server.URL, "mchid": s.v.MchID, "serial_no": s.v.SerialNo, "private_key": s.v.PrivateKey, "platform_key": s.v.PublicKey, "timeout": "5s",
	}
	for k, v := range over {
		p[k] = v
	}
	return p
}

func (s *wechat) source(now time.Time, over map[string]any) connectors.Source {
	s.t.Helper()
	p, err := wechatpay.Connector{}.Spec().Decode("hub.yaml:5", s.params(over))
	if err != nil {
		s.t.Fatal(err)
	}
	src, err := wechatpay.Connector{}.Open(connectors.Config{Name: "wechat", Params: p, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		s.t.Fatal(err)
	}
	return src
}

func (s *wechat) read(src connectors.Source, r connectors.Request) (rows []record.Row, at record.Position, err error) {
	at = r.From
	err = src.Read(s.t.Context(), r, func(_ context.Context, b connectors.Batch) error {
		rows, at = append(rows, b.Rows...), b.Position
		return nil
	})
	return rows, at, err
}

func keys(rows []record.Row) string {
	var out []string
	for _, r := range rows {
		k := r.Key
		if r.Fault != nil {
			k = r.Fault.Error()
		}
		out = append(out, k)
	}
	return strings.Join(out, " ")
}

func TestConformance(t *testing.T) {
	s := start(t)
	china := time.FixedZone("", 8*3600)
	day := func(back int) string { return time.Now().In(china).AddDate(0, 0, -back).Format(time.DateOnly) }
	s.bills[day(6)] = statement(paid("4200001", "S1", "茶, 250 克", "1,187.40"), paid("4200002", "S2", "杯", "0.01"))
	s.bills[day(4)] = statement(refunded("4200001", "5030001", "1187.40"))
	row := func(key, back, line string, over map[string]any) connectortest.Row {
		data := map[string]any{}
		for _, c := range strings.Split(columns, ",") {
			data[c] = nil
		}
		for k, v := range map[string]any{
			"公众账号ID": "wx1", "商户号": "1900000001", "特约商户号": "0", "用户标识": "oQh6_a", "交易类型": "JSAPI", "付款银行": "ICBC_DEBIT", "货币种类": "CNY",
			"代金券金额": "0.00", "充值券退款金额": "0.00", "费率": "0.60%",
		} {
			data[k] = v
		}
		for k, v := range over {
			data[k] = v
		}
		return connectortest.Row{Key: key, Data: data, Place: "trade-" + back + ":" + line}
	}
	pay := func(number, order, name, amount string) map[string]any {
		return map[string]any{
			"交易时间": "2026-03-01T10:00:00+08:00", "微信订单号": number, "商户订单号": order, "交易状态": "SUCCESS", "应结订单金额": amount, "微信退款单号": "0", "商户退款单号": "0",
			"退款金额": "0.00", "商品名称": name, "手续费": "0.60000", "订单金额": amount, "申请退款金额": "0.00",
		}
	}
	connectortest.Run(t, connectortest.Case{
		Faults:    true,
		Connector: wechatpay.Connector{}, Params: s.params(map[string]any{"since": day(7)}), Streams: []string{"trade", "fundflow"},
		Request: connectors.Request{Stream: "trade", BatchRows: 1},
		Want: []connectortest.Row{
			row("4200001", day(6), "2", pay("4200001", "S1", "茶, 250 克", "1,187.40")),
			row("4200002", day(6), "3", pay("4200002", "S2", "杯", "0.01")),
			row("5030001", day(4), "2", map[string]any{
				"交易时间": "2026-03-01T11:00:00+08:00", "微信订单号": "4200001", "商户订单号": "S1", "交易状态": "REFUND", "应结订单金额": "0.00", "微信退款单号": "5030001",
				"商户退款单号": "R1", "退款金额": "1187.40", "退款类型": "ORIGINAL", "退款状态": "SUCCESS", "商品名称": "茶", "手续费": "-0.60000", "订单金额": "0.00", "申请退款金额": "1187.40",
			}),
		},
		Broken: []map[string]any{
			{"private_key": "no key"},
			{"platform_key": "no key"},
			{"url": "http://example.cn"},
			{"since": "yesterday"},
			{"since": "2019-01-01"},
			{"url": "http://127.0.0.1:1"},
		},
		Secrets: []string{s.v.PrivateKey, "oQh6_a"},
	})
}

// noon is after 10:00 in China on 5 March.
var noon = time.Date(2026, 3, 5, 4, 0, 0, 0, time.UTC)

func TestDaysOfAnIncrementalRead(t *testing.T) {
	s := start(t)
	s.bills["2026-03-02"] = statement(paid("1", "S1", "a", "1.00"))
	r := connectors.Request{Stream: "trade", Mode: connectors.Incremental}
	since := map[string]any{"since": "2026-03-01"}
	rows, at, err := s.read(s.source(noon, since), r)
	if err != nil || keys(rows) != "1" {
		t.Fatalf("%s, %v", keys(rows), err)
	}
	// The 3rd was late, the 4th came; both were asked for and were not there.
	s.bills["2026-03-03"], s.bills["2026-03-04"] = statement(paid("2", "S2", "b", "2.00")), statement(paid("3", "S3", "c", "3.00"))
	s.asked = nil
	r.From = at
	rows, at, err = s.read(s.source(noon, since), r)
	if err != nil || keys(rows) != "2 3" {
		t.Errorf("%s, %v; want 2 3", keys(rows), err)
	}
	if got, want := strings.Join(s.asked, " "), "2026-03-03 2026-03-04"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
	s.asked, r.From = nil, at
	rows, _, err = s.read(s.source(noon, since), r)
	if err != nil || len(rows) != 0 || len(s.asked) != 0 {
		t.Errorf("read again: %s, asked for %v, %v", keys(rows), s.asked, err)
	}
	// Before ten the statement of yesterday is not there yet.
	s.asked = nil
	if _, _, err = s.read(s.source(noon.Add(23*time.Hour-3*time.Hour), since), r); err != nil || len(s.asked) != 0 {
		t.Errorf("asked for %v at eight, %v", s.asked, err)
	}
	if _, _, err = s.read(s.source(noon.AddDate(0, 6, 0), since), r); fault.Of(err) == nil || fault.Of(err).Code != "E2385" {
		t.Errorf("half a year later: %v, want E2385", err)
	}
}

func TestFaults(t *testing.T) {
	one := func(status int, code string) func(w http.ResponseWriter, r *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool { refuse(w, status, code); return true }
	}
	cut := func(w http.ResponseWriter, r *http.Request) bool {
		if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
			c.Close()
		}
		return true
	}
	pass := func(http.ResponseWriter, *http.Request) bool { return false }
	other := func(w http.ResponseWriter, r *http.Request) bool {
		w.Write([]byte(`{"hash_type":"SHA1","hash_value":"00","download_url":"http://elsewhere.example/x"}`))
		return true
	}
	garbled := func(w http.ResponseWriter, r *http.Request) bool { w.Write([]byte("\x1f\x8bnothing")); return true }
	type wrong = []func(w http.ResponseWriter, r *http.Request) bool
	good := statement(paid("1", "S1", "a", "1.00"))
	for _, tt := range []struct {
		name  string
		wrong wrong
		text  string
		over  map[string]any
		want  fault.Code
		keys  string
	}{
		{"fails twice", wrong{one(500, "SYSTEM_ERROR"), cut}, good, nil, "", "1"},
		{"asks for patience once", wrong{one(429, "RATELIMIT_EXCEEDED")}, good, nil, "", "1"},
		{"download fails once", wrong{pass, one(502, "-")}, good, nil, "", "1"},
		{"signature refused", wrong{one(401, "SIGN_ERROR")}, good, nil, "E2303", ""},
		{"no right", wrong{one(403, "NO_AUTH")}, good, nil, "E2304", ""},
		{"still being made", wrong{one(400, "STATEMENT_CREATING")}, good, nil, "E2309", ""},
		{"answer not signed", wrong{other}, good, nil, "E2381", ""},
		{"elsewhere", wrong{other}, good, map[string]any{"platform_key": ""}, "E2318", ""},
		{"damaged", wrong{pass, garbled}, good, nil, "E2383", ""},
		{"cut before its sums", nil, strings.SplitAfter(good, "1.00,`0.00,`\r\n")[0], nil, "E2384", ""},
		{"another count", nil, strings.Replace(good, "\r\n`1,", "\r\n`2,", 1), nil, "E2384", ""},
		{"no header", nil, "hello\r\n", nil, "E2384", ""},
		{"a short row", nil, strings.Replace(good, "`JSAPI,", "", 1), nil, "", "E3101 trade-2026-03-04:2: the row has 26 cells, the header 27"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t)
			s.bills["2026-03-04"], s.wrong = tt.text, tt.wrong
			over := map[string]any{"since": "2026-03-04"}
			for k, v := range tt.over {
				over[k] = v
			}
			rows, _, err := s.read(s.source(noon, over), connectors.Request{Stream: "trade"})
			if tt.want == "" && err != nil || tt.want != "" && (fault.Of(err) == nil || fault.Of(err).Code != tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
			if tt.want == "" && keys(rows) != tt.keys {
				t.Errorf("read %q, want %q", keys(rows), tt.keys)
			}
		})
	}
}

// A client that others wrote fetches the same rows from the stand-in.
func TestAnotherClientReadsTheSame(t *testing.T) {
	s := start(t)
	s.bills["2026-03-04"] = statement(paid("4200001", "S1", "茶, 250 克", "1187.40"), paid("4200002", "S2", "杯", "0.01"))
	rows, _, err := s.read(s.source(noon, map[string]any{"since": "2026-03-04"}), connectors.Request{Stream: "trade"})
	if err != nil {
		t.Fatal(err)
	}
	var ours, theirs [][]string
	for _, r := range rows {
		var row []string
		for _, name := range []string{"微信订单号", "商户订单号", "商品名称", "订单金额", "手续费"} {
			row = append(row, fmt.Sprint(r.Data[name]))
		}
		ours = append(ours, row)
	}
	connectortest.Foreign(t, "testdata/client.py", &theirs, "URL="+s.server.URL, "MCHID="+s.v.MchID, "SERIAL_NO="+s.v.SerialNo, "PRIVATE_KEY="+s.v.PrivateKey, "PUBLIC_KEY="+s.v.PublicKey, "DAY=2026-03-04")
	if fmt.Sprint(ours) != fmt.Sprint(theirs) || len(theirs) != 2 {
		t.Errorf("we read\n%q\nthe other client\n%q", ours, theirs)
	}
}
