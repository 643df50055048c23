package wire

import (
	"net/http"
	"net/url"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

// Params are the parameters of a connection that Open reads, named as those of
// every connection over HTTP. address is what url is where it is left out.
func Params(address string, doc fault.Text) []connectors.Param {
	return append([]connectors.Param{
		{Name: "url", Type: connectors.String, Default: address, Doc: doc},
		{Name: "timeout", Type: connectors.Duration, Default: 2 * time.Minute, Doc: fault.Text{"How long one download may take.", "单次下载的最长时间。"}},
		{Name: "retries", Type: connectors.Int, Default: int64(tries), Doc: fault.Text{
			"How often a request that failed is made again, with growing pauses.", "失败的请求重试的次数，间隔逐渐加长。",
		}},
		{Name: "retry_wait", Type: connectors.Duration, Default: wait, Doc: fault.Text{"The first of these pauses.", "第一次重试前的等待。"}},
	}, restapi.ParamsNamed("ca_file")...)
}

// Open returns a Web of a connection's parameters, those of Params, and the
// address that they name. It connects to nothing; sign is that of New. What
// can't be used is E2003 or E2301.
func Open(cfg connectors.Config, connector string, sign func(*http.Request) error) (*Web, *url.URL, error) {
	o, err := restapi.OptionsOf(cfg, connector)
	if err != nil {
		return nil, nil, err
	}
	u, err := Address(cfg.Name, o.URL)
	if err != nil {
		return nil, nil, err
	}
	trust, err := connectors.TLS(cfg, connector, "", o.CAFile)
	if err != nil {
		return nil, nil, err
	}
	w := New(cfg.Name, o.Timeout, sign)
	w.c.RetryMax, w.c.RetryWaitMin, w.c.RetryWaitMax = int(o.Retries), o.RetryWait, max(most, o.RetryWait)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = trust
	w.c.HTTPClient.Transport = transport
	return w, u, nil
}
