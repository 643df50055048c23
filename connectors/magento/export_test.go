package magento

import "net/url"

// Sign is the signature of a request whose header has these parameters: what a
// server computes to compare.
func Sign(method string, u *url.URL, p map[string]string, consumerSecret, tokenSecret string) (string, error) {
	text, err := baseString(method, u, p)
	return oauth{consumerSecret: consumerSecret, tokenSecret: tokenSecret, method: p["oauth_signature_method"]}.signature(text), err
}
