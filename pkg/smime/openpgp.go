package smime

import (
	"bytes"
	"crypto"
	"crypto/dsa" //lint:ignore SA1019 the mail of the years around 2000 is signed with it
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	_ "crypto/md5" // signatures of the 1990s; told as weak
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math/big"
	"strings"
	"time"
)

// OpenPGP packets (RFC 9580 §5) as far as signatures and public keys of version 4 need them; signatures of version 3 are read too.
const (
	packetSignature = 2
	packetKey       = 6
	packetUser      = 13
	packetSubkey    = 14

	sigBinary     = 0x00
	sigText       = 0x01
	sigSubkey     = 0x18
	sigRevokeKey  = 0x20
	sigRevokeSub  = 0x28
	maxPackets    = 100_000
	maxPacketSize = 16 << 20
)

var errPacket = errors.New("it is no OpenPGP packet")

// openPacket is one packet without its header.
type openPacket struct {
	tag  int
	body []byte
}

// nextPacket reads the first packet of b (RFC 9580 §4.2), in the old or the new form.
func nextPacket(b []byte) (p openPacket, rest []byte, err error) {
	if len(b) < 2 || b[0]&0x80 == 0 {
		return p, nil, errPacket
	}
	length, header := 0, 0
	if b[0]&0x40 == 0 {
		p.tag = int(b[0]>>2) & 15
		switch b[0] & 3 {
		case 0:
			length, header = int(b[1]), 2
		case 1:
			if len(b) < 3 {
				return p, nil, errPacket
			}
			length, header = int(binary.BigEndian.Uint16(b[1:])), 3
		case 2:
			if len(b) < 5 {
				return p, nil, errPacket
			}
			length, header = int(binary.BigEndian.Uint32(b[1:])), 5
		default:
			length, header = len(b)-1, 1
		}
	} else {
		p.tag = int(b[0] & 63)
		n, used, ok := newLength(b[1:])
		if !ok {
			return p, nil, errPacket
		}
		length, header = n, 1+used
	}
	if length > maxPacketSize || length > len(b)-header {
		return p, nil, errPacket
	}
	p.body = b[header : header+length]
	return p, b[header+length:], nil
}

// newLength reads a length of one, two or five octets (RFC 9580 §4.2.1); partial lengths do not stand in signatures and keys.
func newLength(b []byte) (n, used int, ok bool) {
	switch {
	case len(b) > 0 && b[0] < 192:
		return int(b[0]), 1, true
	case len(b) > 1 && b[0] >= 192 && b[0] < 224:
		return (int(b[0])-192)<<8 + int(b[1]) + 192, 2, true
	case len(b) > 4 && b[0] == 255:
		return int(binary.BigEndian.Uint32(b[1:])), 5, true
	}
	return 0, 0, false
}

// pgpSignature is a signature packet.
type pgpSignature struct {
	kind        byte
	algorithm   byte
	hash        crypto.Hash
	hashName    string
	trailer     []byte // what is hashed after the content
	left        [2]byte
	values      []byte // the numbers of the signature
	created     time.Time
	issuer      uint64
	fingerprint []byte
	keyLife     time.Duration // of a self-signature; 0: for ever
	life        time.Duration
}

// pgpHashes are the digests of RFC 9580 §9.5.
func pgpHash(id byte) (crypto.Hash, string) {
	switch id {
	case 1:
		return crypto.MD5, "md5"
	case 2:
		return crypto.SHA1, "sha1"
	case 8:
		return crypto.SHA256, "sha256"
	case 9:
		return crypto.SHA384, "sha384"
	case 10:
		return crypto.SHA512, "sha512"
	case 11:
		return crypto.SHA224, "sha224"
	}
	return 0, ""
}

