// Package salesforce reads Salesforce: accounts, contacts, leads and opportunities, by SOQL, getDeleted and Bulk API 2.0.
package salesforce

import (
	_ "embed"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

//go:embed salesforce.yaml
var description []byte

// Connector makes sources that are Salesforce organisations.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	stream := func(name, english, chinese, mapping string) connectors.StreamSpec {
		return connectors.StreamSpec{Name: name, Doc: fault.Text{english, chinese}, Key: []string{"Id"}, Cursor: "SystemModstamp", Mapping: mapping}
	}
	return connectors.Spec{
		Name:     "salesforce",
		Title:    fault.Text{"Salesforce", "Salesforce"},
		Category: connectors.CRM,
		Doc: fault.Text{
			"Reads accounts, contacts, leads and opportunities in the order of SystemModstamp, and asks getDeleted for what was deleted. url is https://DOMAIN.my.salesforce.com. It logs in by OAuth 2: client_id and client_secret of a connected app (client credentials), these and a refresh_token, or client_id, username and private_key (JWT); or with a token that somebody else keeps fresh.",
			"按 SystemModstamp 顺序读取客户、联系人、潜在客户和业务机会，并通过 getDeleted 得知删除。url 为 https://域名.my.salesforce.com。通过 OAuth 2 登录：连接应用的 client_id 与 client_secret（客户端凭据），另加 refresh_token，或 client_id、username 与 private_key（JWT）；也可使用由他人保持有效的 token。",
		},
		Limits: fault.Text{
			"Salesforce tells of deletes of the last 15 days: after a longer pause those in between are not seen (a sweep sees them), and the log says so. Standard fields only, and of the bulk read those that the mappings use; fields that the user may not see are left out by Salesforce. Changes of formula fields alone do not move SystemModstamp. Each read by SOQL takes a request for 2,000 records of the daily limit.",
			"Salesforce 只提供最近 15 天的删除信息：间隔更长时，其间的删除无法得知（sweep 可以），日志会说明。仅读取标准字段，批量读取仅含映射所用字段；用户无权查看的字段由 Salesforce 略去。仅公式字段变化不会更新 SystemModstamp。通过 SOQL 读取时，每 2,000 条记录消耗一次每日请求额度。",
		},
		Params: append([]connectors.Param{
			{Name: "bulk", Type: connectors.Bool, Default: false, Doc: fault.Text{
				"The first read of each stream, and full ones, by Bulk API 2.0: for more than some 100,000 records.", "各数据流的首次读取及全量读取使用 Bulk API 2.0：适用于超过约 10 万条记录的情况。",
			}},
			{Name: "currency", Type: connectors.String, Doc: fault.Text{
				"The organisation's currency (ISO 4217), where it has one only: Salesforce then doesn't tell it, and amounts without a currency are left out.", "组织的货币（ISO 4217）；仅使用一种货币时填写：此时 Salesforce 不提供货币，而没有货币的金额会被略去。",
			}},
		}, restapi.Params()...),
		Modes: []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			stream("accounts", "accounts, firms and persons", "客户（企业与个人）", "salesforce_account"),
			stream("contacts", "contacts with the name of their account", "联系人及其所属客户名称", "salesforce_contact"),
			stream("leads", "leads; converted ones are gone", "潜在客户；已转化的视为已删除", "salesforce_lead"),
			stream("opportunities", "opportunities", "业务机会", "salesforce_opportunity"),
		},
		Tested: []connectors.Note{
			{"an organisation of our own that follows Salesforce's documents (SOQL pages, locators, getDeleted, Bulk API 2.0, request limits, sessions that end); it is read by simple-salesforce 1.12 too; no organisation of Salesforce's", "按 Salesforce 文档自建的模拟组织（SOQL 分页、定位符、getDeleted、Bulk API 2.0、请求上限、会话过期）；simple-salesforce 1.12 也能读取；未用 Salesforce 的真实组织"},
		},
	}
}

