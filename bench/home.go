package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"time"
)

const homeQuery = `query Home { viewer { member {
 id
 account { available pending held debt version expiring(days: 30) { at points } }
 tier { current { key name } qualifying next { key name at } missing }
 movements(first: 5) { edges { node { id number kind points occurredAt after { available } why { sentence source key } } } }
 missions { mission { key name } period count target completedAt }
 rewards { reward { id key name kind price } available reason { code } missingPoints left }
} } }`

// measureHome measures the home screen by GraphQL against the handler that is written by hand, on one database.
func measureHome(ctx context.Context, s *stage, f figure) (r result, err error) {
	if err := s.enrolReaders(ctx); err != nil {
		return result{}, err
	}
	if _, err := s.serving(ctx); err != nil {
		return result{}, err
	}
	rival, err := s.startHomeRival(ctx)
	if err != nil {
		return result{}, err
	}
	defer func() { err = errors.Join(err, rival.stop()) }()
	body, err := json.Marshal(map[string]string{"query": homeQuery})
	if err != nil {
		return result{}, err
	}
	ask := screen{s.server.address, "POST", "/graphql", body}
	askRival := screen{rival.address, "GET", "/home", nil}
	if err := s.compareScreens(ctx, ask, askRival); err != nil {
		return result{}, err
	}
	ours, theirs := s.looking(ask, f.clients, s.plan.length), s.looking(askRival, f.clients, s.plan.length)
	for _, warmUp := range []side{s.looking(ask, f.clients, s.plan.warm), s.looking(askRival, f.clients, s.plan.warm)} {
		if _, err := warmUp(ctx); err != nil {
			return result{}, err
		}
	}
	return inTurns(ctx, s, f, ours, theirs)
}

// screen is a way to ask for the home screen.
type screen struct {
	address, method, path string
	body                  []byte
}

var (
	whole    = []byte(`"left"`) // is in every home screen
	errorsIn = []byte(`"errors"`)
)

// looking is a side: readers look at their home screens.
func (s *stage) looking(ask screen, clients int, length time.Duration) side {
	all := make([]client, clients)
	for i := range all {
		chance := rand.New(rand.NewPCG(uint64(i), 1))
		all[i] = func(c *connection) (int, error) {
			answered, err := c.send(ask.method, ask.path, s.readers[chance.IntN(len(s.readers))].token, ask.body)
			if err == nil && (bytes.Contains(answered, errorsIn) || !bytes.Contains(answered, whole)) {
				err = fmt.Errorf("not a home screen: %.600s", answered)
			}
			return 1, err
		}
	}
	return func(ctx context.Context) (float64, error) {
		_, perSecond, err := load(ctx, ask.address, all, length)
		return perSecond, err
	}
}

// compared is how many readers' screens are compared before any is timed.
const compared = 50

// compareScreens makes sure that both ways to ask give the same JSON.
func (s *stage) compareScreens(ctx context.Context, ways ...screen) error {
	for _, r := range s.readers[:min(compared, len(s.readers))] {
		var screens []any
		for _, way := range ways {
			c, err := dial(ctx, way.address)
			if err != nil {
				return err
			}
			answered, err := c.send(way.method, way.path, r.token, way.body)
			if err != nil {
				return err
			}
			var read any
			decoder := json.NewDecoder(bytes.NewReader(answered))
			decoder.UseNumber()
			if err := decoder.Decode(&read); err != nil {
				return err
			}
			screens = append(screens, read)
			_ = c.Close()
		}
		if where := difference(screens[0], screens[1], "$"); where != "" {
			return fmt.Errorf("the home screens of %s differ: %s", r.id, where)
		}
	}
	return nil
}

// difference tells where two JSON values differ first; empty if they do not.
func difference(a, b any, at string) string {
	switch x := a.(type) {
	case map[string]any:
		if y, ok := b.(map[string]any); ok && len(x) == len(y) {
			for name := range x {
				if d := difference(x[name], y[name], at+"."+name); d != "" {
					return d
				}
			}
			return ""
		}
	case []any:
		if y, ok := b.([]any); ok && len(x) == len(y) {
			for i := range x {
				if d := difference(x[i], y[i], fmt.Sprintf("%s[%d]", at, i)); d != "" {
					return d
				}
			}
			return ""
		}
	}
	if reflect.DeepEqual(a, b) {
		return ""
	}
	return fmt.Sprintf("%s is %.300v and %.300v", at, a, b)
}

// homeRivalCommand is the argument with which this program is the rival.
const homeRivalCommand = "home-rival"

// startHomeRival starts the handler that is written by hand as a process of its own.
func (s *stage) startHomeRival(ctx context.Context) (*process, error) {
	path := filepath.Join(s.folder, "tokens")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriter(file)
	for _, r := range s.readers {
		fmt.Fprintf(w, "%s %s\n", r.token, r.id)
	}
	if err := errors.Join(w.Flush(), file.Close()); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	// Once planned is enough for its statement, which PostgreSQL would else plan anew each time, hoping for better.
	database, err := url.Parse(s.address(forServer))
	if err != nil {
		return nil, err
	}
	options := database.Query()
	options.Set("plan_cache_mode", "force_generic_plan")
	database.RawQuery = options.Encode()
	return start(ctx, filepath.Join(s.folder, "rival.log"), self, homeRivalCommand, database.String(), path)
}
