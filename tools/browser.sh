#!/bin/sh
# Installs what slow tests need on Debian when it is missing: Chromium, Chinese fonts, what Chromium 87 draws with, nginx.
set -eu
need=""
[ -x /usr/bin/chromium ] || need="$need chromium"
fc-list 2>/dev/null | grep -q 'Noto Sans CJK SC' || need="$need fonts-noto-cjk fontconfig"
ldconfig -p | grep -q 'libGL.so.1' || need="$need libgl1"
ldconfig -p | grep -q 'libEGL.so.1' || need="$need libegl1"
# tests/faults/test_proxy.py runs nginx; where systemd would start its service at once, installing it is left to the person
[ -x /usr/sbin/nginx ] || [ -d /run/systemd/system ] || need="$need nginx-light"
[ -z "$need" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  printf '错误：测试需要%s，请先安装。\nError: the tests need:%s; install them first (Debian: sudo apt-get install%s).\n' "$need" "$need" "$need" >&2
  exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $need >/dev/null
