package shopify

import (
	"context"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

// Fields of the bulk queries: those of the pages, but that connections are
// read to their end, by edges.
const (
	customerFields = "id firstName lastName email phone locale state tags createdAt updatedAt taxExempt emailMarketingConsent { marketingState consentUpdatedAt } smsMarketingConsent { marketingState consentUpdatedAt } addresses { firstName lastName company address1 address2 city province zip countryCodeV2 phone }"
	orderFields    = "id name email phone createdAt processedAt updatedAt cancelledAt displayFinancialStatus displayFulfillmentStatus currencyCode customer { id } subtotalPriceSet { shopMoney { amount } } totalTaxSet { shopMoney { amount } } totalShippingPriceSet { shopMoney { amount } } totalPriceSet { shopMoney { amount } } billingAddress { firstName lastName company address1 address2 city province zip countryCodeV2 phone } shippingAddress { firstName lastName company address1 address2 city province zip countryCodeV2 phone } LINES transactions(first: 20) { id kind status gateway processedAt amountSet { shopMoney { amount currencyCode } } parentTransaction { id } } fulfillments(first: 10) { id status displayStatus createdAt updatedAt deliveredAt trackingInfo(first: 5) { number company } }"
	lineFields     = "id sku name quantity originalUnitPriceSet { shopMoney { amount } } discountedTotalSet { shopMoney { amount } }"
)

const graphQL = "/admin/api/{setting.version}/graphql.json"

// bulk is the call that has Shopify write all nodes of a query into a file,
// asks for its state every so often, and reads the file. nested is where the
// lines of the file go that belong to the node before them.
func bulk(query, nested string, every time.Duration) restapi.Call {
	c := restapi.Call{
		Method: "POST", Path: graphQL,
		Body: map[string]any{
			// Without grouping the lines of a node may stand anywhere in the file.
			"query":     "mutation($query: String!) { bulkOperationRunQuery(query: $query, groupObjects: true) { bulkOperation { id } userErrors { field message code } } }",
			"variables": map[string]any{"query": query},
		},
		Job: &restapi.Job{
			ID: "data.bulkOperationRunQuery.bulkOperation.id", Status: "data.node.status", Done: []string{"COMPLETED"}, Failed: []string{"FAILED", "CANCELED", "CANCELING", "EXPIRED"},
			Every: every, Within: 24 * time.Hour, File: "data.node.url", Count: "data.node.rootObjectCount",
			Poll: restapi.Call{
				Method: "POST", Path: graphQL,
				Body: map[string]any{
					"query":     "query($id: ID!) { node(id: $id) { ... on BulkOperation { id status errorCode rootObjectCount url } } }",
					"variables": map[string]any{"id": "{job}"},
				},
			},
			Result: restapi.Call{Format: restapi.Lines},
		},
	}
	if nested != "" {
		c.Job.Result.Nested = &restapi.Nested{Parent: "__parentId", ID: "id", Into: nested}
	}
	return c
}

// bulkStreams are the calls of the streams' first reads.
func bulkStreams(every time.Duration) map[string]restapi.Call {
	order := strings.Replace(orderFields, "LINES", "lineItems { edges { node { "+lineFields+" } } }", 1)
	return map[string]restapi.Call{
		"customers": bulk("{ customers { edges { node { "+customerFields+" } } } }", "", every),
		"orders":    bulk("{ orders { edges { node { "+order+" } } } }", "lineItems.nodes", every),
	}
}

// source reads what changed page by page, and everything by a bulk operation;
// not for a look, which an operation of minutes is too much for.
type source struct {
	connectors.Source // page by page
	bulk              connectors.Source
}

// Read reads a stream.
func (s *source) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	if r.Limit > 0 {
		return s.Source.Read(ctx, r, emit)
	}
	return s.bulk.Read(ctx, r, emit)
}

// Close ends the idle connections of both.
func (s *source) Close() error {
	err := s.Source.Close()
	if bulkErr := s.bulk.Close(); err == nil {
		err = bulkErr
	}
	return err
}

// open makes a source of a connection, with bulk operations unless it says no.
func open(cfg connectors.Config) (connectors.Source, error) {
	for _, name := range []string{"url", "token"} {
		if cfg.Params.Text(name) == "" {
			return nil, fault.New("E2002", cfg.Name, "connector", "shopify", "name", name)
		}
	}
	pages, err := restapi.OpenDescribed(cfg, "shopify", description, restapi.Hooks{})
	if err != nil || !cfg.Params.Flag("bulk") {
		return pages, err
	}
	api, err := restapi.Parse("shopify.yaml", description)
	if err != nil {
		return nil, err
	}
	o, err := restapi.OptionsOf(cfg, "shopify")
	if err != nil {
		return nil, err
	}
	every := 5 * time.Second
	if o.RetryWait > 0 {
		every = 5 * o.RetryWait
	}
	for name, call := range bulkStreams(every) {
		changes := api.Streams[name].List
		api.Streams[name].Incremental, api.Streams[name].List = &changes, call
	}
	whole, err := restapi.Open(cfg, api, o)
	if err != nil {
		return nil, err
	}
	return &source{Source: pages, bulk: whole}, nil
}
