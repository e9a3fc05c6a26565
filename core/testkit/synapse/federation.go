package synapse

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// FederatedName is the server name of a Synapse that others on this machine reach at a port: with it no other port is
// looked for. ref: Matrix server-server API, resolving server names, step 2
func FederatedName(port int) string { return fmt.Sprintf("localhost:%d", port) }

func certificatePath(dir string) string { return filepath.Join(dir, "tls.crt") }

func certificateKeyPath(dir string) string { return filepath.Join(dir, "tls.key") }

// federate lets a server talk to others on this machine: it listens with a certificate of its own making, and asks for none
// that somebody vouches for.
func federate(config map[string]any, opts Options) {
	config["listeners"] = append(config["listeners"].([]any), map[string]any{
		"port": opts.FederationPort, "type": "http", "tls": true, "bind_addresses": []string{"127.0.0.1"},
		"resources": []any{map[string]any{"names": []string{"federation"}, "compress": false}},
	})
	maps.Copy(config, map[string]any{
		"tls_certificate_path": certificatePath(opts.Dir), "tls_private_key_path": certificateKeyPath(opts.Dir),
		"federation_verify_certificates": false, "federation_domain_whitelist": nil,
		"ip_range_blacklist": []string{}, "federation_ip_range_blacklist": []string{},
	})
}

// makeCertificate writes a certificate for localhost that it signs itself.
func makeCertificate(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(30 * 24 * time.Hour),
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return fmt.Errorf("make a certificate: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encode a key: %w", err)
	}
	for path, block := range map[string]*pem.Block{
		certificatePath(dir): {Type: "CERTIFICATE", Bytes: signed}, certificateKeyPath(dir): {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err = os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			return fmt.Errorf("write a certificate: %w", err)
		}
	}
	return nil
}
