package mappings_test

import (
	"fmt"

	"crmhub/mappings"
)

func ExampleMapping_Map() {
	m, err := mappings.Parse("shop_customer.blobl", `
root.full_name   = this.name | this.nickname
root.emails      = this.emails.split_list()
root.addresses   = [{"city": this.city, "country": this.country}]
root._key        = this.id
root._updated_at = this.changed
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	outs, err := m.Map(map[string]any{"id": "7", "nickname": "Lei", "emails": "li@example.cn; lei@example.cn", "city": nil})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, o := range outs {
		fmt.Println(o.Key, o.Fields)
	}
	// Output:
	// 7 map[emails:[li@example.cn lei@example.cn] full_name:Lei]
}
