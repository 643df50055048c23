package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/hub/config"
)

const whole = `store:    {url: "postgres://crm:${env:STORE_PASSWORD}@db.example/crm"}
keyring:  {file: keys/ring.json}
connections:
  shop:   {connector: file, path: "data/shop-*.csv", encoding: auto, country: CN, zone: Asia/Shanghai, dates: ymd}
  legacy:
    connector: sqldb
    url: "mysql://crm@127.0.0.1:3306/vtiger"
    password: "${env:LEGACY_PASSWORD}"
backup:   {url: "s3://bucket/prefix", access_key: "${env:S3_KEY}", secret_key: "${file:s3.secret}"}
language: zh
console:  {listen: "127.0.0.1:8080"}
`

var spec = connectors.Spec{Name: "sqldb", Params: []connectors.Param{
	{Name: "url", Type: connectors.String, Required: true},
	{Name: "password", Type: connectors.Secret},
}}

func parse(t *testing.T, text string, env map[string]string) (*config.Config, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "s3.secret"), []byte("from the file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Parse(dir, []byte(text), func(name string) (string, bool) { v, ok := env[name]; return v, ok })
}

func TestWholeFile(t *testing.T) {
	c, err := parse(t, whole, map[string]string{"STORE_PASSWORD": "a/b@c d", "LEGACY_PASSWORD": "${env:X}", "S3_KEY": "k"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(c.Connections(), " "), "legacy shop"; got != want {
		t.Errorf("Connections() = %q, want %q", got, want)
	}
	store, err := c.Store()
	if want := "postgres://crm:a%2Fb%40c%20d@db.example/crm"; store != want || err != nil {
		t.Errorf("Store() = %q, %v, want %q", store, err, want)
	}
	whole, err := parse(t, "store: {url: \"postgres://crm@${env:HOST}/crm\"}\n", map[string]string{"HOST": "db.example:5432"})
	if err != nil {
		t.Fatal(err)
	}
	if store, err := whole.Store(); store != "postgres://crm@db.example:5432/crm" || err != nil {
		t.Errorf("Store() = %q, %v: a host is not to be encoded", store, err)
	}
	if path, err := c.Keyring(); err != nil || path != filepath.Join(c.Dir, "keys/ring.json") {
		t.Errorf("Keyring() = %q, %v", path, err)
	}
	shop, err := c.Connection("", "shop")
	if err != nil || shop.Country != "CN" || shop.Location().String() != "Asia/Shanghai" || shop.Dates != "ymd" || shop.Place != "hub.yaml:4:3" {
		t.Errorf("Connection(shop) = %+v, %v", shop, err)
	}
	legacy, err := c.Connection("", "legacy")
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Params(legacy, spec)
	if err != nil || p.Text("password") != "${env:X}" {
		t.Errorf("Params = %v, %v: a secret's value is not resolved again", p, err)
	}
	b, ok, err := c.Backup()
	if err != nil || !ok || b.AccessKey != "k" || b.SecretKey != "from the file" {
		t.Errorf("Backup() = %+v, %v, %v", b, ok, err)
	}
	if c.Language != "zh" || config.Language(c.Dir) != "" {
		t.Errorf("Language = %q", c.Language)
	}
}

func TestSecretsAreAskedForLate(t *testing.T) {
	c, err := parse(t, whole, nil)
	if err != nil {
		t.Fatalf("a missing secret stops the reading of hub.yaml: %v", err)
	}
	legacy, err := c.Connection("", "legacy")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Params(legacy, spec)
	if got, want := fault.Of(err).Line(fault.English), "E1107 hub.yaml:8:15: the environment variable LEGACY_PASSWORD is not set"; got != want {
		t.Errorf("Params: %q, want %q", got, want)
	}
}

func TestWrongValuesNameTheirPlace(t *testing.T) {
	for _, tt := range []struct{ name, text, code, place string }{
		{"store of another kind", "store: {url: \"oracle:x\"}\n", "E1102", "hub.yaml:1:14"},
		{"language", "language: fr\n", "E1006", "hub.yaml:1:11"},
		{"no connector", "connections:\n  a: {path: x}\n", "E1102", "hub.yaml:2:3"},
		{"country in small letters", "connections:\n  a: {connector: file, country: cn}\n", "E1102", "hub.yaml:2:33"},
		{"zone", "connections:\n  a: {connector: file, zone: Mars}\n", "E1102", "hub.yaml:2:30"},
		{"dates", "connections:\n  a: {connector: file, dates: dym}\n", "E1006", "hub.yaml:2:31"},
		{"no backup address", "backup: {endpoint: x}\n", "E1102", "hub.yaml:1:1"},
		{"backup secret in clear", "backup: {url: out, secret_key: hunter2}\n", "E1106", "hub.yaml:1:32"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(t, tt.text, nil)
			f := fault.Of(err)
			if f == nil || string(f.Code) != tt.code || f.Place != tt.place {
				t.Fatalf("Parse: %v, want %s at %s", err, tt.code, tt.place)
			}
			if strings.Contains(f.Line(fault.English), "hunter2") {
				t.Error("the message shows the secret")
			}
		})
	}
}

func TestSecretInClearIsRefused(t *testing.T) {
	c, err := parse(t, "connections:\n  a: {connector: sqldb, url: x, password: hunter2}\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	con, err := c.Connection("", "a")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Params(con, spec)
	if f := fault.Of(err); f == nil || f.Code != "E1106" || strings.Contains(f.Error(), "hunter2") {
		t.Errorf("Params: %v, want E1106 without the secret", err)
	}
}

func TestNoFile(t *testing.T) {
	_, err := config.Load(t.TempDir(), nil)
	if f := fault.Of(err); f == nil || f.Code != "E1101" || fault.ExitCode(err) != fault.ExitUsage {
		t.Errorf("Load: %v, want E1101", err)
	}
}

func TestDefaults(t *testing.T) {
	c, err := parse(t, "{}\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	store, err := c.Store()
	if err != nil || store != config.DefaultStore || c.StoreKind() != "sqlite" {
		t.Errorf("Store() = %q, %v", store, err)
	}
	if loc := (config.Connection{}).Location(); loc != nil {
		t.Errorf("a connection has the zone %v that nobody gave", loc)
	}
}
