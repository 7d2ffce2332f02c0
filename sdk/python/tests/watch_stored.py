"""What the platform holds of a run, read back from its storage."""

from __future__ import annotations

import gzip
from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
from testing.platform import Platform

_COUNTED = """
select * from (
  select p.part_kind, p.split, p.epoch, p.writer, p.generation, p.seq, p.content_encoding, p.storage_path,
    max(p.generation) over (partition by p.writer, p.part_kind, p.split, p.epoch) as newest
  from assay.parts p join assay.writers w using (run_id, writer)
  where p.run_id = '{run_id}' and p.generation <= w.generation
) counted where generation = newest order by writer, epoch, seq
"""


class Stored:
    """Rows of a run that count, as the worker takes them.

    Parameters
    ----------
    platform : Platform
        Where it is.
    run_id : str
        Which.

    Attributes
    ----------
    outputs : dict
        (split, epoch) to rows of (id, bytes of the logits, bytes of the embedding).
    samples : dict
        (split, id) to label.
    """

    def __init__(self, platform: Platform, run_id: str) -> None:
        self.outputs: dict[tuple[str, int], list[tuple[int, bytes, bytes]]] = defaultdict(list)
        self.samples: dict[tuple[str, int], Any] = {}
        self.generations = set()
        for part in platform.sql(_COUNTED.format(run_id=run_id)):
            content = platform.download(part["storage_path"])
            table = pa.ipc.open_stream(gzip.decompress(content) if part["content_encoding"] == "gzip" else content).read_all()
            self.generations.add((part["epoch"], part["writer"], part["generation"]))
            ids = table["id"].to_pylist()
            if part["part_kind"] == "samples":
                self.samples.update({(part["split"], id_): label for id_, label in zip(ids, table["label"].to_pylist(), strict=True)})
            else:
                columns = [_rows(table[name]) for name in ("logits", "embedding")]
                self.outputs[part["split"], part["epoch"]] += [
                    (id_, logits.tobytes(), embedding.tobytes()) for id_, logits, embedding in zip(ids, *columns, strict=True)
                ]


def _rows(column: pa.ChunkedArray) -> np.ndarray:
    array = column.combine_chunks()
    array = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
    return np.asarray(array.flatten()).reshape(len(array), -1)
