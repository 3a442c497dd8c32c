# The commands of this project. `make demo` and `make test` need python3 (3.11 or newer) and make.
#
#   make demo    the portal with its sample prefecture; PORT=8001, RESET=1, TALENTPOOL_STATE=DIR
#   make test    all tests against real PostgreSQL and Valkey; ARGS="tests/matching -k greedy"
#   make check   what must hold before a change goes in
#   make lock    renew requirements.lock
#   make bench   measurements; make faults: long runs with processes killed in between
#   make clean   remove what the commands above have made here (the demo's data stays: RESET=1)

PYTHON ?= python3
PY := .venv/bin/python
EMBEDDED := $(PY) -m talentpool.embedded
BIN := .venv/bin
# Production settings with a key for the moment; nothing is kept under it.
PRODUCTION := TALENTPOOL_PROFILE=production ALLOWED_HOSTS=pool.example.lg.jp \
  SITE_URL=https://pool.example.lg.jp SECRET_KEY=`$(PY) -c "import secrets; print(secrets.token_urlsafe(64))"`
WORKERS ?= 2
# Each of the many processes that the demo and the tests start would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE
ARGS ?=

.PHONY: demo test check lock bench faults clean

demo:
	@$(PYTHON) talentpool/embedded/bootstrap.py servers
	@exec $(EMBEDDED) demo --stop-with-parent

test:
	@$(PYTHON) talentpool/embedded/bootstrap.py tools
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check:
	@$(PYTHON) talentpool/embedded/bootstrap.py tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	TALENTPOOL_PROFILE=test $(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/lint-imports
	$(PRODUCTION) $(EMBEDDED) run $(PY) manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(EMBEDDED) run $(PY) manage.py check --deploy --database default --fail-level WARNING

lock:
	@$(PYTHON) talentpool/embedded/bootstrap.py tools
	@$(PY) -m talentpool.embedded.lock

# Each module of tests/bench/ prints one kind of figures; faults*.py are the long runs with kills.
bench:
	@$(PYTHON) talentpool/embedded/bootstrap.py tools
	@for module in $(filter-out __init__ faults%,$(basename $(notdir $(wildcard tests/bench/*.py)))); do \
	  $(EMBEDDED) run $(PY) -m tests.bench.$$module $(ARGS) || exit 1; \
	done

faults:
	@$(PYTHON) talentpool/embedded/bootstrap.py tools
	@$(PY) -m tests.bench.faults
	@SECONDS=$(or $(SECONDS),300) $(PY) -m pytest -s tests/bench/faults_*.py $(ARGS)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf staticfiles test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
