#!/bin/sh
# The main job from end to end, in a fresh folder with a fresh directory: `make demo`.
set -eu

fail() {
    echo "demo: $*" >&2
    exit 1
}

# Echoes a command as a reader would type it, then runs it.
run() {
    printf '\n$ %s\n' "$*"
    "$@"
}

command -v pac >/dev/null || fail "pac is not on the PATH; run it as: make demo"
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cp -R "$root/examples/quickstart/." "$folder"
rm -rf "$folder/.pool-as-code" # a directory left by somebody who tried the example in place
cd "$folder"
unset POOL_AS_CODE_STORE
ADA_PASSWORD="Aa1-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
export ADA_PASSWORD

run pac validate
run pac plan
run pac apply --yes
run pac plan --detailed-exitcode || fail "the second plan has something to do (exit $?)"

printf '\n$ %s\n' 'printf %s "$ADA_PASSWORD" | pac users verify customers/ada'
printf %s "$ADA_PASSWORD" | pac users verify customers/ada || fail "ada cannot sign in (exit $?)"

printf '\nThe second plan had nothing to do, and ada can sign in.\n'
