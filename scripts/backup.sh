#!/bin/sh
# Saves an installation in a dated archive; `backup.sh --help` says what and how.
exec node "$(dirname "$0")/../bin/run.mjs" backup "$@"
