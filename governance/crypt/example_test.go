package crypt_test

import (
	"fmt"
	"time"

	"crmhub/governance/crypt"
)

func Example() {
	ring, err := crypt.NewRing(time.Now())
	if err != nil {
		fmt.Println(err)
		return
	}
	subject := crypt.AppendAD(nil, "store-1", "subject-1")
	key, wrapped, err := ring.NewDataKey(subject) // wrapped is stored beside the record
	if err != nil {
		fmt.Println(err)
		return
	}
	sealed := key.Seal(nil, []byte("li@example.cn"), []byte("email"))

	key, err = ring.OpenDataKey(wrapped, subject)
	if err != nil {
		fmt.Println(err)
		return
	}
	plain, err := key.Open(nil, sealed, []byte("email"))
	fmt.Println(string(plain), err)
	_, err = key.Open(nil, sealed, []byte("phone"))
	fmt.Println(err)
	// Output:
	// li@example.cn <nil>
	// E7005 sealed data does not authenticate
}
