//! Simulates the AWS CLI with one function, which is stored in `aws.json` in FAKE_DIR. Without
//! that file, no function exists. If there is a folder `aws`, each function is stored in
//! `aws/NAME.json` instead. Layers are stored in `layers.json`. These files control the
//! simulation:
//!
//! - `aws-refuse` has lines such as `update-function-code 2 ResourceConflictException`, which
//!   make the operation fail that many times. A message can follow.
//! - `aws-progress` is the number of times that an update is reported as in progress.
//!   `aws-failed` makes it fail afterward, and contains the reason code.
//! - `aws-pending` is the number of times that a published version is not yet active.
//! - `aws-warm` is the number of invocations that reach a warm environment although the
//!   function was changed.
//! - `aws-error` contains the error of the function.
//! - `aws-response` contains the response of the function, if it is not the event.
//! - `aws-stderr` contains the message with which every operation fails.
//! - `aws-sleep` contains an operation and a number of seconds (60 by default). The operation
//!   takes that long once.
//! - `aws-other` contains an operation after which another user changes the function once.
//! - `aws-then` contains the name of one of these files and, on the following lines, the
//!   content that is written to it at every invocation.

use std::process::ExitCode;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::Digest;

use crate::{control, home, values};

pub(crate) fn aws(args: &[String]) -> ExitCode {
    let operation = args.get(1).map_or("", String::as_str);
    if let Some(message) = control("aws-stderr") {
        eprintln!("\n{message}");
        return ExitCode::from(255);
    }
    let refusal = refused(operation).or_else(|| play(operation, args).err());
    let Some((code, what)) = refusal else {
        return ExitCode::SUCCESS;
    };
    let _ = std::io::Write::write_fmt(
        &mut std::io::stderr(),
        format_args!("\nAn error occurred ({code}) when calling the X operation: {what}.\n"),
    );
    ExitCode::from(254)
}

/// Returns the duration in seconds if this operation has an effect configured. The effect
/// occurs only once.
fn once(name: &str, operation: &str) -> Option<u64> {
    let words = control(name)?;
    let mut words = words.split(' ');
    if words.next() != Some(operation) {
        return None;
    }
    fs_err::remove_file(home().join(name)).unwrap();
    Some(words.next().map_or(60, |seconds| seconds.parse().unwrap()))
}

/// Decrements a counter.
fn counted(name: &str) -> bool {
    let count: u32 = control(name).map_or(0, |n| n.trim().parse().unwrap());
    if count > 0 {
        fs_err::write(home().join(name), (count - 1).to_string()).unwrap();
    }
    count > 0
}

fn refused(operation: &str) -> Option<(String, String)> {
    let lines = control("aws-refuse")?;
    let mut refused = None;
    let rest = lines.lines().map(|line| {
        let words: Vec<_> = line.splitn(4, ' ').collect();
        let left: u32 = words[1].parse().unwrap();
        if words[0] != operation || left == 0 || refused.is_some() {
            return line.to_owned();
        }
        let message = words.get(3).unwrap_or(&"the request is refused");
        refused = Some((words[2].to_owned(), (*message).to_owned()));
        format!("{} {} {}", words[0], left - 1, words[2..].join(" "))
    });
    let rest: Vec<_> = rest.collect();
    fs_err::write(home().join("aws-refuse"), rest.join("\n")).unwrap();
    refused
}

