//! `migrate` on generated files: random, valid, and with functions in them.
//!
//! Whatever surrounds a function, its edits must be the same, and no byte outside of them may
//! change. `Group::proven` checks the edited bytes. These tests check that the surrounding
//! bytes stay in place.

use std::path::{Path, PathBuf};

use cargo_lambdapack::internals::ReaderOptions;
use cargo_lambdapack::internals::groups;
use cargo_lambdapack::internals::{CandidateFile, MarkupFormat};

/// A generator of small random numbers: xorshift64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).unwrap()
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}

/// The result of migrating a text.
fn migrated(form: MarkupFormat, name: &str, text: &str) -> String {
    let file = CandidateFile {
        path: name.into(),
        form,
        text: text.to_owned(),
    };
    let groups = groups(&[file]);
    assert_eq!(groups.len(), 1, "{text}");
    let proven = groups[0].verified_edits(ReaderOptions::default());
    let mark = groups[0].marks[0];
    let mut texts = proven
        .unwrap_or_else(|error| panic!("{error:#}:\n{text}"))
        .texts;
    format!("{mark}{}", texts.remove(0))
}

const SCALARS: [&str; 12] = [
    "plain",
    "'go1.x'",
    "\"go1.x # no\"",
    "1.50",
    "true",
    "~",
    "'it''s'",
    "\"🦀 \\u00e9\"",
    "ünï",
    "go1.x",
    "provided.al2",
    "\"a: b\"",
];

fn yaml_value(dice: &mut Dice, indent: usize, depth: usize) -> String {
    let pad = " ".repeat(indent);
    match dice.roll(if depth > 2 { 3 } else { 8 }) {
        0..=2 => format!(" {}", dice.one(&SCALARS)),
        3 => format!(" !Sub {}", dice.one(&["\"${A}\"", "x", "'y'"])),
        4 => format!(" |\n{pad}  Runtime: go1.x\n\n{pad}    more: \"\n"),
        5 => format!(" [{}, {{a: {}}}]", dice.one(&SCALARS), dice.one(&SCALARS)),
        _ => yaml_map(dice, indent + 2, depth + 1),
    }
}

fn yaml_map(dice: &mut Dice, indent: usize, depth: usize) -> String {
    let mut text = String::new();
    for number in 0..=dice.roll(3) {
        if dice.roll(4) == 0 {
            text += "\n# Runtime: go1.x 💶";
        }
        let key = dice.one(&["Runtime", "Name", "'Handler'", "ключ", "Tags"]);
        let key = if number == 0 {
            key.to_owned()
        } else {
            format!("K{number}")
        };
        let value = yaml_value(dice, indent, depth);
        text += &format!(
            "\n{}{key}:{}",
            " ".repeat(indent),
            value.trim_end_matches('\n')
        );
        if dice.roll(4) == 0 && !value.contains('\n') {
            text += " # why";
        }
    }
    text
}

#[test]
fn the_surroundings_of_a_function_in_yaml_are_kept() {
    let mut dice = Dice(0x5eed);
    for _ in 0..400 {
        let mut before = String::from("Resources:");
        let mut after = before.clone();
        for number in 0..=dice.roll(4) {
            let noise = yaml_map(&mut dice, 6, 0);
            let both = format!("\n  N{number}:\n    Type: Custom::Thing\n    Properties:{noise}");
            before += &both;
            after += &both;
            if dice.roll(2) == 0 {
                let quote = dice.one(&["", "'", "\""]);
                let behind = dice.one(&["", " # go1.x", "   "]);
                let start = format!(
                    "\n  F{number}:\n    Type: AWS::Lambda::Function\n    Properties:\n      Tags:{}",
                    yaml_map(&mut dice, 8, 2)
                );
                before += &format!("{start}\n      Runtime: {quote}go1.x{quote}{behind}");
                after += &format!(
                    "{start}\n      Runtime: {quote}provided.al2023{quote}{behind}\n      Architectures: [x86_64]"
                );
            }
        }
        let last =
            "\n  Last:\n    Type: AWS::Lambda::Function\n    Properties: {Runtime: provided.al2}";
        before += last;
        after += &last.replace("al2", "al2023");
        let (end, mark) = (dice.one(&["\n", "\r\n"]), dice.one(&["", "\u{feff}"]));
        let whole = |text: &str| format!("{mark}{}", text.replace('\n', end));
        assert_eq!(
            migrated(MarkupFormat::Yaml, "t.yaml", &whole(&before)),
            whole(&after)
        );
    }
}

fn json_value(dice: &mut Dice, depth: usize) -> String {
    match dice.roll(if depth > 3 { 4 } else { 6 }) {
        0 => "\"go1.x\"".to_owned(),
        1 => dice
            .one(&[
                "null",
                "-1.5e3",
                "true",
                "\"\\\"Runtime\\\": \\\"go1.x\\\"\"",
            ])
            .to_owned(),
        2 => "\"🦀 \\u00e9\"".to_owned(),
        3 => "[]".to_owned(),
        4 => format!(
            "[{},\t{}]",
            json_value(dice, depth + 1),
            json_value(dice, depth + 1)
        ),
        _ => format!(
            "{{\"Runtime\" : {},\r\n\"x\":{}}}",
            json_value(dice, depth + 1),
            json_value(dice, depth + 1)
        ),
    }
}

