//! `collect`: joins the results of several machines.

use serde_json::{Value, json};
use snapbox::str;

use crate::support::{Ran, Sandbox, Transcript, slashed, snapshot};

const MANIFEST: &str = "target/lambdapack/manifest.json";

/// A project of seven functions in two languages.
fn seven() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["invoices", "orders", "stock", "users"]);
    sandbox.go_module("", "example.com/api");
    for function in ["mail", "push", "sms"] {
        sandbox.go_function(&format!("cmd/{function}"));
    }
    sandbox
}

/// Builds the parts of seven functions, each on another machine with these options.
fn parts(method: &str, count: usize, options: &[&str]) -> Vec<Sandbox> {
    let build = |part| {
        let sandbox = seven();
        let partition = format!("{method}:{part}/{count}");
        let args = [&["--partition", &partition], options].concat();
        sandbox.run(&args).ok();
        sandbox
    };
    (1..=count).map(build).collect()
}

/// Joins the output folders of other machines.
#[track_caller]
fn collect(sandbox: &Sandbox, parts: &[Sandbox], options: &[&str]) -> Ran {
    let dirs: Vec<_> = parts.iter().map(|part| part.out("")).collect();
    let dirs = dirs.iter().map(|dir| dir.to_str().unwrap());
    let args: Vec<_> = ["collect"].into_iter().chain(dirs).collect();
    sandbox.run(&[&args, options].concat())
}

/// The visible files in the output folder, with their bytes.
fn files(sandbox: &Sandbox) -> Vec<(String, Vec<u8>)> {
    let name = |name: &String| !name.rsplit('/').next().unwrap().starts_with('.');
    let results = sandbox.results().into_iter().filter(name);
    results
        .map(|file| {
            let bytes = fs_err::read(sandbox.out(&file)).unwrap();
            (file, bytes)
        })
        .collect()
}

/// Changes the manifest in the output folder.
fn edit(sandbox: &Sandbox, change: impl Fn(&mut Value)) {
    let mut manifest = sandbox.manifest();
    change(&mut manifest);
    sandbox.write(MANIFEST, &serde_json::to_string_pretty(&manifest).unwrap());
}

/// Changes the entry of each function for x86_64.
fn edit_entries(sandbox: &Sandbox, change: impl Fn(&mut Value)) {
    edit(sandbox, |manifest| {
        for function in manifest["functions"].as_object_mut().unwrap().values_mut() {
            change(&mut function["archs"]["x86_64"]);
        }
    });
}

/// Copies an output folder into the project of another machine.
fn download(from: &Sandbox, to: &Sandbox, folder: &str) {
    for file in snapshot(&from.out("")).into_keys() {
        let relative = file.strip_prefix(from.out("")).unwrap();
        let target = to.path(folder).join(relative);
        fs_err::create_dir_all(target.parent().unwrap()).unwrap();
        fs_err::copy(file, target).unwrap();
    }
}

#[test]
fn joined_parts_have_the_bytes_of_a_single_run() {
    for (method, options) in [
        ("slice", &[][..]),
        ("hash", &["--arch", "arm64,x86_64"]),
        ("hash", &["--format", "dir", "--include", "go.mod"]),
    ] {
        let whole = seven();
        whole.run(options).ok();
        let parts = parts(method, 3, options);
        let names: Vec<_> = parts.iter().flat_map(Sandbox::results).collect();
        let joined = seven();
        collect(&joined, &parts, &[]).ok();
        assert_eq!(files(&joined), files(&whole), "{method} {options:?}");
        // Each file but the manifest is in one part.
        let mut names: Vec<_> = names
            .into_iter()
            .filter(|name| name != "manifest.json")
            .collect();
        names.sort();
        let mut all = whole.results();
        all.retain(|name| name != "manifest.json");
        all.sort();
        assert_eq!(names, all, "{method} {options:?}");
        joined.manifest();
        // The next build finds its own project in the manifest.
        joined.run(options).ok();
        assert_eq!(joined.read(MANIFEST), whole.read(MANIFEST));
    }
}

