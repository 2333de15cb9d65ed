# `make help` lists what there is. Everything installs into .venv; nothing else is touched.
PYTHON ?= python3
# How many tests run beside each other: `make test JOBS=8`.
JOBS ?= 2
BIN := .venv/bin
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help install run test test-long check bench viewer-demo pictures lock translations release licences audit

help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: $(STAMP) ## Everything into .venv

$(STAMP): requirements/dev.txt setup.cfg pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/pybabel --quiet compile -d console/translations
	touch $(STAMP)

translations: $(STAMP) ## Collect strings into the catalogue, and compile it
	$(BIN)/pybabel --quiet extract -F console/translations/babel.cfg -k _l -k lazy_gettext --no-location --sort-output --no-wrap -o console/translations/messages.pot .
	$(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap -i console/translations/messages.pot -d console/translations
	$(BIN)/pybabel --quiet compile -d console/translations

run: install ## Console and API on http://localhost:8000, demo community on http://127.0.0.1:8001
	$(BIN)/python -m demo.run

test: check tests/provider/node_modules ## The checks, then all tests but the full-length fault runs
	$(BIN)/pybabel --quiet compile -d console/translations
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "not long"
	cd viewer && node --test test/

test-long: install tests/provider/node_modules ## The full-length fault runs
	$(BIN)/python -m pytest -m long

check: install viewer/node_modules ## Lint, types, import rules, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --profile=jinja --quiet
	cd viewer && npx --no-install tsc --noEmit -p .

viewer/node_modules tests/provider/node_modules: %/node_modules: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund --silent
	touch $@

bench: install ## Speed, as ratios within one run
	$(BIN)/python -m benchmarks

viewer-demo: install ## A browser with the extension on the demo community
	$(BIN)/python -m demo.viewer

pictures: install ## Take the moderator's guide's pictures again
	SHUDI_KEEP_PICTURES=1 $(BIN)/python -m pytest tests/e2e/test_guide.py

# What is shipped, alone in an environment, and what looks it over in another.
build/runtime: requirements/runtime.txt build/tools
	rm -rf $@ && $(PYTHON) -m venv --without-pip $@
	build/tools/bin/python -m pip --python $@/bin/python install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/runtime.txt

build/tools: requirements/release.txt
	rm -rf $@ && $(PYTHON) -m venv $@
	$@/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/release.txt

release: build/runtime licences ## Parts list (CycloneDX) in build/, licences, known weaknesses
	build/tools/bin/cyclonedx-py environment --output-reproducible --output-file build/sbom.cdx.json build/runtime/bin/python
	$(MAKE) audit

licences: build/runtime ## Write docs/licences.csv: what is shipped, under which licence
	build/tools/bin/pip-licenses --python=build/runtime/bin/python --with-system --format=csv --order=name --output-file=docs/licences.csv

audit: build/tools ## Ask a public database for known weaknesses (needs the network); what it does not know fails
	build/tools/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements/runtime.txt

lock: ## Pin requirements/*.in again, with hashes (needs uv)
	for name in runtime dev release; do uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --override requirements/overrides.txt --no-header --no-annotate --no-emit-index-url \
	  requirements/$$name.in -o requirements/$$name.txt; done
