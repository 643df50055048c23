package sorted_test

import (
	"net/url"
	"testing"

	"crmhub/connectors/sorted"
)

// The first signature is one that is often quoted for TOP; the HMACs were made
// of the same text with openssl dgst -md5 -hmac and -sha256 -hmac.
func TestSign(t *testing.T) {
	v := url.Values{
		"method": {"taobao.item.seller.get"}, "app_key": {"12345678"}, "session": {"test"}, "timestamp": {"2016-01-01 12:00:00"}, "format": {"json"}, "v": {"2.0"},
		"sign_method": {"md5"}, "fields": {"num_iid,title,nick,price,num"}, "num_iid": {"11223344"},
	}
	for _, tt := range []struct {
		method sorted.Method
		want   string
	}{
		{sorted.MD5, "66987CB115214E59E6EC978214934FB8"},
		{sorted.HMACMD5, "B4DDA503460D60A86B16E950E5D303E9"},
		{sorted.HMACSHA256, "6B7EB7E1C35D068D69538D80282A37DFBF29B4DB11B451881AF51890626138B3"},
	} {
		if got := sorted.Sign(tt.method, "helloworld", v); got != tt.want {
			t.Errorf("Sign(%s) = %s, want %s", tt.method, got, tt.want)
		}
	}
	v.Set("sign", "X")
	v.Set("empty", "")
	if got := sorted.Sign(sorted.MD5, "helloworld", v); got != "66987CB115214E59E6EC978214934FB8" {
		t.Errorf("sign and what is empty change the signature: %s", got)
	}
	if a, b := sorted.Sign(sorted.MD5, "s", url.Values{"k": {"茶 250克&=+%"}}), sorted.Sign(sorted.MD5, "s", url.Values{"k": {"茶 250克&=+% "}}); a == b {
		t.Error("a blank at the end is not signed")
	}
}
