package wechatpay

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"crmhub/connectors/bill"
	"crmhub/connectors/wire"
	"crmhub/fault"
)

const (
	mostAnswer  = 1 << 20
	mostArchive = 512 << 20
)

// streams are the statements' addresses.
var streams = map[string]string{"trade": "/v3/bill/tradebill", "fundflow": "/v3/bill/fundflowbill"}

// Message is the text that a request's signature is over. path has the query.
func Message(method, path, timestamp, nonce, body string) string {
	return method + "\n" + path + "\n" + timestamp + "\n" + nonce + "\n" + body + "\n"
}

// Authorization is the header of a signed request.
func Authorization(mchid, nonce, signature, timestamp, serial string) string {
	return `WECHATPAY2-SHA256-RSA2048 mchid="` + mchid + `",nonce_str="` + nonce + `",signature="` + signature + `",timestamp="` + timestamp + `",serial_no="` + serial + `"`
}

// sign signs a GET request, with the time of now: the server takes no
// signature of more than five minutes ago.
func (s *source) sign(r *http.Request) error {
	var raw [16]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return err
	}
	nonce, at := strings.ToUpper(hex.EncodeToString(raw[:])), strconv.FormatInt(s.cfg.Now().Unix(), 10)
	signature, err := bill.Sign(s.private, Message(r.Method, r.URL.RequestURI(), at, nonce, ""))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", Authorization(s.cfg.Params.Text("mchid"), nonce, signature, at, s.cfg.Params.Text("serial_no")))
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "crmhub")
	return nil
}

func (s *source) get(ctx context.Context, at, place string, most int64) (wire.Answer, error) {
	r, err := http.NewRequest(http.MethodGet, at, nil)
	if err != nil {
		return wire.Answer{}, fault.New("E2311", place, "address", s.url.Host).Because(err)
	}
	if err := s.sign(r); err != nil {
		return wire.Answer{}, err
	}
	return s.web.Do(ctx, r, place, most)
}

// announcement says where a statement is and what its hash is.
type announcement struct {
	HashType  string `json:"hash_type"`
	HashValue string `json:"hash_value"`
	URL       string `json:"download_url"`
}

// announced asks where the statement of a day is; bill.ErrNone where there is none.
func (s *source) announced(ctx context.Context, stream string, day time.Time) (announcement, error) {
	place := s.place(stream)
	q := url.Values{"bill_date": {day.Format(time.DateOnly)}, "tar_type": {"GZIP"}}
	if stream == "trade" {
		q.Set("bill_type", "ALL")
	} else {
		q.Set("account_type", "BASIC")
	}
	if sub := s.cfg.Params.Text("sub_mchid"); sub != "" {
		q.Set("sub_mchid", sub)
	}
	at := *s.url
	at.Path, at.RawQuery = strings.TrimSuffix(at.Path, "/")+streams[stream], q.Encode()
	a, err := s.get(ctx, at.String(), place, mostAnswer)
	if err != nil {
		return announcement{}, err
	}
	if a.Status != http.StatusOK {
		return announcement{}, s.refusal(a, place)
	}
	if !s.vouched(a) {
		return announcement{}, fault.New("E2381", place, "address", s.url.Host)
	}
	var out announcement
	if err := json.Unmarshal(a.Body, &out); err != nil || out.URL == "" {
		return out, fault.New("E2311", place, "address", s.url.Host).Because(err)
	}
	return out, nil
}

// vouched tells whether an answer has WeChat Pay's signature.
func (s *source) vouched(a wire.Answer) bool {
	if s.public == nil {
		return true
	}
	text := a.Header.Get("Wechatpay-Timestamp") + "\n" + a.Header.Get("Wechatpay-Nonce") + "\n" + string(a.Body) + "\n"
	return bill.Holds(s.public, text, a.Header.Get("Wechatpay-Signature"))
}

// refusal makes an error of an answer that is none.
func (s *source) refusal(a wire.Answer, place string) error {
	var e struct {
		Code string `json:"code"`
	}
	if err := json.Unmarshal(a.Body, &e); err != nil || e.Code == "" {
		e.Code = "-"
	}
	args := []any{"address", s.url.Host, "status", a.Status, "code", e.Code}
	switch e.Code {
	case "NO_STATEMENT_EXIST":
		return bill.ErrNone
	case "STATEMENT_CREATING":
		return fault.New("E2309", place, append(args, "wait", "-")...)
	case "RATELIMIT_EXCEEDED", "FREQUENCY_LIMITED":
		return fault.New("E2309", place, append(args, "wait", "-")...)
	case "SIGN_ERROR":
		return fault.New("E2303", place, args...)
	case "NO_AUTH":
		return fault.New("E2304", place, args...)
	}
	switch a.Status {
	case http.StatusUnauthorized:
		return fault.New("E2303", place, args...)
	case http.StatusForbidden:
		return fault.New("E2304", place, args...)
	}
	return fault.New("E2310", place, args...)
}

// Bill fetches the statement of a day and holds it against its hash before a
// row is read.
func (s *source) Bill(ctx context.Context, stream string, day time.Time) (*bill.Sheet, error) {
	place := s.place(stream) + " " + day.Format(time.DateOnly)
	known, err := s.announced(ctx, stream, day)
	if err != nil {
		return nil, err
	}
	at, err := s.home(known.URL, place)
	if err != nil {
		return nil, err
	}
	a, err := s.get(ctx, at, place, mostArchive)
	if err != nil {
		return nil, err
	}
	if a.Status != http.StatusOK {
		return nil, s.refusal(a, place)
	}
	packed := len(a.Body) > 1 && a.Body[0] == 0x1f && a.Body[1] == 0x8b
	open := func() (io.Reader, error) {
		if packed {
			return gzip.NewReader(bytes.NewReader(a.Body))
		}
		return bytes.NewReader(a.Body), nil
	}
	if !strings.EqualFold(known.HashType, "SHA1") {
		return nil, fault.New("E2311", place, "address", s.url.Host)
	}
	sum := sha1.New()
	r, err := open()
	if err == nil {
		_, err = io.Copy(sum, r)
	}
	if err != nil || !strings.EqualFold(hex.EncodeToString(sum.Sum(nil)), known.HashValue) {
		return nil, fault.New("E2383", place).Because(err)
	}
	if r, err = open(); err != nil {
		return nil, fault.New("E2383", place).Because(err)
	}
	return bill.NewSheet(r, layouts[stream]), nil
}

// home holds that a download is from the API's own host: the request is
// signed, and its signature is for nobody else.
func (s *source) home(raw, place string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host != s.url.Host || u.Scheme != s.url.Scheme {
		target := "-"
		if err == nil {
			target = u.Host
		}
		return "", fault.New("E2318", place, "address", s.url.Host, "target", target)
	}
	return raw, nil
}

var layouts = map[string]bill.Layout{
	"trade":    {First: "交易时间", Mark: "`", Sums: "总交易单数", Offset: "+08:00", Counts: counted},
	"fundflow": {First: "记账时间", Mark: "`", Sums: "资金流水总笔数", Offset: "+08:00", Counts: counted},
}

// counted is the first cell of the line behind the names of the sums.
func counted(sums []string) (int64, bool) {
	if len(sums) < 2 {
		return 0, false
	}
	first, _, _ := strings.Cut(sums[1], ",")
	return bill.Digits(first)
}
