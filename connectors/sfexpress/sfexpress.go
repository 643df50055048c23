// Package sfexpress asks SF Express how parcels travel, for the waybills of a list that the user has.
package sfexpress

import (
	"context"
	_ "embed"
	"time"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

//go:embed sfexpress.yaml
var description []byte

// Connector makes sources that are a client's waybills at SF Express.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	return connectors.Spec{
		Name:     "sfexpress",
		Title:    fault.Text{"SF Express (Fengqiao)", "顺丰速运（丰桥）"},
		Category: connectors.Logistics,
		Doc: fault.Text{
			"Asks for the route of each waybill of a list (EXP_RECE_SEARCH_ROUTES), ten at a time, signed with the check word. SF Express has no list of one's own waybills: waybills names a file that has them (CSV, Excel or JSON, as the connector file reads it), such as an export of the shop's shipments, with a column for the waybill and, where SF asks for it, one for the phone of sender or receiver, of which the last four digits are sent. Other columns come along as listed. An incremental read asks no more for what was signed for or sent back. Times are China Standard Time.",
			"按清单逐个查询运单路由（EXP_RECE_SEARCH_ROUTES），每次十个，以校验码签名。顺丰不提供自有运单列表：waybills 指向含运单的文件（CSV、Excel 或 JSON，读取方式同 file 连接器），例如店铺发货导出，其中一列为运单号；如需验证，另一列为寄方或收方电话，仅发送后四位。其他列随行提供（listed）。增量读取不再查询已签收或已退回的运单。时间为北京时间。",
		},
		Limits: fault.Text{
			"Waybills that are not in the list. A waybill that SF does not show to this client, or whose phone does not match, looks like one without a route yet. Prices, addresses and names are not part of a route. SF keeps routes for about three months. Nothing is deleted; a waybill that leaves the list is seen by a sweep.",
			"看不到清单以外的运单。顺丰不向该客户展示的运单，或电话不匹配的运单，看起来与尚无路由的运单一样。路由不含费用、地址和姓名。顺丰的路由约保留三个月。没有删除；从清单中移除的运单由 sweep 发现。",
		},
		Params: append([]connectors.Param{
			{Name: "partner_id", Type: connectors.String, Required: true, Doc: fault.Text{"The client code (partnerID).", "顾客编码（partnerID）。"}},
			{Name: "check_word", Type: connectors.Secret, Required: true, Doc: fault.Text{
				"The check word, which requests are signed with; a reference such as ${env:NAME}.", "校验码，用于签名；请使用引用，例如 ${env:NAME}。",
			}},
			{Name: "waybills", Type: connectors.String, Required: true, Doc: fault.Text{
				"The file with the waybills, or a pattern; relative to the folder of hub.yaml.", "含运单号的文件或匹配模式；相对于 hub.yaml 所在文件夹。",
			}},
			{Name: "waybill_column", Type: connectors.String, Doc: fault.Text{
				"The column of the waybill. Default: waybill, waybill_no, tracking_number, mailNo, 运单号 or 快递单号.", "运单号所在列。默认依次查找 waybill、waybill_no、tracking_number、mailNo、运单号、快递单号。",
			}},
			{Name: "phone_column", Type: connectors.String, Doc: fault.Text{
				"The column of a phone of sender or receiver. Default: phone, mobile, receiver_phone, 手机号, 电话 or 收件人电话, where there is one.", "寄方或收方电话所在列。默认依次查找 phone、mobile、receiver_phone、手机号、电话、收件人电话。",
			}},
		}, restapi.ParamsNamed("url", "ca_file", "rate", "timeout", "retries", "retry_wait")...),
		Modes: []connectors.Mode{connectors.Full, connectors.Incremental},
		Streams: []connectors.StreamSpec{
			{Name: "routes", Key: []string{"mailNo"}, Cursor: "acceptTime", Mapping: "sfexpress_route", Doc: fault.Text{"the route of each waybill of the list", "清单中每个运单的路由"}},
		},
		Tested: []connectors.Note{
			{"a stand-in that follows SF's documents, which the client sf-sdk 2.0.2.0 reads alike; signatures equal to SF's documented example and to those made with Java's own URLEncoder. No account of SF's", "按顺丰文档编写的模拟服务，客户端 sf-sdk 2.0.2.0 读取结果相同；签名与顺丰文档示例及 Java 自带 URLEncoder 的结果一致；未用顺丰的真实账户"},
		},
	}
}

// Open checks the configuration; it connects to nothing and reads no file.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	api, err := restapi.Parse("sfexpress.yaml", description)
	if err != nil {
		return nil, err
	}
	o, err := restapi.OptionsOf(cfg, "sfexpress")
	if err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &source{cfg: cfg, wait: o.RetryWait, tries: int(o.Retries)}
	if s.wait == 0 {
		s.wait = time.Second
	}
	if s.tries == 0 {
		s.tries = 8
	}
	s.web, err = restapi.NewCaller(cfg, api, o)
	return s, err
}

// source is one client's waybills.
type source struct {
	cfg   connectors.Config
	web   *restapi.Caller
	wait  time.Duration // before a call is made again; it doubles
	tries int
}

// Close gives idle connections back.
func (s *source) Close() error { return s.web.Close() }

func (s *source) place() string { return s.cfg.Name + "/routes" }

// Check reads the list and asks for the route of its first waybill.
func (s *source) Check(ctx context.Context) error {
	all, err := s.waybills(ctx)
	if err != nil {
		return err
	}
	for _, w := range all {
		if w.number != "" {
			_, err := s.ask(ctx, []waybill{w}, 1)
			return err
		}
	}
	return nil
}

// Discover lists the one stream, with as many rows as the list has waybills.
func (s *source) Discover(ctx context.Context) ([]connectors.Stream, error) {
	all, err := s.waybills(ctx)
	if err != nil {
		return nil, err
	}
	return []connectors.Stream{{
		Name: "routes", Key: []string{"mailNo"}, Cursor: "acceptTime", Rows: int64(len(all)),
		Columns: []connectors.Column{{Name: "mailNo", Type: "string"}, {Name: "routes", Type: "array"}, {Name: "listed", Type: "object"}},
		Notes:   []connectors.Note{{"one row for each waybill of the list", "清单中每个运单一行"}},
	}}, nil
}

// Read asks for the waybills of the list, in its order.
func (s *source) Read(ctx context.Context, r connectors.Request, emit connectors.Emit) error {
	if err := connectors.Asked(s.cfg, Connector{}.Spec(), r); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	all, err := s.waybills(ctx)
	if err != nil {
		return err
	}
	rd := &reading{s: s, r: r, emit: emit, all: all, size: r.BatchRows}
	if rd.size <= 0 {
		rd.size = 1000
	}
	return rd.read(ctx)
}
