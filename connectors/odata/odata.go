// Package odata reads services of OData 2 and 4: SAP (S/4HANA, Cloud for Customer, CAP), Microsoft Dataverse and Dynamics 365.
//
// Values. Rows are the service's entities with what the query expands: the
// protocol's own members are left out, lists are lists in both versions, and
// times are RFC 3339. A time without a zone (Edm.DateTime of OData 2) keeps none, and is
// read in the connection's zone. Numbers keep every digit.
package odata

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

// Connector makes sources that are OData services.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	own := []connectors.Param{
		{Name: "track_changes", Type: connectors.Bool, Doc: fault.Text{
			"Incremental reads follow the service's own list of changes, deletions included, where it tracks them (Dataverse; SAP services with delta). Default: false, they go by the cursor property.",
			"增量读取依照服务自身的变更列表（含删除），前提是服务支持变更跟踪（Dataverse；支持 delta 的 SAP 服务）。默认为 false，即按游标属性读取。",
		}},
		{Name: "page_size", Type: connectors.Int, Doc: fault.Text{
			"How many entities a page is asked to have. Services of OData 2 that don't page by themselves need it: with it, pages are asked for by $top and $skip. Default: the service decides.",
			"每页请求的实体数。自身不分页的 OData 2 服务需要设置：设置后用 $top 和 $skip 分页。默认由服务决定。",
		}},
		{Name: "key_header", Type: connectors.String, Doc: fault.Text{
			"The header that token goes into, where it is not Authorization: Bearer. SAP's API hub wants APIKey.",
			"token 所用的请求头；不填则为 Authorization: Bearer。SAP API 中心使用 APIKey。",
		}},
		{Name: "token_url", Type: connectors.String, Doc: fault.Text{
			"Where an OAuth 2 client (client_id, client_secret) gets its token.", "OAuth 2 客户端（client_id、client_secret）获取令牌的地址。",
		}},
		{Name: "scope", Type: connectors.String, Doc: fault.Text{
			"The scope of that token: https://ORG.crm.dynamics.com/.default for Dataverse.", "该令牌的范围；Dataverse 为 https://ORG.crm.dynamics.com/.default。",
		}},
		{Name: "headers", Type: connectors.Strings, Doc: fault.Text{
			"Further headers, each as name=value: sap-client=100.", "其他请求头，每项写作 名称=值：sap-client=100。",
		}},
	}
	return connectors.Spec{
		Name:     "odata",
		Title:    fault.Text{"OData service (SAP, Dynamics 365, Dataverse)", "OData 服务（SAP、Dynamics 365、Dataverse）"},
		Category: connectors.ERP,
		Doc: fault.Text{
			"Reads the collections that a service describes in $metadata, with keys and the property that tells changes. A pipeline's query may hold $expand, $select and $filter; expanded paths are written a/b for both versions of the protocol. Deleted entities are seen with track_changes, by a flag, or by a sweep.",
			"读取服务在 $metadata 中描述的集合，包括键以及反映变更的属性。管道的 query 可含 $expand、$select 和 $filter；两个协议版本的展开路径都写作 a/b。已删除的实体可通过 track_changes、标志位或清扫得知。",
		},
		Limits: fault.Text{
			"A change that does not move the cursor property (of an address behind its partner, for instance) and a deletion are seen by track_changes or by full reads alone. A service that pages by offset may pass over rows when others are deleted meanwhile.",
			"未推动游标属性的修改（例如伙伴下的地址）以及删除，只能通过 track_changes 或全量读取发现。按偏移分页的服务，若读取期间有实体被删除，可能漏读。",
		},
		Params: append(own, restapi.Params()...),
		Modes:  []connectors.Mode{connectors.Full, connectors.Incremental},
		Query:  true,
		Tested: []connectors.Note{
			{"SAP CAP 9.9 (OData 4, and OData 2 by its adapter)", "SAP CAP 9.9（OData 4，以及经其适配器的 OData 2）"},
			{"a Dataverse of our own that follows Microsoft's documents (delta links); DynamicsWebApi 2.5.0 reads it alike", "按微软文档自建的模拟 Dataverse（增量链接）；DynamicsWebApi 2.5.0 读取结果相同"},
		},
	}
}