// Open checks the configuration; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	if cfg.Params.Text("url") == "" {
		return nil, fault.New("E2002", cfg.Name, "connector", "salesforce", "name", "url")
	}
	api, err := restapi.Parse("salesforce.yaml", description)
	if err != nil {
		return nil, err
	}
	o, err := restapi.OptionsOf(cfg, "salesforce")
	if err != nil {
		return nil, err
	}
	switch s := o.Secrets; {
	case s.Token != "":
		api.Auth = restapi.Auth{Type: restapi.AuthBearer}
	case s.RefreshToken != "":
		api.Auth.Grant = restapi.GrantRefresh
	case s.PrivateKey != "":
		// Salesforce wants the login host as the audience of the assertion.
		api.Auth.Grant, api.Auth.Audience = restapi.GrantJWT, "https://login.salesforce.com"
	}
	if cfg.Params.Flag("bulk") {
		every := 5 * time.Second
		if o.RetryWait > 0 {
			every = 5 * o.RetryWait
		}
		for name, query := range bulkQueries {
			api.Streams[name].List = bulk(query, every)
		}
	}
	if currency := cfg.Params.Text("currency"); currency != "" {
		o.Hooks.Expand = func(stream string, r restapi.Row) []restapi.Row {
			if stream == "opportunities" && r.Data["CurrencyIsoCode"] == nil {
				r.Data["CurrencyIsoCode"] = currency
			}
			return []restapi.Row{r}
		}
	}
	return restapi.Open(cfg, api, o)
}

// bulkQueries name every field: the Bulk API takes no FIELDS(). They are those
// that the mappings use.
var bulkQueries = map[string]string{
	"accounts":      "SELECT Id, Name, Type, Industry, Phone, Website, BillingStreet, BillingCity, BillingState, BillingPostalCode, BillingCountry, ShippingStreet, ShippingCity, ShippingState, ShippingPostalCode, ShippingCountry, IsDeleted, LastModifiedDate, SystemModstamp FROM Account",
	"contacts":      "SELECT Id, AccountId, Account.Name, Name, FirstName, LastName, Email, Phone, MobilePhone, HomePhone, OtherPhone, Birthdate, MailingStreet, MailingCity, MailingState, MailingPostalCode, MailingCountry, OtherStreet, OtherCity, OtherState, OtherPostalCode, OtherCountry, LeadSource, HasOptedOutOfEmail, DoNotCall, IsDeleted, LastModifiedDate, SystemModstamp FROM Contact",
	"leads":         "SELECT Id, Name, FirstName, LastName, Company, Email, Phone, MobilePhone, Street, City, State, PostalCode, Country, LeadSource, Status, IsConverted, HasOptedOutOfEmail, DoNotCall, IsDeleted, LastModifiedDate, SystemModstamp FROM Lead",
	"opportunities": "SELECT Id, AccountId, ContactId, Name, StageName, Amount, CloseDate, IsClosed, IsWon, CreatedDate, IsDeleted, LastModifiedDate, SystemModstamp FROM Opportunity",
}

// bulk is the call that makes a query job, asks for its state every so often,
// and reads its result.
func bulk(query string, every time.Duration) restapi.Call {
	const jobs = "/services/data/v{setting.version}/jobs/query"
	return restapi.Call{
		Method: "POST", Path: jobs, Format: restapi.CSV,
		Body: map[string]any{"operation": "query", "query": query},
		Job: &restapi.Job{
			ID: "id", Status: "state", Done: []string{"JobComplete"}, Failed: []string{"Failed", "Aborted"}, Every: every, Within: 6 * time.Hour,
			Poll: restapi.Call{Method: "GET", Path: jobs + "/{job}", Format: restapi.JSON},
			Result: restapi.Call{
				Method: "GET", Path: jobs + "/{job}/results", Query: map[string]string{"maxRecords": "50000"}, Format: restapi.CSV,
				Paging: restapi.Paging{Type: restapi.PagingToken, Param: "locator", Next: "header:Sforce-Locator"},
			},
		},
	}
}
