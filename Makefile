# howlow
#
#   make             set up .venv, then run the analysis: results/report.html
#   make test        set up .venv, then run the tests
#   make figures     the figures as PDF and PNG, beside the SVG ones
#   make open-data   the default studies and the open ones, which are downloaded
#   make check       lint, format, types, the workflow's lint, a dry run
#   make format      rewrite the code in the format that `make check` asks for
#   make lock        renew requirements.lock (UPGRADE=1: newest versions; see CONTRIBUTING.md)
#   make clean       remove what the workflow made; .venv and downloaded data stay
#
# ARGS="..." is handed on to Snakemake or pytest. PYTHON=python3.12 chooses a Python.
# All paths are relative, and the folder's name may hold spaces.

PYTHON ?= python3
UV ?= uv
ARGS ?=

.DEFAULT_GOAL := run
.NOTPARALLEL:
.PHONY: run test setup figures open-data check lint types lint-workflow dry-run format lock clean

# Without bytecode each job imports for eleven seconds instead of three. The other two would bring
# foreign packages in.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME

# Python cannot start from a folder with a letter outside ASCII in its name under LC_ALL=C.
ifneq ($(shell locale charmap 2>/dev/null),UTF-8)
export LC_ALL := C.UTF-8
endif

VENV := PATH="$$(pwd)/.venv/bin:$$PATH"
PIP := .venv/bin/python -m pip --disable-pip-version-check --no-input
PIP_INSTALL := $(PIP) install $(if $(CI),--quiet)

run: setup
	@$(VENV) .venv/bin/snakemake $(ARGS)

test: setup
	@$(VENV) .venv/bin/python -m pytest $(ARGS)

figures: setup
	@$(VENV) .venv/bin/snakemake figures $(ARGS)

open-data: setup
	@$(VENV) .venv/bin/snakemake --configfile config/open-data.yaml $(ARGS)

# What was installed, and where, is kept in .venv itself, and compared by content: a new lock or a
# moved folder means a new .venv; a new pyproject.toml means that the package is installed again.
# A stamp is the last thing written, so a set-up that was cut short is started afresh.
setup:
	@packages="$$(pwd) $$(cksum < requirements.lock)"; \
	package="$$(cksum < pyproject.toml)"; \
	if ! { .venv/bin/python -c '' && [ "$$(cat .venv/packages.stamp)" = "$$packages" ]; } 2>/dev/null; then \
	    if ! $(PYTHON) -c '' 2>/dev/null; then \
	        echo "howlow: there is no working '$(PYTHON)' here. Install Python 3.11 or newer (Debian, Ubuntu:" >&2; \
	        echo "  apt install python3 python3-venv; macOS: brew install python), then type make again." >&2; \
	        exit 1; \
	    fi; \
	    if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	        echo "howlow: '$(PYTHON)' is $$($(PYTHON) --version 2>&1); howlow needs Python 3.11 or newer." >&2; \
	        echo "  If a newer one is installed, name it: make PYTHON=python3.12" >&2; \
	        echo "  If not, install one (Debian, Ubuntu: apt install python3.12 python3.12-venv; macOS:" >&2; \
	        echo "  brew install python), then type make again." >&2; \
	        exit 1; \
	    fi; \
	    if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
	        echo "howlow: '$(PYTHON)' comes without venv. Install it (Debian, Ubuntu: apt install" >&2; \
	        echo "  python3-venv), then type make again." >&2; \
	        exit 1; \
	    fi; \
	    echo "howlow: setting up .venv. This happens once and takes a minute or two."; \
	    rm -rf .venv; \
	    trap 'rm -rf .venv' EXIT; \
	    trap 'exit 130' INT; \
	    trap 'exit 143' TERM HUP; \
	    if ! { $(PYTHON) -m venv .venv && $(PIP_INSTALL) --no-compile --require-hashes -r requirements.lock; }; then \
	        echo "howlow: the set-up failed; the lines above say why. The first one needs a network." >&2; \
	        echo "  Nothing half-made is left: type make again when it is mended." >&2; \
	        exit 1; \
	    fi; \
	    .venv/bin/python -m compileall -qq -j 0 .venv/lib || true; \
	    printf '%s\n' "$$packages" > .venv/packages.stamp; \
	    trap - EXIT INT TERM HUP; \
	fi; \
	if [ "$$(cat .venv/package.stamp 2>/dev/null)" != "$$package" ]; then \
	    if ! $(PIP_INSTALL) --no-deps --no-build-isolation -e .; then \
	        echo "howlow: the package itself could not be installed; the lines above say why." >&2; \
	        exit 1; \
	    fi; \
	    .venv/bin/python -m compileall -q workflow/howlow || true; \
	    printf '%s\n' "$$package" > .venv/package.stamp; \
	fi

check: lint types lint-workflow dry-run

SNAKEFILES := Snakefile workflow/Snakefile workflow/rules/*.smk

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/snakefmt --check $(SNAKEFILES)

types: setup
	.venv/bin/mypy

lint-workflow: setup
	$(VENV) .venv/bin/snakemake --lint

dry-run: setup
	$(VENV) .venv/bin/snakemake --dry-run --quiet

format: setup
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	.venv/bin/snakefmt $(SNAKEFILES)

# One version of each package for all Pythons and systems, so that all compute the same numbers.
lock:
	@command -v $(UV) > /dev/null || \
	    { echo "howlow: make lock needs uv (pip install uv), or make lock UV=<path to it>." >&2; exit 1; }
	$(UV) pip compile --universal --python-version 3.11 --fork-strategy fewest --all-extras \
	    --generate-hashes --custom-compile-command "make lock" --quiet $(if $(UPGRADE),--upgrade) \
	    --output-file requirements.lock pyproject.toml

clean:
	find results -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
	[ ! -d benchmarks ] || find benchmarks -name '*.tsv' -exec rm -f {} +
	rm -rf .snakemake logs .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
