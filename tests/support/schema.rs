//! The part of JSON Schema that `schemas/` uses. Every output that a test reads is validated.
//!
//! A keyword that is not supported here is an error, so that a schema never contains an
//! unchecked promise. `pattern` is left to the validator in tests/real/schemas.rs.

use std::path::Path;

use serde_json::Value;

/// A schema from `schemas/`.
pub(crate) fn schema(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let text = fs_err::read_to_string(folder.join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Validates a value against a schema.
#[track_caller]
pub(crate) fn holds(name: &str, value: &Value) {
    let problems = problems(name, value);
    assert!(problems.is_empty(), "{}\n{value:#}", problems.join("\n"));
}

/// The violations of a schema by a value.
pub(crate) fn problems(name: &str, value: &Value) -> Vec<String> {
    let root = schema(name);
    let mut problems = Vec::new();
    look(&root, &root, value, "", &mut problems);
    problems
}

fn look(root: &Value, schema: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
    if let Value::Bool(allowed) = schema {
        if !allowed {
            problems.push(format!("{at} is not in the schema"));
        }
        return;
    }
    let mut wrong = |is_right: bool, why: String| {
        if !is_right {
            problems.push(format!("{at}: {why}: {value}"));
        }
    };
    let schema = schema.as_object().unwrap();
    for (keyword, wanted) in schema {
        match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "pattern" => {}
            "properties"
            | "additionalProperties"
            | "propertyNames"
            | "items"
            | "$ref"
            | "anyOf" => {}
            "type" => {
                let of = |word: &Value| is_a(value, word.as_str().unwrap());
                let is_right = wanted
                    .as_array()
                    .map_or_else(|| of(wanted), |all| all.iter().any(of));
                wrong(is_right, format!("not {wanted}"));
            }
            "const" => wrong(value == wanted, format!("not {wanted}")),
            "enum" => wrong(
                wanted.as_array().unwrap().contains(value),
                format!("not {wanted}"),
            ),
            "minimum" => {
                let less = value.as_f64().is_some_and(|n| n < wanted.as_f64().unwrap());
                wrong(!less, format!("less than {wanted}"));
            }
            "minItems" => {
                let short = value
                    .as_array()
                    .is_some_and(|all| (all.len() as u64) < wanted.as_u64().unwrap());
                wrong(!short, "too few".to_owned());
            }
            "minLength" => wrong(value.as_str() != Some(""), "empty".to_owned()),
            "required" => {
                for name in wanted.as_array().unwrap() {
                    let name = name.as_str().unwrap();
                    let lacks = value.is_object() && value.get(name).is_none();
                    wrong(!lacks, format!("no {name}"));
                }
            }
            "not" => {
                let mut against = Vec::new();
                look(root, wanted, value, at, &mut against);
                wrong(!against.is_empty(), format!("what may not be: {wanted}"));
            }
            _ => panic!("the schema says {keyword}, which nobody looks at"),
        }
    }
    if let Some(place) = schema.get("$ref").and_then(Value::as_str) {
        let named = root.pointer(place.strip_prefix('#').unwrap()).unwrap();
        look(root, named, value, at, problems);
    }
    if let Some(shapes) = schema.get("anyOf").and_then(Value::as_array) {
        let tried = shapes.iter().map(|shape| {
            let mut against = Vec::new();
            look(root, shape, value, at, &mut against);
            against
        });
        // The closest alternative explains the failure best.
        problems.extend(tried.min_by_key(Vec::len).unwrap_or_default());
    }
    for (name, inside) in value.as_object().into_iter().flatten() {
        let at = format!("{at}/{name}");
        match schema.get("properties").and_then(|all| all.get(name)) {
            Some(schema) => look(root, schema, inside, &at, problems),
            None => {
                if let Some(others) = schema.get("additionalProperties") {
                    look(root, others, inside, &at, problems);
                }
            }
        }
        if let Some(names) = schema.get("propertyNames") {
            look(root, names, &Value::from(name.as_str()), &at, problems);
        }
    }
    if let Some(items) = schema.get("items") {
        for (place, inside) in value.as_array().into_iter().flatten().enumerate() {
            look(root, items, inside, &format!("{at}/{place}"), problems);
        }
    }
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        _ => panic!("{kind} is no type"),
    }
}
