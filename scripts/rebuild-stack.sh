#!/usr/bin/env bash
# Stops services of the compose file, builds them, starts them, and shows how they are.
#   rebuild-stack.sh [-n|--no-build] [-l|--logs] [-h|--help] [SERVICE...]
#   -n, --no-build   restart only
#   -l, --logs       then follow the log
# Without a SERVICE all. Agents go on unless agent-host is among them. Profiles: COMPOSE_PROFILES=try-out,monitoring
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

usage() {
  sed -n '2,6s/^# \{0,1\}//p' scripts/rebuild-stack.sh
}
build=yes logs='' services=()
for argument in "$@"; do
  case $argument in
    -n | --no-build) build='' ;;
    -l | --logs) logs=yes ;;
    -h | --help) usage; exit 0 ;;
    -*) echo "rebuild-stack.sh: unknown option $argument" >&2; usage >&2; exit 2 ;;
    *) services+=("$argument") ;;
  esac
done
known=$(docker compose config --services)
for service in ${services[@]+"${services[@]}"}; do
  grep -qxF -- "$service" <<<"$known" || {
    printf 'rebuild-stack.sh: there is no service %s. There are:\n%s\n' "$service" "$known" >&2
    exit 2
  }
done

# built first: what runs goes on meanwhile, and a build that fails stops nothing
[[ -z $build ]] || docker compose build ${services[@]+"${services[@]}"}
docker compose stop ${services[@]+"${services[@]}"}
docker compose up --detach --no-build --wait ${services[@]+"${services[@]}"} || {
  docker compose ps --all
  echo 'not all of them are well; docker compose logs SERVICE says why' >&2
  exit 1
}
docker compose ps
port=${HTTPS_PORT:-443}
[[ $port == 443 ]] && port='' || port=:$port
echo
echo "https://${DOMAIN:-localhost}$port/                       the dashboard; docker compose exec api pco login-link logs one browser in"
echo "https://${DOMAIN:-localhost}$port/orchestrator/health    how everything is"
[[ -z $logs ]] || exec docker compose logs --follow --tail 50 ${services[@]+"${services[@]}"}
