#!/usr/bin/env bash
# See sync-sessions.sh --help.
exec node "$(dirname "$(readlink -f "$0")")/sync-sessions.mjs" "$@"
