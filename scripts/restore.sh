#!/bin/sh
# Brings back what backup.sh saved; `restore.sh --help` says how.
exec node "$(dirname "$0")/../bin/run.mjs" restore "$@"