// source is one service. Its description is read once.
type source struct {
	cfg     connectors.Config
	options restapi.Options
	api     restapi.API
	delta   bool
	size    int64
	known   *service
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	o, err := restapi.OptionsOf(cfg, "odata")
	if err != nil {
		return nil, err
	}
	if o.URL == "" {
		return nil, fault.New("E2002", cfg.Name, "connector", "odata", "name", "url")
	}
	p := cfg.Params
	s := &source{cfg: cfg, options: o, delta: p.Flag("track_changes"), size: p.Number("page_size")}
	if s.size < 0 {
		return nil, fault.New("E2003", cfg.Name, "connector", "odata", "name", "page_size", "want", "a number from 1 on")
	}
	s.api = restapi.API{
		Headers: map[string]string{}, Auth: authOf(o.Secrets, p),
		// A delta link that is too old.
		Errors: []restapi.ErrorRule{{Status: []int64{http.StatusGone}, Means: restapi.Expired}},
	}
	for _, h := range p.List("headers") {
		name, value, ok := strings.Cut(h, "=")
		if !ok {
			return nil, fault.New("E2003", cfg.Name, "connector", "odata", "name", "headers", "want", "name=value")
		}
		s.api.Headers[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	// What is wrong with address, certificates or credentials is said at once.
	src, err := restapi.Open(cfg, restapi.Described(s.api), o)
	if err != nil {
		return nil, err
	}
	return s, src.Close()
}

// authOf chooses the way of proving who asks by the secrets that are there.
func authOf(have restapi.Secrets, p connectors.Params) restapi.Auth {
	switch {
	case have.ClientID != "":
		a := restapi.Auth{Type: restapi.AuthOAuth2, TokenURL: p.Text("token_url"), Scope: p.Text("scope")}
		if have.RefreshToken != "" {
			a.Grant = restapi.GrantRefresh
		}
		return a
	case have.Token != "" && p.Text("key_header") != "":
		return restapi.Auth{Type: restapi.AuthHeader, Name: p.Text("key_header")}
	case have.Token != "":
		return restapi.Auth{Type: restapi.AuthBearer}
	case have.Username != "":
		return restapi.Auth{Type: restapi.AuthBasic}
	}
	return restapi.Auth{}
}

// Close does nothing: each read closes what it opened.
func (s *source) Close() error { return nil }

// service reads what the service tells of itself.
func (s *source) service(ctx context.Context) (*service, error) {
	if s.known != nil {
		return s.known, nil
	}
	text, err := restapi.Document(ctx, s.cfg, restapi.Described(s.api), s.options, "$metadata", "application/xml")
	if err != nil {
		return nil, err
	}
	svc, err := parseMetadata(text)
	if err != nil {
		return nil, fault.New("E2340", s.cfg.Name, "address", host(s.options.URL)).Because(err)
	}
	s.known = svc
	return svc, nil
}

func host(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "-"
	}
	return u.Host
}

// Check asks for the service's description and for one entity.
func (s *source) Check(ctx context.Context) error {
	svc, err := s.service(ctx)
	if err != nil {
		return err
	}
	// A description may be open to all while its data is not.
	var last error
	for _, name := range svc.names() {
		err := s.Read(ctx, connectors.Request{Stream: name, Mode: connectors.Full, Limit: 1}, func(context.Context, connectors.Batch) error { return nil })
		if f := fault.Of(err); f == nil || f.Code != "E2304" && f.Code != "E2305" {
			return err
		}
		last = err
	}
	return last
}

// Discover lists the collections.
func (s *source) Discover(ctx context.Context) ([]connectors.Stream, error) {
	svc, err := s.service(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]connectors.Stream, 0, len(svc.sets))
	for _, name := range svc.names() {
		set := svc.sets[name]
		st := connectors.Stream{Name: name, Key: set.keys, Cursor: set.cursor(), Rows: -1}
		for _, p := range set.properties {
			st.Columns = append(st.Columns, connectors.Column{Name: p.name, Type: p.edm, Null: !slices.Contains(set.keys, p.name)})
		}
		if len(set.navigations) > 0 {
			st.Notes = append(st.Notes, connectors.Note{"can be expanded: " + strings.Join(set.navigations, ", "), "可展开：" + strings.Join(set.navigations, ", ")})
		}
		if st.Cursor == "" && !s.delta {
			st.Notes = append(st.Notes, connectors.Note{"tells no changes: read it with mode: full, or name a cursor", "不提供变更信息：请以 mode: full 读取，或指定游标"})
		}
		out = append(out, st)
	}
	return out, nil
}

// Read reads one collection.
func (s *source) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	svc, err := s.service(ctx)
	if err != nil {
		return err
	}
	set, ok := svc.sets[r.Stream]
	if !ok {
		return fault.New("E2320", s.cfg.Name, "stream", r.Stream, "nearest", fault.Nearest(r.Stream, svc.names()), "known", strings.Join(first(svc.names(), 20), ", "))
	}
	st, err := s.stream(svc, set, r)
	if err != nil {
		return err
	}
	api := s.api
	api.Streams = map[string]*restapi.Stream{r.Stream: st}
	o := s.options
	o.Hooks = restapi.Hooks{Expand: func(_ string, row restapi.Row) []restapi.Row { return []restapi.Row{entity(set, row)} }}
	src, err := restapi.Open(s.cfg, restapi.Described(api), o)
	if err != nil {
		return err
	}
	r.Query = ""
	err = src.Read(ctx, r, emit)
	if closeErr := src.Close(); err == nil {
		err = closeErr
	}
	return err
}

func first(names []string, n int) []string { return names[:min(n, len(names))] }