fn play(operation: &str, args: &[String]) -> Result<(), (String, String)> {
    let one = |option: &str| values(args, option).first().map(|&value| value.to_owned());
    let folder = home().join("aws");
    let file = match one("--function-name") {
        Some(name) if folder.is_dir() => folder.join(format!("{name}.json")),
        _ => home().join("aws.json"),
    };
    let missing = || {
        (
            "ResourceNotFoundException".to_owned(),
            "Function not found".to_owned(),
        )
    };
    if operation == "cp" {
        let object = home()
            .join("s3")
            .join(args.last().unwrap().trim_start_matches("s3://"));
        fs_err::create_dir_all(object.parent().unwrap()).unwrap();
        fs_err::copy(&args[args.len() - 2], object).unwrap();
        return Ok(());
    }
    if operation.contains("layer-version") {
        println!("{}", play_layer(operation, &one).ok_or_else(missing)?);
        return Ok(());
    }
    if operation == "create-function" {
        if file.exists() {
            let what = "Function already exist".to_owned();
            return Err(("ResourceConflictException".to_owned(), what));
        }
        let mut function = create(&one);
        update(&mut function);
        fs_err::write(&file, function.to_string()).unwrap();
        println!("{function}");
        return Ok(());
    }
    let text = fs_err::read_to_string(&file).map_err(|_| missing())?;
    let mut function: Value = serde_json::from_str(&text).unwrap();
    let mut revision = function["RevisionId"].as_str().unwrap().to_owned();
    if operation == "update-alias" {
        let alias = &function["aliases"][one("--name").unwrap()];
        revision = alias["RevisionId"].as_str().unwrap_or("a").to_owned();
    }
    if one("--revision-id").is_some_and(|wanted| wanted != revision) {
        let what = "The Revision Id provided does not match".to_owned();
        return Err(("PreconditionFailedException".to_owned(), what));
    }
    let answer = match operation {
        "get-function-configuration" => {
            if function["LastUpdateStatus"] == "InProgress" && !counted("aws-progress") {
                settle(&mut function);
            }
            let mut answer = function.clone();
            if let Some(qualifier) = one("--qualifier") {
                let alias = &function["aliases"][&qualifier]["FunctionVersion"];
                let version = match alias {
                    Value::Null => json!(qualifier),
                    version => version.clone(),
                };
                match &function["versions"][version.as_str().unwrap()] {
                    Value::Null if function["versions"].is_object() => return Err(missing()),
                    Value::Null => {}
                    hash => answer["CodeSha256"] = hash.clone(),
                }
                answer["Version"] = version;
                if counted("aws-pending") {
                    answer["State"] = json!("Pending");
                }
            }
            answer
        }
        "update-function-code" => {
            let object = || ["--s3-bucket", "--s3-key"].map(|word| one(word).unwrap());
            function["CodeSha256"] = json!(hash(one("--zip-file"), object));
            function["Architectures"] = json!([one("--architectures").unwrap()]);
            function["changed"] = json!(true);
            update(&mut function);
            function.clone()
        }
        "update-function-configuration" => {
            if let Some(file) = one("--environment") {
                let text = fs_err::read_to_string(file.strip_prefix("file://").unwrap()).unwrap();
                function["Environment"] = serde_json::from_str(&text).unwrap();
            }
            if let Some(memory) = one("--memory-size") {
                function["MemorySize"] = json!(memory.parse::<u32>().unwrap());
            }
            function["cold"] = json!(true);
            let now = json!({
                "MemorySize": function["MemorySize"], "Environment": function["Environment"],
            });
            let mut history = function["history"].as_array().cloned().unwrap_or_default();
            history.push(now);
            function["history"] = json!(history);
            update(&mut function);
            function.clone()
        }
        "publish-version" => {
            let mut last = function["published"].as_u64().unwrap_or(0);
            if last == 0 || function["changed"] == true {
                last += 1;
            }
            function["published"] = json!(last);
            function["changed"] = json!(false);
            function["versions"][last.to_string()] = function["CodeSha256"].clone();
            let mut version = function.clone();
            version["Version"] = json!(last.to_string());
            version["LastUpdateStatus"] = json!("Successful");
            if control("aws-pending").is_some() {
                version["State"] = json!("Pending");
            }
            version
        }
        "get-alias" => match &function["aliases"][one("--name").unwrap()] {
            Value::Null => return Err(missing()),
            alias => alias.clone(),
        },
        "create-alias" | "update-alias" => {
            let name = one("--name").unwrap();
            let is_new = function["aliases"][&name].is_null();
            assert_eq!(is_new, operation == "create-alias");
            let before = function["aliases"][&name].clone();
            let alias = json!({
                "Name": name,
                "FunctionVersion": one("--function-version"),
                "Description": one("--description").map_or(before["Description"].clone(), |d| json!(d)),
                "RevisionId": format!("{revision}+"),
            });
            function["aliases"][&name] = alias.clone();
            alias
        }
        "invoke" => {
            if let Some(text) = control("aws-then") {
                let (name, text) = text.split_once('\n').unwrap();
                fs_err::write(home().join(name), text).unwrap();
            }
            invoke(&mut function, args)
        }
        other => panic!("nobody taught me aws {other} {args:?}"),
    };
    if once("aws-other", operation).is_some() {
        function["Environment"]["Variables"]["OTHER"] = json!("of somebody else");
        let revision = function["RevisionId"].as_str().unwrap();
        function["RevisionId"] = json!(format!("{revision}-other"));
    }
    fs_err::write(&file, function.to_string()).unwrap();
    println!("{answer}");
    if let Some(seconds) = once("aws-sleep", operation) {
        std::thread::sleep(std::time::Duration::from_secs(seconds));
    }
    Ok(())
}

/// The hash of a zip, directly or in a bucket.
fn hash(file: Option<String>, object: impl FnOnce() -> [String; 2]) -> String {
    let bytes = match file {
        Some(zip) => fs_err::read(zip.strip_prefix("fileb://").unwrap()).unwrap(),
        None => {
            let [bucket, key] = object();
            fs_err::read(home().join("s3").join(bucket).join(key)).unwrap()
        }
    };
    STANDARD.encode(sha2::Sha256::digest(bytes))
}

/// The object of an option such as `--code S3Bucket=zips,S3Key=orders.zip`.
fn object(value: &str) -> [String; 2] {
    let (bucket, key) = value.split_once(',').unwrap();
    let bucket = bucket.strip_prefix("S3Bucket=").unwrap();
    [bucket, key.strip_prefix("S3Key=").unwrap()].map(str::to_owned)
}

