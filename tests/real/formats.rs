//! Every zip reader sees the same contents, and every tool computes the same hash.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::support::{command, ok, repository, run, skip, tool, venv, with_umask};
use super::template::{Packed, all_packed};

/// Unpacks with a tool, and examines the files on disk.
fn unpacks_to_0755(packed: &Packed, tool: &Path, args: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    let mut unpack = command(tool, dir.path());
    unpack.args(args).arg(&packed.zip);
    ok(&mut with_umask("022", &unpack));
    let bootstrap = dir.path().join("bootstrap");
    let mode = fs_err::metadata(bootstrap).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o755, "{}", packed.about());
    assert_eq!(fs_err::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn info_zip_sees_an_executable_from_unix_of_1980() {
    let Some(unzip) = tool("unzip") else { return };
    for packed in all_packed() {
        let dir = packed.zip.parent().unwrap();
        let listed = ok(command(&unzip, dir).args(["-Z", "-T"]).arg(&packed.zip));
        let line = listed.lines().find(|line| line.ends_with(" bootstrap"));
        let words: Vec<_> = line.unwrap().split_whitespace().collect();
        assert_eq!(words[..3], ["-rwxr-xr-x", "2.0", "unx"], "{listed}");
        assert_eq!(words[5..], ["defN", "19800101.000000", "bootstrap"]);
        let long = ok(command(&unzip, dir).args(["-Z", "-v"]).arg(&packed.zip));
        assert!(!long.to_lowercase().contains("warning"), "{long}");
        ok(command(&unzip, dir).arg("-tq").arg(&packed.zip));
        unpacks_to_0755(packed, &unzip, &["-q"]);
    }
}

#[test]
fn seven_zip_sees_an_executable_from_unix_of_1980() {
    let Some(seven_zip) = tool("7z") else { return };
    for packed in all_packed() {
        let dir = packed.zip.parent().unwrap();
        let listed = ok(command(&seven_zip, dir)
            .args(["l", "-slt"])
            .arg(&packed.zip));
        let (_, entry) = listed.split_once("----------\n").unwrap();
        let fields: Vec<_> = entry.lines().map(str::trim_end).collect();
        for field in ["Path = bootstrap", "Host OS = Unix", "Method = Deflate"] {
            assert!(fields.contains(&field), "no `{field}` in\n{listed}");
        }
        let starts = |start| {
            fields
                .iter()
                .find(|field| field.starts_with(start))
                .unwrap()
        };
        assert!(starts("Attributes").ends_with(" -rwxr-xr-x"), "{listed}");
        assert!(starts("Modified").starts_with("Modified = 1980-01-01 00:00:00"));
        ok(command(&seven_zip, dir).arg("t").arg(&packed.zip));
    }
}

#[test]
fn libarchive_sees_and_unpacks_an_executable_of_1980() {
    let Some(bsdtar) = tool("bsdtar") else { return };
    for packed in all_packed() {
        let dir = packed.zip.parent().unwrap();
        let mut list = command(&bsdtar, dir);
        list.env("LC_ALL", "C").env("TZ", "UTC");
        let listed = ok(list.arg("-tvf").arg(&packed.zip));
        let words: Vec<_> = listed.split_whitespace().collect();
        assert_eq!(words[0], "-rwxr-xr-x", "{listed}");
        assert_eq!(words[5..], ["Jan", "1", "1980", "bootstrap"], "{listed}");
        unpacks_to_0755(packed, &bsdtar, &["-xf"]);
    }
}

#[test]
fn python_sees_an_executable_from_unix_of_1980_and_nothing_extra() {
    const SCRIPT: &str = "import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
for file in archive.infolist():
    print(file.filename, oct(file.external_attr >> 16), file.create_system, file.date_time,
          file.extra, file.comment, file.flag_bits)";
    let Some(python) = tool("python3") else {
        return;
    };
    for packed in all_packed() {
        let dir = packed.zip.parent().unwrap();
        let seen = ok(command(&python, dir).args(["-c", SCRIPT]).arg(&packed.zip));
        let expected = "bootstrap 0o100755 3 (1980, 1, 1, 0, 0, 0) b'' b'' 0\n";
        assert_eq!(seen, expected, "{}", packed.about());
    }
}

#[test]
fn go_sees_an_executable_of_1980() {
    let Some(go) = tool("go") else { return };
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("zipread");
    let source = repository().join("tests/real/zipread.go");
    ok(command(go, dir.path())
        .args(["build", "-o"])
        .args([&program, &source]));
    for packed in all_packed() {
        let seen = ok(command(&program, dir.path()).arg(&packed.zip));
        assert_eq!(
            seen,
            "bootstrap -rwxr-xr-x 1980-01-01\n",
            "{}",
            packed.about()
        );
    }
}

/// The hash in the hash file.
fn recorded(packed: &Packed) -> String {
    let mut sidecar = packed.zip.clone().into_os_string();
    sidecar.push(".base64sha256");
    fs_err::read_to_string(sidecar).unwrap()
}

#[test]
fn the_hash_is_one_line_of_44_characters_and_the_same_everywhere() {
    for packed in all_packed() {
        let hash = recorded(packed);
        assert_eq!(hash.len(), 44, "{hash:?}");
        let name = packed.template.name();
        let path = format!("target/lambdapack/{}/{name}.zip", packed.arch);
        assert_eq!(packed.stdout, format!("{hash}  {path}\n"));
        let manifest = packed
            .template
            .dir()
            .join("target/lambdapack/manifest.json");
        let manifest: serde_json::Value =
            serde_json::from_slice(&fs_err::read(manifest).unwrap()).unwrap();
        let entry = &manifest["functions"][name]["archs"][packed.arch.name()];
        assert_eq!(entry["code_sha256"], hash.as_str(), "{manifest}");
        assert_eq!(entry["zip"], format!("{}/{name}.zip", packed.arch));
    }
}

#[test]
fn openssl_computes_the_hash_in_the_hash_file() {
    let Some(openssl) = tool("openssl") else {
        return;
    };
    for packed in all_packed() {
        let dir = packed.zip.parent().unwrap();
        let pipe = "\"$0\" dgst -sha256 -binary \"$1\" | base64";
        let computed = ok(command("sh", dir)
            .args(["-c", pipe])
            .args([&openssl, &packed.zip]));
        assert_eq!(computed.trim_end(), recorded(packed));
        let hex = ok(command(&openssl, dir)
            .args(["dgst", "-sha256", "-r"])
            .arg(&packed.zip));
        let manifest = packed
            .template
            .dir()
            .join("target/lambdapack/manifest.json");
        let manifest = fs_err::read_to_string(manifest).unwrap();
        let hex = hex.split_whitespace().next().unwrap();
        assert!(manifest.contains(&format!("\"sha256\": \"{hex}\"")));
    }
}

#[test]
fn terraform_computes_the_hash_in_the_hash_file() {
    let Some(terraform) = tool("terraform") else {
        return;
    };
    for packed in all_packed() {
        let dir = tempfile::tempdir().unwrap();
        let mut expression = String::new();
        writeln!(expression, "filebase64sha256({:?})", packed.zip).unwrap();
        let input = dir.path().join("expression");
        fs_err::write(&input, expression).unwrap();
        let mut console = command(&terraform, dir.path());
        console
            .env("TF_CLI_CONFIG_FILE", "")
            .env("CHECKPOINT_DISABLE", "1");
        console.stdin(std::fs::File::open(&input).unwrap());
        let computed = ok(console.arg("console"));
        assert_eq!(computed.trim(), format!("{:?}", recorded(packed)));
    }
}

/// moto implements `CreateFunction`.
#[test]
fn moto_returns_the_hash_in_the_hash_file() {
    let python = venv("python");
    let dir = tempfile::tempdir().unwrap();
    let has_moto = python.exists()
        && run(command(&python, dir.path()).args(["-c", "import moto, boto3"])).code == Some(0);
    if !has_moto {
        return skip("there is no moto (.ci/install-tools brings it)");
    }
    for packed in all_packed() {
        let script = repository().join(".ci/moto-code-sha256.py");
        let returned = ok(command(&python, dir.path()).arg(script).arg(&packed.zip));
        assert_eq!(returned.trim_end(), recorded(packed), "{}", packed.about());
    }
}