func parsePGPSignature(b []byte) (*pgpSignature, error) {
	switch {
	case len(b) > 19 && b[0] == 3 && b[1] == 5: // RFC 9580 §5.2.2
		s := &pgpSignature{kind: b[2], trailer: b[2:7], created: time.Unix(int64(binary.BigEndian.Uint32(b[3:])), 0), issuer: binary.BigEndian.Uint64(b[7:]),
			algorithm: b[15], left: [2]byte{b[17], b[18]}, values: b[19:]}
		s.hash, s.hashName = pgpHash(b[16])
		return s, nil
	case len(b) > 10 && b[0] == 4: // RFC 9580 §5.2.3
		s := &pgpSignature{kind: b[1], algorithm: b[2]}
		s.hash, s.hashName = pgpHash(b[3])
		hashed := int(binary.BigEndian.Uint16(b[4:]))
		if 6+hashed+2 > len(b) {
			return nil, errPacket
		}
		end := 6 + hashed
		s.trailer = append(append([]byte{}, b[:end]...), 4, 0xff, byte(end>>24), byte(end>>16), byte(end>>8), byte(end))
		unhashed := int(binary.BigEndian.Uint16(b[end:]))
		rest := end + 2 + unhashed
		if rest+2 > len(b) {
			return nil, errPacket
		}
		s.subpackets(b[6:end], true)
		s.subpackets(b[end+2:rest], false)
		s.left, s.values = [2]byte{b[rest], b[rest+1]}, b[rest+2:]
		return s, nil
	}
	return nil, errPacket
}

// subpackets reads what is wanted of them (RFC 9580 §5.2.3.7). Of those that are not covered by the signature only hints at the key are taken.
func (s *pgpSignature) subpackets(b []byte, hashed bool) {
	for len(b) > 0 {
		n, used, ok := newLength(b)
		if !ok || n < 1 || n > len(b)-used {
			return
		}
		kind, data := b[used]&0x7f, b[used+1:used+n]
		b = b[used+n:]
		seconds := func() uint32 {
			if len(data) == 4 {
				return binary.BigEndian.Uint32(data)
			}
			return 0
		}
		switch {
		case kind == 2 && hashed:
			s.created = time.Unix(int64(seconds()), 0)
		case kind == 3 && hashed:
			s.life = time.Duration(seconds()) * time.Second
		case kind == 9 && hashed:
			s.keyLife = time.Duration(seconds()) * time.Second
		case kind == 16 && len(data) == 8:
			s.issuer = binary.BigEndian.Uint64(data)
		case kind == 33 && len(data) == 21 && data[0] == 4:
			s.fingerprint = data[1:]
		}
	}
}

// numbers reads count multiprecision integers (RFC 9580 §3.2).
func numbers(b []byte, count int) ([]*big.Int, bool) {
	var all []*big.Int
	for range count {
		if len(b) < 2 {
			return nil, false
		}
		n := (int(binary.BigEndian.Uint16(b)) + 7) / 8
		if n > len(b)-2 || n > 2048+1 {
			return nil, false
		}
		all = append(all, new(big.Int).SetBytes(b[2:2+n]))
		b = b[2+n:]
	}
	return all, true
}

// pgpKey is a primary key or a subkey, with its owner.
type pgpKey struct {
	owner       *pgpOwner
	body        []byte
	fingerprint []byte
	created     time.Time
	expires     time.Time // zero: never
	revoked     bool
	bound       bool // a subkey that the primary key vouches for
	algorithm   byte
	public      any // nil: of a kind not known here
}

func (k *pgpKey) id() uint64 { return binary.BigEndian.Uint64(k.fingerprint[12:]) }

// pgpOwner is a transferable public key (RFC 9580 §10.1).
type pgpOwner struct {
	keys  []*pgpKey // the primary one first
	users []string  // those that it signed itself
	raw   []byte
}

var curves = map[string]elliptic.Curve{
	"\x2a\x86\x48\xce\x3d\x03\x01\x07": elliptic.P256(), "\x2b\x81\x04\x00\x22": elliptic.P384(), "\x2b\x81\x04\x00\x23": elliptic.P521(),
}

const ed25519Legacy = "\x2b\x06\x01\x04\x01\xda\x47\x0f\x01"

