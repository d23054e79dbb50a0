package app

import (
	"errors"
	"io"
	"path/filepath"
	"time"

	"github.com/alecthomas/kong"
)

// Settings are those that every command shares. Each is a flag and a variable of the environment; the flag wins.
type Settings struct {
	Data        string `help:"Folder of the SQLite database and of the key that signs tokens; it is made if it is missing." default:"data" env:"DATA" type:"path"`
	DatabaseURL string `help:"Where the data is: postgres://… or the path of a SQLite file. By default granaio.db in the data folder." env:"DATABASE_URL" placeholder:"URL"`
	LogLevel    string `help:"What is logged: ${enum}." enum:"debug,info,warn,error" default:"info" env:"LOG_LEVEL"`
	LogFormat   string `help:"How it is logged: ${enum}." enum:"text,json" default:"text" env:"LOG_FORMAT"`

	IssuerName string `name:"issuer" help:"The issuer (iss) of tokens." default:"granaio" env:"ISSUER"`
	Audience   string `help:"The audience (aud) of tokens." default:"granaio" env:"AUDIENCE"`
	IssuerKey  string `help:"File of the Ed25519 key that signs tokens, PKCS #8 in PEM; it is made if it is missing. Processes that share a database share it. By default issuer.pem in the data folder." env:"ISSUER_KEY" type:"path" placeholder:"FILE"`
}

// database is the address of the database.
func (s *Settings) database() string {
	if s.DatabaseURL != "" {
		return s.DatabaseURL
	}
	return filepath.Join(s.Data, "granaio.db")
}

func (s *Settings) issuerKey() string {
	if s.IssuerKey != "" {
		return s.IssuerKey
	}
	return filepath.Join(s.Data, "issuer.pem")
}

// Serving is how the server runs.
type Serving struct {
	Listen  string        `help:"Address to listen on." default:":8080" env:"LISTEN"`
	NatsURL string        `help:"NATS cluster that carries live news between processes: nats://host:4222. By default a server inside this process." env:"NATS_URL" placeholder:"URL"`
	Example bool          `help:"Import the example programme if the database has none." default:"true" negatable:"" env:"EXAMPLE"`
	Drain   time.Duration `help:"How long requests in flight may take to finish when the server stops." default:"15s" env:"DRAIN"`

	Sweep       time.Duration `help:"How often what has matured or expired is booked. No balance depends on it: whoever reads or spends first counts it in." default:"1m" env:"SWEEP"`
	Visits      time.Duration `help:"How often what touchpoints bring is rolled up, by one process at a time; 0 for never, so that whoever asks reads all interactions." default:"1m" env:"VISITS"`
	Liability   time.Duration `help:"How often what programmes owe in points is worked out, by one process at a time; 0 for never." default:"15m" env:"LIABILITY"`
	Check       time.Duration `help:"How often the ledger's invariants are checked and shown in /metrics, by one process at a time; 0 for never." default:"1h" env:"CHECK"`
	CheckWithin time.Duration `help:"How long such a check may take." default:"10m" env:"CHECK_WITHIN"`

	Introspection bool     `help:"Let callers read the schema." default:"true" negatable:"" env:"INTROSPECTION"`
	Origins       []string `help:"Origins of web pages that may call the API (CORS and WebSocket); * for all." env:"ORIGINS" placeholder:"ORIGIN"`
	Budget        int      `help:"Query cost that a member may spend in a second, over time; partners and operators may spend more, strangers less. 0 for no limit." default:"20000" env:"BUDGET"`
	Pool          int      `help:"Connections to PostgreSQL for reading, and as many for the engine; 0 for 16 each. On SQLite all of them, 0 for 8." default:"0" env:"POOL"`
	Profiler      string   `help:"Address at which to serve Go's profiler (/debug/pprof/); it must not be reachable from outside. By default nowhere." env:"PROFILER" placeholder:"ADDRESS"`
	Workers       int      `help:"Transactions that the engine runs at once; 0 for 1 on SQLite, one per core up to 4 on PostgreSQL." default:"0" env:"WORKERS"`
}

// Commands is the command line.
type Commands struct {
	Settings

	Serve   Serve   `cmd:"" help:"Run the server: the API at /graphql (HTTP, WebSocket and SSE), GraphiQL at /, keys at /.well-known/jwks.json, /metrics, /healthz, /readyz."`
	Migrate Migrate `cmd:"" help:"Bring the database's tables up to date and stop. The server does it too when it starts."`
	Import  Import  `cmd:"" help:"Validate a programme file and publish it. Nothing changes unless all of it is valid; the same file again changes nothing."`
	Export  Export  `cmd:"" help:"Write a programme as YAML: what is in force, or an earlier version."`
	Diff    Diff    `cmd:"" help:"Compare a programme file with what is in force, or two versions, field by field. Exits with 1 if they differ, with 2 if they cannot be compared."`

	Definition Definition `cmd:"" help:"List definitions, write and discard drafts, pause, resume and retire."`
	Version    Version    `cmd:"" help:"List versions and who changed what; publish drafts, roll back, cancel what is scheduled."`

	Token  Token  `cmd:"" help:"Make a token for a member, an operator or a partner."`
	Replay Replay `cmd:"" help:"Send a file of past purchases through the engine. It can be stopped and run again: nothing counts twice."`
	Check  Check  `cmd:"" help:"Prove the ledger: run its invariants as SQL on the live database. Exits with 1 if any is violated."`

	Rebuild   Rebuild   `cmd:"" help:"Work members' metrics out anew from all that is stored of them, beside a running server: after a version with new or other metrics."`
	Simulate  Simulate  `cmd:"" help:"Replay what really happened under a draft or another version, and tell what would have been: points, cost, whom it touches. Writes nothing."`
	Erasures  Erasures  `cmd:"" help:"The list of those who were erased: export it beside the backups, replay it after one is restored."`
	Liability Liability `cmd:"" help:"Print what a programme owes in points: outstanding by expiry month and funding; issued, redeemed, expired and taken back by month."`
}

// Main runs the command line and is the program's exit code.
func Main(arguments []string, stdout, stderr io.Writer) int {
	var c Commands
	code, exited := 0, false
	parser, err := kong.New(&c,
		kong.Name("granaio"),
		kong.Description("A loyalty and engagement platform behind one GraphQL API."),
		kong.UsageOnError(), kong.Writers(stdout, stderr), kong.Exit(func(n int) { code, exited = n, true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(stdout, (*io.Writer)(nil)),
	)
	if err != nil {
		panic(err) // the declarations above are wrong
	}
	ctx, err := parser.Parse(arguments)
	if exited {
		return code
	}
	if err != nil {
		parser.Errorf("%s", err)
		return 2
	}
	if err := ctx.Run(&c.Settings); err != nil {
		end, said := errors.AsType[ending](err)
		if !said {
			end = ending{1, err}
		}
		if end.err != nil {
			parser.Errorf("%s", end.err)
		}
		return end.code
	}
	return code
}