#[test]
fn collected_functions_are_listed_like_built_ones() {
    let parts = parts("slice", 2, &[]);
    let sandbox = seven();
    for (place, part) in parts.iter().enumerate() {
        download(part, &sandbox, &format!("parts/{}", place + 1));
    }
    let mut transcript = Transcript::default();
    let args = ["collect", "parts/1", "parts/2"];
    sandbox.run(&args).ok().record(&mut transcript);
    // Unchanged files are not written again.
    let before = sandbox.snapshot();
    let paths = [&args[..], &["--print", "path"]].concat();
    sandbox.run(&paths).ok().record(&mut transcript);
    assert_eq!(sandbox.snapshot(), before);
    transcript.eq(str![[r#"
$ cargo lambdapack collect parts/1 parts/2
[HASH]  target/lambdapack/x86_64/invoices.zip
[HASH]  target/lambdapack/x86_64/mail.zip
[HASH]  target/lambdapack/x86_64/orders.zip
[HASH]  target/lambdapack/x86_64/push.zip
[HASH]  target/lambdapack/x86_64/sms.zip
[HASH]  target/lambdapack/x86_64/stock.zip
[HASH]  target/lambdapack/x86_64/users.zip
   Collected invoices x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]
   Collected mail x86_64 (go, provided.al2023) [SIZE] -> [SIZE]
   Collected orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]
   Collected push x86_64 (go, provided.al2023) [SIZE] -> [SIZE]
   Collected sms x86_64 (go, provided.al2023) [SIZE] -> [SIZE]
   Collected stock x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]
   Collected users x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack collect parts/1 parts/2 --print path
target/lambdapack/x86_64/invoices.zip
target/lambdapack/x86_64/mail.zip
target/lambdapack/x86_64/orders.zip
target/lambdapack/x86_64/push.zip
target/lambdapack/x86_64/sms.zip
target/lambdapack/x86_64/stock.zip
target/lambdapack/x86_64/users.zip
       Fresh invoices x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]
       Fresh mail x86_64 (go, provided.al2023) [SIZE] -> [SIZE]
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]
       Fresh push x86_64 (go, provided.al2023) [SIZE] -> [SIZE]
       Fresh sms x86_64 (go, provided.al2023) [SIZE] -> [SIZE]
       Fresh stock x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]
       Fresh users x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]


"#]]);
    let hashes = sandbox
        .run(&[&args[..], &["--print", "hash"]].concat())
        .ok();
    let sidecar = sandbox.read("target/lambdapack/x86_64/invoices.zip.base64sha256");
    assert_eq!(hashes.stdout.lines().next(), Some(&*sidecar));
    let json = sandbox
        .run(&[&args[..], &["--message-format", "json"]].concat())
        .ok()
        .json();
    let built = sandbox.run(&["--message-format", "json"]).ok().json();
    assert_eq!(json, built);
}

#[test]
fn results_of_an_earlier_run_are_merged() {
    let parts = parts("slice", 2, &[]);
    let sandbox = seven();
    sandbox.run(&["--bin", "stock", "--arch", "arm64"]).ok();
    let first = [seven()];
    first[0].run(&["--bin", "orders"]).ok();
    collect(&sandbox, &first, &[]).ok();
    assert_eq!(sandbox.manifest_names(), ["orders", "stock"]);
    collect(&sandbox, &parts, &[]).ok();
    assert_eq!(sandbox.manifest_names().len(), 7);
    let stock = &sandbox.manifest()["functions"]["stock"]["archs"];
    assert_eq!(stock.as_object().unwrap().len(), 2);
    // The output folder can be one of the parts.
    sandbox.remove("target/lambdapack/x86_64/mail.zip");
    sandbox.run(&["--bin", "orders"]).ok();
    assert_eq!(sandbox.manifest_names().len(), 6);
    let own = sandbox.out("");
    let part = parts[1].out("");
    let dirs = [own.to_str().unwrap(), part.to_str().unwrap()];
    sandbox.run(&["collect", dirs[0], dirs[1]]).ok();
    assert_eq!(sandbox.manifest_names().len(), 7);
    assert!(sandbox.exists("target/lambdapack/x86_64/mail.zip"));
}

