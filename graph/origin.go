package graph

import (
	"context"
	"net"
	"net/netip"
)

type originKey struct{}

func withOrigin(ctx context.Context, remote string) context.Context {
	return context.WithValue(ctx, originKey{}, originOf(remote))
}

// origin is where the context's request comes from.
func origin(ctx context.Context) string {
	s, _ := ctx.Value(originKey{}).(string)
	return s
}

// originOf is the address a request comes from; of IPv6 the network of 64 bits, which one household or host has to itself.
func originOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return "somewhere"
	}
	if address = address.Unmap(); address.Is6() {
		network, _ := address.WithZone("").Prefix(64)
		return network.String()
	}
	return address.String()
}
