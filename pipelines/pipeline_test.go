package pipelines_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"crmhub/fault"
	"crmhub/fault/yamlfile"
	"crmhub/pipelines"
	"crmhub/record"
)

const shop = `# 商店
source:   {connection: shop, stream: customers, key: record_id, key_class: none, cursor: updated_at, mode: incremental, overlap: 10m, deletes: sweep}
mapping:  shop_customer.blobl
type:     customer
limits:   {max_quarantined: 2%, max_deleted: 5%, rate: 5/s}
schedule: {cron: "*/15 * * * *", zone: Asia/Shanghai, missed: run_once}
processors:
  - mutation: root.a = "${env:HOME}"
`

func TestParse(t *testing.T) {
	p, err := pipelines.Parse("pipelines/shop_customer.yaml", []byte(shop))
	if err != nil {
		t.Fatal(err)
	}
	wantSource := pipelines.Source{
		Connection: "shop", Stream: "customers", Key: yamlfile.Strings{"record_id"}, KeyClass: "none",
		Cursor: "updated_at", Mode: pipelines.Incremental, Overlap: 10 * time.Minute, Deletes: pipelines.DeletesSweep,
	}
	if !reflect.DeepEqual(p.Source, wantSource) {
		t.Errorf("Source = %+v\nwant %+v", p.Source, wantSource)
	}
	if p.Name != "shop_customer" || p.Type != record.Customer || p.Mapping != "shop_customer.blobl" {
		t.Errorf("Name, Type, Mapping = %q, %q, %q", p.Name, p.Type, p.Mapping)
	}
	wantLimits := pipelines.Limits{
		MaxQuarantined: pipelines.Amount{Fraction: 0.02}, MaxDeleted: pipelines.Amount{Fraction: 0.05},
		Rate: pipelines.Rate{N: 5, Per: time.Second},
	}
	if p.Limits != wantLimits {
		t.Errorf("Limits = %+v, want %+v", p.Limits, wantLimits)
	}
	if want := (pipelines.Schedule{Cron: "*/15 * * * *", Zone: "Asia/Shanghai", Missed: "run_once"}); p.Schedule != want {
		t.Errorf("Schedule = %+v, want %+v", p.Schedule, want)
	}
	if want := []any{map[string]any{"mutation": `root.a = "${env:HOME}"`}}; !reflect.DeepEqual(p.Processors, want) {
		t.Errorf("Processors = %v, want %v", p.Processors, want)
	}
	if got, want := p.Place("processors", 0), "pipelines/shop_customer.yaml:8:5"; got != want {
		t.Errorf("Place = %s, want %s", got, want)
	}
}

func TestDefaults(t *testing.T) {
	p, err := pipelines.Parse("p.yml", []byte("source: {connection: a, key: [x, y]}\nmapping: m\ntype: order\n"))
	if err != nil {
		t.Fatal(err)
	}
	if p.Source.Mode != pipelines.Full || p.Source.Deletes != pipelines.DeletesFlag || p.Source.KeyClass != "none" || len(p.Source.Key) != 2 {
		t.Errorf("Source = %+v", p.Source)
	}
	if got := p.Limits.MaxDeleted.String() + " " + p.Limits.MaxQuarantined.String(); got != "20% 5%" {
		t.Errorf("limits = %s, want 20%% 5%%", got)
	}
	if p.Name != "p" {
		t.Errorf("Name = %q", p.Name)
	}
}