#[test]
fn the_surroundings_of_a_function_in_json_are_kept() {
    let mut dice = Dice(0xface);
    for _ in 0..400 {
        let (mut before, mut after) = (
            "{\"Resources\": {".to_owned(),
            "{\"Resources\": {".to_owned(),
        );
        for number in 0..=dice.roll(4) {
            let noise = format!(
                "\"N{number}\": {{\"Type\": \"Custom::X\", \"Properties\": {}}},\n",
                json_value(&mut dice, 0)
            );
            let inner = json_value(&mut dice, 0);
            let function = |runtime: &str| {
                format!(
                    "{noise}\"F{number}\": {{\"Type\": \"AWS::Lambda::Function\", \"Properties\": {{\"Tags\": {inner}, \"Runtime\": {runtime}}}}},\n"
                )
            };
            before += &function("\"go1.x\"");
            after += &function("\"provided.al2023\", \"Architectures\": [\"x86_64\"]");
        }
        let end = "\"Z\": {}}}";
        assert_eq!(
            migrated(MarkupFormat::Json, "t.json", &format!("{before}{end}")),
            format!("{after}{end}")
        );
    }
}

fn hcl_value(dice: &mut Dice, depth: usize) -> String {
    match dice.roll(if depth > 2 { 4 } else { 8 }) {
        0 => "\"go1.x\"".to_owned(),
        1 => dice
            .one(&[
                "null",
                "1.5",
                "var.a",
                "\"${var.a}-ü\"",
                "aws_x.y[0].z",
                "!true",
            ])
            .to_owned(),
        2 => "<<-EOT\n  runtime = \"go1.x\"\n  EOT".to_owned(),
        3 => "[]".to_owned(),
        4 => format!("[{}, 1, # go1.x\n 2]", dice.one(&["\"provided.al2\"", "1"])),
        5 => format!("{{\n runtime = {}\n}}", dice.one(&["\"go1.x\"", "1"])),
        6 => "cond ? \"go1.x\" : f(x...)".to_owned(),
        _ => "[for k, v in var.m : upper(v) if k != \"go1.x\"]".to_owned(),
    }
}

#[test]
fn the_surroundings_of_a_function_in_hcl_are_kept() {
    let mut dice = Dice(0xcafe);
    for _ in 0..400 {
        let (mut before, mut after) = (String::new(), String::new());
        for number in 0..=dice.roll(4) {
            let value = hcl_value(&mut dice, 0);
            let noise = format!(
                "/* go1.x */\nresource \"x\" \"n{number}\" {{\n  runtime = {value}\n  b {{ c = 1 }}\n}}\n"
            );
            let inner = hcl_value(&mut dice, 1);
            let behind = dice.one(&["", " # go1.x", " // ünï"]);
            let function = |runtime: &str| {
                format!(
                    "{noise}resource \"aws_lambda_function\" \"f{number}\" {{\n  function_name = {inner}\n  runtime       = {runtime}\n}}\n"
                )
            };
            before += &function(&format!("\"go1.x\"{behind}"));
            after += &function(&format!(
                "\"provided.al2023\"{behind}\n  architectures = [\"x86_64\"]"
            ));
        }
        let (end, mark) = (dice.one(&["\n", "\r\n"]), dice.one(&["", "\u{feff}"]));
        let whole = |text: &str| format!("{mark}{}", text.replace('\n', end));
        assert_eq!(
            migrated(MarkupFormat::Terraform, "t.tf", &whole(&before)),
            whole(&after)
        );
    }
}

/// All files of the cases, to be damaged.
fn cases(folder: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let below = |path: PathBuf| {
        if path.is_dir() {
            cases(&path)
        } else {
            vec![path]
        }
    };
    paths.into_iter().flat_map(below).collect()
}

#[test]
fn a_damaged_file_is_rejected_or_edited_as_proven() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/migrate/before");
    let mut dice = Dice(0xbad);
    let mut edited = 0;
    for path in cases(&folder) {
        let form = match path.extension().and_then(|ending| ending.to_str()) {
            Some("yaml" | "yml") => MarkupFormat::Yaml,
            Some("json") => MarkupFormat::Json,
            Some("tf") => MarkupFormat::Terraform,
            _ => continue,
        };
        // Files that are not UTF-8 are not read at all.
        let Ok(whole) = fs_err::read_to_string(&path) else {
            continue;
        };
        let whole: Vec<char> = whole.chars().collect();
        if whole.len() > 4000 {
            continue;
        }
        for _ in 0..200 {
            let mut damaged = whole.clone();
            for _ in 0..=dice.roll(3) {
                let at = dice.roll(damaged.len());
                let to = (at + dice.roll(12)).min(damaged.len());
                match dice.roll(3) {
                    0 => drop(damaged.drain(at..to)),
                    1 => {
                        let piece = damaged[at..to].to_vec();
                        let at = dice.roll(damaged.len());
                        damaged.splice(at..at, piece);
                    }
                    _ => {
                        let odd = [
                            "&", "*a", "\t", "\"", "'", "{", "]", "#", "\n", "\r", ":", " ", "<<",
                            "💶", "|",
                        ];
                        damaged.splice(at..at, dice.one(&odd).chars());
                    }
                }
                if damaged.is_empty() {
                    damaged.push('x');
                }
            }
            let text: String = damaged.into_iter().collect();
            let file = CandidateFile {
                path: path.clone(),
                form,
                text: text.clone(),
            };
            for group in groups(&[file]) {
                let proven = group.verified_edits(ReaderOptions::default());
                let proven = proven.unwrap_or_else(|error| panic!("{error:#}:\n{text}"));
                edited += proven.analysis.edits.iter().flatten().count();
            }
        }
    }
    // Otherwise the test has checked nothing.
    assert!(edited > 1000, "{edited}");
}
