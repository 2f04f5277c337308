#!/usr/bin/env bash
# An agent that asks a question and then for a permission, and completes with what it was answered.
set -u
echo "$PCO_TICKET $PCO_SESSION_ID" >>"$PCO_TEST_STARTS"
hook() { printf '{"hook_event_name":"%s",%s}' "$1" "$2" | node "$(dirname "$(command -v complete-ticket)")/agent-hook.mjs"; }
question='"tool_name":"AskUserQuestion","tool_input":{"questions":[{"question":"Which currency?","options":[{"label":"EUR"},{"label":"USD, and <b>\u202enot</b> what the books say until the year ends, which nobody has asked about"}]}]},"prompt_id":"p1"'
permission='"tool_name":"Bash","tool_input":{"command":"make"},"prompt_id":"p1"'
hook PermissionRequest "$question"
read -r chosen
hook PostToolUse "$question"
hook PermissionRequest "$permission"
read -r allowed
hook PostToolUse "$permission"
complete-ticket "$PCO_TICKET" "Chose $chosen, was told $allowed."
exec sleep 600
