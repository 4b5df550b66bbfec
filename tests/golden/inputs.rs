//! The inputs, computed by integer arithmetic, so that they are the same on every machine.
//!
//! Rename an input when you change it: a name in the table stands for its bytes.

use super::sections::Maker;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// A file of a zip.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: &'static str,
    pub(crate) mode: u16,
    pub(crate) bytes: Vec<u8>,
}

/// The contents of one zip, by its name in the table.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) name: &'static str,
    /// In the order of the zip.
    pub(crate) files: Vec<File>,
}

/// All inputs, small ones first.
pub(crate) fn all() -> Vec<Input> {
    let one = |name, make: &dyn Fn(&mut Maker)| Input {
        name,
        files: vec![file("bootstrap", 0o755, make)],
    };
    vec![
        one("empty", &|_| ()),
        one("one-byte", &|maker| maker.raw(b"x")),
        one("script", &|maker| maker.raw(SCRIPT)),
        one("every-byte", &|maker| maker.every_byte()),
        one("text", &|maker| maker.text(200 * KIB)),
        one("noise", &|maker| maker.noise(100 * KIB)),
        one("window", &window),
        one("code", &|maker| maker.code(MIB)),
        one("debug-information", &debug_information),
        Input {
            name: "several",
            files: several(),
        },
        one("large-mixture", &large_mixture),
        one("large-noise", &large_noise),
    ]
}

const SCRIPT: &[u8] = b"#!/bin/sh
# Starts the program that is named by the handler, from the folder of the function.
set -eu
cd \"$LAMBDA_TASK_ROOT\"
program=$LAMBDA_TASK_ROOT/$_HANDLER
if [ ! -x \"$program\" ]; then
    echo \"there is no program $program in $LAMBDA_TASK_ROOT\" >&2
    exit 1
fi
exec \"$program\" \"$@\"
";

fn file(name: &'static str, mode: u16, make: &dyn Fn(&mut Maker)) -> File {
    let mut maker = Maker::default();
    make(&mut maker);
    File {
        name,
        mode,
        bytes: maker.bytes,
    }
}

/// Programs and the files next to them.
fn several() -> Vec<File> {
    vec![
        file("assets/empty", 0o644, &|_| ()),
        file("assets/table.bin", 0o644, &|maker| maker.addresses(60_000)),
        file("bootstrap", 0o755, &|maker| maker.code(300_000)),
        file("config.json", 0o644, &|maker| {
            maker.raw(br#"{"table":"orders","retries":3,"regions":["eu-west-1","eu-north-1"]}"#);
        }),
        file("größe.txt", 0o644, &|maker| maker.text(5000)),
        file("lib/noise.bin", 0o644, &|maker| maker.noise(3000)),
        file("run.sh", 0o755, &|maker| maker.raw(SCRIPT)),
    ]
}

/// Repetitions at the largest distances that deflate can encode, and at the first that it
/// cannot.
fn window(maker: &mut Maker) {
    for distance in [1, 2, 3, 257, 258, 259, 32_767, 32_768, 32_769, 65_536] {
        maker.noise(distance);
        maker.again(distance, distance.clamp(1000, 40_000));
    }
}

/// Typical contents of large programs, a MiB at a time. More than 32 MiB, so that samples are
/// examined first; mostly data that compresses quickly under an emulator.
fn large_mixture(maker: &mut Maker) {
    maker.noise(MIB);
    while maker.bytes.len() < 33 * MIB {
        maker.code(96 * KIB);
        maker.addresses(64 * KIB);
        maker.zeros(320 * KIB + 1);
        maker.text(64 * KIB);
        maker.noise(96 * KIB);
        maker.again(20 * KIB, 128 * KIB);
        maker.again(700 * KIB, 192 * KIB);
        maker.again(33 * KIB, 64 * KIB);
    }
}

/// Stored because of its samples, without a trial. Neither the samples nor deflate notice that
/// it repeats.
fn large_noise(maker: &mut Maker) {
    maker.noise(5 * MIB);
    maker.again(5 * MIB, 27 * MIB + 4321);
}

/// An ELF file with a section of debug information.
fn debug_information(maker: &mut Maker) {
    const NAMES: &[u8] = b"\0.shstrtab\0.debug_info\0";
    const SIZE: usize = 512 * KIB;
    let names = 64 + 3 * 64;
    let content = names + NAMES.len();
    // Elf64_Ehdr: a program for x86_64, with the sections after the header.
    maker.raw(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    maker.numbers(&[(2, 2), (62, 2), (1, 4), (0, 8), (0, 8), (64, 8), (0, 4)]);
    maker.numbers(&[(64, 2), (0, 2), (0, 2), (64, 2), (3, 2), (1, 2)]);
    maker.zeros(64);
    // Elf64_Shdr: name, type, flags, address, offset, size, and unused fields.
    for (name, kind, at, size) in [(1, 3, names, NAMES.len()), (11, 1, content, SIZE)] {
        maker.numbers(&[(name, 4), (kind, 4), (0, 8), (0, 8), (at, 8), (size, 8)]);
        maker.numbers(&[(0, 8), (1, 8), (0, 8)]);
    }
    maker.raw(NAMES);
    maker.code(SIZE);
}
