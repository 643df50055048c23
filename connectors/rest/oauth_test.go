package rest_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"crmhub/connectors"
	"crmhub/fault"
)

// login is an OAuth 2 server that changes the refresh token with each use, and
// the API that it guards. grace is how many old refresh tokens it still takes.
type login struct {
	mu     sync.Mutex
	n      int
	grace  int
	forms  []map[string]string
	basic  []string
	access string
	key    any // of a JWT
	url    string
	t      *testing.T
}

func refreshToken(n int) string { return fmt.Sprintf("secret-refresh-%d", n) }

// ServeHTTP answers.
func (l *login) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.URL.Path != "/token" {
		if r.Header.Get("Authorization") != "Bearer "+l.access {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"rows":[{"id":1}]}`)
		return
	}
	if err := r.ParseForm(); err != nil {
		l.t.Error(err)
	}
	form := map[string]string{}
	for k := range r.PostForm {
		form[k] = r.PostForm.Get(k)
	}
	l.forms = append(l.forms, form)
	user, password, _ := r.BasicAuth()
	l.basic = append(l.basic, user+":"+password)
	refuse := func(code string) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":%q,"error_description":"secret of secret@example.cn"}`, code)
	}
	answer := map[string]any{"token_type": "bearer", "expires_in": "3600"}
	switch form["grant_type"] {
	case "refresh_token":
		ok := false
		for old := range l.grace + 1 {
			ok = ok || form["refresh_token"] == refreshToken(l.n-old)
		}
		if !ok {
			refuse("invalid_grant")
			return
		}
		l.n++
		answer["refresh_token"] = refreshToken(l.n)
	case "client_credentials":
		if form["client_secret"] != "secret-client" && password != "secret-client" {
			refuse("invalid_client")
			return
		}
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		l.verify(form["assertion"])
	default:
		refuse("unsupported_grant_type")
		return
	}
	l.access = fmt.Sprintf("secret-access-%d-%d", l.n, len(l.forms))
	answer["access_token"] = l.access
	write(w, answer)
}

// verify checks a JWT as a server that we did not write would: by its parts.
func (l *login) verify(jwt string) {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		l.t.Fatalf("%d parts in the JWT", len(parts))
	}
	var raw [3][]byte
	for i, p := range parts {
		var err error
		if raw[i], err = base64.RawURLEncoding.DecodeString(p); err != nil {
			l.t.Fatal(err)
		}
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	switch k := l.key.(type) {
	case *rsa.PublicKey:
		if err := rsa.VerifyPKCS1v15(k, crypto.SHA256, sum[:], raw[2]); err != nil {
			l.t.Error(err)
		}
	case *ecdsa.PublicKey:
		if !ecdsa.Verify(k, sum[:], new(big.Int).SetBytes(raw[2][:32]), new(big.Int).SetBytes(raw[2][32:])) {
			l.t.Error("the signature is wrong")
		}
	}
	var claims map[string]any
	if err := json.Unmarshal(raw[1], &claims); err != nil {
		l.t.Error(err)
	}
	if claims["iss"] != "client" || claims["sub"] != "admin@example.cn" || claims["aud"] != "https://login.example" {
		l.t.Errorf("claims %v", claims)
	}
}

const oauthAPI = "auth: {type: oauth2, token_url: /token, %s}\nstreams: {rows: {key: id, list: {path: /rows, records: rows}}}"

func oauthSource(t *testing.T, dir string, l *login, more params) connectors.Source {
	t.Helper()
	if l.url == "" {
		l.url = serve(t, l)
	}
	return open(t, dir, with(quick, with(params{"url": l.url, "client_id": "client"}, more)))
}

func mustRead(t *testing.T, s connectors.Source) {
	t.Helper()
	if rows, _ := read(t, s, connectors.Request{Stream: "rows"}); len(rows) != 1 {
		t.Errorf("%d rows", len(rows))
	}
}

