use std::collections::BTreeMap;

use super::*;
use crate::lambda::{Arch, CorsRules, PayloadFormat, RouteMethod};
use crate::ui::failure::Failure;

fn parse(text: &str) -> anyhow::Result<FunctionSettings> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(FILE);
    fs_err::write(&file, text).unwrap();
    FunctionSettings::read(&file)
}

#[test]
fn unknown_keys_and_values_are_errors_that_name_the_known_ones() {
    let error = parse("archs = \"arm64\"").unwrap_err().to_string();
    assert!(error.contains("unknown field `archs`"), "{error}");
    assert!(error.contains("`arch`"), "{error}");
    let error = parse("runtime = \"go1.x\"").unwrap_err().to_string();
    assert!(error.contains("migrate"), "{error}");
    let error = parse("arch = [\"mips\"]").unwrap_err().to_string();
    assert!(
        error.contains("`mips`") && error.contains("arm64"),
        "{error}"
    );
    let error = parse("[function.a]\nskp = true").unwrap_err().to_string();
    assert!(error.contains("unknown field `skp`"), "{error}");
}

#[test]
fn every_mistake_is_reported_with_its_line() {
    let text = "archs = \"arm64\"\narch = \"mips\"\nskip = 1\npath = \"a\"\n\n\
                [function.a]\nskp = true\nprofile = \"release\"\n\n\
                [function.b]\narch = []\nkind = \"extension\"\nentry = \"script\"\n";
    let error = parse(text).unwrap_err();
    let failure = error.downcast_ref::<Failure>().unwrap();
    let all: Vec<_> = failure.problems.iter().map(|p| p.what.as_str()).collect();
    for mistake in [
        "at line 1, column 1\n",
        "at line 2, column 8\n",
        "at line 3, column 8\n",
        "at line 7, column 1\n",
        "line 4: `path` is not allowed",
        "line 8: `profile` is not allowed in a `[function.NAME]` table",
        "line 11: `arch` is an empty list",
        "line 13: `entry` cannot be combined",
    ] {
        let count = all.iter().filter(|what| what.contains(mistake)).count();
        assert_eq!(count, 1, "{mistake}: {all:#?}");
    }
    assert_eq!(all.len(), 8, "{all:#?}");
    assert!(
        all[0].contains("at line 1,"),
        "in the order of their lines: {all:#?}"
    );
    assert!(
        all[7].contains("line 13:"),
        "in the order of their lines: {all:#?}"
    );
}

#[test]
fn syntax_errors_are_reported_with_their_lines() {
    let error = parse("arch = arm64\nskip = true\nlibc = musl\n").unwrap_err();
    let failure = error.downcast_ref::<Failure>().unwrap();
    let helps = failure.problems.iter().map(|p| p.help.as_deref().unwrap());
    assert_eq!(
        helps.collect::<Vec<_>>(),
        ["correct or remove line 1", "correct or remove line 3"]
    );
}

