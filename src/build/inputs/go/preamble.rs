//! Finds the C code in the comments of Go files.

/// The comments above `import "C"`, without the lines that cgo reads itself.
///
/// Source: `ParseGo` in <https://github.com/golang/go/blob/master/src/cmd/cgo/ast.go>.
pub(super) fn preamble(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let mut preamble = String::new();
    for (index, line) in lines.iter().enumerate() {
        let line = line.split("//").next().unwrap_or_default();
        let import = line.trim().trim_end_matches([';', ' ']);
        let above = &lines[..index];
        let comment = match import {
            "import \"C\"" | "import\t\"C\"" | "import `C`" | "import (\"C\")" => comment(above),
            "\"C\"" | "`C`" => match (comment(above), above.split_last()) {
                // The only import of a group has the comment of the group.
                (comment, Some((before, above)))
                    if comment.is_empty() && before.trim() == "import (" =>
                {
                    self::comment(above)
                }
                (comment, _) => comment,
            },
            _ => continue,
        };
        for line in comment.lines().filter(|line| !is_for_cgo(line)) {
            preamble.push_str(line);
            preamble.push('\n');
        }
    }
    preamble
}

/// Whether a line of a comment configures cgo.
fn is_for_cgo(line: &str) -> bool {
    let directive = line.trim().strip_prefix("#cgo");
    directive.is_some_and(|rest| rest.starts_with([' ', '\t']))
}

/// The text of the comments that end with the last of these lines.
fn comment(lines: &[&str]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = lines;
    while let Some((line, above)) = rest.split_last() {
        let line = line.trim();
        if let Some(text) = line.strip_prefix("//") {
            parts.push(text.to_owned());
            rest = above;
        } else if line.ends_with("*/") {
            let Some(start) = rest.iter().rposition(|line| line.contains("/*")) else {
                break;
            };
            let block = rest[start..].join("\n");
            let body = block.split_once("/*").map_or("", |(_, body)| body);
            let body = body.rsplit_once("*/").map_or(body, |(body, _)| body);
            parts.push(body.to_owned());
            rest = &rest[..start];
        } else {
            break;
        }
    }
    parts.reverse();
    parts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comment_above_the_import_is_c_code() {
        let text = "// #include <no.h>\npackage a\n\n/*\n#cgo LDFLAGS: -lm\n#include <a.h>\n*/\n\
                    // int f();\nimport \"C\" // x\n\n// #include <no.h>\n\nimport \"fmt\"\n\
                    import (\n\t\"os\"\n\t// #include \"b.h\"\n\t\"C\"\n)\n";
        let lines = preamble(text);
        let lines: Vec<_> = lines
            .lines()
            .map(str::trim)
            .filter(|it| !it.is_empty())
            .collect();
        assert_eq!(lines, ["#include <a.h>", "int f();", "#include \"b.h\""]);
    }

    #[test]
    fn the_comment_of_a_group_belongs_to_its_only_import() {
        let text = "package a\n// int f();\nimport (\n\t\"C\"\n)\n";
        assert_eq!(preamble(text).trim(), "int f();");
        assert_eq!(preamble("package a\n\nimport \"C\"\n"), "");
        assert_eq!(preamble("*/\nimport \"C\"\n"), "");
    }
}
