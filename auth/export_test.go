package auth

import "crypto/ed25519"

// Thumbprint lets tests name keys of their own.
func Thumbprint(public ed25519.PublicKey) string { return thumbprint(public) }
