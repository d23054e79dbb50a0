package transport

import (
	"net/http"
	"slices"
	"strings"
)

// allowOrigin lets browsers of the allowed origins in, and answers their preflights. It is true if the request is answered by that. Nothing rests on
// it but what a page of another origin may read: callers are known by their tokens, never by cookies.
func (h *Handler) allowOrigin(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	w.Header().Add("Vary", "Origin")
	if origin != "" && h.isAllowed(origin) {
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Expose-Headers", "Retry-After, X-Request-Id")
	}
	if r.Method != http.MethodOptions {
		return false
	}
	w.Header().Set("Allow", "GET, POST, OPTIONS")
	if w.Header().Get("Access-Control-Allow-Origin") != "" {
		w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
		w.Header().Set("Access-Control-Allow-Headers", "Accept, Accept-Language, Authorization, Content-Type, X-Request-Id")
		w.Header().Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}

func (h *Handler) isAllowed(origin string) bool {
	return slices.ContainsFunc(h.Origins, func(o string) bool { return o == "*" || strings.EqualFold(o, origin) })
}
