#!/usr/bin/env bash
# How many labels of a scored run are wrong, with nothing but curl. Needs ASSAY_URL, ASSAY_API_KEY, and the run's id as argument.
set -euo pipefail
run=$1
call() { # method, path, then curl's own arguments
  curl --fail-with-body -sS -X "$1" "$ASSAY_URL/functions/v1/$2" -H "Authorization: Bearer $ASSAY_API_KEY" "${@:3}"
}

audit=$(call POST "api/v1/runs/$run/audits" --json '{"n_samples": 100}' | sed 's/.*"audit_id":"\([^"]*\)".*/\1/')
call GET "api/v1/runs/$run/audits/$audit/samples?limit=100"  # what to judge, in an order that says nothing of it
call PUT "api/v1/runs/$run/verdicts" --json '{"verdicts": [{"verdict_id": "'"$(cat /proc/sys/kernel/random/uuid || uuidgen)"'",
  "sample_id": "c", "verdict": "relabel", "label": "spam"}]}'
call GET "api/v1/runs/$run/audits/$audit"                    # how many more are needed; from then on the number and its interval
