#!/usr/bin/env bash
# The command line of cicada-sim as its users meet it: exit statuses, messages, files, interruption, resumption.
# CICADA_SIM names the program.
set -euo pipefail
: "${CICADA_SIM:?set CICADA_SIM to the path of cicada-sim}"
exec python3 -B "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/cli_test.py" "$@"