// parsePGPKey reads a public key of version 4 (RFC 9580 §5.5.2.2).
func parsePGPKey(b []byte) (*pgpKey, bool) {
	if len(b) < 7 || b[0] != 4 || len(b) > 0xffff {
		return nil, false
	}
	h := sha1.New()
	h.Write([]byte{0x99, byte(len(b) >> 8), byte(len(b))})
	h.Write(b)
	k := &pgpKey{body: b, fingerprint: h.Sum(nil), created: time.Unix(int64(binary.BigEndian.Uint32(b[1:])), 0), algorithm: b[5]}
	data := b[6:]
	switch k.algorithm {
	case 1, 3:
		if n, ok := numbers(data, 2); ok && n[1].IsInt64() && n[1].Int64() > 2 && n[0].BitLen() >= 512 && n[0].BitLen() <= 16384 && n[0].Bit(0) == 1 && n[1].Int64() < 1<<31 {
			k.public = &rsa.PublicKey{N: n[0], E: int(n[1].Int64())}
		}
	case 17:
		if n, ok := numbers(data, 4); ok && n[0].Sign() > 0 && n[1].Sign() > 0 && n[0].BitLen() <= 8192 && n[1].BitLen() <= 512 {
			k.public = &dsa.PublicKey{Parameters: dsa.Parameters{P: n[0], Q: n[1], G: n[2]}, Y: n[3]}
		}
	case 19, 22:
		if len(data) < 1 || int(data[0])+1 > len(data) {
			break
		}
		name := string(data[1 : 1+data[0]])
		n, ok := numbers(data[1+data[0]:], 1)
		if !ok {
			break
		}
		point := n[0].Bytes()
		if curve := curves[name]; curve != nil && k.algorithm == 19 {
			if key, err := ecdsa.ParseUncompressedPublicKey(curve, point); err == nil {
				k.public = key
			}
		} else if name == ed25519Legacy && len(point) == 33 && point[0] == 0x40 {
			k.public = ed25519.PublicKey(point[1:])
		}
	case 27:
		if len(data) >= 32 {
			k.public = ed25519.PublicKey(data[:32])
		}
	}
	return k, true
}

// digest hashes what a signature is over.
func (s *pgpSignature) digest(pieces ...[]byte) []byte {
	h := s.hash.New()
	for _, p := range pieces {
		h.Write(p)
	}
	h.Write(s.trailer)
	return h.Sum(nil)
}

// keyText is how a key stands in what is hashed (RFC 9580 §5.2.4).
func (k *pgpKey) keyText() []byte {
	return append([]byte{0x99, byte(len(k.body) >> 8), byte(len(k.body))}, k.body...)
}

// fits says whether the signature over that digest was made with the key.
func (k *pgpKey) fits(s *pgpSignature, digest []byte) bool {
	if digest[0] != s.left[0] || digest[1] != s.left[1] {
		return false
	}
	switch key := k.public.(type) {
	case *rsa.PublicKey:
		n, ok := numbers(s.values, 1)
		if !ok || n[0].Cmp(key.N) >= 0 || s.algorithm != 1 && s.algorithm != 3 {
			return false
		}
		return verifyPKCS1(key, s.hash, digest, n[0])
	case *dsa.PublicKey:
		n, ok := numbers(s.values, 2)
		if size := (key.Q.BitLen() + 7) / 8; len(digest) > size {
			digest = digest[:size]
		}
		return ok && s.algorithm == 17 && dsa.Verify(key, digest, n[0], n[1])
	case *ecdsa.PublicKey:
		n, ok := numbers(s.values, 2)
		return ok && s.algorithm == 19 && ecdsa.Verify(key, digest, n[0], n[1])
	case ed25519.PublicKey:
		signature := s.values
		if s.algorithm == 22 {
			n, ok := numbers(s.values, 2)
			if !ok || n[0].BitLen() > 256 || n[1].BitLen() > 256 {
				return false
			}
			signature = append(n[0].FillBytes(make([]byte, 32)), n[1].FillBytes(make([]byte, 32))...)
		} else if s.algorithm != 27 {
			return false
		}
		return len(signature) == 64 && ed25519.Verify(key, digest, signature)
	}
	return false
}

