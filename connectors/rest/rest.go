// Package rest reads any HTTP API by a description of it, a YAML file in the folder apis of the project.
package rest

import (
	"os"
	"path/filepath"
	"strings"

	"crmhub/connectors"
	"crmhub/connectors/restapi"
	"crmhub/fault"
)

// Connector makes sources that are HTTP APIs.
type Connector struct{}

var _ connectors.Connector = Connector{}

// Spec returns what the connector tells of itself.
func (Connector) Spec() connectors.Spec {
	params := []connectors.Param{
		{Name: "api", Type: connectors.String, Required: true, Doc: fault.Text{
			"The name of the API's description: helpdesk means apis/helpdesk.yaml beside hub.yaml. A path with a slash is taken as it is, relative to hub.yaml.",
			"接口描述的名称：helpdesk 即 hub.yaml 旁的 apis/helpdesk.yaml。含斜杠的路径按原样使用，相对于 hub.yaml。",
		}},
	}
	return connectors.Spec{
		Name:     "rest",
		Title:    fault.Text{"HTTP API described in YAML", "用 YAML 描述的 HTTP 接口"},
		Category: connectors.API,
		Doc: fault.Text{
			"Reads the streams of a description: apis/NAME.yaml says where they are, how they page, what changed and what was deleted. A new API needs no program; the reference is docs/reference/rest.md.",
			"按照描述读取数据流：apis/NAME.yaml 说明地址、分页方式、变更与删除。接入新接口无需编程；参考手册见 docs/reference/rest.md。",
		},
		Limits: fault.Text{
			"What the description doesn't ask for: a list that pages by number or offset without a total may pass over rows when others are deleted meanwhile (a sweep with max_deleted guards the hub), and records without a cursor are found by full reads only.",
			"描述中没有请求的内容读不到：按页码或偏移分页且不给出总数的列表，若读取期间有记录被删除，可能漏读（带 max_deleted 的 sweep 可保护数据中心）；没有游标的记录只能通过全量读取发现。",
		},
		Params: append(params, restapi.Params()...),
		Modes:  []connectors.Mode{connectors.Full, connectors.Incremental},
		Tested: []connectors.Note{{"a server of our own that pages, limits and fails in every way that the reference names", "自建的服务器，按参考文档所述的各种方式分页、限流和出错"}},
	}
}

// Open reads and checks the description; it connects to nothing.
func (Connector) Open(cfg connectors.Config) (connectors.Source, error) {
	name := cfg.Params.Text("api")
	if name == "" {
		return nil, fault.New("E2002", cfg.Name, "connector", "rest", "name", "api")
	}
	path := name
	if !strings.ContainsAny(name, `/\`) {
		path = "apis/" + strings.TrimSuffix(name, ".yaml") + ".yaml"
	}
	file := path
	if !filepath.IsAbs(file) {
		file = filepath.Join(cfg.Dir, file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.New("E2329", cfg.Name, "name", strings.TrimSuffix(name, ".yaml"), "reason", fault.Reason(err)).Because(err)
	}
	api, err := restapi.Parse(path, data)
	if err != nil {
		return nil, err
	}
	o, err := restapi.OptionsOf(cfg, "rest")
	if err != nil {
		return nil, err
	}
	return restapi.Open(cfg, api, o)
}
