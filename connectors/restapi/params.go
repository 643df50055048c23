package restapi

import (
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

// Params are the parameters that every connection over HTTP may have.
func Params() []connectors.Param {
	secret := func(name, english, chinese string) connectors.Param {
		return connectors.Param{Name: name, Type: connectors.Secret, Doc: fault.Text{
			english + " A reference such as ${env:NAME}.", chinese + "请使用引用，例如 ${env:NAME}。",
		}}
	}
	return []connectors.Param{
		{Name: "url", Type: connectors.String, Doc: fault.Text{
			"The address of the API, where it is not that of the description: https://api.example/v1.", "接口地址；当它与描述中的不同时填写：https://api.example/v1。",
		}},
		secret("token", "The key or token.", "密钥或令牌。"),
		{Name: "username", Type: connectors.String, Doc: fault.Text{
			"The user, for basic authentication and for the subject of a JWT.", "用户名，用于基本认证以及 JWT 的主体。",
		}},
		secret("password", "The user's password.", "该用户的密码。"),
		{Name: "client_id", Type: connectors.String, Doc: fault.Text{"The client's id, for OAuth 2.", "OAuth 2 的客户端标识。"}},
		secret("client_secret", "The client's secret, for OAuth 2.", "OAuth 2 的客户端密钥。"),
		secret("refresh_token", "The refresh token, for OAuth 2. One that the server changes is kept in the folder tokens.", "OAuth 2 的刷新令牌。服务器更换后的令牌保存在 tokens 文件夹中。"),
		secret("private_key", "The private key in PEM, for OAuth 2 by JWT.", "PEM 格式的私钥，用于 OAuth 2 的 JWT 方式。"),
		{Name: "settings", Type: connectors.Strings, Doc: fault.Text{
			"Values of the description's settings, each as name=value.", "描述中各项设置的值，每项写作 名称=值。",
		}},
		{Name: "ca_file", Type: connectors.String, Doc: fault.Text{
			"Certificates in PEM of authorities that are trusted beside the system's.", "除系统信任的机构外，另行信任的签发机构证书（PEM）。",
		}},
		{Name: "rate", Type: connectors.String, Doc: fault.Text{
			"The most requests in a time, in place of the description's: 5/s, 300/m, 1000/h.", "单位时间内的最多请求数，代替描述中的值：5/s、300/m、1000/h。",
		}},
		{Name: "timeout", Type: connectors.Duration, Doc: fault.Text{
			"How long an answer may take to begin, and be silent. Default: the description's, else 1m.", "应答开始之前以及中途无数据的最长时间。默认取描述中的值，否则为 1m。",
		}},
		{Name: "retries", Type: connectors.Int, Doc: fault.Text{
			"How often a request that failed is made again, with growing pauses. Default: the description's, else 8.", "失败的请求重试的次数，间隔逐渐加长。默认取描述中的值，否则为 8。",
		}},
		{Name: "retry_wait", Type: connectors.Duration, Doc: fault.Text{
			"The first of these pauses. Default: the description's, else 1s.", "第一次重试前的等待。默认取描述中的值，否则为 1s。",
		}},
	}
}

// OptionsOf reads a connection's parameters, those of Params, for Open.
// connector names it in faults.
func OptionsOf(cfg connectors.Config, connector string) (Options, error) {
	p := cfg.Params
	o := Options{
		URL: p.Text("url"), CAFile: p.Text("ca_file"), Settings: map[string]string{},
		Timeout: p.Span("timeout"), Retries: p.Number("retries"), RetryWait: p.Span("retry_wait"),
		Secrets: Secrets{
			Username: p.Text("username"), Password: p.Text("password"), Token: p.Text("token"), ClientID: p.Text("client_id"),
			ClientSecret: p.Text("client_secret"), RefreshToken: p.Text("refresh_token"), PrivateKey: p.Text("private_key"),
		},
	}
	wrong := func(name, want string) error {
		return fault.New("E2003", cfg.Name, "connector", connector, "name", name, "want", want)
	}
	for _, s := range p.List("settings") {
		name, value, ok := strings.Cut(s, "=")
		if !ok {
			return o, wrong("settings", "name=value")
		}
		o.Settings[name] = value
	}
	if r := p.Text("rate"); r != "" && o.Rate.UnmarshalText([]byte(r)) != nil {
		return o, wrong("rate", o.Rate.Want())
	}
	if o.Retries < 0 || o.Timeout < 0 || o.RetryWait < 0 {
		return o, wrong("retries", "nothing below 0")
	}
	return o, nil
}

// OpenDescribed makes a source of the description that a connector brings
// along, named connector.yaml in faults, and of a connection's parameters.
func OpenDescribed(cfg connectors.Config, connector string, description []byte, hooks Hooks) (connectors.Source, error) {
	api, err := Parse(connector+".yaml", description)
	if err != nil {
		return nil, err
	}
	o, err := OptionsOf(cfg, connector)
	if err != nil {
		return nil, err
	}
	o.Hooks = hooks
	return Open(cfg, api, o)
}

// limited returns the API with the connection's own bounds.
func (o Options) limited(api API) *API {
	l := &api.Limits
	for _, x := range []struct {
		to   *time.Duration
		from time.Duration
	}{{&l.Timeout, o.Timeout}, {&l.RetryWait, o.RetryWait}} {
		if x.from > 0 {
			*x.to = x.from
		}
	}
	if o.Retries > 0 {
		l.Retries = o.Retries
	}
	if o.Rate.N > 0 {
		api.Throttle.Rate = o.Rate
	}
	return &api
}