// A refresh token that changes with each use is kept before it is used; the
// next process uses it, and a token that the operator gives anew wins.
func TestRefreshTokensRotate(t *testing.T) {
	l := &login{t: t, n: 1}
	dir := project(t, fmt.Sprintf(oauthAPI, "grant: refresh_token, client_in: basic"))
	give := params{"refresh_token": refreshToken(1), "client_secret": "secret-client"}
	s := oauthSource(t, dir, l, give)
	mustRead(t, s)
	mustRead(t, s)
	if len(l.forms) != 1 || l.basic[0] != "client:secret-client" {
		t.Errorf("%d tokens for two reads; client %q", len(l.forms), l.basic[0])
	}
	l.access = "secret-expired-early"
	mustRead(t, s)
	mustRead(t, oauthSource(t, dir, l, give))
	if len(l.forms) != 2 || l.n != 3 {
		t.Errorf("%d tokens were asked for, %d given", len(l.forms), l.n)
	}
	info, err := os.Stat(filepath.Join(dir, "tokens", "shop.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file of tokens: %v, %v", info.Mode(), err)
	}
	l.n, l.access = 70, ""
	wantFault(t, "revoked", oauthSource(t, dir, l, give).Check(t.Context()), "E2319", fault.ExitPermission)
	mustRead(t, oauthSource(t, dir, l, params{"refresh_token": refreshToken(70)}))
}

// A kill between the server's answer and the saving of it: the token before is
// still kept, and a server that grants grace takes it once more. Without grace
// the authorisation has ended, which is said.
func TestKilledBetweenAnswerAndSave(t *testing.T) {
	for _, grace := range []int{1, 0} {
		l := &login{t: t, n: 1, grace: grace}
		dir := project(t, fmt.Sprintf(oauthAPI, "grant: refresh_token"))
		give := params{"refresh_token": refreshToken(1)}
		mustRead(t, oauthSource(t, dir, l, give))
		file := filepath.Join(dir, "tokens", "shop.json")
		kept, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		l.access = "" // the next use asks for a token, which is lost
		s := oauthSource(t, dir, l, give)
		mustRead(t, s)
		if err := os.WriteFile(file, kept, 0o600); err != nil {
			t.Fatal(err)
		}
		l.access = ""
		s = oauthSource(t, dir, l, give)
		if grace > 0 {
			mustRead(t, s)
			continue
		}
		wantFault(t, "no grace", s.Read(t.Context(), connectors.Request{Stream: "rows"}, none), "E2319", fault.ExitPermission)
	}
}

// Where the tokens can't be kept, nothing is read with them.
func TestTokensThatCannotBeKept(t *testing.T) {
	l := &login{t: t, n: 1}
	dir := project(t, fmt.Sprintf(oauthAPI, "grant: refresh_token"))
	if err := os.WriteFile(filepath.Join(dir, "tokens"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := oauthSource(t, dir, l, params{"refresh_token": refreshToken(1)})
	wantFault(t, "no folder", s.Check(t.Context()), "E2327", fault.ExitFailed)
}

func TestClientCredentialsAndJWT(t *testing.T) {
	l := &login{t: t}
	dir := project(t, fmt.Sprintf(oauthAPI, "scope: 'read write', params: {audience: crm}"))
	mustRead(t, oauthSource(t, dir, l, params{"client_secret": "secret-client"}))
	if f := l.forms[0]; f["scope"] != "read write" || f["audience"] != "crm" || f["client_id"] != "client" {
		t.Errorf("asked with %v", f)
	}
	wantFault(t, "wrong client", oauthSource(t, project(t, fmt.Sprintf(oauthAPI, "")), l, params{"client_secret": "secret-no"}).Check(t.Context()), "E2319", fault.ExitPermission)

	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecDER, err := x509.MarshalPKCS8PrivateKey(ecKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		algorithm, kind string
		der             []byte
		key             any
	}{
		{"RS256", "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey), &rsaKey.PublicKey},
		{"ES256", "PRIVATE KEY", ecDER, &ecKey.PublicKey},
	} {
		l := &login{t: t, key: tt.key}
		dir := project(t, fmt.Sprintf(oauthAPI, "grant: jwt, audience: 'https://login.example', algorithm: "+tt.algorithm))
		key := string(pem.EncodeToMemory(&pem.Block{Type: tt.kind, Bytes: tt.der}))
		mustRead(t, oauthSource(t, dir, l, params{"username": "admin@example.cn", "private_key": key}))
		_, err := tryOpen(dir, with(quick, params{"url": "https://x.example", "private_key": "secret"}))
		wantFault(t, "a key that is none", err, "E2003", fault.ExitUsage)
	}
}
