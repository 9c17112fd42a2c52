#!/bin/sh
# Makes .venv from the hash-checked lock files and builds the assets; run again it only does what changed.
# usage: tools/setup.sh run|dev
set -eu
cd "$(dirname "$0")/.."
kind=${1:-run}
say() { printf '\033[1m%s\033[0m\n' "$*"; }
fail() { printf '\n错误：%s\nError: %s\n' "$1" "$2" >&2; exit 1; }

free_kb=$(df -Pk . | awk 'NR==2 {print $4}')
[ "$free_kb" -gt 1500000 ] || fail "磁盘剩余空间不足 1.5 GB，请清理后重试。" "less than 1.5 GB of disk is free here; make room and run this again."

if [ ! -x .tools/bin/uv ]; then
  command -v python3 >/dev/null || fail "未找到 python3，请先安装。" "python3 was not found; install it first."
  say "[1/4] uv"
  rm -rf .tools
  if ! python3 -m venv .tools >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
      apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
      python3 -m venv .tools
    else
      rm -rf .tools
      fail "python3 缺少 venv 模块，请执行：sudo apt-get install python3-venv" "python3 has no venv module; run: sudo apt-get install python3-venv"
    fi
  fi
  .tools/bin/python -m pip install -q --disable-pip-version-check 'uv>=0.13,<0.14' || { rm -rf .tools; fail "无法从软件包源安装 uv，请检查网络或 pip 配置。" "uv could not be installed from the package index; check the network or pip's settings."; }
fi

lock=requirements.lock
[ "$kind" = dev ] && lock=requirements-dev.lock
stamp=".venv/.$kind-$(cat "$lock" pyproject.toml .python-version | cksum | tr ' ' '-')"
if [ ! -e "$stamp" ]; then
  say "[2/4] Python $(cat .python-version)"
  [ -x .venv/bin/python ] || .tools/bin/uv venv -q .venv || fail "未找到 Python $(cat .python-version)。" "Python $(cat .python-version) was not found and could not be fetched; install it and run this again."
  say "[3/4] $lock"
  # compiled here, once: some environments forbid Python to do it, and every start then takes three times as long
  .tools/bin/uv pip sync -q --require-hashes --compile-bytecode "$lock" || fail "依赖安装失败，请检查网络后重试；已下载的内容会保留。" "dependencies could not be installed; check the network and run this again, downloads are kept."
  .tools/bin/uv pip install -q --no-deps -e . || fail "安装本项目失败。" "this project could not be installed."
  rm -f .venv/.run-* .venv/.dev-*
  : > "$stamp"
  [ "$kind" = dev ] && : > ".venv/.run-$(cat requirements.lock pyproject.toml .python-version | cksum | tr ' ' '-')"
fi

.venv/bin/python -m compileall -q src tests # what did not change is left as it is

stamp=".venv/.assets-$(cat tools/assets.py frontend/package-lock.json frontend/build.mjs frontend/src/* clients/verify/*.py | cksum | tr ' ' '-')"
if [ ! -e "$stamp" ] || [ ! -e src/haochaping/static/manifest.json ]; then
  say "[4/4] assets"
  .venv/bin/python tools/assets.py || fail "前端资源构建失败，请看上面的信息。" "the assets could not be built; see the message above."
  rm -f .venv/.assets-*
  : > "$stamp"
fi
