#!/usr/bin/env bash
# See list-sessions.sh --help.
exec node "$(dirname "$(readlink -f "$0")")/list-sessions.mjs" "$@"
