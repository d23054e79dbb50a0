package graph

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"granaio/graph/fault"
)

// persisted lets a client send a document's SHA-256 in place of the document, once it has sent both: automatic persisted queries, as Apollo's and
// urql's clients do them. A hash that is not known is answered with the message those clients look for.
type persisted struct{ documents *cache[string] }

// find gives a request its document.
func (p *persisted) find(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	if params.Extensions["persistedQuery"] == nil {
		return nil
	}
	named, _ := params.Extensions["persistedQuery"].(map[string]any)
	hash, _ := named["sha256Hash"].(string)
	if len(hash) != 2*sha256.Size {
		return fault.Malformed("extensions.persistedQuery needs a sha256Hash in hexadecimal").GraphQL()
	}
	if params.Query == "" {
		document, ok := p.documents.Get(ctx, hash)
		if !ok {
			return fault.Malformed("PersistedQueryNotFound").GraphQL()
		}
		params.Query = document
		return nil
	}
	if sum := sha256.Sum256([]byte(params.Query)); hex.EncodeToString(sum[:]) != hash {
		return fault.Malformed("the hash is not the document's").GraphQL()
	}
	if len(params.Query) <= maxDocument {
		p.documents.Add(ctx, hash, params.Query)
	}
	return nil
}
