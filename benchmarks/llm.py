"""Model work beside its ideal: mails judged over an endpoint of fixed latency, many in flight. And the size of the prompts.

    PYTHONPATH=. python benchmarks/llm.py [--mails 200] [--in-flight 16] [--latency-ms 500]

Everything is real but the answers: prompt rendering, schema, HTTP, parsing, quotes, and each call written to SQLite with
synchronous=FULL. The endpoint runs in a process of its own. The ideal is mails × latency / in flight.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from servers.scripted_endpoint import ScriptedEndpoint, assessment, completion

from pipeline.classify.one_call import OneCallJudge
from pipeline.config.models import Llm
from pipeline.domain.client import Context
from pipeline.domain.mail import Message
from pipeline.llm import EndpointModel
from pipeline.parse import parse_message
from pipeline.playbook import load_playbook
from pipeline.prompts import PromptLibrary
from pipeline.resources import shipped
from pipeline.store.database import Database
from pipeline.store.llm_calls import CallBook, calls_of

BUDGET = 1.15
TOKENS = 1200
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
WORDS = "we wait for the layout of the second page and would like to know when it comes. "


def serve(latency_s: float, pipe: Connection) -> None:
    """Answer after `latency_s` until told to stop."""
    answer = completion(json.dumps(assessment("we wait for the layout")))
    with ScriptedEndpoint(lambda _: answer, latency_s=latency_s) as endpoint:
        pipe.send(endpoint.base_url)
        pipe.recv()


def mail(number: int) -> Message:
    """A mail of ordinary length, none like the other."""
    text = f"Hello,\r\n\r\nabout page {number}: {WORDS * (1 + number % 4)}\r\n\r\nKim\r\n"
    head = f"From: kim@harbour.example\r\nSubject: Page {number}\r\nMessage-ID: <{number}@harbour.example>\r\n"
    return parse_message(f"{head}Date: Fri, 20 Nov 2026 09:00:00 +0000\r\n\r\n{text}".encode())


def main() -> int:
    """Measure, print, and say whether the budgets are kept."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mails", type=int, default=200)
    parser.add_argument("--in-flight", type=int, default=16)
    parser.add_argument("--latency-ms", type=int, default=500)
    wanted = parser.parse_args()
    latency_s = wanted.latency_ms / 1000
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(latency_s, theirs), daemon=True)
    server.start()
    library = PromptLibrary(None, shipped("prompts"))
    taxonomy = load_playbook(lambda name: library.source(name).text, library.names()).taxonomy
    with tempfile.TemporaryDirectory() as place:
        db = Database(Path(place) / "firmly.db")
        db.upgrade(NOW)
        book = CallBook(db)
        settings = Llm(base_url=ours.recv(), model="m", in_flight=wanted.in_flight)
        model = EndpointModel(settings, log=book, memory=book, clock=lambda: NOW)
        judge = OneCallJudge(model, library, taxonomy)
        mails = [mail(number) for number in range(wanted.mails)]
        judge.judge(
            mail(-1), Context(client=None)
        )  # the library is imported and the connection opened before the clock starts
        started = time.perf_counter()
        with ThreadPoolExecutor(wanted.in_flight) as pool:
            done = list(pool.map(lambda message: judge.judge(message, Context(client=None)), mails))
        took = time.perf_counter() - started
        with db.read() as tx:
            calls = sum(len(calls_of(tx, str(message.message_id))) for message in mails)
    ours.send("stop")
    server.join()
    ideal = wanted.mails * latency_s / wanted.in_flight
    print(
        f"{wanted.mails} mails, {wanted.in_flight} in flight, {wanted.latency_ms} ms: {took:.2f} s, ideal {ideal:.2f} s, ratio {took / ideal:.3f} (budget {BUDGET})"
    )
    print(f"calls per mail: {calls / len(done):.2f}")
    prompts = judge.request_for(mails[0], Context(client=None))
    tokens, counted = tokens_of(prompts.static)
    share = len(prompts.static) / (len(prompts.static) + len(prompts.mail))
    print(
        f"static part: {len(prompts.static)} characters, {tokens} tokens ({counted}; budget {TOKENS}); {share:.0%} of a short mail's prompt (budget 80 %)"
    )
    return 0 if took / ideal <= BUDGET and tokens <= TOKENS and share >= 0.8 and calls == len(done) else 1


def tokens_of(text: str) -> tuple[int, str]:
    """Tokens by o200k_base where the package bpe-openai is there (its vocabulary is inside), else a high estimate."""
    try:
        import bpe_openai  # noqa: PLC0415 optional; tiktoken would download its vocabulary
    except ImportError:
        return int(len(text) / 4.2) + 1, "estimated at 4.2 characters a token"
    return len(bpe_openai.get_encoding("o200k_base").encode(text)), "o200k_base"


if __name__ == "__main__":
    sys.exit(main())
