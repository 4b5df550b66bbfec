//! Splits rows of tables into cells.

/// The separator between the cells of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellSeparator {
    /// CSV, with quotes around cells that contain commas.
    Comma,
    /// Text that was copied from a browser.
    Tab,
    /// Markdown.
    Pipe,
}

impl CellSeparator {
    pub(super) fn from_header(header: &str) -> Self {
        if header.starts_with('|') && header.ends_with('|') && header.len() > 1 {
            Self::Pipe
        } else if header.contains('\t') {
            Self::Tab
        } else {
            Self::Comma
        }
    }
}

/// The cells of a row, or `None` if the line is not a row.
pub(super) fn split(row: &str, separator: CellSeparator) -> Option<Vec<String>> {
    let trimmed = |cell: &str| cell.trim().to_owned();
    match separator {
        CellSeparator::Comma => Some(quoted_cells(row).0),
        CellSeparator::Tab => Some(row.split('\t').map(trimmed).collect()),
        CellSeparator::Pipe => {
            let row = row.trim().strip_prefix('|')?;
            let row = row.strip_suffix('|').unwrap_or(row);
            Some(row.split('|').map(trimmed).collect())
        }
    }
}

/// Whether a quoted cell continues on the next line.
pub(super) fn is_open(row: &str) -> bool {
    quoted_cells(row).1
}

/// The cells of a CSV row, and whether the last one is quoted and not complete.
///
/// Source: RFC 4180.
fn quoted_cells(row: &str) -> (Vec<String>, bool) {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut chars = row.chars().peekable();
    while let Some(c) = chars.next() {
        let Some(cell) = cells.last_mut() else {
            break;
        };
        match c {
            '"' if is_quoted && chars.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' if is_quoted || cell.is_empty() => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            '\r' if !is_quoted => {}
            c => cell.push(c),
        }
    }
    (cells, is_quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_separated_and_unquoted() {
        for (row, separator, expected) in [
            ("a,b,,d\r", CellSeparator::Comma, &["a", "b", "", "d"][..]),
            ("\"a,b\",\"c\"\"d\"", CellSeparator::Comma, &["a,b", "c\"d"]),
            ("\"a\nb\",c", CellSeparator::Comma, &["a\nb", "c"]),
            ("1\t a \tb", CellSeparator::Tab, &["1", "a", "b"]),
            ("| a | b |  |", CellSeparator::Pipe, &["a", "b", ""]),
        ] {
            assert_eq!(split(row, separator).unwrap(), expected, "{row:?}");
        }
        assert_eq!(split("no row", CellSeparator::Pipe), None);
        assert!(is_open("a,\"b"));
        assert!(!is_open("a,\"b\"\"\""));
        assert!(!is_open("a, \"b"));
    }
}