#[test]
fn misplaced_keys_are_errors() {
    for text in [
        "path = \"a\"",
        "[function.a]\nprofile = \"release\"",
        "[function.a]\npaths = [\"a\"]",
        "[function.\"../a\"]\nskip = true",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn variables_that_no_function_can_have_are_reported_with_their_lines() {
    let text = "[watch.env]\nA = \"a\"\n_HANDLER = \"x\"\nPORT = 8080\n\n\
                [function.b.env]\n\"C D\" = \"\"\nE = \"\\u0000\"\nAWS_LAMBDA_X = \"\"\n";
    let error = parse(text).unwrap_err();
    let failure = error.downcast_ref::<Failure>().unwrap();
    let all: Vec<_> = failure.problems.iter().map(|p| p.what.as_str()).collect();
    for (mistake, what) in [
        ("line 3: `_HANDLER` is reserved by Lambda", all[0]),
        ("at line 4, column 8\n", all[1]),
        ("line 7: `C D` is not a valid variable name", all[2]),
        ("line 8: the value of `E` contains a NUL character", all[3]),
        ("line 9: `AWS_LAMBDA_X` is reserved by Lambda", all[4]),
    ] {
        assert!(what.contains(mistake), "{mistake}: {all:#?}");
    }
    assert!(
        all[1].contains("integer `8080`, expected a string"),
        "{all:#?}"
    );
    assert_eq!(all.len(), 5, "{all:#?}");
    for text in ["[env]\nA = \"a\"", "[function.a.watch.env]\nA = \"a\""] {
        let error = parse(text).unwrap_err().to_string();
        assert!(error.contains("line 1: `"), "{error}");
    }
}

#[test]
fn variables_of_functions_are_not_inherited_and_those_of_the_project_are() {
    let outer = parse("[watch.env]\nA = \"a\"\n[function.b.env]\nB = \"b\"\n").unwrap();
    let table = &outer.function.as_ref().unwrap()["b"];
    let function = table.over(&outer);
    let env = |names: [&str; 2]| BTreeMap::from([names.map(str::to_owned).into()]);
    assert_eq!(function.env, Some(env(["B", "b"])));
    assert_eq!(function.watch.unwrap().env, env(["A", "a"]));
    assert_eq!(FunctionSettings::default().over(table).env, None);
}

#[test]
fn routes_have_defaults_and_places() {
    let text = "[[watch.route]]\npath = \"/users/{id}\"\nfunction = \"users\"\n\n\
                [[watch.route]]\npath = \"/{proxy+}\"\nmethod = \"GET\"\nfunction = \"web\"\n\
                payload = \"1.0\"\nstage = \"dev\"\n\n[watch]\ncors = true\n";
    let watch = parse(text).unwrap().watch.unwrap();
    let [users, web] = &watch.route[..] else {
        panic!("{watch:#?}");
    };
    assert_eq!(
        (users.method, users.payload, users.stage.as_deref()),
        (RouteMethod::Any, PayloadFormat::HttpApi2, None)
    );
    assert_eq!(
        (web.method, web.payload, web.stage.as_deref()),
        (RouteMethod::Get, PayloadFormat::RestApi, Some("dev"))
    );
    assert_eq!((users.place.line, web.place.line), (Some(1), Some(5)));
    assert_eq!(watch.cors, Some(CorsRules::any()));
    let off = parse("[watch]\ncors = false\n").unwrap().watch.unwrap();
    assert_eq!(off.cors, None);
    let table = parse("[watch.cors]\nallow-origins = [\"https://example.com\"]\nmax-age = 60\n");
    let cors = table.unwrap().watch.unwrap().cors.unwrap();
    assert_eq!(cors.allow_origins, ["https://example.com"]);
    assert_eq!(cors.max_age, Some(60));
}

#[test]
fn mistakes_in_routes_are_reported_together_with_their_lines() {
    let text = "[[watch.route]]\npath = \"/a\"\n\n\
                [[watch.route]]\npath = \"a\"\nfunction = \"f\"\nmethods = 1\n\n\
                [[watch.route]]\npath = \"/a/{b\"\nfunction = \"f\"\nmethod = \"get\"\n\n\
                [[watch.route]]\npath = \"/a/{b}\"\nfunction = \"f\"\npayload = 2.0\n\n\
                [[watch.route]]\npath = \"/a/{c}\"\nfunction = \"g\"\n\n\
                [[watch.route]]\npath = \"$default\"\nfunction = \"g\"\nmethod = \"GET\"\n\
                payload = \"1.0\"\nstage = \"$default\"\n\n\
                [watch.cors]\nallow-origins = []\nallow-methods = [\"get\"]\nmax-ages = 1\n\
                expose-headers = [\"a b\"]\n";
    let error = parse(text).unwrap_err();
    let failure = error.downcast_ref::<Failure>().unwrap();
    let all: Vec<_> = failure.problems.iter().map(|p| p.what.as_str()).collect();
    for (mistake, what) in [
        ("missing field `function`", "at line 1, "),
        ("`a` is not a valid path: it does not start", "line 5: "),
        ("unknown field `methods`", "at line 7, "),
        ("`/a/{b` is not a valid path: `{b` mixes text", "line 10: "),
        ("unknown variant `get`", "at line 12, "),
        (
            "invalid type: floating point `2.0`, expected a string",
            "at line 17, ",
        ),
        (
            "`ANY /a/{c}` matches the same requests as `/a/{b}` in line 14",
            "line 20: ",
        ),
        ("a REST API has no route `$default`", "line 24: "),
        ("`$default` cannot be combined with `method`", "line 26: "),
        ("a REST API has no stage `$default`", "line 28: "),
        ("`allow-origins` is an empty list", "line 31: "),
        ("`get` is not a method", "line 32: "),
        ("unknown field `max-ages`", "at line 33, "),
        ("`a b` is not the name of a header", "line 34: "),
    ] {
        let found = all
            .iter()
            .filter(|w| w.contains(mistake) && w.contains(what));
        assert_eq!(found.count(), 1, "{mistake}: {all:#?}");
    }
    assert_eq!(all.len(), 14, "{all:#?}");
}

#[test]
fn the_inner_table_takes_precedence_and_lists_are_joined() {
    let outer = parse("arch = \"arm64\"\ntags = \"a\"\nldflags = \"-X m.v=1\"").unwrap();
    let inner = parse("arch = [\"x86_64\"]\ntags = [\"b\"]\nldflags = \"-X m.w=2\"").unwrap();
    let both = inner.over(&outer);
    assert_eq!(both.arch.unwrap().to_vec(), [Arch::X86_64]);
    assert_eq!(both.tags.unwrap().to_vec(), ["a", "b"]);
    assert_eq!(both.ldflags.unwrap().to_vec(), ["-X m.v=1", "-X m.w=2"]);
}

const TABLE: &str = include_str!("../../../../docs/reference/configuration.md");

/// The rows of the one table of keys for both languages.
fn rows() -> impl Iterator<Item = Vec<&'static str>> {
    let rows = TABLE
        .lines()
        .skip_while(|line| !line.starts_with("| key |"));
    let rows = rows.skip(2).take_while(|line| line.starts_with("| `"));
    rows.map(|row| row.split(" | ").collect())
}

#[test]
fn the_documentation_lists_every_key_of_the_configuration_and_no_other() {
    let listed: Vec<_> = rows()
        .filter_map(|row| row[0].strip_prefix("| `")?.split('`').next())
        .collect();
    let error = parse("unknown = 1").unwrap_err().to_string();
    let known = error
        .lines()
        .find(|line| line.contains("expected one of"))
        .unwrap();
    let known: Vec<_> = known.split('`').skip(3).step_by(2).collect();
    for key in &known {
        assert!(listed.contains(key), "{key} is not in the documentation");
    }
    assert_eq!(listed.len(), known.len(), "{listed:?} {known:?}");
}

/// Every value in backticks can be read in the table that its row names.
#[test]
fn every_documented_value_can_be_read() {
    let mut tried = 0;
    for row in rows() {
        let key = row[0].trim_start_matches("| ").trim_matches('`');
        for value in row[2].split('`').skip(1).step_by(2) {
            let is_value = value.starts_with('"') || value == "true";
            if !is_value {
                continue;
            }
            let is_for_function = row[1].contains("[function.NAME]");
            let table = if is_for_function {
                "[function.a]\n"
            } else {
                ""
            };
            let read = parse(&format!("{table}{key} = {value}"));
            assert!(read.is_ok(), "{key} = {value}: {read:?}");
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
}
