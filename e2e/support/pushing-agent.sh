#!/usr/bin/env bash
# An agent that commits and pushes, and completes when its gate is open: PCO_TEST_GATES/<session>.
set -u
echo "$PCO_TICKET $PCO_SESSION_ID" >>"$PCO_TEST_STARTS"
echo "$PCO_SESSION_ID" >>work.txt
git add work.txt && git -c user.name=agent -c user.email=agent@example.com commit -qm "work of $PCO_SESSION_ID"
git push -q origin HEAD 2>/dev/null
touch "$PCO_TEST_GATES/$PCO_SESSION_ID.pushed"
until [[ -e $PCO_TEST_GATES/$PCO_SESSION_ID ]]; do sleep 0.1; done
complete-ticket "$PCO_TICKET" "Worked on $PCO_TICKET in $PCO_SESSION_ID."
exec sleep 600
