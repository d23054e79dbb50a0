package dossier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"granaio/auth"
	"granaio/loyalty/fact"
	"granaio/store"
)

// Keeper shows what is stored of members.
type Keeper struct {
	Store *store.Store
	// Authenticate is the context with the viewer whose token an Authorization header's value bears. Of Serve only.
	Authenticate func(ctx context.Context, header string) (context.Context, error)
	Log          *slog.Logger // slog's default by default
}

// Shares counts what is stored of a member.
func (k Keeper) Shares(ctx context.Context, member fact.ID) ([]Share, error) {
	return Shares(ctx, k.Store, member)
}

// Path is where a member's file is asked for.
func Path(member fact.ID) string { return "/members/" + member.String() + "/export" }

// Pattern is how a server routes to Serve.
const Pattern = "GET /members/{id}/export"

// Serve answers with a member's whole file: to the member itself, and to operators of its programme. For everybody else there is no such member.
func (k Keeper) Serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	ctx, err := k.Authenticate(r.Context(), r.Header.Get("Authorization"))
	v := auth.From(ctx)
	if err != nil || v == nil {
		w.Header().Set("WWW-Authenticate", "Bearer")
		fail(w, http.StatusUnauthorized, "UNAUTHENTICATED", "a token is needed: Authorization: Bearer …")
		return
	}
	if v.Role == auth.RolePartner {
		fail(w, http.StatusForbidden, "FORBIDDEN", "not for a partner")
		return
	}
	id, err := fact.ParseID(r.PathValue("id"))
	if err != nil || id.Kind() != fact.KindMember {
		fail(w, http.StatusNotFound, string(fact.CodeUnknownMember), "there is no such member")
		return
	}
	body := &begun{ResponseWriter: w, member: id}
	if v.Role == auth.RoleMember {
		err = k.itself(ctx, v, id)
	}
	if err == nil {
		err = Write(auth.System(ctx, v.Programme), k.Store, v.Programme, id, time.Now(), body)
	}
	switch {
	case err == nil:
	case errors.Is(err, ErrNoMember):
		fail(w, http.StatusNotFound, string(fact.CodeUnknownMember), "there is no such member")
	default:
		log := k.Log
		if log == nil {
			log = slog.Default()
		}
		log.Error("a member's file could not be written", "member", id.String(), "error", err)
		if !body.wrote {
			fail(w, http.StatusInternalServerError, "INTERNAL", "something went wrong inside")
			return
		}
		panic(http.ErrAbortHandler) // what was sent is no file: whoever reads it is to see that
	}
}

// itself refuses a member who asks for somebody else's file. Who was merged into another is that one, whichever of the two the token and the address name.
func (k Keeper) itself(ctx context.Context, v *auth.Viewer, id fact.ID) error {
	if v.Member == id {
		return nil
	}
	tx, err := k.Store.Snapshot(ctx)
	if err != nil {
		return fmt.Errorf("dossier: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	all, err := kin(ctx, tx, mark(k.Store.Dialect()), v.Programme, v.Member)
	if err == nil && !slices.Contains(all, id) {
		err = ErrNoMember
	}
	return err
}

// begun is an answer that says what it is when its first bytes are written.
type begun struct {
	http.ResponseWriter
	member fact.ID
	wrote  bool
}

// Write writes.
func (b *begun) Write(p []byte) (int, error) {
	if !b.wrote {
		b.wrote = true
		b.Header().Set("Content-Type", "application/json")
		b.Header().Set("Content-Disposition", `attachment; filename="`+b.member.String()+`.json"`)
	}
	return b.ResponseWriter.Write(p)
}

var _ io.Writer = (*begun)(nil)

// fail answers with what is wrong.
func fail(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": code, "message": message}})
}
