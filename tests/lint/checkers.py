"""The checks that other programs make: clang-format, cppcheck, shellcheck. Each function yields what its program says."""
import os
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).resolve().parent


def said_by(command, top, pattern):
    """The lines of a program's output that match `pattern`; its failure, if it failed and said nothing of that kind."""
    try:
        done = subprocess.run(command, cwd=top, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        yield f"{command[0]} is not installed"
        return
    found = [line for line in (done.stdout + done.stderr).splitlines() if re.search(pattern, line)]
    yield from found
    if done.returncode != 0 and not found:
        yield f"{command[0]} ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-2000:]}"


def clang_format(top, files):
    return said_by(["clang-format", "--dry-run", "-Werror", "--ferror-limit=1", *(str(path.relative_to(top)) for path in files)], top, r": error: ")


def cppcheck(top):
    """GLib's and POSIX's functions are described by cppcheck's own files; what GLib's macros hide is defined away."""
    build = os.environ.get("SHOETOPIA_BUILD") or top / "build"
    return said_by(
        ["cppcheck", "--quiet", f"-j{os.cpu_count()}", "--std=c11", "--language=c", "--enable=warning,performance,portability", "--inline-suppr",
         "--error-exitcode=1", "--library=posix,gnu,gtk", "-DG_GNUC_PRINTF(a,b)=", f"--suppressions-list={HERE / 'cppcheck.txt'}", "-Isrc", f"-I{build}/src",
         "--template={file}:{line}: {id}: {message}", "src", "cgi-bin", "sandbox", "tests/tools", "tests/unit", "tests/fuzz"], top, r"^\S+:\d+: ")


def shell_scripts(top):
    """Files that begin with a shell's #! or with the line that tells shellcheck which shell sources them."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=top, capture_output=True, text=True, check=True)
    for name in listed.stdout.split("\n"):
        path = top / name
        if name and path.is_file() and re.match(rb"#!.*\b(ba|da)?sh\n|# shellcheck shell=", path.read_bytes()[:200]):
            yield name


def shellcheck(top):
    return said_by(["shellcheck", "--external-sources", "--format=gcc", *shell_scripts(top)], top, r"^\S+:\d+:\d+: ")
