#!/usr/bin/env bash
# An agent that works for a while, completes, and stays. PCO_TEST_SECONDS: "<least> <most>", at random in between.
set -u
echo "$PCO_TICKET $PCO_SESSION_ID" >>"$PCO_TEST_STARTS"
read -r least most <<<"$PCO_TEST_SECONDS"
sleep "$((least + RANDOM % (most - least + 1))).$((RANDOM % 10))"
complete-ticket "$PCO_TICKET" "Worked on $PCO_TICKET."
exec sleep 600
