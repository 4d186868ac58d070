#!/usr/bin/env python3
"""The core is sans-I/O, proven on its object code: every symbol that libcicada_core.a leaves undefined must be on the list
below. What is not listed is refused: files, sockets, threads, clocks, entropy, the environment, locales.

The list is in demangled names. libsodium's entries are functions of their arguments only: what draws a key, a nonce or an
ephemeral pair is not among them. `--self-test` compiles functions that read a clock, open a file and so on, and expects
each to be refused."""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import tree

ALLOWED = [
    # Memory and the C++ runtime.
    r"operator (new|delete)(\[\])?\(.*",
    r"__cxa_(throw|rethrow|allocate_exception|free_exception|begin_catch|end_catch|call_unexpected|bad_cast)",
    r"__cxa_(guard_acquire|guard_release|guard_abort|pure_virtual|throw_bad_array_new_length|atexit|call_terminate)",
    r"__cxa_init_primary_exception",
    r"__gxx_personality_v0|_Unwind_Resume|__dynamic_cast|__dso_handle|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail",
    r"abort",
    # A flag of the C library that std::shared_ptr reads, to count without atomics while there is one thread.
    r"__libc_single_threaded",
    r"mem(cpy|move|set|cmp|chr)|str(len|cmp|ncmp|chr)|__mem(cpy|move|set)_chk",
    # Arithmetic without a side effect.
    r"(exp|exp2|expm1|log|log2|log10|log1p|pow|sqrt|cbrt|floor|ceil|round|trunc|fmod|ldexp|frexp|lround|llround)f?",
    r"__(u?div|u?mod|mul)ti[34]|__popcountdi2",
    # The standard library: containers, strings, exceptions, number conversion.
    r"std::__throw_\w+\(.*",
    r"std::terminate\(\)|std::rethrow_exception\(.*|std::current_exception\(\)|std::uncaught_exceptions\(\)",
    r"(vtable|typeinfo|typeinfo name|VTT) for (std::(exception|bad_\w+|\w+_error|type_info|bad_expected_access<.*)|__cxxabiv1::.*)",
    r"(vtable|typeinfo) for (bool|int|unsigned|long|char|void).*",
    r"std::(exception|bad_\w+|logic_error|runtime_error|invalid_argument|out_of_range|length_error|domain_error)::.*",
    r"(non-virtual thunk to )?std::(__cxx11::)?basic_string(_view)?<char, .*",
    r"std::allocator<char>::.*|std::__cxx11::to_string\(.*",
    r"std::_Rb_tree_(increment|decrement|insert_and_rebalance|rebalance_for_erase)\(.*",
    r"std::__detail::(_Prime_rehash_policy|_List_node_base)::.*|std::_Hash_bytes\(.*",
    r"std::(to_chars|from_chars)\(.*|std::__detail::__to_chars.*",
    r"std::type_info::.*|std::nothrow",
    # A category of errors is a table of names; an error_code without an error belongs to the system's.
    r"std::_V2::(error_category::.*|system_category\(\))|(vtable|typeinfo) for std::_V2::error_category",
    # libsodium, functions of their arguments.
    r"crypto_hash_sha(256|512)(_(init|update|final))?",
    r"crypto_generichash(_blake2b)?(_(init|update|final))?",
    r"crypto_shorthash(_siphash24|_siphashx24)?|crypto_auth(_\w+)?(?<!_keygen)",
    r"crypto_sign(_ed25519)?_(detached|verify_detached|seed_keypair|sk_to_pk|sk_to_seed|pk_to_curve25519|sk_to_curve25519)",
    r"crypto_scalarmult(_curve25519)?(_base)?|crypto_(box|kx)_seed_keypair|crypto_box_seal_open",
    r"crypto_(box|secretbox)_(easy|open_easy|detached|open_detached|beforenm)|crypto_kx_\w+_session_keys",
    r"crypto_aead_x?chacha20poly1305_(ietf_)?(en|de)crypt(_detached)?",
    r"sodium_(memzero|memcmp|is_zero|bin2hex|hex2bin|increment|add|sub|compare)",
]

# Only a failed assertion may write, and only to standard error, before it aborts.
ALLOWED_IN = {r"assert\.cpp\.o": [r"stderr|f?printf|fputs|fputc|fwrite|fflush|__fprintf_chk|__vfprintf_chk"]}


def symbols(nm: str, archive: Path) -> tuple[set[str], set[tuple[str, str]]]:
    """Mangled names that the archive defines, and (member, name) of those that it leaves undefined."""
    text = subprocess.run([nm, "-A", str(archive)], check=True, capture_output=True, text=True).stdout
    defined: set[str] = set()
    undefined: set[tuple[str, str]] = set()
    for line in text.splitlines():
        match = re.match(r".*?:([^:]+):\s*(?:[0-9a-f]+)?\s+(\w)\s+(\S+)$", line)
        if not match:
            raise SystemExit(f"core_symbols: cannot read this line of nm: {line}")
        member, kind, name = match.groups()
        if kind in "Uwv":
            undefined.add((member, name))
        else:
            defined.add(name)
    return defined, undefined


