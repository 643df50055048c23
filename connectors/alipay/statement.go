package alipay

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"crmhub/connectors/bill"
	"crmhub/connectors/file/charset"
	"crmhub/fault"
)

// Signed is the text that a signature of Alipay's is over: all parameters but
// sign itself that have a value, in the order of their names, as they are
// before they are encoded.
func Signed(v url.Values) string {
	var names []string
	for k := range v {
		if k != "sign" && v.Get(k) != "" {
			names = append(names, k)
		}
	}
	slices.Sort(names)
	var b strings.Builder
	for i, k := range names {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(k + "=" + v.Get(k))
	}
	return b.String()
}

const (
	mostAnswer  = 1 << 20
	mostArchive = 512 << 20
)

// response is the part of an answer that is of interest.
type response struct {
	Code    string `json:"code"`
	SubCode string `json:"sub_code"`
	URL     string `json:"bill_download_url"`
}

const node = "alipay_data_dataservice_bill_downloadurl_query_response"

// address asks where the statement of a day is; bill.ErrNone where there is none.
func (s *source) address(ctx context.Context, stream string, day time.Time) (string, error) {
	place := s.place(stream)
	v, err := s.form(stream, day)
	if err != nil {
		return "", err
	}
	r, err := s.request(v)
	if err != nil {
		return "", err
	}
	a, err := s.web.Do(ctx, r, place, mostAnswer)
	if err != nil {
		return "", err
	}
	var envelope map[string]json.RawMessage
	if err := json.Unmarshal(a.Body, &envelope); err != nil {
		return "", fault.New("E2311", place, "address", s.url.Host).Because(err)
	}
	raw, found := envelope[node]
	if !found {
		raw = envelope["error_response"]
	}
	var resp response
	if err := json.Unmarshal(raw, &resp); err != nil {
		return "", fault.New("E2311", place, "address", s.url.Host).Because(err)
	}
	var sign string
	if err := json.Unmarshal(envelope["sign"], &sign); err != nil && resp.Code == "10000" {
		return "", fault.New("E2381", place, "address", s.url.Host).Because(err)
	}
	// A refusal of the application itself is not signed: there is no key to sign for.
	if sign != "" && !bill.Holds(s.public, string(raw), sign) {
		return "", fault.New("E2381", place, "address", s.url.Host)
	}
	if err := s.refusal(resp, place); err != nil {
		return "", err
	}
	return resp.URL, nil
}

// refusal makes an error of an answer's code.
func (s *source) refusal(r response, place string) error {
	sub := strings.ToLower(strings.NewReplacer("-", "_", ".", "_").Replace(r.SubCode))
	code := r.SubCode
	if code == "" {
		code = r.Code
	}
	args := []any{"address", s.url.Host, "status", 200, "code", code}
	switch {
	case r.Code == "10000" && r.URL != "":
		return nil
	case strings.Contains(sub, "bill_not_exist"):
		return bill.ErrNone
	case r.Code == "20000", strings.HasPrefix(sub, "aop_unknow"), strings.HasPrefix(sub, "isp_"):
		return fault.New("E2308", place, args...)
	case strings.Contains(sub, "limited"), strings.Contains(sub, "call_limit"):
		return fault.New("E2309", place, append(args, "wait", "-")...)
	case strings.Contains(sub, "signature"), strings.Contains(sub, "app_id"), strings.Contains(sub, "appid"), r.Code == "20001":
		return fault.New("E2303", place, args...)
	case r.Code == "40006", strings.Contains(sub, "permission"):
		return fault.New("E2304", place, args...)
	}
	return fault.New("E2310", place, args...)
}

// Bill fetches the statement of a day. Its address lives for half a minute: one
// that ran out is asked for again.
func (s *source) Bill(ctx context.Context, stream string, day time.Time) (*bill.Sheet, error) {
	place := s.place(stream) + " " + day.Format(time.DateOnly)
	for try := 0; ; try++ {
		at, err := s.address(ctx, stream, day)
		if err != nil {
			return nil, err
		}
		r, err := http.NewRequest(http.MethodGet, at, nil)
		if err != nil {
			return nil, fault.New("E2311", place, "address", s.url.Host).Because(err)
		}
		a, err := s.web.Do(ctx, r, place, mostArchive)
		if err != nil {
			return nil, err
		}
		if a.Status == http.StatusOK {
			return s.unpack(a.Body, stream, place)
		}
		if try == 2 {
			return nil, fault.New("E2310", place, "address", r.URL.Host, "status", a.Status, "code", "-")
		}
	}
}

// unpack finds the rows in an archive: beside them lies a file of sums by day.
// Names and text are GBK.
func (s *source) unpack(archive []byte, stream, place string) (*bill.Sheet, error) {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, fault.New("E2311", place, "address", s.url.Host).Because(err)
	}
	for _, f := range z.File {
		name := f.Name
		if f.NonUTF8 {
			name = charset.Decode([]byte(f.Name), charset.GB18030)
		}
		if !strings.Contains(name, streams[stream]) || strings.Contains(name, "汇总") {
			continue
		}
		text, err := f.Open()
		if err != nil {
			return nil, fault.New("E2311", place, "address", s.url.Host).Because(err)
		}
		return bill.NewSheet(simplifiedchinese.GB18030.NewDecoder().Reader(text), layouts[stream], text), nil
	}
	return nil, fault.New("E2384", place, "what", "the archive holds no file of rows", "what_zh", "压缩包中没有明细文件")
}

var layouts = map[string]bill.Layout{
	"trade":        {First: "支付宝交易号", Sums: "#", Offset: "+08:00", Counts: counts("#交易合计", "#退款合计")},
	"signcustomer": {First: "账务流水号", Sums: "#", Offset: "+08:00", Counts: counts("#支出合计", "#收入合计")},
}

// counts adds the numbers of rows that the sums of a statement name.
func counts(names ...string) func([]string) (int64, bool) {
	return func(sums []string) (int64, bool) {
		var total int64
		found := 0
		for _, line := range sums {
			for _, name := range names {
				if rest, ok := strings.CutPrefix(line, name); ok {
					n, ok := bill.Digits(rest)
					if !ok {
						return 0, false
					}
					total += n
					found++
				}
			}
		}
		return total, found == len(names)
	}
}
