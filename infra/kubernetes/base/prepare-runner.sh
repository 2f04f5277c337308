#!/bin/sh
# Before a runner starts: its folders, and the repositories that its volume does not hold yet.
# usage: prepare-runner.sh LIST
set -eu
list=$1
work=${PCO_WORK:-/work}
state=${PCO_STATE:-/var/lib/pco}
credentials=${PCO_GIT_CREDENTIALS:-/run/git/credentials}

umask 077
mkdir -p "$work/repositories" "$work/worktrees" "$state/home" "$state/runner/inbox" "$state/terminals"
export HOME="$state/home"
if [ -e "$credentials" ]; then git config --global credential.helper "store --file=$credentials"; fi

while read -r name url _; do
  case $name in '' | '#'*) continue ;; esac
  case $name in .* | *[!A-Za-z0-9._-]*) echo "$name is no name of a folder: letters, digits, dots, - and _" >&2 && exit 1 ;; esac
  folder=$work/repositories/$name
  if [ -e "$folder" ]; then continue; fi
  # under another name until it is whole: a clone that was interrupted begins anew
  rm -rf "$folder.part"
  git clone --quiet -- "$url" "$folder.part"
  mv "$folder.part" "$folder"
done < "$list"
