package sfexpress

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

// Digest signs a message, as SF's own kit in Java does: the base64 of the MD5
// of the text after it went through java.net.URLEncoder.
func Digest(message, timestamp, checkWord string) string {
	sum := md5.Sum([]byte(javaEncoded(message + timestamp + checkWord)))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// javaEncoded is url.QueryEscape with the two exceptions of Java's: it leaves
// the asterisk and escapes the tilde.
func javaEncoded(s string) string {
	return strings.NewReplacer("%2A", "*", "~", "%7E").Replace(url.QueryEscape(s))
}

// message is the question for routes.
type message struct {
	Language       string   `json:"language"`
	TrackingType   string   `json:"trackingType"`
	TrackingNumber []string `json:"trackingNumber"`
	MethodType     string   `json:"methodType"`
	CheckPhoneNo   string   `json:"checkPhoneNo,omitempty"`
}

// envelope is what every answer is wrapped in: the result itself is JSON in a text.
type envelope struct {
	Code   string `json:"apiResultCode"`
	Result string `json:"apiResultData"`
}

// result is the answer proper.
type result struct {
	Success any    `json:"success"` // a boolean, or the word
	Code    string `json:"errorCode"`
	Data    struct {
		Routes []route `json:"routeResps"`
	} `json:"msgData"`
}

// route is what happened to one waybill, as it came.
type route struct {
	MailNo string           `json:"mailNo"`
	Events []map[string]any `json:"routes"`
}

// most is how many waybills one question may name.
const most = 10

// ask asks for the routes of at most ten waybills, all with a phone or all
// without. tries is how often it is asked in all.
func (s *source) ask(ctx context.Context, some []waybill, tries int) ([]route, error) {
	m := message{Language: "zh-CN", TrackingType: "1", MethodType: "1"}
	var phones []string
	for _, w := range some {
		m.TrackingNumber = append(m.TrackingNumber, w.number)
		if w.phone != "" {
			phones = append(phones, w.phone)
		}
	}
	m.CheckPhoneNo = strings.Join(phones, ",")
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		routes, err := s.once(ctx, string(text), tries == 1)
		var again tryAgain
		if !errors.As(err, &again) {
			return routes, err
		}
		if n >= tries {
			return nil, again.fault
		}
		if err := connectors.Sleep(ctx, min(s.wait<<min(n-1, 5), 30*time.Second)); err != nil {
			return nil, err
		}
	}
}

// tryAgain is an answer after which the question is asked again, under a new id.
type tryAgain struct{ fault error }

func (e tryAgain) Error() string { return e.fault.Error() }

// once makes one signed call.
func (s *source) once(ctx context.Context, text string, hurried bool) ([]route, error) {
	p := s.cfg.Params
	stamp := strconv.FormatInt(s.cfg.Now().UnixMilli(), 10)
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return nil, err
	}
	form := url.Values{
		"partnerID": {p.Text("partner_id")}, "requestID": {fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])},
		"serviceCode": {"EXP_RECE_SEARCH_ROUTES"}, "timestamp": {stamp}, "msgData": {text}, "msgDigest": {Digest(text, stamp, p.Text("check_word"))},
	}
	reply, err := s.web.Ask(ctx, restapi.Question{
		Method: http.MethodPost, Path: "/std/service", Body: []byte(form.Encode()), Place: s.place(), Once: hurried,
		Header: map[string]string{"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"},
	})
	if err != nil {
		return nil, err
	}
	var e envelope
	if err := json.Unmarshal(reply.Body, &e); err != nil || e.Code == "" {
		return nil, fault.New("E2311", s.place(), "address", s.web.Host()).Because(err)
	}
	if err := s.refusal(e.Code); err != nil {
		return nil, err
	}
	var r result
	d := json.NewDecoder(bytes.NewReader([]byte(e.Result)))
	d.UseNumber()
	if err := d.Decode(&r); err != nil {
		return nil, fault.New("E2311", s.place(), "address", s.web.Host()).Because(err)
	}
	if ok := fmt.Sprint(r.Success); ok != "true" || r.Code != "S0000" {
		return nil, s.fault("E2322", r.Code)
	}
	return r.Data.Routes, nil
}

// refusal makes an error of the platform's code.
func (s *source) refusal(code string) error {
	switch code {
	case "A1000":
		return nil
	case "A1005": // too many calls
		return tryAgain{s.fault("E2309", code)}
	case "A1007", "A1009", "A1099": // an id that was used, a service that is away
		return tryAgain{s.fault("E2308", code)}
	case "A1006", "A1008", "A1011": // signature, key, token
		return s.fault("E2303", code)
	case "A1003", "A1004": // address, service
		return s.fault("E2304", code)
	}
	return s.fault("E2310", code)
}

func (s *source) fault(which fault.Code, code string) error {
	if len(code) > 20 || code == "" {
		code = "-"
	}
	return fault.New(which, s.place(), "address", s.web.Host(), "stream", "routes", "status", http.StatusOK, "code", code, "wait", "-")
}
