//! The parts of CycloneDX 1.5 that the documents use.
//!
//! Source: <https://cyclonedx.org/docs/1.5/json/>.

use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    #[serde(rename = "$schema")]
    pub schema: &'static str,
    pub bom_format: &'static str,
    pub spec_version: &'static str,
    pub serial_number: String,
    pub version: u32,
    pub metadata: Metadata,
    pub components: Vec<Component>,
    pub dependencies: Vec<Dependencies>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub compositions: Vec<Composition>,
}

#[derive(Debug, Serialize)]
pub(super) struct Metadata {
    pub tools: Tools,
    /// What the document describes.
    pub component: Component,
}

#[derive(Debug, Serialize)]
pub(super) struct Tools {
    pub components: Vec<Component>,
}

#[derive(Debug, Default, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ComponentKind {
    #[default]
    Application,
    File,
    Library,
}

/// Whether a component is a part of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Scope {
    Required,
    /// It was used to build the program.
    Excluded,
}

#[derive(Debug, Default, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Component {
    /// Identifies the component in the document.
    #[serde(rename = "bom-ref", skip_serializing_if = "String::is_empty")]
    pub bom_ref: String,
    #[serde(rename = "type")]
    pub kind: ComponentKind,
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<License>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Hash {
    alg: &'static str,
    /// In hexadecimal.
    content: String,
}

impl Hash {
    pub(super) fn sha256(hex: impl Into<String>) -> Self {
        Self {
            alg: "SHA-256",
            content: hex.into(),
        }
    }
}

/// An SPDX license expression.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct License {
    pub expression: String,
}

/// A value for which the format has no field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Property {
    name: &'static str,
    value: String,
}

impl Property {
    pub(super) fn new(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            value: value.into(),
        }
    }
}

/// The components that a component depends on directly, by their `bom-ref`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dependencies {
    #[serde(rename = "ref")]
    pub component: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
}

/// How much is known about the contents of components.
#[derive(Debug, Serialize)]
pub(super) struct Composition {
    pub aggregate: &'static str,
    pub assemblies: Vec<String>,
}