func TestFaultsNameThePlace(t *testing.T) {
	const head = "source: {connection: a, stream: b}\nmapping: m\ntype: customer\n"
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "E1007 p.yaml:1:1 E1007 p.yaml:1:1 E1007 p.yaml:1:1"},
		{"no connection", "source: {stream: b}\nmapping: m\ntype: customer\n", "E1007 p.yaml:1:1"},
		{"unknown key", "source: {connection: a, strem: b}\nmapping: m\ntype: customer\n", "E1002 p.yaml:1:25"},
		{"type", "source: {connection: a}\nmapping: m\ntype: custmer\n", "E1006 p.yaml:3:7"},
		{"mode", "source: {connection: a, mode: incr}\nmapping: m\ntype: customer\n", "E1006 p.yaml:1:31"},
		{"percentage", head + "limits: {max_quarantined: 200%}\n", "E1003 p.yaml:4:27"},
		{"count", head + "limits: {max_deleted: many}\n", "E1003 p.yaml:4:23"},
		{"rate", head + "limits: {rate: 5}\n", "E1003 p.yaml:4:16"},
		{"cron", head + "schedule: {cron: \"61 * * * *\"}\n", "E4003 p.yaml:4:18"},
		{"cron fields", head + "schedule: {cron: \"* * * *\"}\n", "E4003 p.yaml:4:18"},
		{"no cron", head + "schedule: {zone: UTC}\n", "E1007 p.yaml:4:1"},
		{"zone", head + "schedule: {cron: \"0 2 * * mon-fri\", zone: Asia/Shanghi}\n", "E4004 p.yaml:4:43"},
		{"overlap of a full read", "source: {connection: a, overlap: 5m}\nmapping: m\ntype: customer\n", "E4001 p.yaml:1:34"},
		{"deleted of none", "source: {connection: a, deletes: none, deleted: x}\nmapping: m\ntype: customer\n", "E4001 p.yaml:1:49"},
		{"key twice", "source: {connection: a, key: [x, x]}\nmapping: m\ntype: customer\n", "E4002 p.yaml:1:34"},
		{"mapping with a folder", "source: {connection: a}\nmapping: ../m\ntype: customer\n", "E4005 p.yaml:2:10"},
		{"processor", head + "processors: [mapping]\n", "E1003 p.yaml:4:14"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := pipelines.Parse("p.yaml", []byte(tt.text))
			if err == nil {
				t.Fatal("no fault")
			}
			if got := codes(err); got != tt.want {
				t.Errorf("faults %s, want %s (%v)", got, tt.want, err)
			}
		})
	}
}

// codes lists the codes and places of all faults joined in err.
func codes(err error) string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []string
		for _, e := range joined.Unwrap() {
			all = append(all, codes(e))
		}
		return strings.Join(all, " ")
	}
	f := fault.Of(err)
	return string(f.Code) + " " + f.Place
}

func TestCron(t *testing.T) {
	for text, want := range map[string]bool{
		"*/15 * * * *": true, "0 3 * * *": true, "0,30 8-18/2 1 jan-mar mon,wed": true, "0 0 31 12 7": true,
		"": false, "60 * * * *": false, "* 24 * * *": false, "* * 0 * *": false, "* * * 13 *": false, "* * * * 8": false,
		"*/0 * * * *": false, "5-1 * * * *": false, "a * * * *": false, "* * * mon *": false, "@daily": false,
	} {
		_, err := pipelines.Parse("p.yaml", []byte("source: {connection: a}\nmapping: m\ntype: customer\nschedule: {cron: \""+text+"\"}\n"))
		if got := err == nil; got != want {
			t.Errorf("cron %q accepted: %v, want %v", text, got, want)
		}
	}
}

func TestAmountPassed(t *testing.T) {
	for _, tt := range []struct {
		a        pipelines.Amount
		n, total int64
		want     bool
	}{
		{pipelines.Amount{Fraction: 0.02}, 2, 100, false},
		{pipelines.Amount{Fraction: 0.02}, 3, 100, true},
		{pipelines.Amount{Fraction: 0.05, AtLeast: 20}, 20, 20, false},
		{pipelines.Amount{Fraction: 0.05, AtLeast: 20}, 21, 100, true},
		{pipelines.Amount{Counted: true}, 1, 100, true},
		{pipelines.Amount{Counted: true, Count: 5}, 5, 5, false},
		{pipelines.Amount{Fraction: 1}, 10, 10, false},
	} {
		if got := tt.a.Passed(tt.n, tt.total); got != tt.want {
			t.Errorf("%+v.Passed(%d, %d) = %v, want %v", tt.a, tt.n, tt.total, got, tt.want)
		}
	}
}

func TestRate(t *testing.T) {
	for text, want := range map[string]time.Duration{"5/s": 200 * time.Millisecond, "300/m": 200 * time.Millisecond, "2000 rows/s": 500 * time.Microsecond} {
		var r pipelines.Rate
		if err := r.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if got := r.Interval(1); got != want {
			t.Errorf("Interval of %s = %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"", "5", "0/s", "5/d", "-1/s", "5 pages/s", "x/s"} {
		var r pipelines.Rate
		if err := r.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("rate %q accepted", text)
		}
	}
}
