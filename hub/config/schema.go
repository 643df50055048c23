package config

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"crmhub/connectors"
	"crmhub/fault"
)

//go:embed pipeline.schema.json
var pipelineSchema []byte

//go:embed model.schema.json
var modelSchema []byte

// Kinds lists the kinds of files that Schema knows.
var Kinds = []string{"hub", "pipeline", "model"}

// Schema returns the JSON Schema (2020-12) of one kind of file, for editors.
// That of hub.yaml knows the parameters of every connector in reg, described
// in that language. The kind must be one of Kinds.
func Schema(kind string, reg connectors.Registry, l fault.Lang) ([]byte, error) {
	switch kind {
	case "hub":
		return hubSchema(reg, l)
	case "pipeline":
		return pipelineSchema, nil
	case "model":
		return modelSchema, nil
	}
	return nil, fmt.Errorf("schema of %s: not one of %v", kind, Kinds)
}

type object = map[string]any

func hubSchema(reg connectors.Registry, l fault.Lang) ([]byte, error) {
	text := func(en, zh string) object { return object{"type": "string", "description": fault.Text{en, zh}[l]} }
	closed := func(properties object, required ...string) object {
		return object{"type": "object", "additionalProperties": false, "properties": properties, "required": append([]string{}, required...)}
	}
	var kinds []any
	names := sorted(reg)
	for _, name := range names {
		properties := object{
			"connector": object{"const": name, "description": reg[name].Spec().Title[l]},
			"country":   object{"type": "string", "pattern": "^[A-Z]{2}$", "description": fault.Text{"country of phones without a prefix, ISO 3166", "无国际区号电话所属国家，ISO 3166"}[l]},
			"zone":      text("zone of times that have none, such as Asia/Shanghai", "无时区时间所属时区，如 Asia/Shanghai"),
			"dates":     object{"enum": []string{"ymd", "dmy", "mdy"}, "description": fault.Text{"order of ambiguous dates", "有歧义日期的年月日次序"}[l]},
		}
		required := []string{"connector"}
		for _, p := range reg[name].Spec().Params {
			properties[p.Name] = paramSchema(p, l)
			if p.Required {
				required = append(required, p.Name)
			}
		}
		kinds = append(kinds, object{
			"if":   object{"properties": object{"connector": object{"const": name}}},
			"then": closed(properties, required...),
		})
	}
	workers := text("how many resolve at once; more than one with PostgreSQL only", "同时解析的工作进程数；多于一个仅限 PostgreSQL")
	workers["type"], workers["minimum"], workers["maximum"] = "integer", 1, MaxWorkers
	schema := closed(object{
		"store":   closed(object{"url": text("sqlite:PATH, relative to this file, or postgres://USER@HOST/DATABASE", "sqlite:路径（相对本文件），或 postgres://用户@主机/数据库")}),
		"keyring": closed(object{"file": text("the key ring, mode 0600; crmhub init makes it", "密钥环文件，权限 0600，由 crmhub init 创建")}),
		"connections": object{"type": "object", "additionalProperties": object{
			"type": "object", "required": []string{"connector"}, "allOf": kinds,
			"properties": object{"connector": object{"enum": names}},
		}},
		"backup": closed(object{
			"url":        text("s3://BUCKET/PREFIX or a folder", "s3://存储桶/前缀，或文件夹"),
			"endpoint":   text("address of an S3-compatible server", "S3 兼容服务器的地址"),
			"region":     text("region of the bucket", "存储桶所在区域"),
			"access_key": text("a reference: ${env:NAME} or ${file:PATH}", "引用：${env:NAME} 或 ${file:PATH}"),
			"secret_key": text("a reference: ${env:NAME} or ${file:PATH}", "引用：${env:NAME} 或 ${file:PATH}"),
		}, "url"),
		"notify": closed(object{
			"connection": text("a connection of the kind smtp", "smtp 类型的连接"),
			"to":         paramSchema(connectors.Param{Type: connectors.Strings, Doc: fault.Text{"who gets notices: e-mail addresses", "接收通知的邮箱地址"}}, l),
			"on": object{
				"description": fault.Text{"what a notice is sent of; default: failed, quarantined", "何时发送通知；默认 failed、quarantined"}[l],
				"anyOf":       []any{object{"enum": occasions}, object{"type": "array", "items": object{"enum": occasions}}},
			},
		}, "connection", "to"),
		"language": object{"enum": []string{"en", "zh"}},
		"resolve":  closed(object{"workers": workers}),
		"console":  closed(object{"listen": text("address of the console, such as 127.0.0.1:8080", "控制台地址，如 127.0.0.1:8080")}),
	})
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "hub.yaml"
	out, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the schema of hub.yaml: %w", err)
	}
	return append(out, '\n'), nil
}

func paramSchema(p connectors.Param, l fault.Lang) object {
	s := object{"description": p.Doc[l]}
	reference := object{"type": "string", "pattern": `^\$\{(env|file):[^}]+\}$`}
	switch p.Type {
	case connectors.String:
		s["type"] = []string{"string", "number", "boolean"}
		if len(p.Enum) > 0 {
			s = object{"description": p.Doc[l], "anyOf": []any{object{"enum": p.Enum}, reference}}
		}
	case connectors.Secret:
		s["type"], s["pattern"] = reference["type"], reference["pattern"]
	case connectors.Int:
		s["anyOf"] = []any{object{"type": "integer"}, reference}
	case connectors.Bool:
		s["type"] = "boolean"
	case connectors.Duration:
		s["type"] = "string"
	case connectors.Strings:
		s["anyOf"] = []any{object{"type": "string"}, object{"type": "array", "items": object{"type": "string"}}}
	}
	if p.Default != nil {
		s["default"] = fmt.Sprint(p.Default)
	}
	return s
}
