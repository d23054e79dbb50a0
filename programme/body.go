package programme

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// asJSON is a Spec as a JSON document, with its digest. Its form does not hang on the order of the struct's fields, nor on whether what is empty is
// written or left out.
func asJSON(spec any) (map[string]any, string, error) {
	raw, err := json.Marshal(spec)
	if err != nil {
		return nil, "", err
	}
	var body map[string]any
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, "", err
	}
	prune(body)
	if raw, err = json.Marshal(body); err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(raw)
	return body, hex.EncodeToString(sum[:]), nil
}

// prune removes what is empty from a document.
func prune(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			prune(e)
		}
	case map[string]any:
		for key, e := range v {
			prune(e)
			list, isList := e.([]any)
			document, isDocument := e.(map[string]any)
			if e == nil || isList && len(list) == 0 || isDocument && len(document) == 0 {
				delete(v, key)
			}
		}
	}
}

// fromJSON reads what asJSON wrote.
func fromJSON(body map[string]any, spec any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, spec)
}
