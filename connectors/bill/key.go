package bill

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"

	"crmhub/fault"
)

// PrivateKey reads an RSA key: PEM of either kind, or bare base64 as the
// providers' tools write it. name is the parameter's (E2382).
func PrivateKey(connection, name, text string) (*rsa.PrivateKey, error) {
	der := unpack(text)
	if k, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return k, nil
	}
	if k, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if r, ok := k.(*rsa.PrivateKey); ok {
			return r, nil
		}
	}
	return nil, fault.New("E2382", connection, "name", name)
}

// PublicKey reads an RSA public key or the certificate that holds it.
func PublicKey(connection, name, text string) (*rsa.PublicKey, error) {
	der := unpack(text)
	var found any
	if c, err := x509.ParseCertificate(der); err == nil {
		found = c.PublicKey
	} else if k, err := x509.ParsePKIXPublicKey(der); err == nil {
		found = k
	} else if k, err := x509.ParsePKCS1PublicKey(der); err == nil {
		found = k
	}
	if k, ok := found.(*rsa.PublicKey); ok {
		return k, nil
	}
	return nil, fault.New("E2382", connection, "name", name)
}

// unpack returns the DER of PEM or bare base64; nil where it is neither.
func unpack(text string) []byte {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil
	}
	return der
}

// Sign returns the base64 of an RSA signature over SHA-256 (PKCS #1 v1.5), as
// both Alipay (RSA2) and WeChat Pay want it.
func Sign(k *rsa.PrivateKey, text string) (string, error) {
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(sig), nil
}

// Holds tells whether such a signature is that of the key over the text.
func Holds(k *rsa.PublicKey, text, signature string) bool {
	sig, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return false
	}
	sum := sha256.Sum256([]byte(text))
	return rsa.VerifyPKCS1v15(k, crypto.SHA256, sum[:], sig) == nil
}