fn create(one: &impl Fn(&str) -> Option<String>) -> Value {
    let name = one("--function-name").unwrap();
    let number = |option: &str, default: u32| match one(option) {
        Some(value) => value.parse().unwrap(),
        None => default,
    };
    json!({
        "FunctionName": name,
        "FunctionArn": format!("arn:aws:lambda:eu-central-1:123456789012:function:{name}"),
        "Runtime": one("--runtime").unwrap(), "Handler": one("--handler").unwrap(),
        "Role": one("--role").unwrap(), "PackageType": "Zip",
        "Architectures": [one("--architectures").unwrap()],
        "CodeSha256": hash(one("--zip-file"), || object(&one("--code").unwrap())),
        "Version": "$LATEST", "MemorySize": number("--memory-size", 128),
        "Timeout": number("--timeout", 3), "RevisionId": "r", "State": "Active",
        "LastUpdateStatus": "Successful", "changed": true, "aliases": {},
    })
}

/// `layers.json` has a list of versions for each layer. `None` if a version does not exist.
fn play_layer(operation: &str, one: &impl Fn(&str) -> Option<String>) -> Option<Value> {
    let file = home().join("layers.json");
    let text = fs_err::read_to_string(&file).unwrap_or_else(|_| "{}".to_owned());
    let mut layers: Value = serde_json::from_str(&text).unwrap();
    let layer = one("--layer-name").unwrap();
    let versions = layers[&layer].as_array().cloned().unwrap_or_default();
    Some(match operation {
        "list-layer-versions" => json!({ "LayerVersions": versions }),
        "get-layer-version" => {
            let number: Value = one("--version-number").unwrap().parse().unwrap();
            let mut versions = versions.into_iter();
            versions.find(|version| version["Version"] == number)?
        }
        "publish-layer-version" => {
            let number = versions.len() + 1;
            let arn = format!("arn:aws:lambda:eu-central-1:123456789012:layer:{layer}");
            let version = json!({
                "Version": number, "LayerArn": arn, "LayerVersionArn": format!("{arn}:{number}"),
                "CompatibleRuntimes": one("--compatible-runtimes"),
                "CompatibleArchitectures": one("--compatible-architectures"),
                "Content": {
                    "CodeSha256": hash(one("--zip-file"), || object(&one("--content").unwrap())),
                },
            });
            layers[&layer] = json!([versions, vec![version.clone()]].concat());
            fs_err::write(&file, layers.to_string()).unwrap();
            version
        }
        other => panic!("the fake has no operation {other}"),
    })
}

fn update(function: &mut Value) {
    let before = function["RevisionId"].as_str().unwrap().to_owned();
    function["RevisionId"] = json!(format!("{before}+"));
    function["LastUpdateStatus"] = json!("InProgress");
    if control("aws-progress").is_none() {
        settle(function);
    }
}

fn settle(function: &mut Value) {
    function["LastUpdateStatus"] = json!("Successful");
    if let Some(code) = control("aws-failed") {
        function["LastUpdateStatus"] = json!("Failed");
        function["LastUpdateStatusReasonCode"] = json!(code);
        function["LastUpdateStatusReason"] = json!("It was told to fail.");
    }
}

/// The n-th cold call has an Init Duration of 100 + n ms.
fn invoke(function: &mut Value, args: &[String]) -> Value {
    let payload = values(args, "--payload")[0]
        .strip_prefix("fileb://")
        .unwrap();
    if values(args, "--invocation-type") == ["Event"] {
        assert!(args.iter().any(|arg| arg == "--debug"), "{args:?}");
        fs_err::write(response(args), "").unwrap();
        eprintln!(
            "2026-11-30 03:37:27,446 - MainThread - awscli.formatter - DEBUG - RequestId: \
             11111111-2222-3333-4444-555555555555"
        );
        return json!({ "StatusCode": 202 });
    }
    let given = home().join("aws-response");
    let payload = if given.exists() {
        given
    } else {
        payload.into()
    };
    fs_err::copy(payload, response(args)).unwrap();
    let calls = function["calls"].as_u64().unwrap_or(0) + 1;
    function["calls"] = json!(calls);
    let memory = &function["MemorySize"];
    let mut report = format!(
        "START RequestId: call-{calls} Version: $LATEST\nREPORT RequestId: call-{calls}\t\
         Duration: 2.72 ms\tBilled Duration: 170 ms\tMemory Size: {memory} MB\t\
         Max Memory Used: 64 MB\t"
    );
    if function["cold"] == true && !counted("aws-warm") {
        report += &format!("Init Duration: {}.00 ms\t", 100 + calls);
    }
    function["cold"] = json!(false);
    let log = STANDARD.encode(report + "\n");
    match control("aws-error") {
        Some(error) => {
            fs_err::write(response(args), error).unwrap();
            json!({ "StatusCode": 200, "FunctionError": "Unhandled", "LogResult": log })
        }
        None => json!({ "StatusCode": 200, "LogResult": log, "ExecutedVersion": "$LATEST" }),
    }
}

/// The only argument that is neither an option nor the value of an option.
fn response(args: &[String]) -> &String {
    let mut words = args[2..].iter();
    while let Some(word) = words.next() {
        if word == "--debug" {
            continue;
        }
        if word.starts_with("--") {
            words.next();
        } else {
            return word;
        }
    }
    panic!("no file for the response in {args:?}")
}
