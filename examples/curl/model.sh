#!/usr/bin/env bash
# A scored run, scored again by an ONNX model, with nothing but curl. Needs ASSAY_URL, ASSAY_API_KEY (of scope admin), and as arguments the run's id and
# the file of a model that takes its samples' texts.
set -euo pipefail
run=$1 file=$2
call() { # method, path, then curl's own arguments
  curl --fail-with-body -sS -X "$1" "$ASSAY_URL/functions/v1/$2" -H "Authorization: Bearer $ASSAY_API_KEY" "${@:3}"
}

model=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen | tr A-Z a-z)
project=$(call GET "api/v1/runs/$run" | sed 's/.*"project_id":"\([^"]*\)".*/\1/')
call PUT "api/v1/models/$model" --json '{"project_id": "'"$project"'", "name": "mails", "input_kind": "text", "class_names": ["ham", "spam"]}'
call PUT "api/v1/models/$model/bytes" -H 'Content-Type: application/octet-stream' --data-binary "@$file"
job=$(call POST api/v1/jobs --json '{"job_kind": "rescore_run", "run_id": "'"$run"'", "model_id": "'"$model"'"}' |
  sed 's/^{"job_id":"\([^"]*\)".*/\1/')
until state=$(call GET "api/v1/jobs/$job" | grep -Eo '"state":"(succeeded|failed|cancelled)"'); do sleep 0.2; done
call GET "api/v1/jobs/$job"
[ "$state" = '"state":"succeeded"' ]
