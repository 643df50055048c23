package magento

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The signature methods that Magento knows.
const (
	sha256Name = "HMAC-SHA256"
	sha1Name   = "HMAC-SHA1"
)

// oauth signs requests by OAuth 1.0a (RFC 5849).
type oauth struct {
	consumer, consumerSecret, token, tokenSecret string
	method                                       string
}

// sign puts the signature of a request into its header; a nonce is never used
// twice, so that each try is signed anew.
func (o oauth) sign(r *http.Request, _ []byte, now time.Time) error {
	p := map[string]string{
		"oauth_consumer_key": o.consumer, "oauth_token": o.token, "oauth_signature_method": o.method,
		"oauth_timestamp": strconv.FormatInt(now.Unix(), 10), "oauth_nonce": rand.Text(), "oauth_version": "1.0",
	}
	text, err := baseString(r.Method, r.URL, p)
	if err != nil {
		return err
	}
	p["oauth_signature"] = o.signature(text)
	var parts []string
	for name, v := range p {
		parts = append(parts, name+`="`+escape(v)+`"`)
	}
	slices.Sort(parts)
	r.Header.Set("Authorization", "OAuth "+strings.Join(parts, ", "))
	return nil
}

// signature signs a base string (RFC 5849, section 3.4.2).
func (o oauth) signature(text string) string {
	kind := func() hash.Hash { return sha256.New() }
	if o.method == sha1Name {
		kind = func() hash.Hash { return sha1.New() }
	}
	mac := hmac.New(kind, []byte(escape(o.consumerSecret)+"&"+escape(o.tokenSecret)))
	mac.Write([]byte(text)) // a hash takes everything
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// baseString is what is signed: method, address, and all parameters sorted by
// their encoded names and values (RFC 5849, section 3.4.1).
func baseString(method string, u *url.URL, p map[string]string) (string, error) {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", err
	}
	var pairs []string
	for name, values := range query {
		for _, v := range values {
			pairs = append(pairs, escape(name)+"\x00"+escape(v))
		}
	}
	for name, v := range p {
		pairs = append(pairs, escape(name)+"\x00"+escape(v))
	}
	slices.Sort(pairs) // by name, and then by value: no name holds a NUL
	for i, s := range pairs {
		pairs[i] = strings.Replace(s, "\x00", "=", 1)
	}
	host := strings.ToLower(u.Host)
	if bare, ok := strings.CutSuffix(host, map[string]string{"https": ":443", "http": ":80"}[u.Scheme]); ok {
		host = bare
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	return strings.ToUpper(method) + "&" + escape(strings.ToLower(u.Scheme)+"://"+host+path) + "&" + escape(strings.Join(pairs, "&")), nil
}

// escape is the encoding of RFC 3986: all but letters, digits and -._~.
func escape(s string) string {
	return strings.NewReplacer("+", "%20", "%7E", "~").Replace(url.QueryEscape(s))
}
