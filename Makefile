# The only commands to know. Each one sets up what it needs.
.PHONY: help demo run test nightly mutants check fix bench docs lock browser
help:
	@echo "make demo   the whole platform with lively demo data    整个平台，带演示数据"
	@echo "make run    the same, empty                              同上，不带数据"
	@echo "make test   every test but the nightly ones              测试"
	@echo "make nightly  long tests: repeated kills, the whole sample, mutants    长测试"
	@echo "make mutants  which faults in the rules no test notices               变异测试"
	@echo "make check  format, lint, types, contracts, documents    静态检查"
	@echo "make fix    mend what a machine can mend"
	@echo "make bench  benchmarks, each against a limit measured in the same run"
	@echo "make docs   write the generated documents again"

# what Python and pytest compile is kept, whatever the environment says: every start is three times as fast
unexport PYTHONDONTWRITEBYTECODE

demo:
	@tools/setup.sh run
	@exec .venv/bin/hcp serve --demo

run:
	@tools/setup.sh run
	@exec .venv/bin/hcp serve

browser:
	@tools/browser.sh

# the examples of property tests are the same at every run; `make nightly` looks for new ones
test: browser
	@tools/setup.sh dev
	.venv/bin/pytest -n auto --dist loadfile --no-loadscope-reorder --hypothesis-profile=ci -m "not nightly"

# journeys that are gone without a mouse, too
BY_KEYBOARD := $(foreach name,management analysis loop story from_nothing integrator proof,tests/journeys/test_$(name).py)

nightly: browser
	@tools/setup.sh dev
	@command -v go >/dev/null || apt-get install -y -qq golang-go golang-golang-x-mod-dev >/dev/null || echo "without Go its tests of the ledger are left out"
	@.tools/bin/uv pip install -q --group nightly
	.venv/bin/pytest -n auto --dist loadfile -m "hypothesis and not nightly"
	.venv/bin/pytest -n auto --dist loadfile -m nightly
	.venv/bin/pytest -n auto --dist loadfile --keyboard -m "not nightly" $(BY_KEYBOARD)
	$(MAKE) mutants

mutants:
	@tools/setup.sh dev
	.venv/bin/python bench/mutants.py

check:
	@tools/setup.sh dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/lint-imports
	.venv/bin/mypy
	.venv/bin/pytest -q tests/contracts -m "not browser"

fix:
	@tools/setup.sh dev
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench:
	@tools/setup.sh dev
	.venv/bin/python bench/intake.py
	.venv/bin/python bench/sweep.py

docs:
	@tools/setup.sh dev
	.venv/bin/hcp docs

lock:
	.tools/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --extra embedded --extra build pyproject.toml -o requirements.lock
	.tools/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --extra embedded --extra build --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
