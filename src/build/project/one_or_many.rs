//! A value or a list of values in a configuration file.

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::build::request::IncludeOption;

/// A value, or a list of values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T: Clone> OneOrMany<T> {
    pub(crate) fn to_vec(&self) -> Vec<T> {
        match self {
            Self::One(value) => vec![value.clone()],
            Self::Many(values) => values.clone(),
        }
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for OneOrMany<T> {
    /// Parses strings, so that the error for a wrong value lists the valid ones.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a string or a list of strings")]
        enum Words {
            One(String),
            Many(Vec<String>),
        }
        let parse = |word: &String| word.parse::<T>().map_err(D::Error::custom);
        Ok(match Words::deserialize(deserializer)? {
            Words::One(word) => Self::One(parse(&word)?),
            Words::Many(words) => Self::Many(words.iter().map(parse).collect::<Result<_, _>>()?),
        })
    }
}

/// Parses an include in a configuration file. Its folder is set when the file is known.
impl FromStr for IncludeOption {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "" => Err("an include must be a file, a folder, or a pattern"),
            word => Ok(Self {
                word: word.to_owned(),
                base: PathBuf::new(),
            }),
        }
    }
}