#[test]
fn another_folder_can_be_chosen() {
    let parts = parts("slice", 2, &[]);
    let sandbox = Sandbox::new();
    let ran = collect(&sandbox, &parts, &[]).ends_with(102);
    let stderr = ran.stderr.replace(parts[0].root().to_str().unwrap(), "");
    assert!(stderr.contains("--out-dir DIR"), "{stderr}");
    for (place, part) in parts.iter().enumerate() {
        download(part, &sandbox, &format!("parts/{}", place + 1));
    }
    let args = ["collect", "parts/1", "parts/2", "--out-dir", "joined"];
    sandbox.run(&args).ok();
    let zip = sandbox.path("joined/x86_64/mail.zip");
    let original = parts.iter().map(|part| part.out("x86_64/mail.zip"));
    let original: Vec<_> = original.filter(|zip| zip.exists()).collect();
    assert_eq!(original.len(), 1);
    assert_eq!(
        fs_err::read(zip).unwrap(),
        fs_err::read(&original[0]).unwrap()
    );
    // Nothing is a project here, so the sources stay where the builds had them.
    let text = sandbox.read("joined/manifest.json");
    assert!(text.contains("\"source\": \"../..\""), "{text}");
    assert!(!sandbox.exists("target"));
}

#[test]
fn all_damaged_and_missing_files_are_reported_at_once() {
    let sandbox = seven();
    for (place, part) in parts("slice", 2, &[]).iter().enumerate() {
        download(part, &sandbox, &format!("parts/{}", place + 1));
    }
    sandbox.append("parts/1/x86_64/invoices.zip", "more");
    sandbox.remove("parts/1/x86_64/orders.zip");
    let mail = sandbox.path("parts/2/x86_64/mail.zip");
    let mut bytes = fs_err::read(&mail).unwrap();
    bytes[40] ^= 1;
    fs_err::write(&mail, bytes).unwrap();
    sandbox.write("parts/2/x86_64/push.zip.base64sha256", "x");
    sandbox.append("parts/1/x86_64/sms.zip.cdx.json", " ");
    sandbox.write("parts/3/more/manifest.json", "{}");
    sandbox.write("parts/4/manifest.json", "{}");
    let mut transcript = Transcript::default();
    let damaged = ["parts/1", "parts/2"];
    let unreadable = ["parts/3", "parts/4", "parts/5"];
    for (dirs, code) in [(&damaged[..], 106), (&unreadable, 103)] {
        let ran = sandbox.run(&[&["collect"], dirs].concat()).ends_with(code);
        ran.record(&mut transcript);
        assert!(!sandbox.exists("target"));
    }
    transcript.eq(str![[r#"
$ cargo lambdapack collect parts/1 parts/2
error: `parts/1/x86_64/invoices.zip` is not the file that `parts/1/manifest.json` describes: its size is 4 instead of 292 bytes
help: copy the folder from its runner again, or build it again
error: `parts/1/x86_64/orders.zip` is not the file that `parts/1/manifest.json` describes: it is missing
help: copy the folder from its runner again, or build it again
error: `parts/1/x86_64/sms.zip.cdx.json` is not the file that `parts/1/manifest.json` describes: its SHA-256 differs
help: copy the folder from its runner again, or build it again
error: `parts/2/x86_64/mail.zip` is not the file that `parts/2/manifest.json` describes: its SHA-256 differs
help: copy the folder from its runner again, or build it again
error: `parts/2/x86_64/push.zip.base64sha256` is not the file that `parts/2/manifest.json` describes: its size is 1 instead of 44 bytes
help: copy the folder from its runner again, or build it again

$ cargo lambdapack collect parts/3 parts/4 parts/5
error: `parts/3` contains no manifest.json
help: pass the folders in it: `parts/3/*`
error: `[ROOT]/project/parts/4/manifest.json` is damaged, or is not a manifest of cargo-lambdapack
help: if another program wrote it, pass another `--out-dir`; otherwise remove it and package all functions again
error: `parts/5` does not exist
help: pass the output folders of builds, without those whose partition was empty


"#]]);
}

#[test]
fn a_manifest_cannot_name_other_files() {
    let edits: [fn(&mut Value); 5] = [
        |entry| entry["zip"] = json!("../../secret.zip"),
        |entry| entry["sbom"]["path"] = json!("x86_64/../secret.cdx.json"),
        |entry| entry["code_sha256"] = json!("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        |entry| drop(entry.as_object_mut().unwrap().remove("zip_size")),
        |entry| entry["dir"] = json!("x86_64/.."),
    ];
    for change in edits {
        let part = seven();
        part.run(&["--bin", "orders"]).ok();
        edit_entries(&part, change);
        let sandbox = seven();
        collect(&sandbox, &[part], &[])
            .ends_with(106)
            .says("is damaged: it does not describe orders (x86_64) as a build does");
        assert!(!sandbox.exists("target"));
    }
    let part = seven();
    part.run(&["--bin", "orders"]).ok();
    edit(&part, |manifest| {
        let orders = manifest["functions"]["orders"].clone();
        manifest["functions"] = json!({ "../orders": orders });
    });
    collect(&seven(), &[part], &[]).ends_with(106);
}

/// Two parts with the same functions. The second part is changed.
fn changed_copy(change: impl Fn(&Sandbox)) -> (Sandbox, Ran) {
    let sandbox = seven();
    for part in ["parts/1", "parts/2"] {
        let machine = seven();
        if part == "parts/2" {
            change(&machine);
        }
        machine.run(&["--bin", "orders", "--bin", "mail"]).ok();
        download(&machine, &sandbox, part);
    }
    let ran = sandbox.run(&["collect", "parts/1", "parts/2"]);
    (sandbox, ran)
}

#[test]
fn equal_results_are_taken_once() {
    let (sandbox, ran) = changed_copy(|_| {});
    assert_eq!(ran.ok().stdout.lines().count(), 2);
    assert_eq!(sandbox.manifest_names(), ["mail", "orders"]);
}

#[test]
fn parts_of_different_builds_are_refused() {
    let mut transcript = Transcript::default();
    let changes: [fn(&Sandbox); 4] = [
        |machine| machine.append("orders/src/main.rs", "// changed"),
        |machine| machine.write("go.sum", "example.com/x v1.0.0 h1:x\n"),
        |machine| {
            machine.write(
                "lambdapack.toml",
                "[function.mail]\nruntime = \"provided.al2\"\n",
            )
        },
        |machine| machine.write("lambdapack.toml", "[function.mail]\nentry = \"layer\"\n"),
    ];
    for change in changes {
        let (sandbox, ran) = changed_copy(change);
        ran.ends_with(106).record(&mut transcript);
        assert!(!sandbox.exists("target"));
    }
    transcript.eq(str![[r#"
$ cargo lambdapack collect parts/1 parts/2
error: orders (x86_64) has different results in `parts/1/manifest.json` and `parts/2/manifest.json`
help: build the same commit with the same tools and options on all machines, or pass only one of the folders

$ cargo lambdapack collect parts/1 parts/2
error: mail (x86_64) in `parts/2/manifest.json` was built with the lock file `997ef1c13aaff2c5a791bc1352ebf22a68bb5bcb`, but mail (x86_64) in `parts/1/manifest.json` with `none`
help: build the same commit with `--locked` on all machines

$ cargo lambdapack collect parts/1 parts/2
error: `mail` has the runtime `provided.al2023` in `parts/1/manifest.json`, but `provided.al2` in `parts/2/manifest.json`
help: build the same commit with the same options on all machines
error: mail (x86_64) has different results in `parts/1/manifest.json` and `parts/2/manifest.json`
help: build the same commit with the same tools and options on all machines, or pass only one of the folders

$ cargo lambdapack collect parts/1 parts/2
error: `mail` has the handler `bootstrap` in `parts/1/manifest.json`, but `mail` in `parts/2/manifest.json`
help: build the same commit with the same options on all machines
error: mail (x86_64) has different results in `parts/1/manifest.json` and `parts/2/manifest.json`
help: build the same commit with the same tools and options on all machines, or pass only one of the folders


"#]]);
}

#[test]
fn other_versions_are_refused() {
    let sandbox = seven();
    let edits: [fn(&mut Value); 4] = [
        |entry| entry["build"]["tool"] = json!("cargo-lambdapack 0.0.9"),
        |entry| drop(entry["build"].as_object_mut().unwrap().remove("tool")),
        |entry| entry["packing"]["compressor"] = json!("libdeflate 1.0"),
        |entry| entry["build"]["toolchain"] = json!("go1.0"),
    ];
    let machine = seven();
    machine.run(&["--bin", "sms", "--bin", "push"]).ok();
    download(&machine, &sandbox, "parts/0");
    let mut transcript = Transcript::default();
    for (place, change) in edits.into_iter().enumerate() {
        let machine = seven();
        machine.run(&["--bin", "mail", "--bin", "orders"]).ok();
        edit_entries(&machine, change);
        let folder = format!("parts/{}", place + 1);
        download(&machine, &sandbox, &folder);
        sandbox
            .run(&["collect", "parts/0", &folder])
            .ends_with(106)
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack collect parts/0 parts/1
error: `parts/1/manifest.json` was written by cargo-lambdapack 0.0.9, but this is cargo-lambdapack [VERSION]
help: use one version of cargo-lambdapack on all machines, and build the part again

$ cargo lambdapack collect parts/0 parts/2
error: `parts/2/manifest.json` was written by an earlier version of cargo-lambdapack, but this is cargo-lambdapack [VERSION]
help: use one version of cargo-lambdapack on all machines, and build the part again

$ cargo lambdapack collect parts/0 parts/3
error: `parts/3/manifest.json` describes zips of format 1 by libdeflate 1.0, but this version writes format 1 by libdeflate 1.26.1
help: use one version of cargo-lambdapack on all machines, and build the part again

$ cargo lambdapack collect parts/0 parts/4
error: mail (x86_64) in `parts/4/manifest.json` was built with the compiler `go1.0`, but push (x86_64) in `parts/0/manifest.json` with `go1.26.0`
help: install the same compiler on all machines, and build the part again


"#]]);
}

#[test]
fn manifests_of_newer_versions_are_refused() {
    let part = seven();
    part.run(&["--bin", "orders"]).ok();
    edit(&part, |_| {});
    let text = part.read(MANIFEST);
    part.write(
        MANIFEST,
        &text.replacen("\"version\": 1", "\"version\": 2", 1),
    );
    collect(&seven(), &[part], &[])
        .ends_with(103)
        .says("was written by a newer version of cargo-lambdapack");
}

#[test]
fn functions_of_another_project_are_not_replaced() {
    let sandbox = seven();
    sandbox.write("other/go.mod", "module example.com/other\n\ngo 1.21\n");
    sandbox.go_function("other/cmd/orders");
    sandbox.run_in("other", &["--out-dir", "../joined"]).ok();
    let part = seven();
    part.run(&["--bin", "orders", "--out-dir", "joined"]).ok();
    let dir = part.path("joined");
    let before = snapshot(&sandbox.path("joined"));
    let args = ["collect", dir.to_str().unwrap(), "--out-dir", "joined"];
    sandbox
        .run(&args)
        .ends_with(102)
        .says("two functions are called `orders`");
    assert_eq!(snapshot(&sandbox.path("joined")), before);
}

#[test]
fn files_that_a_new_result_lacks_are_removed() {
    let sandbox = seven();
    sandbox.run(&["--bin", "orders"]).ok();
    assert!(sandbox.exists("target/lambdapack/x86_64/orders.zip.cdx.json"));
    let part = seven();
    part.run(&["--bin", "orders", "--no-sbom"]).ok();
    collect(&sandbox, &[part], &[]).ok();
    assert_eq!(
        sandbox.results(),
        [
            "manifest.json",
            "x86_64/orders.zip",
            "x86_64/orders.zip.base64sha256"
        ]
    );
    let folder = |include: &str| {
        let part = seven();
        let args = ["--bin", "mail", "--format", "dir", "--include", include];
        part.run(&args).ok();
        part
    };
    for (include, name) in [("go.mod=a/b", "a/b"), ("go.mod=c", "c")] {
        collect(&sandbox, &[folder(include)], &[]).ok();
        let place = slashed(&format!("x86_64/mail/{name}"));
        let mut results = sandbox.results();
        results.retain(|file| file.starts_with("x86_64/mail/"));
        let mut expected = ["x86_64/mail/bootstrap".to_owned(), place];
        expected.sort();
        assert_eq!(results, expected);
    }
}

#[cfg(unix)]
#[test]
fn programs_in_folders_are_executable() {
    use std::os::unix::fs::PermissionsExt;
    let part = seven();
    part.run(&["--bin", "mail", "--format", "dir"]).ok();
    // Artifacts of GitHub lose the mode.
    let program = part.out("x86_64/mail/bootstrap");
    fs_err::set_permissions(&program, std::fs::Permissions::from_mode(0o644)).unwrap();
    let sandbox = seven();
    collect(&sandbox, &[part], &[]).ok();
    let program = fs_err::metadata(sandbox.out("x86_64/mail/bootstrap")).unwrap();
    assert_eq!(program.permissions().mode() & 0o111, 0o111);
}

#[test]
fn folders_without_functions_are_refused() {
    let part = seven();
    part.write(MANIFEST, r#"{ "version": 1, "functions": {} }"#);
    collect(&seven(), &[part], &[])
        .ends_with(102)
        .says("the manifests contain no functions");
    seven().run(&["collect"]).ends_with(2);
}
