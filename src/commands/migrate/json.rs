//! Parses JSON into a tree whose values have spans.
//!
//! In: text. Out: a [`Tree`], or why it is not JSON. Each value is a slice of the text, so its span
//! follows from the address of the slice. Left to others: writing. Comments are rejected, as
//! CloudFormation rejects them.

use std::fmt;

use anyhow::{Context, bail, ensure};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::commands::migrate::node::{Node, NodeData, Syntax, Tree, duplicate_key};
use crate::commands::migrate::yaml::MAX_DEPTH;

pub(crate) fn read(text: &str) -> anyhow::Result<Tree> {
    let root: &RawValue = serde_json::from_str(text)?;
    Ok(Tree {
        documents: vec![node(text, root, 0)?],
        syntax: Syntax::Json,
    })
}

fn node(text: &str, raw: &RawValue, depth: usize) -> anyhow::Result<Node> {
    ensure!(depth < MAX_DEPTH, "the values are nested too deeply");
    let raw = raw.get();
    // The value is a slice of the text, so the distance of the addresses is its start.
    let start = (raw.as_ptr() as usize).checked_sub(text.as_ptr() as usize);
    let start = start.context("a value is not part of the text")?;
    let span = start..start + raw.len();
    ensure!(
        text.get(span.clone()) == Some(raw),
        "a value is not part of the text"
    );
    let data = match raw.as_bytes().first() {
        Some(b'{') => {
            let Pairs(pairs) = serde_json::from_str(raw)?;
            let pair =
                |(key, value)| Ok((node(text, key, depth + 1)?, node(text, value, depth + 1)?));
            let entries: Vec<_> = pairs.into_iter().map(pair).collect::<anyhow::Result<_>>()?;
            if let Some(name) = duplicate_key(&entries) {
                bail!("duplicate key `{name}`");
            }
            NodeData::Map(entries, true)
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(raw)?;
            let items = items.into_iter().map(|item| node(text, item, depth + 1));
            NodeData::List(items.collect::<anyhow::Result<_>>()?)
        }
        Some(b'"') => {
            let value: String = serde_json::from_str(raw)?;
            let plain = raw.len() == value.len() + 2;
            NodeData::Scalar(value, plain)
        }
        // Numbers and literals are not replaced.
        _ => NodeData::Scalar(raw.to_owned(), false),
    };
    Ok(Node {
        span,
        data,
        anchor: 0,
        tag: None,
    })
}

/// Keys and values in the order of the text.
struct Pairs<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct JsonReader;
        impl<'de> Visitor<'de> for JsonReader {
            type Value = Pairs<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        from.deserialize_map(JsonReader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_match_the_text() {
        let text = "{ \"ü\" :\r\n\t[\"go1.x\", {\"a\\u0062\": 1.50, \"c\": null}] }\n";
        let tree = read(text).unwrap();
        let all = tree.documents[0].all();
        let shown = |literal: bool| {
            let all = all
                .iter()
                .filter(|node| matches!(node.data, NodeData::Scalar(_, exact) if exact == literal));
            all.map(|node| &text[node.span.clone()]).collect::<Vec<_>>()
        };
        assert_eq!(shown(true), ["\"ü\"", "\"go1.x\"", "\"c\""]);
        assert_eq!(shown(false), ["\"a\\u0062\"", "1.50", "null"]);
        assert_eq!(all[0].span, 0..text.len() - 1);
    }

    #[test]
    fn deep_nesting_and_comments_are_rejected() {
        assert!(read(&("[".repeat(120) + &"]".repeat(120))).is_err());
        assert!(read("{} // no").is_err());
        assert!(read("{\"a\": 1, \"a\": 2}").is_err());
    }
}
