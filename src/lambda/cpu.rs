//! The processor features that every Lambda host has, by LLVM's names.

use crate::lambda::Arch;

/// The processors whose instructions every Lambda host supports.
///
/// For arm64, Lambda documents Graviton; its first generation on Lambda is Graviton2. For x86_64,
/// it documents AVX2.
/// Sources: <https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html>,
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-avx2.html>.
const fn covered(arch: Arch) -> &'static [&'static str] {
    match arch {
        Arch::Arm64 => &[
            "generic",
            "cortex-a53",
            "cortex-a57",
            "cortex-a72",
            "cortex-a73",
            "cortex-a75",
            "cortex-a76",
            "neoverse-n1",
            // The names of C compilers for architectures.
            "armv8-a",
            "armv8.1-a",
            "armv8.2-a",
        ],
        Arch::X86_64 => &[
            "generic",
            "x86-64",
            "x86-64-v2",
            "x86-64-v3",
            "core2",
            "penryn",
            "nehalem",
            "corei7",
            "westmere",
            "sandybridge",
            "corei7-avx",
            "ivybridge",
            "core-avx-i",
            "haswell",
            "core-avx2",
        ],
    }
}

/// Features that some hosts lack. A trailing `*` matches all names that start like this.
const fn beyond(arch: Arch) -> &'static [&'static str] {
    match arch {
        Arch::Arm64 => &[
            "sve*", "sme*", "v8.3a", "v8.4a", "v8.5a", "v8.6a", "v8.7a", "v8.8a", "v8.9a", "v9*",
            "bf16", "i8mm", "pauth*", "paca", "pacg", "bti", "mte", "rand", "flagm*", "jsconv",
            "fcma", "sha3", "sm4", "frintts", "mops",
        ],
        Arch::X86_64 => &[
            "avx512*",
            "avx10*",
            "amx*",
            "apx*",
            "sha512",
            "sm3",
            "sm4",
            "kl",
            "widekl",
            "gfni",
            "vaes",
            "vpclmulqdq",
            "avxvnni*",
            "avxifma",
            "avxneconvert",
            "xop",
            "tbm",
            "fma4",
            "sse4a",
            "rtm",
        ],
    }
}

/// Whether code for a processor may need instructions that some Lambda hosts lack.
pub(crate) fn is_beyond(arch: Arch, cpu: &str) -> bool {
    !covered(arch).contains(&cpu)
}

/// Whether some Lambda hosts lack a feature, by LLVM's or rustc's name.
pub(crate) fn feature_is_beyond(arch: Arch, feature: &str) -> bool {
    beyond(arch)
        .iter()
        .any(|name| match name.strip_suffix('*') {
            Some(start) => feature.starts_with(start),
            None => feature == *name,
        })
}

/// The newest processor whose instructions every host supports.
pub(crate) const fn baseline(arch: Arch) -> &'static str {
    match arch {
        Arch::Arm64 => "neoverse-n1",
        Arch::X86_64 => "haswell",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_processors_up_to_the_baseline_are_covered() {
        for arch in Arch::ALL {
            assert!(!is_beyond(arch, baseline(arch)));
            assert!(is_beyond(arch, "native"));
        }
        assert!(is_beyond(Arch::Arm64, "neoverse-v1"));
        assert!(is_beyond(Arch::X86_64, "x86-64-v4"));
        assert!(feature_is_beyond(Arch::X86_64, "avx512f"));
        assert!(!feature_is_beyond(Arch::X86_64, "avx2"));
        assert!(!feature_is_beyond(Arch::Arm64, "lse"));
        assert!(!feature_is_beyond(Arch::Arm64, "random"));
    }
}
