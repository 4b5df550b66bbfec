#!/bin/sh
# Builds the templates in the ways that docs/cold-starts.md compares, and measures them on
# this Linux machine: sh docs/cold-starts.sh [FOLDER], from the root of a checkout. It takes
# minutes, of which nearly all go into compiling, and leaves zips, tables and plots in FOLDER.
# LAMBDAPACK is the program: cargo-lambdapack on PATH, unless it is set.
set -eu
out=${1:-target/cold-starts}
pack=${LAMBDAPACK:-cargo-lambdapack}
mkdir -p "$out/build"
out=$(cd "$out" && pwd)

# rust NAME [SETTING=VALUE]...: cargo's own release profile, changed as it says.
rust() {
    name=$1
    shift
    env "$@" "$pack" templates/rust-function --arch host --locked --profile release \
        --target-dir "$out/build/target" --out "$out/$name.zip"
}

# go_program NAME [ARGUMENT]...: what go itself makes.
go_program() {
    name=$1
    shift
    (cd templates/go-function && CGO_ENABLED=0 go build -o "$out/build/$name" "$@" .)
    "$pack" pack -o "$out/$name.zip" "$out/build/$name"
}

lto="CARGO_PROFILE_RELEASE_STRIP=symbols CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1"
small="CARGO_PROFILE_RELEASE_OPT_LEVEL=z CARGO_PROFILE_RELEASE_PANIC=abort"
rust release
strip -o "$out/build/strip" "$(find "$out/build/target" -path '*release/rust-function' -type f)"
"$pack" pack -o "$out/strip.zip" "$out/build/strip"
# shellcheck disable=SC2086 # These are words.
rust thin-lto $lto CARGO_PROFILE_RELEASE_LTO=thin
# shellcheck disable=SC2086
rust fat-lto $lto CARGO_PROFILE_RELEASE_LTO=fat
# shellcheck disable=SC2086
rust fat-lto-z-abort $lto CARGO_PROFILE_RELEASE_LTO=fat $small
go_program go -buildvcs=false
go_program go-norpc -buildvcs=false -tags lambda.norpc
go_program go-norpc-stripped -buildvcs=false -tags lambda.norpc -trimpath -ldflags "-s -w"

cd "$out"
for language in rust go; do
    case $language in
    rust) zips="release strip thin-lto fat-lto fat-lto-z-abort" ;;
    go) zips="go go-norpc go-norpc-stripped" ;;
    esac
    # shellcheck disable=SC2046,SC2086
    "$pack" coldstart $(printf '%s.zip ' $zips) --data '{"name":"Ada"}' --times "${TIMES:-60}" \
        --csv "$language.csv" --svg "$language.svg" >"$language.txt"
    cat "$language.txt"
done
