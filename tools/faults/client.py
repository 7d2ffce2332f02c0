"""A training in Python that logs one run with the SDK: ``client.py '{"url", "apiKey", "runId", "rows"}'``, rows the path of a JSON file.

Started again with the same words it is the same writer of the same run, one generation higher.
"""

import json
import os
import signal
import sys
import time

import assay
import numpy as np

words = json.loads(sys.argv[1])
folder = os.environ["ASSAY_FAULT_DIR"]


def reached(point: str) -> None:
    """End this process if the point is armed for itself; as hook.ts does."""
    with open(f"{folder}/trace", "a") as trace:
        trace.write(f"{int(time.time() * 1000)}\t{point}\t{words['runId']}\n")
    try:
        os.rename(f"{folder}/{point}.kill", f"{folder}/{point}.taken")
    except FileNotFoundError:
        return
    hit = {"at": int(time.time() * 1000), "pid": os.getpid(), "subject": words["runId"]}
    with open(f"{folder}/{point}.taken.making", "w") as file:
        json.dump(hit, file)
    os.rename(f"{folder}/{point}.taken.making", f"{folder}/{point}.hit")
    os.kill(os.getpid(), signal.SIGKILL)


with open(words["rows"]) as file:
    rows = json.load(file)
run = assay.init("faults", run_id=words["runId"], label_names=rows["labelNames"], url=words["url"], api_key=words["apiKey"])
print("started", flush=True)
for part in rows["samples"]:
    run.log_dataset(part["ids"], part["labels"], texts=part["texts"], metadata=part["metadata"])
for epoch, parts in enumerate(rows["epochs"]):
    for part in parts:
        n = len(part["ids"])
        logits, embeddings = (np.array(part[name], np.float32).reshape(n, -1) for name in ("logits", "embeddings"))
        run.log_outputs(part["ids"], logits, embeddings=embeddings, epoch=epoch)
    if epoch == 0:
        reached("client_logged")
reached("client_finishing")
run.finish()
reached("client_finished")
report = run.finish(wait=True)
sys.exit(0 if report.job_id else 1)
