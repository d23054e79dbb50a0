package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// client is somebody with a token.
type client struct {
	url, token string
	http       *http.Client
}

func (s *server) as(token string) *client {
	return &client{s.url, token, &http.Client{Timeout: 30 * time.Second}}
}

// answer is what GraphQL answers.
type answer struct {
	Data   map[string]any `json:"data"`
	Errors []struct {
		Message    string         `json:"message"`
		Path       []any          `json:"path"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
}

// code is the code of the first error.
func (a answer) code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	code, _ := a.Errors[0].Extensions["code"].(string)
	return code
}

// at is the value at a dotted path of the data: "viewer.member.account.available", with list places; nil if there is none.
func (a answer) at(path string) any {
	var v any = a.Data
	for name := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			i := 0
			if _, err := fmt.Sscanf(name, "%d", &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (a answer) text(path string) string { s, _ := a.at(path).(string); return s }
func (a answer) number(path string) int  { n, _ := a.at(path).(float64); return int(n) }

type variables = map[string]any

// try sends a query; its answer and the HTTP status.
func (c *client) try(query string, v variables) (answer, int, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": v})
	if err != nil {
		return answer{}, 0, err
	}
	request, err := http.NewRequest(http.MethodPost, c.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return answer{}, 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return answer{}, 0, err
	}
	defer func() { _ = response.Body.Close() }()
	var a answer
	err = json.NewDecoder(response.Body).Decode(&a)
	return a, response.StatusCode, err
}

// ask sends a query that must be answered without errors.
func (c *client) ask(t *testing.T, query string, v variables) answer {
	t.Helper()
	a, status, err := c.try(query, v)
	if err != nil || status != http.StatusOK || len(a.Errors) > 0 {
		t.Fatalf("status %d, error %v, errors %v\n%s", status, err, a.Errors, query)
	}
	return a
}

const track = `mutation($input: InteractionTrackInput!) { interactionTrack(input: $input) {
  interaction { id event }
  outcome { duplicate tierChanged tier { key } movements { id number kind points after { available } why { sentence source key } } progress { mission { key } count target completedAt } }
  userErrors { field code message } } }`

const enrol = `mutation($input: MemberEnrolInput!) { memberEnrol(input: $input) {
  member { id account { id available } }
  outcome { duplicate movements { kind points why { key } } }
  userErrors { field code message } } }`

const redeem = `mutation($input: RewardRedeemInput!) { rewardRedeem(input: $input) {
  redemption { id points reward { key } } movement { kind points } duplicate userErrors { field code message } } }`

// available is how many points a member can spend.
func (c *client) available(t *testing.T, id string) int64 {
	t.Helper()
	a := c.ask(t, `query($id: ID!) { node(id: $id) { ... on Member { account { available } } } }`, variables{"id": id})
	return int64(a.number("node.account.available"))
}

// enrolled makes a member with an e-mail address; its id.
func (c *client) enrolled(t *testing.T, email string) string {
	t.Helper()
	a := c.ask(t, enrol, variables{"input": variables{
		"idempotencyKey": "enrol " + email, "touchpoint": "web", "identities": []any{variables{"kind": "EMAIL", "value": email}},
	}})
	id := a.text("memberEnrol.member.id")
	if id == "" {
		t.Fatalf("%s was not enrolled: %v", email, a.at("memberEnrol.userErrors"))
	}
	return id
}

// purchase is the input of a purchase.
func purchase(key, email, amount string) variables {
	return variables{"input": variables{
		"idempotencyKey": key, "event": "purchase", "touchpoint": "till", "value": variables{"amount": amount},
		"member": variables{"identity": variables{"kind": "EMAIL", "value": email}},
	}}
}
