//! Renders a template with values.
//!
//! A template is a valid file of its type, so that editors and linters can read it. A word such as
//! `__NAME__` is replaced by a value. A comment that starts with `#@` or `//@` is a directive and
//! is removed: `each LIST`, `if FLAG`, and `else`, each up to its `end`.
//!
//! Left to others: expressions, and the meaning of the rendered text.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};

/// The values that a template may use.
#[derive(Debug, Clone, Default)]
pub(super) struct TemplateValues {
    /// The values of `__WORD__`.
    pub(super) words: BTreeMap<&'static str, String>,
    pub(super) flags: BTreeSet<&'static str>,
    /// The values of each item of a list.
    pub(super) lists: BTreeMap<&'static str, Vec<TemplateValues>>,
}

pub(super) fn render(template: &str, values: &TemplateValues) -> anyhow::Result<String> {
    let mut renderer = Renderer {
        lines: template.split_inclusive('\n').collect(),
        at: 0,
        text: String::new(),
    };
    match renderer.block(&[values], true)? {
        None => Ok(renderer.text),
        Some(word) => bail!("a template has `{word}` without a matching start"),
    }
}

struct Renderer<'a> {
    lines: Vec<&'a str>,
    at: usize,
    text: String,
}

impl<'a> Renderer<'a> {
    /// Renders up to the directive that ends the block, which is returned, or to the end of the
    /// template.
    fn block(
        &mut self,
        scopes: &[&TemplateValues],
        shown: bool,
    ) -> anyhow::Result<Option<&'a str>> {
        while let Some(line) = self.lines.get(self.at) {
            self.at += 1;
            let Some((word, name)) = directive(line) else {
                if shown {
                    self.text.push_str(&fill_line(line, scopes)?);
                }
                continue;
            };
            match word {
                "each" => self.each(name, scopes, shown)?,
                "if" => {
                    // Only the innermost scope counts: a mixed project uses Go although this
                    // function may not.
                    let is_set = scopes
                        .first()
                        .is_some_and(|scope| scope.flags.contains(name));
                    let mut end = self.block(scopes, shown && is_set)?;
                    if end == Some("else") {
                        end = self.block(scopes, shown && !is_set)?;
                    }
                    expect_end(end, name)?;
                }
                "else" | "end" => return Ok(Some(word)),
                _ => bail!("a template has an unknown directive `{word}`"),
            }
        }
        Ok(None)
    }

    fn each(&mut self, name: &str, scopes: &[&TemplateValues], shown: bool) -> anyhow::Result<()> {
        let start = self.at;
        let list = scopes.iter().find_map(|scope| scope.lists.get(name));
        let list = list.with_context(|| format!("a template has an unknown list `{name}`"))?;
        for inner in list {
            self.at = start;
            let scopes: Vec<_> = [inner].into_iter().chain(scopes.iter().copied()).collect();
            let end = self.block(&scopes, shown)?;
            expect_end(end, name)?;
        }
        if list.is_empty() {
            let end = self.block(scopes, false)?;
            expect_end(end, name)?;
        }
        Ok(())
    }
}

fn expect_end(end: Option<&str>, name: &str) -> anyhow::Result<()> {
    match end {
        Some("end") => Ok(()),
        _ => bail!("a template has `{name}` without an end"),
    }
}

/// The directive of a line, and its argument.
fn directive(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let directive = line
        .strip_prefix("#@ ")
        .or_else(|| line.strip_prefix("//@ "))?;
    Some(directive.split_once(' ').unwrap_or((directive, "")))
}

/// Replaces the words of a line. Inner scopes take precedence.
fn fill_line(line: &str, scopes: &[&TemplateValues]) -> anyhow::Result<String> {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("__") {
        text.push_str(before);
        let is_word = |word: &&str| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
        };
        match after.split_once("__").filter(|(word, _)| is_word(word)) {
            Some((word, after)) => {
                let value = scopes.iter().find_map(|scope| scope.words.get(word));
                let value = value
                    .with_context(|| format!("a template has an unknown placeholder __{word}__"))?;
                text.push_str(value);
                rest = after;
            }
            None => {
                text.push_str("__");
                rest = after;
            }
        }
    }
    text.push_str(rest);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(name: &str) -> TemplateValues {
        TemplateValues {
            words: BTreeMap::from([("NAME", name.to_owned())]),
            ..TemplateValues::default()
        }
    }

    fn shop() -> TemplateValues {
        let mut orders = values("orders");
        orders.flags.insert("rust");
        let mut shop = values("shop");
        shop.flags.insert("go");
        shop.words.insert("RESULTS", "target".to_owned());
        shop.lists.insert("function", vec![orders, values("users")]);
        shop.lists.insert("layer", Vec::new());
        shop
    }

    #[test]
    fn words_are_filled_in_from_the_innermost_scope() {
        let template = "a: __NAME__s__NAME__\n#@ each function\n  - __NAME__ of __RESULTS__/__NAME__.zip\n\
                        #@ end\nz: __NAME__";
        let text =
            "a: shopsshop\n  - orders of target/orders.zip\n  - users of target/users.zip\nz: shop";
        assert_eq!(render(template, &shop()).unwrap(), text);
    }

    #[test]
    fn blocks_with_an_unset_flag_are_left_out() {
        let template = "//@ each function\n//@ if rust\n__NAME__: rust\n//@ else\n__NAME__: go\n\
                        //@ end\n#@ if go\n__UNKNOWN__\n#@ end\n//@ end\n#@ if rust\n__UNKNOWN__\n#@ end\n\
                        #@ each layer\n__UNKNOWN__\n#@ end\n";
        assert_eq!(
            render(template, &shop()).unwrap(),
            "orders: rust\nusers: go\n"
        );
    }

    #[test]
    fn other_underscores_and_dollar_signs_are_kept() {
        let text = "__dunder__ ${{ secrets.A__B }} ${path.module} __ ___ __A_ $$\n# @ no word\n";
        assert_eq!(render(text, &shop()).unwrap(), text);
    }

    #[test]
    fn an_invalid_template_is_an_error() {
        for wrong in [
            "__NONE__",
            "#@ each nothing\n#@ end\n",
            "#@ each function\n",
            "#@ if rust\n",
            "#@ if rust\n#@ else\n#@ else\n#@ end\n",
            "#@ end\n",
            "#@ unless rust\n#@ end\n",
        ] {
            assert!(render(wrong, &shop()).is_err(), "{wrong}");
        }
    }
}
