package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"granaio/loyalty/fact"
)

// The home screen's rival is what a good programmer would write for this one programme and this one screen: a handler of net/http that runs one
// prepared statement and writes the JSON by hand. It knows the catalogue by heart (home_catalogue.go), so that only the member comes from the
// database, and the tokens from the start, so that checking one is a look into a map.

// homeSQL reads everything, with a number that says what a row is: 0 the account, the member and its document; 1 a movement; 2 points that expire by
// an instant, or have expired and are not booked; 3 the stock of a reward. It relies on a member's account having the member's id, on nothing in
// this programme maturing later than it is earned, and on movements being numbered without gaps.
const homeSQL = `SELECT 0, a.available, a.pending, a.held, a.debt, a.sequence, m.tier, w.doc::text, NULL::timestamptz, NULL::uuid
 FROM accounts a, members m, working_states w WHERE a.id = $2 AND m.id = $1 AND w.id = $1
UNION ALL
(SELECT 1, number, points, available_after, 0, 0, kind, explanation::text, occurred_at, id
 FROM movements WHERE account_id = $2 ORDER BY number DESC LIMIT 5)
UNION ALL
(SELECT 2, sum(available)::bigint, 0, 0, 0, 0, NULL, NULL, expires_at, NULL
 FROM lots WHERE account_id = $2 AND pending + available + held > 0 AND expires_at <= $3 GROUP BY expires_at ORDER BY expires_at)
UNION ALL
SELECT 3, taken, 0, 0, 0, 0, NULL, NULL, NULL, id FROM stocks`

// homeRival is the handler.
type homeRival struct {
	members   map[string]fact.ID // by token
	statement *sql.Stmt
	catalogue catalogue
	zone      *time.Location
}

// serveHomeRival serves on a free port until it is interrupted. The file has a line per token: the token and the member.
func serveHomeRival(database, tokens string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	h := &homeRival{members: map[string]fact.ID{}}
	file, err := os.Open(tokens)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		token, member, _ := strings.Cut(lines.Text(), " ")
		if h.members[token], err = fact.ParseID(member); err != nil {
			return err
		}
	}
	_ = file.Close()
	db, err := sql.Open("postgres", database)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	if h.catalogue, err = openCatalogue(ctx, db); err != nil {
		return err
	}
	if h.statement, err = db.PrepareContext(ctx, homeSQL); err != nil {
		return err
	}
	if h.zone, err = time.LoadLocation("Europe/Rome"); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /home", h)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: patience}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Printf("http://%s\n", listener.Addr())
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// ServeHTTP answers with the home screen.
func (h *homeRival) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	member, ok := h.members[token]
	if !ok {
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	now := time.Now()
	m, err := h.read(r.Context(), member, now)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	body := h.catalogue.write(make([]byte, 0, 8<<10), m, now.In(h.zone))
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}

// homeState is what the database knows of a member's home screen.
type homeState struct {
	id                                       fact.ID
	available, pending, held, debt, sequence int64
	tier                                     string
	doc                                      homeDoc
	movements                                []homeMovement
	expiring                                 []homeExpiry
	taken                                    map[fact.ID]int64 // by reward
}

// homeDoc is the part of the working document that the screen needs.
type homeDoc struct {
	Qualifying struct{ Sum int64 }
	Events     map[string]struct{ Count int64 }
	Missions   map[string]struct {
		homePeriod
		Earlier []homePeriod
	}
	Redeemed map[string]int64
}

type homePeriod struct {
	Period    string
	Count     int64
	Completed time.Time
}

type homeMovement struct {
	id                        fact.ID
	number, points, available int64
	kind, explanation         string
	occurred                  time.Time
}

type homeExpiry struct {
	at     time.Time
	points int64
}

// read runs the statement.
func (h *homeRival) read(ctx context.Context, member fact.ID, now time.Time) (*homeState, error) {
	rows, err := h.statement.QueryContext(ctx, member, member.As(fact.KindAccount), now.AddDate(0, 0, 30))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	m := &homeState{id: member, movements: make([]homeMovement, 0, 5), taken: map[fact.ID]int64{}}
	var expired int64
	for rows.Next() {
		var part, a, b, c, d, e int64
		var text, long sql.RawBytes
		var at sql.NullTime
		var id fact.ID
		if err := rows.Scan(&part, &a, &b, &c, &d, &e, &text, &long, &at, &id); err != nil {
			return nil, err
		}
		switch part {
		case 0:
			m.available, m.pending, m.held, m.debt, m.sequence, m.tier = a, b, c, d, e, string(text)
			if err := json.Unmarshal(long, &m.doc); err != nil {
				return nil, err
			}
		case 1:
			m.movements = append(m.movements, homeMovement{id, a, b, c, string(text), string(long), at.Time})
		case 2:
			if at.Time.After(now) {
				m.expiring = append(m.expiring, homeExpiry{at.Time, a})
			} else {
				expired += a
			}
		case 3:
			m.taken[id.As(fact.KindReward)] = a
		}
	}
	m.available -= expired
	return m, rows.Err()
}
