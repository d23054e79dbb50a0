package auth_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"granaio/auth"
)

func TestAKeyIsMadeOnceAndKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folder", "signing.pem")
	first, err := auth.LoadOrCreateKey(path)
	if err != nil {
		t.Fatal(err)
	}
	second, err := auth.LoadOrCreateKey(path)
	if err != nil {
		t.Fatal(err)
	}
	if first.ID() != second.ID() || !first.Public().Equal(second.Public()) {
		t.Error("a second start found another key")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file has mode %v, want -rw-------", info.Mode().Perm())
	}
}

func TestProcessesThatStartAtOnceAgreeOnTheKey(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "signing.pem")
	ids := make([]string, 16)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range ids {
		all.Go(func() {
			<-start
			key, err := auth.LoadOrCreateKey(path)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = key.ID()
		})
	}
	close(start)
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("different keys: %v", ids)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("left in the folder: %v", entries)
	}
}

func TestAKeyThatOthersMayReadIsTakenWithAWarning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "signing.pem")
	first, err := auth.LoadOrCreateKey(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	second, err := auth.LoadOrCreateKey(path)
	if err != nil || second.ID() != first.ID() {
		t.Errorf("%v", err)
	}
	if !strings.Contains(log.String(), "WARN") || !strings.Contains(log.String(), path) {
		t.Errorf("logged: %s", log.String())
	}
}

func TestAKeyFileThatIsNoEd25519KeyIsRefused(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty":         "",
		"no PEM":        "c2VjcmV0",
		"another block": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: encoded})),
		"no PKCS#8":     string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("secret")})),
		"another curve": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})),
	} {
		path := filepath.Join(t.TempDir(), "signing.pem")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := auth.LoadOrCreateKey(path)
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want an error that names the file", name, err)
		}
		if after, _ := os.ReadFile(path); string(after) != text {
			t.Errorf("%s: the file was overwritten", name)
		}
	}
}

func TestTheKeySetIsWhatOthersVerifyWith(t *testing.T) {
	key := auth.NewKey()
	handler := auth.NewIssuer(key, issuer, audience).JWKS()
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest("GET", "/.well-known/jwks.json", nil))
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(answer.Body.Bytes(), &set); err != nil || len(set.Keys) != 1 {
		t.Fatalf("%v: %s", err, answer.Body)
	}
	k := set.Keys[0]
	x, err := base64.RawURLEncoding.DecodeString(k["x"])
	if err != nil || !key.Public().Equal(ed25519.PublicKey(x)) {
		t.Errorf("x is %q, want the public key", k["x"])
	}
	if k["kty"] != "OKP" || k["crv"] != "Ed25519" || k["alg"] != "EdDSA" || k["use"] != "sig" || k["kid"] != key.ID() {
		t.Errorf("the key is %v", k)
	}
	if _, private := k["d"]; private {
		t.Error("the private half is published")
	}
	post := httptest.NewRecorder()
	handler.ServeHTTP(post, httptest.NewRequest("POST", "/.well-known/jwks.json", nil))
	if post.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST is answered with %d", post.Code)
	}
}

// The example of RFC 8037, appendix A.3.
func TestAKeyIsNamedByItsThumbprint(t *testing.T) {
	seed, err := base64.RawURLEncoding.DecodeString("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "signing.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := auth.LoadOrCreateKey(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"; key.ID() != want {
		t.Errorf("the key is named %s, want %s", key.ID(), want)
	}
}
