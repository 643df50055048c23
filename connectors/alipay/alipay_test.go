package alipay_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"crmhub/connectors"
	"crmhub/connectors/alipay"
	"crmhub/connectors/bill"
	"crmhub/connectors/connectortest"
	"crmhub/fault"
	"crmhub/record"
)

// vectors are signatures that an SDK which others wrote has made.
type vectors struct {
	PrivateKey    string `json:"private_key"`
	BareKey       string `json:"bare_key"`
	PublicKey     string `json:"public_key"`
	SignedRequest string `json:"signed_request"`
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
	want, err := url.ParseQuery(v.SignedRequest)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"PEM": v.PrivateKey, "bare": v.BareKey} {
		private, err := bill.PrivateKey("x", "private_key", text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := bill.Sign(private, alipay.Signed(want))
		if err != nil || got != want.Get("sign") {
			t.Errorf("%s: signed %s, the SDK %s (%v)", name, got, want.Get("sign"), err)
		}
	}
	public, err := bill.PublicKey("x", "alipay_public_key", v.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if !bill.Holds(public, v.Answer, v.AnswerSign) {
		t.Error("the SDK's signature does not hold")
	}
}

const columns = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"

func line(number, order, kind, name, amount, refund, fee string) string {
	return number + "\t," + order + "\t," + kind + "     ," + name + "\t,2026-03-01 10:00:00,2026-03-01 10:00:05,\t,\t,\t,\t,*娜(138****8000)\t," + amount + "," + amount +
		",0.00,0.00,0.00,0.00,0.00,\t,0.00,0.00," + refund + "\t," + fee + ",0.00,\t"
}

func statement(trades, refunds int, rows ...string) string {
	return "#支付宝业务明细查询\r\n#账号：[20880000000000010156]\r\n#起始日期：[2026年03月01日 00:00:00]   终止日期：[2026年03月02日 00:00:00]\r\n" +
		"#-----------------------------------------业务明细列表----------------------------------------\r\n" + columns + "\r\n" + strings.Join(rows, "\r\n") +
		"\r\n#-----------------------------------------业务明细列表结束------------------------------------\r\n" +
		fmt.Sprintf("#交易合计：%d笔，商家实收共1.00元，商家优惠共0.00元\r\n#退款合计：%d笔，商家实收退款共0.00元，商家优惠退款共0.00元\r\n", trades, refunds) +
		"#导出时间：[2026年03月02日 09:01:02]\r\n"
}

// gate is a stand-in for the gateway that follows the documents: it verifies
// each signature, signs its answers, hands out addresses that are good once,
// and goes wrong as it is told to.
type gate struct {
	t      testing.TB
	v      vectors
	public *rsa.PublicKey
	key    *rsa.PrivateKey
	server *httptest.Server
	mu     sync.Mutex
	bills  map[string]string
	tokens map[string]string
	wrong  []func(w http.ResponseWriter, r *http.Request) bool // each once, in order
}

func start(t testing.TB) *gate {
	g := &gate{t: t, v: load(t), bills: map[string]string{}, tokens: map[string]string{}}
	var err error
	if g.public, err = bill.PublicKey("x", "x", g.v.PublicKey); err != nil {
		t.Fatal(err)
	}
	if g.key, err = bill.PrivateKey("x", "x", g.v.PrivateKey); err != nil {
		t.Fatal(err)
	}
	g.server = httptest.NewServer(g)
	t.Cleanup(g.server.Close)
	return g
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.wrong) > 0 {
		first := g.wrong[0]
		g.wrong = g.wrong[1:]
		if first(w, r) {
			return
		}
	}
	if r.Method == http.MethodGet && !r.URL.Query().Has("method") {
		text, ok := g.tokens[r.URL.Query().Get("token")]
		delete(g.tokens, r.URL.Query().Get("token"))
		if !ok {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Write(archive(g.t, text))
		return
	}
	if err := r.ParseForm(); err != nil {
		g.t.Error(err)
	}
	if !bill.Holds(g.public, alipay.Signed(r.Form), r.Form.Get("sign")) {
		g.answer(w, `{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.invalid-signature"}`)
		return
	}
	var q struct {
		Day string `json:"bill_date"`
	}
	if err := json.Unmarshal([]byte(r.Form.Get("biz_content")), &q); err != nil {
		g.t.Error(err)
	}
	text, ok := g.bills[q.Day]
	if !ok {
		g.answer(w, `{"code":"40004","msg":"Business Failed","sub_code":"isp.bill_not_exist","sub_msg":"账单不存在"}`)
		return
	}
	token := fmt.Sprint(len(g.tokens), q.Day)
	g.tokens[token] = text
	g.answer(w, `{"code":"10000","msg":"Success","bill_download_url":"`+strings.ReplaceAll(g.server.URL+"/bill?token="+url.QueryEscape(token), "/", `\/`)+`"}`)
}

func (g *gate) answer(w http.ResponseWriter, node string) {
	sig, err := bill.Sign(g.key, node)
	if err != nil {
		g.t.Error(err)
	}
	fmt.Fprintf(w, `{"alipay_data_dataservice_bill_downloadurl_query_response":%s,"sign":"%s"}`, node, sig)
}

// archive is a zip as Alipay makes it: names and text in GBK, and beside the
// rows a file of sums.
func archive(t testing.TB, text string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range []struct{ name, text string }{{"20880000000000010156_20260301_业务明细(汇总).csv", "#门店汇总\r\n"}, {"20880000000000010156_20260301_业务明细.csv", text}} {
		name, err := simplifiedchinese.GBK.NewEncoder().String(f.name)
		if err != nil {
			t.Error(err)
		}
		content, err := simplifiedchinese.GBK.NewEncoder().String(f.text)
		if err != nil {
			t.Error(err)
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, NonUTF8: true, Method: zip.Deflate})
		if err != nil {
			t.Error(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Error(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Error(err)
	}
	return b.Bytes()
}

func (g *gate) params(over map[string]any) map[string]any {
	p := map[string]any{"url": g.server.URL + "/gateway.do", "app_id": "2021000000000001", "private_key": g.v.BareKey, "alipay_public_key": g.v.PublicKey, "timeout": "5s"}
	for k, v := range over {
		p[k] = v
	}
	return p
}

func TestConformance(t *testing.T) {
	g := start(t)
	day := func(back int) string {
		return time.Now().In(time.FixedZone("", 8*3600)).AddDate(0, 0, -back).Format(time.DateOnly)
	}
	g.bills[day(6)] = statement(2, 0, line("2026030122001", "S1", "交易", `"茶, 250 克"`, "1187.40", "", "-7.12"), line("2026030122002", "S2", "交易", "杯", "0.01", "", "0.00"))
	g.bills[day(4)] = statement(0, 1, line("2026030122001", "S1", "退款", "茶", "-1187.40", "R1", "0.00"))
	row := func(key, number, order, kind, name, amount string, refund any, fee, place string) connectortest.Row {
		data := map[string]any{}
		for _, c := range strings.Split(columns, ",") {
			data[c] = nil
			if strings.HasSuffix(c, "（元）") {
				data[c] = "0.00"
			}
		}
		for k, v := range map[string]any{
			"支付宝交易号": number, "商户订单号": order, "业务类型": kind, "商品名称": name, "创建时间": "2026-03-01T10:00:00+08:00", "完成时间": "2026-03-01T10:00:05+08:00",
			"对方账户": "*娜(138****8000)", "订单金额（元）": amount, "商家实收（元）": amount, "退款批次号/请求号": refund, "服务费（元）": fee,
		} {
			data[k] = v
		}
		return connectortest.Row{Key: key, Data: data, Place: place}
	}
	connectortest.Run(t, connectortest.Case{
		Faults:    true,
		Connector: alipay.Connector{}, Params: g.params(map[string]any{"since": day(7)}), Streams: []string{"trade", "signcustomer"},
		Request: connectors.Request{Stream: "trade", BatchRows: 1},
		Want: []connectortest.Row{
			row("2026030122001", "2026030122001", "S1", "交易", "茶, 250 克", "1187.40", nil, "-7.12", "trade-"+day(6)+":6"),
			row("2026030122002", "2026030122002", "S2", "交易", "杯", "0.01", nil, "0.00", "trade-"+day(6)+":7"),
			row("2026030122001-R1", "2026030122001", "S1", "退款", "茶", "-1187.40", "R1", "0.00", "trade-"+day(4)+":6"),
		},
		Broken: []map[string]any{
			{"private_key": "no key"}, {"alipay_public_key": "no key"}, {"url": "http://example.cn/gateway.do"}, {"since": "yesterday"}, {"url": "http://127.0.0.1:1"},
		},
		Secrets: []string{g.v.BareKey, "138****8000"},
	})
}

func TestFaults(t *testing.T) {
	noon := time.Date(2026, 3, 5, 4, 0, 0, 0, time.UTC)
	status := func(n int) func(w http.ResponseWriter, r *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool { w.WriteHeader(n); return true }
	}
	pass := func(http.ResponseWriter, *http.Request) bool { return false }
	good := statement(1, 0, line("1", "S1", "交易", "茶", "1.00", "", "0.00"))
	for _, tt := range []struct {
		name  string
		wrong func(g *gate) []func(w http.ResponseWriter, r *http.Request) bool
		text  string
		over  map[string]any
		want  fault.Code
	}{
		{"fails once", func(*gate) []func(http.ResponseWriter, *http.Request) bool {
			return []func(http.ResponseWriter, *http.Request) bool{status(502)}
		}, good, nil, ""},
		{"the address ran out", func(*gate) []func(http.ResponseWriter, *http.Request) bool {
			return []func(http.ResponseWriter, *http.Request) bool{pass, status(403)}
		}, good, nil, ""},
		{"no permission", func(g *gate) []func(http.ResponseWriter, *http.Request) bool {
			return []func(http.ResponseWriter, *http.Request) bool{func(w http.ResponseWriter, _ *http.Request) bool {
				g.answer(w, `{"code":"40006","msg":"Insufficient Permissions","sub_code":"isv.insufficient-isv-permissions"}`)
				return true
			}}
		}, good, nil, "E2304"},
		{"signature refused", func(g *gate) []func(http.ResponseWriter, *http.Request) bool {
			return []func(http.ResponseWriter, *http.Request) bool{func(w http.ResponseWriter, _ *http.Request) bool {
				g.answer(w, `{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.invalid-signature"}`)
				return true
			}}
		}, good, nil, "E2303"},
		{"answer signed by nobody", func(*gate) []func(http.ResponseWriter, *http.Request) bool {
			return []func(http.ResponseWriter, *http.Request) bool{func(w http.ResponseWriter, _ *http.Request) bool {
				fmt.Fprint(w, `{"alipay_data_dataservice_bill_downloadurl_query_response":{"code":"10000","bill_download_url":"http://elsewhere.example"}}`)
				return true
			}}
		}, good, nil, "E2381"},
		{"no archive", func(*gate) []func(http.ResponseWriter, *http.Request) bool {
			return []func(http.ResponseWriter, *http.Request) bool{pass, func(w http.ResponseWriter, _ *http.Request) bool {
				fmt.Fprint(w, "<html>")
				return true
			}}
		}, good, nil, "E2311"},
		{"another count", nil, statement(2, 0, line("1", "S1", "交易", "茶", "1.00", "", "0.00")), nil, "E2384"},
		{"cut before its sums", nil, strings.Split(good, "#交易合计")[0], nil, "E2384"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := start(t)
			g.bills["2026-03-04"] = tt.text
			if tt.wrong != nil {
				g.wrong = tt.wrong(g)
			}
			p, err := alipay.Connector{}.Spec().Decode("hub.yaml:5", g.params(map[string]any{"since": "2026-03-04"}))
			if err != nil {
				t.Fatal(err)
			}
			src, err := alipay.Connector{}.Open(connectors.Config{Name: "alipay", Params: p, Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			var rows []record.Row
			err = src.Read(t.Context(), connectors.Request{Stream: "trade"}, func(_ context.Context, b connectors.Batch) error {
				rows = append(rows, b.Rows...)
				return nil
			})
			if tt.want == "" && (err != nil || len(rows) != 1) || tt.want != "" && (fault.Of(err) == nil || fault.Of(err).Code != tt.want) {
				t.Errorf("%d rows, %v; want %q", len(rows), err, tt.want)
			}
		})
	}
}

// A client that others wrote fetches the same rows from the stand-in.
func TestAnotherClientReadsTheSame(t *testing.T) {
	g := start(t)
	g.bills["2026-03-04"] = statement(2, 0, line("1", "S1", "交易", `"茶, 250 克"`, "1187.40", "", "-7.12"), line("2", "S2", "交易", "杯", "0.01", "", "0.00"))
	p, err := alipay.Connector{}.Spec().Decode("hub.yaml:5", g.params(map[string]any{"since": "2026-03-04"}))
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2026, 3, 5, 4, 0, 0, 0, time.UTC) }
	src, err := alipay.Connector{}.Open(connectors.Config{Name: "alipay", Params: p, Now: now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	var ours, theirs [][]string
	err = src.Read(t.Context(), connectors.Request{Stream: "trade"}, func(_ context.Context, b connectors.Batch) error {
		for _, r := range b.Rows {
			var row []string
			for _, name := range []string{"支付宝交易号", "商户订单号", "商品名称", "订单金额（元）", "服务费（元）"} {
				row = append(row, fmt.Sprint(r.Data[name]))
			}
			ours = append(ours, row)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	connectortest.Foreign(t, "testdata/client.py", &theirs, "URL="+g.server.URL, "APP_ID=2021000000000001", "PRIVATE_KEY="+g.v.PrivateKey, "PUBLIC_KEY="+g.v.PublicKey, "DAY=2026-03-04")
	if fmt.Sprint(ours) != fmt.Sprint(theirs) || len(theirs) != 2 {
		t.Errorf("we read\n%q\nthe other client\n%q", ours, theirs)
	}
	if err := src.Close(); err != nil {
		t.Error(err)
	}
}
