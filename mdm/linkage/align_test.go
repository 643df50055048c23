package linkage_test

import (
	"context"
	"strings"
	"testing"

	"crmhub/mdm/linkage"
)

func TestAlign(t *testing.T) {
	rows, _ := people(200, 3)
	left := table(peopleHeaders, rows...)
	swapped := make([]string, len(rows))
	for i, r := range rows {
		c := strings.Split(r, "|")
		swapped[i] = strings.Join([]string{c[4], c[1], c[0], c[3], "x"}, "|")
	}
	right := table("联系电话|姓|名|town|remark", swapped...)
	got := map[string]string{}
	align := func(skipLeft, skipRight []string) []linkage.Alignment {
		found, err := linkage.Align(context.Background(), left, right, skipLeft, skipRight)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	for _, x := range align(nil, nil) {
		got[x.Left] = x.Right
	}
	for l, r := range map[string]string{"phone": "联系电话", "surname": "姓", "given_name": "名", "city": "town"} {
		if got[l] != r {
			t.Errorf("%s is laid beside %q, want %q", l, got[l], r)
		}
	}
	if len(got) != 4 {
		t.Errorf("%v, want four columns", got)
	}
	if again := align([]string{"phone"}, []string{"姓"}); len(again) != 2 {
		t.Errorf("%v, want none of those that are left out", again)
	}
}
