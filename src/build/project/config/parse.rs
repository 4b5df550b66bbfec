//! Parses `lambdapack.toml`, and reports every mistake with its line.
//!
//! In: the text of the file. Out: the settings, the position of each key, and the problems.
//! Left to others: keys that are not allowed in their table (`check.rs`).

use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer, Error};

use crate::build::project::config::settings::FunctionSettings;
use crate::ui::failure::Problem;

/// The most mistakes that are reported, because the file is read again after each of them.
const MAX_PROBLEMS: usize = 20;

/// A parsed file.
#[derive(Debug)]
pub(super) struct ParsedFile<'a> {
    text: &'a str,
    table: DeTable<'a>,
    /// All settings that are valid.
    pub(super) settings: FunctionSettings,
    /// The mistakes, each with its line if it is known.
    pub(super) problems: Vec<(Option<usize>, Problem)>,
}

impl<'a> ParsedFile<'a> {
    /// Parses a file. If its syntax is invalid, keys and values are not checked.
    pub(super) fn parse(text: &'a str, file: &Path) -> Self {
        let (table, syntax_errors) = DeTable::parse_recoverable(text);
        let mut parsed = Self {
            text,
            table: table.get_ref().clone(),
            settings: FunctionSettings::default(),
            problems: Vec::new(),
        };
        if syntax_errors.is_empty() {
            parsed.read_settings(table, file);
        } else {
            // Later errors on a line are often caused by the first one.
            let mut reported = None;
            for error in syntax_errors {
                let line = error.span().map(|span| parsed.line(&span));
                if line.is_none() || line != reported {
                    parsed.add_error(error, file);
                }
                reported = line;
            }
        }
        parsed
    }

    /// The line of a key, counted from one. The path starts at the top of the file. Tables in
    /// lists have an index. If a key of the path is not set, this is the line of the innermost
    /// table that is.
    pub(super) fn line_of(&self, path: &[&str]) -> Option<usize> {
        let (first, rest) = path.split_first()?;
        let (key, mut value) = self.table.get_key_value(*first)?;
        let mut span = key.span();
        for name in rest {
            let next = match value.get_ref() {
                DeValue::Table(table) => table.get_key_value(*name).map(|(k, v)| (k.span(), v)),
                DeValue::Array(items) => items
                    .get(name.parse::<usize>().ok()?)
                    .map(|v| (v.span(), v)),
                _ => None,
            };
            let Some((found, inner)) = next else {
                break;
            };
            (span, value) = (found, inner);
        }
        Some(self.line(&span))
    }

    /// Reads the settings. serde stops at the first mistake, so the key with the mistake is
    /// removed, and the rest is read again.
    fn read_settings(&mut self, mut table: Spanned<DeTable<'a>>, file: &Path) {
        loop {
            match FunctionSettings::deserialize(Deserializer::from(table.clone())) {
                Ok(settings) => {
                    self.settings = settings;
                    // Indices in lists are those of the settings.
                    self.table = table.into_inner();
                    return;
                }
                Err(error) => {
                    let span = error.span();
                    self.add_error(error, file);
                    let is_full = self.problems.len() >= MAX_PROBLEMS;
                    if is_full || !span.is_some_and(|span| remove_at(table.get_mut(), &span)) {
                        return;
                    }
                }
            }
        }
    }

    fn add_error(&mut self, mut error: Error, file: &Path) {
        error.set_input(Some(self.text));
        let what = format!(
            "cannot parse `{}`\n{}",
            file.display(),
            error.to_string().trim_end()
        );
        let line = error.span().map(|span| self.line(&span));
        let help = match line {
            Some(line) => format!("correct or remove line {line}"),
            None => "correct the file".to_owned(),
        };
        self.problems.push((line, Problem::new(what).help(help)));
    }

    fn line(&self, span: &Range<usize>) -> usize {
        let before = &self.text.as_bytes()[..span.start.min(self.text.len())];
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

/// Removes the innermost key whose name or value contains a position, or the innermost table of a
/// list. Returns false if there is none.
fn remove_at(table: &mut DeTable<'_>, position: &Range<usize>) -> bool {
    for (_, value) in table.iter_mut() {
        let is_removed = match value.get_mut() {
            DeValue::Table(inner) => remove_at(inner, position),
            DeValue::Array(items) => remove_from_list(items, position),
            _ => false,
        };
        if is_removed {
            return true;
        }
    }
    let found = table
        .iter()
        .find(|(key, value)| contains(&key.span(), position) || contains(&value.span(), position))
        .map(|(key, _)| key.get_ref().to_string());
    found.is_some_and(|key| table.remove(key.as_str()).is_some())
}

fn contains(span: &Range<usize>, position: &Range<usize>) -> bool {
    span.start <= position.start && position.end <= span.end
}

fn remove_from_list(items: &mut DeArray<'_>, position: &Range<usize>) -> bool {
    for item in items.iter_mut() {
        if let DeValue::Table(inner) = item.get_mut()
            && remove_at(inner, position)
        {
            return true;
        }
    }
    let count = items.len();
    *items = std::mem::replace(items, DeArray::new())
        .into_iter()
        .filter(|item| {
            let is_table = matches!(item.get_ref(), DeValue::Table(_));
            !(is_table && contains(&item.span(), position))
        })
        .collect();
    items.len() < count
}
