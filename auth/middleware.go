package auth

import (
	"encoding/json"
	"net/http"
)

// CodeUnauthenticated is extensions.code of an error that says: the caller's token is no good.
const CodeUnauthenticated = "UNAUTHENTICATED"

// Middleware gives each request the viewer of its bearer token. A request without an Authorization header goes on without a viewer; one with a
// header that is no good is answered with 401 and an error in GraphQL's shape.
func Middleware(v *Verifier) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			headers := r.Header.Values("Authorization")
			if len(headers) == 0 {
				next.ServeHTTP(w, r)
				return
			}
			ctx, err := r.Context(), error(ErrScheme)
			if len(headers) == 1 && headers[0] != "" {
				ctx, err = v.Authenticate(ctx, headers[0])
			}
			if err != nil {
				refuse(w, err)
				return
			}
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

func refuse(w http.ResponseWriter, err error) {
	body, _ := json.Marshal(map[string]any{"errors": []any{map[string]any{
		"message": err.Error(), "extensions": map[string]string{"code": CodeUnauthenticated},
	}}})
	w.Header().Set("WWW-Authenticate", `Bearer realm="granaio", error="invalid_token", error_description="`+err.Error()+`"`)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = w.Write(body)
}
