package fact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Digester makes digests by one secret. It is for one goroutine.
type Digester struct {
	mac  hash.Hash
	text []byte
	sum  [sha256.Size]byte
}

// NewDigester makes digests by the secret.
func NewDigester(secret string) *Digester {
	return &Digester{mac: hmac.New(sha256.New, []byte(secret))}
}

// Digest is the first 128 bits of HMAC-SHA-256 over the parts, each with its length before it: what is kept for ever of texts that may be personal data.
// Who does not know the secret can neither read it nor guess its way back.
func (d *Digester) Digest(parts ...string) ID {
	d.text = d.text[:0]
	for _, p := range parts {
		d.text = binary.BigEndian.AppendUint64(d.text, uint64(len(p)))
		d.text = append(d.text, p...)
	}
	d.mac.Reset()
	d.mac.Write(d.text)
	return ID(d.mac.Sum(d.sum[:0])[:16])
}

// Digest is one digest by the secret.
func Digest(secret string, parts ...string) ID { return NewDigester(secret).Digest(parts...) }
