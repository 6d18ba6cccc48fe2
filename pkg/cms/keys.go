package cms

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"

	"software.sslmate.com/src/go-pkcs12"
)

// ErrPassphrase says that a passphrase is needed or was wrong.
var ErrPassphrase = errors.New("the passphrase is wrong or was not given")

// ParseCertificates reads certificates in PEM, the signer's first, or one in DER.
func ParseCertificates(text []byte) ([]*x509.Certificate, error) {
	if c, err := x509.ParseCertificate(text); err == nil {
		return []*x509.Certificate{c}, nil
	}
	var all []*x509.Certificate
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, errors.New("it holds no certificate in PEM or DER")
	}
	return all, nil
}

// ParseKey reads a private key in PEM: PKCS#8, encrypted or not (RFC 7468 §10, §11), PKCS#1 or SEC 1. passphrase is asked for one if the key needs it.
func ParseKey(text []byte, passphrase func() ([]byte, error)) (crypto.Signer, error) {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return nil, errors.New("it holds no private key in PEM")
		}
		der := block.Bytes
		switch block.Type {
		case "ENCRYPTED PRIVATE KEY":
			secret, err := passphrase()
			if err != nil {
				return nil, err
			}
			if der, err = decryptPKCS8(der, secret); err != nil {
				return nil, err
			}
			key, err := x509.ParsePKCS8PrivateKey(der)
			if err != nil {
				return nil, ErrPassphrase
			}
			return signer(key)
		case "PRIVATE KEY":
			key, err := x509.ParsePKCS8PrivateKey(der)
			if err != nil {
				return nil, err
			}
			return signer(key)
		case "RSA PRIVATE KEY", "EC PRIVATE KEY":
			if block.Headers["DEK-Info"] != "" {
				return nil, errors.New("this old form of an encrypted key is not read: openssl pkcs8 -topk8 writes it anew")
			}
			if block.Type == "EC PRIVATE KEY" {
				return x509.ParseECPrivateKey(der)
			}
			return x509.ParsePKCS1PrivateKey(der)
		}
	}
}

func signer(key any) (crypto.Signer, error) {
	s, ok := key.(crypto.Signer)
	if !ok {
		return nil, errAlgorithm
	}
	return s, nil
}

// ParsePKCS12 reads a key with its certificates (RFC 7292), as .p12 and .pfx files hold them.
func ParsePKCS12(der []byte, passphrase string) (crypto.Signer, []*x509.Certificate, error) {
	key, leaf, more, err := pkcs12.DecodeChain(der, passphrase)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return nil, nil, ErrPassphrase
	}
	if err != nil {
		return nil, nil, err
	}
	s, err := signer(key)
	if err != nil {
		return nil, nil, err
	}
	return s, append([]*x509.Certificate{leaf}, more...), nil
}

type encryptedKey struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

type pbes2 struct {
	KeyDerivation pkix.AlgorithmIdentifier
	Encryption    pkix.AlgorithmIdentifier
}

type pbkdf2Params struct {
	Salt       []byte
	Iterations int
	KeyLength  int                      `asn1:"optional"`
	PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
}

var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
)

// maxIterations bounds the work that a key file can ask for: tens of seconds.
const maxIterations = 50_000_000

// decryptPKCS8 decrypts an EncryptedPrivateKeyInfo with PBES2 (RFC 8018 §6.2): what OpenSSL has written since 1.1.
func decryptPKCS8(der, passphrase []byte) ([]byte, error) {
	var e encryptedKey
	if _, err := asn1.Unmarshal(der, &e); err != nil {
		return nil, fmt.Errorf("encrypted key: %w", err)
	}
	var scheme pbes2
	if !e.Algorithm.Algorithm.Equal(oidPBES2) {
		return nil, errors.New("encrypted key: only PBES2 is read")
	}
	if _, err := asn1.Unmarshal(e.Algorithm.Parameters.FullBytes, &scheme); err != nil {
		return nil, fmt.Errorf("encrypted key: %w", err)
	}
	var p pbkdf2Params
	if !scheme.KeyDerivation.Algorithm.Equal(oidPBKDF2) {
		return nil, errors.New("encrypted key: only PBKDF2 is read")
	}
	if _, err := asn1.Unmarshal(scheme.KeyDerivation.Parameters.FullBytes, &p); err != nil {
		return nil, fmt.Errorf("encrypted key: %w", err)
	}
	if p.Iterations < 1 || p.Iterations > maxIterations {
		return nil, fmt.Errorf("encrypted key: %d iterations", p.Iterations)
	}
	newHash, err := prf(p.PRF.Algorithm)
	if err != nil {
		return nil, err
	}
	newCipher, size, err := encryption(scheme.Encryption.Algorithm)
	if err != nil {
		return nil, err
	}
	var iv []byte
	if _, err := asn1.Unmarshal(scheme.Encryption.Parameters.FullBytes, &iv); err != nil {
		return nil, fmt.Errorf("encrypted key: %w", err)
	}
	secret, err := pbkdf2.Key(newHash, string(passphrase), p.Salt, p.Iterations, size)
	if err != nil {
		return nil, err
	}
	block, err := newCipher(secret)
	if err != nil {
		return nil, err
	}
	if n := block.BlockSize(); len(iv) != n || len(e.Data) == 0 || len(e.Data)%n != 0 {
		return nil, errors.New("encrypted key: it is cut off")
	}
	plain := make([]byte, len(e.Data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, e.Data)
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > block.BlockSize() || !bytes.HasSuffix(plain, bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, ErrPassphrase
	}
	return plain[:len(plain)-pad], nil
}

func prf(oid asn1.ObjectIdentifier) (func() hash.Hash, error) {
	switch oid.String() {
	case "", "1.2.840.113549.2.7": // the default of RFC 8018 appendix A.2
		return sha1.New, nil
	case "1.2.840.113549.2.9":
		return sha256.New, nil
	case "1.2.840.113549.2.11":
		return sha512.New, nil
	}
	return nil, errAlgorithm
}

func encryption(oid asn1.ObjectIdentifier) (func([]byte) (cipher.Block, error), int, error) {
	switch oid.String() {
	case "2.16.840.1.101.3.4.1.2":
		return aes.NewCipher, 16, nil
	case "2.16.840.1.101.3.4.1.22":
		return aes.NewCipher, 24, nil
	case "2.16.840.1.101.3.4.1.42":
		return aes.NewCipher, 32, nil
	case "1.2.840.113549.3.7":
		return des.NewTripleDESCipher, 24, nil
	}
	return nil, 0, errAlgorithm
}
