package auth

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
)

// Key signs tokens: an Ed25519 key and its name.
type Key struct {
	id      string
	private ed25519.PrivateKey
}

// NewKey makes a key that is stored nowhere: what it signed is worthless once the process ends.
func NewKey() *Key {
	_, private, _ := ed25519.GenerateKey(rand.Reader) // never fails: crypto/rand ends the program instead
	return keyOf(private)
}

func keyOf(private ed25519.PrivateKey) *Key {
	return &Key{id: thumbprint(private.Public().(ed25519.PublicKey)), private: private}
}

// ID names the key: the thumbprint (RFC 7638) of its public half, a token's kid.
func (k *Key) ID() string { return k.id }

// Public is the half that verifies.
func (k *Key) Public() ed25519.PublicKey { return k.private.Public().(ed25519.PublicKey) }

// thumbprint is the SHA-256 of the key's required members, in the order and form of RFC 7638 and RFC 8037.
func thumbprint(public ed25519.PublicKey) string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + base64.RawURLEncoding.EncodeToString(public) + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// LoadOrCreateKey reads the key in the file, PKCS#8 in PEM ("openssl genpkey -algorithm ed25519" writes one). If there is no such file it makes
// a key and writes it there for its owner alone, and the folders on the way too. Processes that start at once on one folder all get the same key.
// A file that others may read is taken, with a warning in the log.
func LoadOrCreateKey(path string) (*Key, error) {
	key, err := loadKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := createKey(path); err != nil {
		return nil, fmt.Errorf("make the signing key %s: %w", path, err)
	}
	return loadKey(path)
}

func loadKey(path string) (*Key, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the signing key: %w", err)
	}
	if info, err := os.Stat(path); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		slog.Warn("the signing key can be read by others than its owner: chmod 600", "file", path, "mode", info.Mode().Perm().String())
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, fmt.Errorf("the signing key %s is not a PEM file with a PRIVATE KEY (PKCS#8)", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("the signing key %s cannot be read as PKCS#8", path) // the cause could quote the key
	}
	private, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the signing key %s is not an Ed25519 key", path)
	}
	return keyOf(private), nil
}

// createKey writes a new key to the path unless another process has just done so. The file appears whole or not at all.
func createKey(path string) error {
	encoded, err := x509.MarshalPKCS8PrivateKey(NewKey().private)
	if err != nil {
		return err
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(folder, filepath.Base(path)+".new-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	err = pem.Encode(draft, &pem.Block{Type: "PRIVATE KEY", Bytes: encoded})
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) { // Link, unlike Rename, never replaces a file
		return err
	}
	return nil
}
