# What can be done here. `make` alone lists it.

LISTEN = :8080
DATA = data

.PHONY: help run test bench soak mutants generate migration lint check-generated

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name what; do printf '  make %-16s %s\n' "$$name" "$$what"; done

run: ## Build and serve on LISTEN (:8080), with the data in the folder DATA (data), or in DATABASE_URL
	go build -o bin/granaio .
	bin/granaio serve --listen '$(LISTEN)' --data '$(DATA)'

test: ## Test on SQLite and on a PostgreSQL of its own (installed if need be); ONLY="./store/..." for some packages, ARGS="-v -run Name"
	scripts/postgres with --fast scripts/test $(ONLY) -- $(ARGS)

bench: ## Measure side by side with rivals on a PostgreSQL of its own, durable; ONLY=name,name for some figures
	scripts/postgres with go run ./bench --only='$(ONLY)'

DURATION = 60s

soak: ## Kill servers and databases under load for DURATION (60s), and prove that nothing acknowledged is lost, doubled or changed; ARGS="--seed 1"
	go run ./soak/cmd --duration='$(DURATION)' $(ARGS)

mutants: ## Break the program on purpose, in one place after the other, and see each break caught by its test; ARGS="--only twice" for some
	scripts/postgres with --fast go run ./proof/mutants $(ARGS)

generate: ## Generate ent's code from ent/schema, gqlgen's from graph/schema, and the printed schema
	cd ent && go generate .
	go run ./graph/generate
	go run ./graph/print

migration: ## Write the migration that ent's schema asks for: NAME=what_changed; without NAME, the first one anew
	scripts/postgres with --fast go run ./store/migration/generate $(NAME)

lint: ## Check the format, and look for mistakes by vet and staticcheck
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "Not formatted (gofmt -w):" $$unformatted; exit 1; }
	go vet ./...
	go run honnef.co/go/tools/cmd/staticcheck ./...

check-generated: ## Generate again, and fail if that changes anything
	scripts/unchanged $(MAKE) generate
