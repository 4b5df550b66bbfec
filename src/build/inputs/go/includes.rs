//! Finds the files that Go's assembler includes.

/// The names in `#include "name"`, or the first directive that has no name.
///
/// Source: <https://go.dev/doc/asm>
pub(super) fn includes(text: &str) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for line in text.lines() {
        let directive = line.trim_start().strip_prefix('#').map(str::trim_start);
        let Some(rest) = directive.and_then(|directive| directive.strip_prefix("include")) else {
            continue;
        };
        let name = rest.trim_start().strip_prefix('"');
        match name.and_then(|name| name.split_once('"')) {
            Some((name, _)) => names.push(name.to_owned()),
            None => return Err(line.trim().to_owned()),
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_directive_names_a_file() {
        let text = "#include \"textflag.h\"\n // #include \"no.h\"\n\t# include  \"../a.h\" // x\n\
                    #define X 1\n";
        assert_eq!(includes(text).unwrap(), ["textflag.h", "../a.h"]);
        assert_eq!(includes(" #include X\n"), Err("#include X".to_owned()));
    }
}
