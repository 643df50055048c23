package restapi

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"time"
)

// jwtSigner signs JSON Web Tokens (RFC 7515, RFC 7518).
type jwtSigner struct {
	algorithm Algorithm
	key       any // *rsa.PrivateKey, *ecdsa.PrivateKey or []byte
}

var errKey = errors.New("the key is not of the kind that the algorithm takes")

// newSigner reads a private key: PEM of PKCS #1, PKCS #8 or SEC 1, or the
// secret itself for HS256.
func newSigner(a Algorithm, key string) (*jwtSigner, error) {
	if a == "HS256" {
		return &jwtSigner{a, []byte(key)}, nil
	}
	block, _ := pem.Decode([]byte(key))
	if block == nil {
		return nil, errKey
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		if rsaKey, rsaErr := x509.ParsePKCS1PrivateKey(block.Bytes); rsaErr == nil {
			parsed = rsaKey
		} else if ecKey, ecErr := x509.ParseECPrivateKey(block.Bytes); ecErr == nil {
			parsed = ecKey
		} else {
			return nil, errKey
		}
	}
	switch k := parsed.(type) {
	case *rsa.PrivateKey:
		if a == "RS256" {
			return &jwtSigner{a, k}, nil
		}
	case *ecdsa.PrivateKey:
		if a == "ES256" && k.Params().BitSize == 256 {
			return &jwtSigner{a, k}, nil
		}
	}
	return nil, errKey
}

// assertion makes the token of RFC 7523 that asks for an access token.
func (s *jwtSigner) assertion(a Auth, secrets Secrets, tokenURL string, now time.Time) (string, error) {
	claims := map[string]any{"iat": now.Unix(), "exp": now.Add(3 * time.Minute).Unix(), "iss": a.Issuer, "aud": a.Audience}
	if a.Issuer == "" {
		claims["iss"] = secrets.ClientID
	}
	if a.Audience == "" {
		claims["aud"] = tokenURL
	}
	if a.Subject != "" {
		claims["sub"] = a.Subject
	} else if secrets.Username != "" {
		claims["sub"] = secrets.Username
	}
	if a.Scope != "" {
		claims["scope"] = a.Scope
	}
	return s.sign(claims)
}

func (s *jwtSigner) sign(claims map[string]any) (string, error) {
	head, err := json.Marshal(map[string]string{"alg": string(s.algorithm), "typ": "JWT"})
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	enc := base64.RawURLEncoding
	signed := enc.EncodeToString(head) + "." + enc.EncodeToString(payload)
	sum := sha256.Sum256([]byte(signed))
	var sig []byte
	switch k := s.key.(type) {
	case []byte:
		mac := hmac.New(sha256.New, k)
		mac.Write([]byte(signed))
		sig = mac.Sum(nil)
	case *rsa.PrivateKey:
		if sig, err = rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA256, sum[:]); err != nil {
			return "", err
		}
	case *ecdsa.PrivateKey:
		x, y, err := ecdsa.Sign(rand.Reader, k, sum[:])
		if err != nil {
			return "", err
		}
		sig = make([]byte, 64)
		x.FillBytes(sig[:32])
		y.FillBytes(sig[32:])
	}
	return signed + "." + enc.EncodeToString(sig), nil
}
