package config_test

import (
	"slices"
	"testing"

	"crmhub/fault"
	"crmhub/hub/config"
)

func TestNotify(t *testing.T) {
	const post = "connections: {post: {connector: smtp, host: smtp.example.cn, from: crm@example.cn}}\n"
	c, err := parse(t, post+"notify: {connection: post, to: 'Ops <ops@example.cn>'}\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := c.Notify; !slices.Equal(n.To, []string{"ops@example.cn"}) || !n.Wants(config.OnFailed) || !n.Wants(config.OnQuarantined) || n.Wants(config.OnDone) || n.Wants(config.OnReview) {
		t.Errorf("Notify = %+v", n)
	}
	if c, err := parse(t, post, nil); err != nil || c.Notify != nil {
		t.Errorf("without the section: %v, %v", c.Notify, err)
	}
	for _, tt := range []struct {
		name, text string
		want       fault.Code
	}{
		{"no such connection", "notify: {connection: pots, to: ops@example.cn}", "E1105"},
		{"nobody", "notify: {connection: post}", "E1102"},
		{"no address", "notify: {connection: post, to: [ops]}", "E1102"},
		{"no occasion", "notify: {connection: post, to: ops@example.cn, on: always}", "E1102"},
		{"unknown key", "notify: {connection: post, too: ops@example.cn}", "E1001"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(t, post+tt.text+"\n", nil)
			if f := fault.Of(err); f == nil || tt.want != "E1001" && f.Code != tt.want || f.Place == "" {
				t.Errorf("%v, want %s with its place", err, tt.want)
			}
		})
	}
}
