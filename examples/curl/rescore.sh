#!/usr/bin/env bash
# A scored run, scored again with nothing but curl. Needs ASSAY_URL, ASSAY_API_KEY, and the run's id as argument.
set -euo pipefail
run=$1
call() { # method, path, then curl's own arguments
  curl --fail-with-body -sS -X "$1" "$ASSAY_URL/functions/v1/$2" -H "Authorization: Bearer $ASSAY_API_KEY" "${@:3}"
}

key=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen) # with the same one a retry gets the same job
job=$(call POST api/v1/jobs -H "Idempotency-Key: $key" --json '{"job_kind": "rescore_run", "run_id": "'"$run"'",
  "settings": {"mislabeled": {"min_probability": 0.9}}}' | sed 's/^{"job_id":"\([^"]*\)".*/\1/')
until state=$(call GET "api/v1/jobs/$job" | grep -Eo '"state":"(succeeded|failed|cancelled)"'); do sleep 0.2; done # call DELETE "api/v1/jobs/$job" cancels it
[ "$state" = '"state":"succeeded"' ] || { call GET "api/v1/jobs/$job" >&2; exit 1; }
new=$(call GET "api/v1/runs/$run/revisions?limit=500" | tr '{' '\n' | grep '"job_id":"'"$job"'"' | sed 's/.*"revision_id":"\([^"]*\)".*/\1/')
call GET "api/v1/runs/$run/revisions/$new/difference?change=no_longer_flagged"
