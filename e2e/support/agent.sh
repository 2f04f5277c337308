#!/usr/bin/env bash
# The agent of the end-to-end tests: notes that it was started, waits for its gate if it has one, completes, stays.
# PCO_TEST_STARTS: append-only file, one line per start. PCO_TEST_GATES: a file <ticket> there opens the gate.
set -u
echo "$PCO_TICKET $PCO_SESSION_ID" >>"$PCO_TEST_STARTS"
printf '%s' "${*: -1}" >"$PCO_SESSION_DIR/prompt-received"
if [[ -n ${PCO_TEST_GATES:-} ]]; then
  until [[ -e $PCO_TEST_GATES/$PCO_TICKET || -e $PCO_TEST_GATES/all ]]; do sleep 0.05; done
fi
echo "worked on $PCO_TICKET" >>work.txt
git add work.txt && git -c user.name=agent -c user.email=agent@example.com commit -qm "work on $PCO_TICKET"
complete-ticket "$PCO_TICKET" "Worked on $PCO_TICKET."
exec sleep 600
