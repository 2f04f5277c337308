#!/usr/bin/env bash
# Notes the moment at which it runs, in seconds with six decimals, and stays.
printf '%s' "$EPOCHREALTIME" >"$PCO_SESSION_DIR/running"
exec sleep 600
