#!/usr/bin/env bash
# Builds and restarts what works on tickets, and follows its log: api, poller, plane-writer and session-worker. Agents go on.
set -euo pipefail
exec "$(dirname "$(readlink -f "$0")")/rebuild-stack.sh" --logs "$@" api poller plane-writer session-worker