// verifyPKCS1 is RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2) also for keys of a size that crypto/rsa refuses today: old mail has them. The whole encoding is compared.
func verifyPKCS1(key *rsa.PublicKey, hash crypto.Hash, digest []byte, signature *big.Int) bool {
	size := (key.N.BitLen() + 7) / 8
	if key.N.BitLen() >= 1024 && key.N.BitLen() <= 8192 {
		return rsa.VerifyPKCS1v15(key, hash, digest, signature.FillBytes(make([]byte, size))) == nil
	}
	prefix := map[crypto.Hash]string{
		crypto.MD5:    "\x30\x20\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\x05\x00\x04\x10",
		crypto.SHA1:   "\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
		crypto.SHA256: "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
	}[hash]
	padding := size - 3 - len(prefix) - len(digest)
	if prefix == "" || padding < 8 {
		return false
	}
	want := append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, padding)...)
	want = append(append(append(want, 0), prefix...), digest...)
	return new(big.Int).Exp(signature, big.NewInt(int64(key.E)), key.N).Cmp(new(big.Int).SetBytes(want)) == 0
}

// parseOwners reads the public keys of a binary key ring.
func parseOwners(b []byte) ([]*pgpOwner, error) {
	var all []*pgpOwner
	var owner *pgpOwner
	var user string
	start := b
	for n := 0; len(b) > 0; n++ {
		p, rest, err := nextPacket(b)
		if err != nil || n == maxPackets {
			return all, errPacket
		}
		switch p.tag {
		case packetKey:
			owner, user = nil, ""
			start = b
			if k, ok := parsePGPKey(p.body); ok {
				owner = &pgpOwner{keys: []*pgpKey{k}}
				k.owner, k.bound = owner, true
				all = append(all, owner)
			}
		case packetSubkey:
			if k, ok := parsePGPKey(p.body); ok && owner != nil {
				k.owner = owner
				owner.keys = append(owner.keys, k)
			}
			user = ""
		case packetUser:
			user = string(p.body)
		case packetSignature:
			if s, err := parsePGPSignature(p.body); err == nil && owner != nil && s.hash != 0 {
				owner.selfSignature(s, user)
			}
		}
		b = rest
		if owner != nil {
			owner.raw = start[:len(start)-len(b)]
		}
	}
	return all, nil
}

// selfSignature takes what the primary key says of itself, its names and its subkeys; signatures of others say nothing here.
func (o *pgpOwner) selfSignature(s *pgpSignature, user string) {
	primary, last := o.keys[0], o.keys[len(o.keys)-1]
	switch {
	case s.kind >= 0x10 && s.kind <= 0x13 && user != "":
		n := len(user)
		if !primary.fits(s, s.digest(primary.keyText(), []byte{0xb4, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, []byte(user))) {
			return
		}
		for _, known := range o.users {
			if known == user {
				return
			}
		}
		o.users = append(o.users, user)
		if s.keyLife > 0 {
			primary.expires = primary.created.Add(s.keyLife)
		}
	case s.kind == sigSubkey && last != primary:
		if primary.fits(s, s.digest(primary.keyText(), last.keyText())) {
			last.bound = true
			if s.keyLife > 0 {
				last.expires = last.created.Add(s.keyLife)
			}
		}
	case s.kind == sigRevokeKey:
		primary.revoked = primary.revoked || primary.fits(s, s.digest(primary.keyText()))
	case s.kind == sigRevokeSub && last != primary:
		last.revoked = last.revoked || primary.fits(s, s.digest(primary.keyText(), last.keyText()))
	}
}

// dearmor gives the bytes of the first block of that kind (RFC 9580 §6.2) and the text after it. The checksum is not asked: the signature itself shows a change.
func dearmor(text []byte, kind string) (data, rest []byte, ok bool) {
	begin, end := []byte("-----BEGIN PGP "+kind+"-----"), []byte("-----END PGP "+kind+"-----")
	at := bytes.Index(text, begin)
	if at < 0 {
		return nil, nil, false
	}
	text = text[at+len(begin):]
	stop := bytes.Index(text, end)
	if stop < 0 {
		return nil, nil, false
	}
	rest = text[stop+len(end):]
	var encoded strings.Builder
	header := true
	for line := range strings.Lines(string(text[:stop])) {
		line = strings.TrimSpace(line)
		switch {
		case header && strings.Contains(line, ": "):
		case line == "":
			header = header && encoded.Len() == 0
		case line[0] == '=' && len(line) == 5:
		default:
			header = false
			encoded.WriteString(line)
		}
	}
	data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(encoded.String(), "="))
	return data, rest, err == nil
}
