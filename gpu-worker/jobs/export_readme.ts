/** What an export says of itself: it has to be read without us. */
export const EXPORT_README = `# Export of an Assay project, version 1

Everything that was logged, found and decided in one project. NDJSON is UTF-8, one JSON object a line. Arrow is the IPC file format (also
known as Feather 2). Times are ISO 8601, hashes are hex. manifest.json, the last file, lists every other one with its bytes and SHA-256: an
archive without it was cut off. The files were read one after the other, so what changed meanwhile may stand in some and not in others.

| file | one row is |
|---|---|
| datasets.ndjson | a dataset |
| dataset_versions.ndjson | what one training saw; label_names are in the order of the label numbers |
| labels/<dataset_version_id>.arrow | a sample in a split of that version: sample_key, split, given_label (number; null: unlabelled) |
| samples/<number>.ndjson | a sample of a dataset: sample_key, dataset_id, sample_id (the id it was logged with), content_hash, text (whole; null: none), metadata |
| verdicts.ndjson | what a person said about a sample's content, oldest first; the latest counts, and "clear" takes back |
| audits.ndjson | samples of a run that were drawn to be judged, in the order they were shown, with all samples by log-odds that the label is wrong (bin / 40) |
| models.ndjson, models/<model_id>.onnx | a stored model, and its bytes; those only if uploads were asked for |
| runs.ndjson | a training, with the summary of its published revision (null: not scored) |
| results/<run_id>/samples.arrow | a sample in that revision: rank (1 is the worst), labels (numbers), issue types, reason, scores |
| results/<run_id>/columns.arrow | the same samples as an Arrow IPC stream, with the score of every detector; -1 is no label |
| results/<run_id>/issues.ndjson | a flagged sample and issue type, with score and details |
| results/<run_id>/neighbours.ndjson | a near neighbour of a flagged sample |
| results/<run_id>/classes.ndjson | the quality of a class in a split |
| results/<run_id>/confusions.ndjson | a given label that hides another |
| results/<run_id>/problems.ndjson | rows of an upload that could not be used |
| parts.ndjson, parts/<run_id>/<part_id> | an upload, and its bytes as they were logged; only if they were asked for |

sample_key ties labels, results, issues and neighbours to samples. Scores are in [0, 1], 1 is the worst.

    import json, tarfile, pyarrow as pa
    with tarfile.open("export.tar.gz") as archive:
        runs = [json.loads(line) for line in archive.extractfile("runs.ndjson")]
        file = archive.extractfile(f"results/{runs[0]['run_id']}/samples.arrow")
        results = pa.ipc.open_file(file.read()).read_all()
`;
