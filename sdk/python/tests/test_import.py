from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import assay

ROOT = Path(__file__).parents[3]


def modules(code: str) -> set[str]:
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")}
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    return set(json.loads(subprocess.run([sys.executable, "-c", script], env=env, check=True, stdout=subprocess.PIPE).stdout))


def test_importing_it_loads_numpy_and_no_other_package() -> None:
    added = {name.partition(".")[0] for name in modules("import assay") - modules("import numpy")} - sys.stdlib_module_names
    assert added == {"assay"}


def test_its_functions_are_functions_also_after_their_modules_were_imported() -> None:
    code = "import assay.watch, assay.auto, assay; assert callable(assay.watch) and callable(assay.auto)"
    assert "assay.watch" in modules(code)


def test_its_version_is_that_of_the_changelog() -> None:
    assert f"## [{assay.__version__}]" in (ROOT / "CHANGELOG.md").read_text()
    assert f'version = "{assay.__version__}"' in (ROOT / "sdk/python/pyproject.toml").read_text()


def test_every_public_name_has_a_docstring() -> None:
    for name in assay.__all__:
        if name not in ("__version__", "auto", "watch"):
            assert getattr(assay, name).__doc__, name
