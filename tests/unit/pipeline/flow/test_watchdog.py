"""What takes too long ends the process, whatever it is doing. Each case in a process of its own."""

import subprocess
import sys
import textwrap
import time

import pytest

from pipeline.flow.watchdog import EXIT_STUCK, EXIT_TRY_AGAIN

START_S = 300.0  # of Python, on a busy machine


def run(code: str) -> subprocess.CompletedProcess[str]:
    code = "import re, time\nfrom pipeline.flow.watchdog import limit\n" + textwrap.dedent(code)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=START_S, check=False)


def test_work_that_waits_ends_with_try_again_and_tells_where_it_stood() -> None:
    began = time.monotonic()
    done = run("""
        def stuck():
            time.sleep(1000)
        with limit(0.2, "the analysis of 3 articles"):
            stuck()
    """)
    assert done.returncode == EXIT_TRY_AGAIN
    assert "the analysis of 3 articles" in done.stdout + done.stderr
    assert "in stuck" in done.stderr
    assert time.monotonic() - began < START_S


def test_a_regular_expression_that_lets_no_thread_run_ends_too() -> None:
    done = run("""
        def stuck():
            re.match(r"(a+)+$", "a" * 60 + "b")
        with limit(0.2, "it"):
            stuck()
    """)
    assert done.returncode == EXIT_STUCK
    assert "in stuck" in done.stderr


def test_work_that_takes_too_much_processor_time_ends() -> None:
    done = run("""
        def stuck():
            while True:
                pass
        with limit(0.3, "it"):
            stuck()
    """)
    assert done.returncode in (EXIT_TRY_AGAIN, EXIT_STUCK)
    assert "in stuck" in done.stderr


@pytest.mark.slow
def test_time_that_others_took_does_not_count() -> None:
    """A thread that gets no turn for longer than the limit, as on a machine with too much to do."""
    done = run("""
        with limit(1.0, "it"):
            time.sleep(4)
        print("done")
    """)
    assert (done.returncode, done.stdout) == (0, "done\n")


@pytest.mark.parametrize("body", ["pass", "raise ValueError"])
def test_work_that_is_done_in_time_leaves_no_clock_behind(body: str) -> None:
    done = run(f"""
        try:
            with limit(0.1, "it"):
                {body}
        except ValueError:
            pass
        time.sleep(1.5)
        print("alive")
    """)
    assert (done.returncode, done.stdout) == (0, "alive\n")


def test_the_end_of_one_block_does_not_stop_anothers_clock() -> None:
    done = run("""
        with limit(0.2, "the long one"):
            with limit(30, "the short one"):
                pass
            re.match(r"(a+)+$", "a" * 60 + "b")
    """)
    assert done.returncode == EXIT_STUCK
