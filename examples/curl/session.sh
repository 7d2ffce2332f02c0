#!/usr/bin/env bash
# A whole run with nothing but curl. Needs ASSAY_URL and ASSAY_API_KEY: `deno task project --name curl` prints a key.
set -euo pipefail
run=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen | tr A-Z a-z)
call() { # method, path, then curl's own arguments
  curl --fail-with-body -sS -X "$1" "$ASSAY_URL/functions/v1/$2" -H "Authorization: Bearer $ASSAY_API_KEY" "${@:3}"
}

call PUT "ingest/v1/runs/$run" --json '{"name": "by hand", "label_names": ["ham", "spam"]}'

call POST "ingest/v1/runs/$run/parts?kind=samples&split=training&seq=0" \
  -H 'Content-Type: application/x-ndjson' -H 'Idempotency-Key: samples-0' --data-binary @- <<'ROWS'
{"id": "a", "label": "ham", "text": "Shall we meet for lunch on Friday?"}
{"id": "b", "label": "ham", "text": "The build is green again, thanks for the fix"}
{"id": "c", "label": "ham", "text": "Win a free cruise, reply today"}
{"id": "d", "label": "spam", "text": "Cheap pills, no prescription needed"}
{"id": "e", "label": "spam", "text": "You have won a prize, claim it now"}
ROWS

call POST "ingest/v1/runs/$run/parts?kind=outputs&split=training&epoch=0&seq=0" \
  -H 'Content-Type: application/x-ndjson' -H 'Idempotency-Key: outputs-0' --data-binary @- <<'ROWS'
{"id": "a", "probs": [0.93, 0.07]}
{"id": "b", "probs": [0.96, 0.04]}
{"id": "c", "probs": [0.08, 0.92]}
{"id": "d", "probs": [0.05, 0.95]}
{"id": "e", "probs": [0.10, 0.90]}
ROWS

job=$(call POST "ingest/v1/runs/$run/finish" --json '{}' | sed 's/.*"job_id":"\([^"]*\)".*/\1/')
until call GET "api/v1/jobs/$job" | grep -Eq '"state":"(succeeded|failed|cancelled)"'; do sleep 0.2; done
call GET "api/v1/runs/$run/samples?limit=3"