def demangle(names: list[str]) -> dict[str, str]:
    done = subprocess.run(["c++filt"], input="\n".join(names), check=True, capture_output=True, text=True)
    return dict(zip(names, done.stdout.splitlines(), strict=True))


def plain(demangled: str) -> str:
    """Without the return type that templates carry: `unsigned long std::f<int>(int)` -> `std::f<int>(int)`."""
    match = re.match(r"(?:[\w:]+[ &*]+)+(std::\w+<.*)$", demangled)
    return match.group(1) if match and not demangled.startswith(("vtable", "typeinfo", "VTT", "operator")) else demangled


def allowed(member: str, name: str) -> bool:
    patterns = list(ALLOWED)
    for where, more in ALLOWED_IN.items():
        if re.fullmatch(where, member):
            patterns += more
    return any(re.fullmatch(pattern, name) for pattern in patterns)


def check(nm: str, archive: Path) -> tuple[int, list[str]]:
    defined, undefined = symbols(nm, archive)
    foreign = sorted((member, name) for member, name in undefined if name not in defined)
    readable = demangle([name for _, name in foreign]) if foreign else {}
    complaints = [
        f"{member} uses {readable[name]}, which the core may not"
        for member, name in foreign
        if not allowed(member, plain(readable[name]))
    ]
    return len(foreign), complaints


GOOD = """#include <map>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>
#include <cmath>
int use(std::map<int, std::string>& m, std::unordered_map<int, int>& u, std::vector<double>& v) {
  m[1] = std::to_string(u[2]) + m.at(3);
  v.push_back(std::log(v.at(0)));
  if (m.empty()) throw std::runtime_error("empty");
  return static_cast<int>(m.size());
}
"""

# What is refused, by name of the forbidden symbol.
BAD = {
    "system_clock": "#include <chrono>\nlong f() { return std::chrono::system_clock::now().time_since_epoch().count(); }",
    "steady_clock": "#include <chrono>\nlong f() { return std::chrono::steady_clock::now().time_since_epoch().count(); }",
    "random_device": "#include <random>\nunsigned f() { return std::random_device{}(); }",
    "getrandom": "#include <sys/random.h>\nlong f(void* p) { return getrandom(p, 8, 0); }",
    "clock_gettime": "#include <time.h>\nint f(timespec* t) { return clock_gettime(CLOCK_REALTIME, t); }",
    "open": "#include <fcntl.h>\nint f() { return open(\"x\", O_RDONLY); }",
    "basic_ifstream": "#include <fstream>\nbool f() { return std::ifstream(\"x\").good(); }",
    "socket": "#include <sys/socket.h>\nint f() { return socket(AF_INET, SOCK_STREAM, 0); }",
    "thread": "#include <thread>\nvoid f() { std::thread([] {}).join(); }",
    "getenv": "#include <cstdlib>\nconst char* f() { return std::getenv(\"HOME\"); }",
    "cout": "#include <iostream>\nvoid f() { std::cout << 1; }",
    "stderr": "#include <cstdio>\nvoid f() { std::fputs(\"some words\", stderr); }",
    "randombytes_buf": "#include <sodium.h>\nvoid f(void* p) { randombytes_buf(p, 8); }",
    "crypto_sign_keypair": "#include <sodium.h>\nint f(unsigned char* p) { return crypto_sign_keypair(p, p); }",
    "crypto_box_seal": "#include <sodium.h>\nint f(unsigned char* p) { return crypto_box_seal(p, p, 1, p); }",
    "sodium_init": "#include <sodium.h>\nint f() { return sodium_init(); }",
    "rand": "#include <cstdlib>\nint f() { return std::rand(); }",
}


def self_test(nm: str, compiler: str) -> int:
    failures = []

    def complaints_about(folder: Path, source: str, member: str) -> list[str]:
        (folder / "x.cpp").write_text(source)
        command = [compiler, "-std=c++23", "-O1", "-c", str(folder / "x.cpp"), "-o", str(folder / member)]
        subprocess.run(command, check=True)
        archive = folder / "libx.a"
        archive.unlink(missing_ok=True)
        subprocess.run(["ar", "rc", str(archive), str(folder / member)], check=True)
        return check(nm, archive)[1]

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if found := complaints_about(folder, GOOD, "good.cpp.o"):
            failures.append(f"good code was refused: {found}")
        if found := complaints_about(folder, BAD["stderr"], "assert.cpp.o"):
            failures.append(f"a failed assertion may write to standard error, but: {found}")
        for symbol, source in BAD.items():
            found = complaints_about(folder, source, "bad.cpp.o")
            if not any(symbol in complaint for complaint in found):
                failures.append(f"{symbol} was not refused: {found}")
    return tree.report("core_symbols self-test", len(BAD) + 2, failures)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--nm", default="nm")
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test(arguments.nm, arguments.compiler)
    if not arguments.archive:
        parser.error("--archive or --self-test is needed")
    return tree.report("core_symbols", *check(arguments.nm, arguments.archive))


if __name__ == "__main__":
    sys.exit(main())
