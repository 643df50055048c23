package restapi_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"crmhub/connectors/restapi"
	"crmhub/fault"
)

const good = `title: Helpdesk
url: https://api.example/v2
settings: {team: ""}
auth: {type: oauth2, token_url: /token}
throttle: {rate: 5/s}
errors: [{status: [403], field: code, values: x, means: throttled}]
streams:
  customers:
    key: id
    list: {path: "/teams/{setting.team}/customers", records: data, paging: {type: token, param: t, next: n}}
    cursor: {field: updated_at, param: since}
  orders:
    parent: {stream: customers}
    list: {path: "/c/{parent.id}/orders"}
`

func TestParse(t *testing.T) {
	if _, err := restapi.Parse("apis/x.yaml", []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ old, new, want string }{
		{"title:", "titel:", `E1002 apis/x.yaml:1:1: unknown key "titel" (nearest: title)`},
		{"type: token", "type: tokens", `E1006 apis/x.yaml:10:83: "type" is not one of the words it takes`},
		{"param: t,", "", "E2328 apis/x.yaml:10:68: the description of the API is wrong: paging by token needs param"},
		{"{setting.team}", "{setting.taem}", `{setting.taem} has no value here (nearest: {setting.team})`},
		{"{parent.id}", "{patent.id}", "{patent.id} has no value here"},
		{"stream: customers}", "stream: customer}", `there is no stream "customer" (nearest: customers)`},
		{"stream: customers}", "stream: orders}", "a stream is its own parent"},
		{"means: throttled", "means: trottled", "(nearest: throttled)"},
		{", means: throttled", "", `E1007 apis/x.yaml:6:10: the key "means" is missing`},
		{", token_url: /token", "", `the key "token_url" is missing`},
		{"rate: 5/s", "rate: fast", "a rate such as 5/s"},
		{"https://api.example/v2", "api.example", "url is no address"},
		{", param: since", "", "nothing asks for the cursor"},
		{", param: since", ", param: since, window: 24h", "a window needs start or reach"},
		{", param: since", ", param: since, zone: Shanghai", "zone is no IANA name"},
		{", param: since", ", param: since, closed: true", "closed and covered go with a window"},
		{", param: since", ", param: since, covered: end", "closed and covered go with a window"},
		{"    cursor:", "    detail: {path: \"/c/{record.id}/{recrod.x}\"}\n    cursor:", "{recrod.x} has no value here"},
		{"    cursor:", "    detail_as: more\n    cursor:", "detail_as goes with a detail"},
		{"{parent.id}", "{record.id}", "{record.id} has no value here"},
		{"list: {path: \"/c/{parent.id}/orders\"}", "key: id", `the key "list" is missing`},
		{good[strings.Index(good, "streams:"):], "streams: {a: {list: {path: /x, job: {id: id, status: s, done: d, poll: {path: /p}}}}}", "streams that are all read by jobs need a check"},
		{"url:", "charset: utf-99\nurl:", "charset is unknown"},
	} {
		_, err := restapi.Parse("apis/x.yaml", []byte(strings.Replace(good, tt.old, tt.new, 1)))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q in place of %q: %v, want %q", tt.new, tt.old, err, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("streams: {a: }"))
	f.Add([]byte("streams: {a: {list: {path: x, job: {poll: {path: y}}}, deletes: {list: {}}, changes: {}}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := restapi.Parse("x.yaml", data)
		var joined interface{ Unwrap() []error }
		if err != nil && fault.Of(err) == nil && !errors.As(err, &joined) {
			t.Errorf("%v is no fault", err)
		}
	})
}

func TestNextLink(t *testing.T) {
	for _, tt := range []struct{ link, want string }{
		{`<https://a/x?p=2>; rel="next"`, "https://a/x?p=2"},
		{`<https://a/x?p=1,2;3>; rel="prev", <https://a/x?p=2>; rel=next`, "https://a/x?p=2"},
		{`</x>; title="a, <b>; rel=next"; rel="last", </y>; REL="prev NEXT"`, "/y"},
		{`</x>; rel="nextish"`, ""},
		{`no link`, ""},
		{`<unfinished; rel="next"`, ""},
		{``, ""},
	} {
		h := http.Header{}
		h.Add("Link", `</first>; rel="first"`)
		h.Add("Link", tt.link)
		if got := restapi.NextLink(h); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.link, got, tt.want)
		}
	}
}
