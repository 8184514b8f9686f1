#!/bin/sh
# Options and configuration files alone mean: redis-server with them.
set -eu

case "${1:-}" in
    -* | *.conf) set -- redis-server "$@" ;;
esac
exec "$@"
