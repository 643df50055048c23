package schemas_test

import (
	"fmt"

	"crmhub/record"
	"crmhub/schemas"
)

func ExampleSchema_Validate() {
	set, err := schemas.Load(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	customer, _ := set.Schema(record.Customer)
	r := record.Record{Fields: record.Fields{"full_name": "李雷", "birth_date": "2023-02-29"}}
	fmt.Println(customer.Validate(&r), r.Fields, r.Invalid[0].Path, r.Invalid[0].Rule)

	r = record.Record{Fields: record.Fields{"fullname": "李雷"}}
	fmt.Println(customer.Validate(&r))
	// Output:
	// <nil> map[full_name:李雷] /birth_date format
	// E3302 customer has no field fullname (nearest: full_name)
}
