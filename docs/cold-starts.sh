#!/bin/sh
# Builds the templates in the ways that docs/cold-starts.md compares, and measures them on this
# Linux machine. Run it from the root of a checkout: sh docs/cold-starts.sh [FOLDER]. It takes
# several minutes, mostly to compile, and writes zips, tables, and plots to FOLDER.
#   LAMBDAPACK  the program; by default cargo-lambdapack on PATH
#   TIMES       the number of starts of each zip; by default 60
#   BEFORE      a command prefix for the measurement. As root, "chrt -f 1" runs it before all
#               other processes. On a busy machine, times are not conclusive without it.
set -eu
out=${1:-target/cold-starts}
pack=${LAMBDAPACK:-cargo-lambdapack}
mkdir -p "$out/build"
out=$(cd "$out" && pwd)

# rust NAME PROFILE [SETTING=VALUE]...: builds with a profile and changed settings.
rust() {
    name=$1
    profile=$2
    shift 2
    env "$@" "$pack" templates/rust-function --arch host --locked --profile "$profile" \
        --target-dir "$out/build/target" --out "$out/$name.zip"
}

# go_program NAME [ARGUMENT]...: builds with go itself.
go_program() {
    name=$1
    shift
    (cd templates/go-function && CGO_ENABLED=0 go build -buildvcs=false -o "$out/build/$name" "$@" .)
    "$pack" pack -o "$out/$name.zip" "$out/build/$name"
}

small="CARGO_PROFILE_RELEASE_STRIP=symbols CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1"
rust rust-release release
strip -o "$out/build/rust-strip" \
    "$(find "$out/build/target" -path '*/release/rust-function' -type f)"
"$pack" pack -o "$out/rust-strip.zip" "$out/build/rust-strip"
# shellcheck disable=SC2086 # Split into words.
rust rust-thin-lto release $small CARGO_PROFILE_RELEASE_LTO=thin
# shellcheck disable=SC2086
rust rust-fat-lto release $small CARGO_PROFILE_RELEASE_LTO=fat
rust rust-lambda lambda
go_program go-default
go_program go-norpc -tags lambda.norpc
go_program go-lambdapack -tags lambda.norpc -trimpath -ldflags "-s -w"

# measure NAME ZIP...: measures the zips and writes a table and a plot.
measure() {
    name=$1
    shift
    # shellcheck disable=SC2086
    (cd "$out" && ${BEFORE:-} "$pack" coldstart "$@" --data '{"name":"Ada"}' \
        --times "${TIMES:-60}" --csv "$name.csv" --svg "$name.svg" >"$name.txt")
    cat "$out/$name.txt"
}
measure rust rust-release.zip rust-strip.zip rust-thin-lto.zip rust-fat-lto.zip rust-lambda.zip
measure go go-default.zip go-norpc.zip go-lambdapack.zip
measure cold-starts rust-release.zip rust-lambda.zip go-default.zip go-lambdapack.zip
