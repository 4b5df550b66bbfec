//! Finds the files that C code includes.
//!
//! This is not a preprocessor: conditions are ignored, so files of all conditions are found.

/// A directive that includes a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Include {
    /// `#include "file"`: searched next to the including file first.
    Quoted(String),
    /// `#include <file>`
    Angled(String),
    /// A directive that only a compiler can resolve, such as `#include MACRO`.
    Unresolved(String),
}

/// The directives in C, C++, assembler, and the comments with C code in Go files.
pub(super) fn includes(text: &str) -> Vec<Include> {
    let directive = |line: &str| {
        // `// #include <x.h>` and ` * #include <x.h>` in a comment of a Go file.
        let line = line.trim_start_matches(['/', '*', ' ', '\t']);
        if contains_binary(line) {
            return Some(Include::Unresolved(line.trim().to_owned()));
        }
        let directive = line.strip_prefix('#')?.trim_start();
        let rest = ["include_next", "include", "import", "embed"]
            .iter()
            .find_map(|name| directive.strip_prefix(name))?;
        if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return None;
        }
        let unresolved = || Include::Unresolved(format!("#{}", directive.trim()));
        let rest = rest.trim_start();
        let between = |open, close| rest.strip_prefix(open)?.split_once(close);
        Some(if directive.starts_with("embed") {
            unresolved()
        } else if let Some((file, _)) = between('"', '"') {
            Include::Quoted(file.to_owned())
        } else if let Some((file, _)) = between('<', '>') {
            Include::Angled(file.to_owned())
        } else {
            unresolved()
        })
    };
    text.lines().filter_map(directive).collect()
}

/// Whether an assembler copies a file into the program.
fn contains_binary(line: &str) -> bool {
    line.contains(".incbin")
}

/// Whether a header belongs to the C or C++ library or the kernel, whose version is known.
pub(super) fn is_standard(header: &str) -> bool {
    const FOLDERS: [&str; 13] = [
        "arpa/",
        "asm/",
        "asm-generic/",
        "bits/",
        "gnu/",
        "linux/",
        "net/",
        "netinet/",
        "netpacket/",
        "rpc/",
        "scsi/",
        "sys/",
        "mach/",
    ];
    const HEADERS: &str = " aio.h aliases.h alloca.h ar.h argp.h argz.h assert.h byteswap.h \
        complex.h cpio.h ctype.h dirent.h dlfcn.h elf.h endian.h envz.h err.h errno.h error.h \
        execinfo.h fcntl.h features.h fenv.h float.h fmtmsg.h fnmatch.h fpu_control.h fstab.h fts.h \
        ftw.h getopt.h glob.h gnu-versions.h grp.h gshadow.h iconv.h ifaddrs.h inttypes.h iso646.h \
        langinfo.h libgen.h libintl.h limits.h link.h locale.h malloc.h math.h mcheck.h memory.h \
        mntent.h monetary.h mqueue.h netdb.h nl_types.h nss.h obstack.h paths.h poll.h printf.h \
        pthread.h pty.h pwd.h regex.h regexp.h resolv.h sched.h search.h semaphore.h setjmp.h sgtty.h \
        shadow.h signal.h spawn.h stab.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h \
        stdio.h stdio_ext.h stdlib.h stdnoreturn.h string.h strings.h stropts.h syscall.h sysexits.h \
        syslog.h tar.h termio.h termios.h tgmath.h threads.h time.h ttyent.h uchar.h ucontext.h \
        ulimit.h unistd.h utime.h utmp.h utmpx.h values.h varargs.h wait.h wchar.h wctype.h wordexp.h \
        cpuid.h immintrin.h emmintrin.h xmmintrin.h smmintrin.h tmmintrin.h nmmintrin.h pmmintrin.h \
        wmmintrin.h x86intrin.h mmintrin.h arm_neon.h arm_acle.h unwind.h omp.h stdckdint.h stdbit.h \
        windows.h winsock2.h ws2tcpip.h winsock.h io.h process.h direct.h intrin.h conio.h tchar.h \
        windef.h winbase.h wincrypt.h shlobj.h \
        TargetConditionals.h AvailabilityMacros.h Availability.h os/log.h os/lock.h ";
    // Headers of C++ have no extension.
    let is_cpp = || header.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    FOLDERS.iter().any(|folder| header.starts_with(folder))
        || HEADERS.contains(&format!(" {header} "))
        || is_cpp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_directive_is_found() {
        let found = includes(
            "// #include <stdio.h>\n/*\n#include \"a.h\"\n # include <b.h> // x\n*/\n\
             #include MACRO\n#includes <c.h>\nint x; // no\n#embed \"d\"\n\
             __asm__(\".incbin \\\"e\\\"\");\n#define X 1\n",
        );
        assert_eq!(
            found,
            [
                Include::Angled("stdio.h".into()),
                Include::Quoted("a.h".into()),
                Include::Angled("b.h".into()),
                Include::Unresolved("#include MACRO".into()),
                Include::Unresolved("#embed \"d\"".into()),
                Include::Unresolved("__asm__(\".incbin \\\"e\\\"\");".into()),
            ]
        );
    }

    #[test]
    fn headers_of_other_libraries_are_not_standard() {
        assert!(is_standard("stdio.h") && is_standard("sys/stat.h") && is_standard("vector"));
        assert!(!is_standard("zlib.h") && !is_standard("openssl/ssl.h") && !is_standard("dio.h"));
    }
}
