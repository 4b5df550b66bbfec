//! `check` on zips without a bootstrap in the right place, and on layers with misplaced files.

use snapbox::str;

use crate::support::image::Program;
use crate::support::zip::{Entry, Zip};
use crate::support::{Sandbox, Transcript, checked};

fn program(name: &str) -> Entry {
    Entry {
        mode: 0o100_755,
        ..Entry::deflated(name, &Program::arm().bytes())
    }
}

fn text(name: &str) -> Entry {
    Entry::stored(name, b"text")
}

#[test]
fn advice_depends_on_the_files_found_instead_of_bootstrap() {
    let mut transcript = Transcript::default();
    for entries in [
        vec![text("orders.zip")],
        vec![Entry::folder("fn/"), program("fn/bootstrap"), text("fn/a")],
        vec![program("bin/bootstrap"), text("a")],
        vec![program("Bootstrap")],
        vec![program("boostrap.sh")],
        vec![text("README"), program("orders")],
        vec![program("bin/ffmpeg")],
        vec![text("index.php")],
        vec![],
    ] {
        checked("function.zip", Zip::of(entries).bytes())
            .finds(104, &["no-bootstrap"])
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check function.zip
refused   function.zip  zip ?  4 B -> 122 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found orders.zip, a zip in the zip, but Lambda unpacks only the outer zip)
    help: deploy orders.zip itself

$ cargo lambdapack check function.zip
refused   function.zip  zip arm64  566 B -> 540 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found fn/bootstrap)
    help: zip the contents of the folder instead of the folder: `cd fn/ && zip -r ../function.zip .`, or `cargo lambdapack pack BINARY`

$ cargo lambdapack check function.zip
refused   function.zip  zip arm64  566 B -> 454 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found bin/bootstrap)
    help: zip the program itself, named `bootstrap`, instead of the folder: use `zip -j` or `cargo lambdapack pack BINARY`

$ cargo lambdapack check function.zip
refused   function.zip  zip arm64  562 B -> 364 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found Bootstrap)
    help: rename it to `bootstrap`, in lowercase and without a file extension: `mv Bootstrap bootstrap`

$ cargo lambdapack check function.zip
refused   function.zip  zip arm64  562 B -> 368 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found boostrap.sh)
    help: rename it to `bootstrap`, in lowercase and without a file extension: `mv boostrap.sh bootstrap`

$ cargo lambdapack check function.zip
refused   function.zip  zip arm64  566 B -> 450 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found orders)
    help: name the program `bootstrap`, because the runtime starts only this file (`cp orders bootstrap && zip -j function.zip bootstrap`), or use `cargo lambdapack pack BINARY`; if one of the function's layers contains `bootstrap`, pass `--layer-bootstrap`

$ cargo lambdapack check function.zip
refused   function.zip  zip arm64  562 B -> 366 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found bin/ffmpeg)
    help: zip the program itself, named `bootstrap`, instead of the folder: use `zip -j` or `cargo lambdapack pack BINARY`; if this is a layer, pass `--layer`

$ cargo lambdapack check function.zip
refused   function.zip  zip ?  4 B -> 120 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found index.php)
    help: zip the program itself, named `bootstrap`, or use `cargo lambdapack pack BINARY`; if one of the function's layers contains `bootstrap`, pass `--layer-bootstrap`

$ cargo lambdapack check function.zip
refused   function.zip  zip ?  0 B -> 22 B
          [HASH]
  refused[no-bootstrap]: it has no `bootstrap` at its root (found no files)
    help: package the program: `cargo lambdapack pack BINARY`


"#]]);
}

#[test]
fn a_misplaced_extension_is_reported_with_its_path() {
    let mut transcript = Transcript::default();
    for entries in [
        vec![program("my-ext/extensions/mon")],
        vec![program("extension/mon")],
        vec![program("Extensions/mon"), text("README")],
        vec![program("extensions/mon/mon")],
    ] {
        checked("layer.zip", Zip::of(entries).bytes())
            .finds(104, &["misplaced-extension"])
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check layer.zip
refused   layer.zip  zip arm64  562 B -> 388 B
          [HASH]
  refused[misplaced-extension]: it has the folder `extensions` in `my-ext/` instead of at the root of the layer (found my-ext/extensions/mon)
    help: zip the contents of the folder instead of the folder: `cd my-ext && zip -r ../layer.zip extensions`

$ cargo lambdapack check layer.zip
refused   layer.zip  zip arm64  562 B -> 372 B
          [HASH]
  refused[misplaced-extension]: it has extension/mon, but no folder `extensions/`; did you mean `extensions/mon`?
    help: rename the folder `extension` to `extensions`

$ cargo lambdapack check layer.zip
refused   layer.zip  zip arm64  566 B -> 466 B
          [HASH]
  refused[misplaced-extension]: it has Extensions/mon, but no folder `extensions/`; did you mean `extensions/mon`?
    help: rename the folder `Extensions` to `extensions`

$ cargo lambdapack check layer.zip
refused   layer.zip  zip arm64  562 B -> 382 B
          [HASH]
  refused[misplaced-extension]: it has extensions/mon/mon, but Lambda starts only files directly in `extensions/`
    help: move the program to `extensions/mon`


"#]]);
}

#[test]
fn files_in_extensions_that_are_not_programs_are_one_finding() {
    let strays = [text("extensions/.DS_Store"), text("extensions/README.md")];
    let one = Zip::of([program("extensions/mon"), strays[0].clone()]);
    checked("layer.zip", one.bytes())
        .finds(104, &["not-a-program"])
        .stdout_eq(str![[r#"
refused   layer.zip  zip arm64  566 B -> 494 B
          [HASH]
  refused[not-a-program]: it has extensions/.DS_Store, which is neither an ELF file nor a script, but Lambda starts every file in `extensions/`
    help: remove it from `extensions/`; a script must start with `#!`

"#]]);
    let both = Zip::of([&[program("extensions/mon")][..], &strays].concat());
    checked("layer.zip", both.bytes())
        .finds(104, &["not-a-program"])
        .stdout_eq(str![[r#"
refused   layer.zip  zip arm64  570 B -> 614 B
          [HASH]
  refused[not-a-program]: it has extensions/.DS_Store and extensions/README.md, which are neither ELF files nor scripts, but Lambda starts every file in `extensions/`
    help: remove them from `extensions/`; a script must start with `#!`

"#]]);
}

#[test]
fn a_layer_of_plain_files_is_recognized_by_folders_or_option() {
    let sandbox = Sandbox::new();
    for (name, file) in [("lib.zip", "lib/libpq.so.5"), ("py.zip", "python/a.py")] {
        sandbox.write_bytes(name, Zip::of([text(file)]).bytes());
        sandbox.check(&[name]).finds(0, &[]);
    }
    let library = Entry::deflated("lib/libx.so", &Program::arm().bytes());
    sandbox
        .check_bytes("arm.zip", Zip::of([library]).bytes())
        .finds(0, &[])
        .stdout_eq(str![[r#"
ok        arm.zip  zip arm64  562 B -> 368 B
          [HASH]

"#]]);
    sandbox
        .check(&["arm.zip", "--arch", "x86_64"])
        .finds(0, &["included-architecture"]);
    sandbox.write_bytes(
        "bin.zip",
        Zip::of([program("bin/ffmpeg"), text("LICENSE")]).bytes(),
    );
    sandbox.check(&["bin.zip"]).finds(104, &["no-bootstrap"]);
    sandbox.check(&["bin.zip", "--layer"]).finds(0, &[]);
    // The bootstrap of a layer is started.
    let mut bootstrap = program("bootstrap");
    bootstrap.mode = 0o100_644;
    sandbox.write_bytes("runtime.zip", Zip::of([bootstrap]).bytes());
    sandbox
        .check(&["runtime.zip", "--layer"])
        .finds(104, &["not-executable"]);
    sandbox
        .check(&["bin.zip", "--layer", "--layer-bootstrap"])
        .ends_with(2);
}

#[test]
fn a_function_needs_no_bootstrap_if_a_layer_provides_it() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("php.zip", Zip::of([text("index.php")]).bytes());
    sandbox.check(&["php.zip"]).finds(104, &["no-bootstrap"]);
    sandbox
        .check(&["php.zip", "--layer-bootstrap"])
        .finds(0, &[]);
    // The program that it starts is checked like a bootstrap.
    let mut orders = program("orders");
    sandbox.write_bytes("orders.zip", Zip::of([orders.clone()]).bytes());
    let args = ["orders.zip", "--layer-bootstrap"];
    sandbox.check(&args).finds(0, &[]).stdout_eq(str![[r#"
ok        orders.zip  zip arm64  562 B -> 358 B
          [HASH]

"#]]);
    let other = ["orders.zip", "--layer-bootstrap", "--arch", "x86_64"];
    sandbox.check(&other).finds(104, &["wrong-architecture"]);
    orders.mode = 0o100_644;
    sandbox.write_bytes("orders.zip", Zip::of([orders]).bytes());
    sandbox.check(&args).finds(0, &["no-execute-bit"]);
}

/// `tar -C DIR .` prefixes every name with `./`.
#[test]
fn a_dot_prefix_on_every_name_is_one_finding() {
    let zip = Zip::of([
        Entry::folder("./"),
        text("./config.json"),
        program("./bootstrap"),
    ]);
    checked("function.zip", zip.bytes())
        .finds(104, &["name"])
        .stdout_eq(str![[r#"
refused   function.zip  zip arm64  566 B -> 554 B
          [HASH]
  refused[name]: it has names that start with `./` (./config.json and ./bootstrap), and Lambda is not documented to treat `./bootstrap` as `bootstrap`
    help: name the files instead of the folder: `tar.exe -a -cf function.zip -C DIR bootstrap config.json`, or `cargo lambdapack pack BINARY FILE`

"#]]);
    // It is checked as the bootstrap that it should be.
    let mut zip = Zip::of([program("./bootstrap")]);
    zip.entries[0].mode = 0o100_644;
    checked("function.zip", zip.bytes()).finds(104, &["name", "not-executable"]);
    let mut transcript = Transcript::default();
    for name in ["a//b", "a/./b"] {
        let zip = Zip::of([program("bootstrap"), text(name)]);
        checked("function.zip", zip.bytes())
            .finds(104, &["name"])
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check function.zip
refused   function.zip  zip arm64  566 B -> 452 B
          [HASH]
  refused[name]: it has an entry `a//b` with an empty component in its name
    help: create it again with relative names that use `/` and UTF-8

$ cargo lambdapack check function.zip
refused   function.zip  zip arm64  566 B -> 454 B
          [HASH]
  refused[name]: it has an entry `a/./b` with a `.` component in its name
    help: create it again with relative names that use `/` and UTF-8


"#]]);
}

/// `Compress-Archive` of Windows PowerShell writes backslashes and no modes.
#[test]
fn backslashes_are_one_finding_that_shows_each_original_name() {
    let zip = Zip::of([
        program("bootstrap"),
        text("assets\\a.json"),
        text("assets\\b.json"),
    ]);
    checked("function.zip", zip.bytes())
        .finds(104, &["name"])
        .stdout_eq(str![[r#"
refused   function.zip  zip arm64  570 B -> 576 B
          [HASH]
  refused[name]: it has names with a backslash (assets\a.json and assets\b.json), which Linux treats as part of the name
    help: create it again with PowerShell 7, `tar.exe`, or `cargo lambdapack pack BINARY FILE`

"#]]);
    let mut transcript = Transcript::default();
    for name in ["extensions\\mon", ".\\extensions\\mon"] {
        let mut extension = program(name);
        extension.made_by = 0;
        let ran = checked("layer.zip", Zip::of([extension]).bytes()).finds(104, &["name"]);
        ran.record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check layer.zip
refused   layer.zip  zip arm64  562 B -> 374 B
          [HASH]
  refused[name]: it has names with a backslash (extensions\mon), which Linux treats as part of the name; extensions\mon should be the extension extensions/mon
    help: create it again with PowerShell 7, `tar.exe`, or `cargo lambdapack pack --extension`

$ cargo lambdapack check layer.zip
refused   layer.zip  zip arm64  562 B -> 378 B
          [HASH]
  refused[name]: it has names with a backslash (.\extensions\mon), which Linux treats as part of the name; .\extensions\mon should be the extension extensions/mon
    help: create it again with PowerShell 7, `tar.exe`, or `cargo lambdapack pack --extension`


"#]]);
    let zip = Zip::of([program("fn\\bootstrap")]);
    checked("function.zip", zip.bytes())
        .finds(104, &["name", "no-bootstrap"])
        .stdout_eq(str![[r#"
refused   function.zip  zip arm64  562 B -> 370 B
          [HASH]
  refused[name]: it has names with a backslash (fn\bootstrap), which Linux treats as part of the name
    help: create it again with PowerShell 7, `tar.exe`, or `cargo lambdapack pack BINARY FILE`
  refused[no-bootstrap]: it has no `bootstrap` at its root (found fn\bootstrap)
    help: zip the contents of the folder instead of the folder: `cd fn/ && zip -r ../function.zip .`, or `cargo lambdapack pack BINARY`

"#]]);
}

#[test]
fn one_kind_of_wrong_name_is_one_finding_with_a_count() {
    let names = ["/etc/a", "/etc/b", "/etc/c"].map(text);
    let zip = Zip::of([&[program("bootstrap")][..], &names].concat());
    checked("function.zip", zip.bytes())
        .finds(104, &["name"])
        .stdout_eq(str![[r#"
refused   function.zip  zip arm64  574 B -> 640 B
          [HASH]
  refused[name]: it has an entry `/etc/a` with an absolute name, and 2 more like it
    help: create it again with relative names that use `/` and UTF-8

"#]]);
}

/// yazl's `forceZip64Format` and streaming writers put markers in place of sizes and offsets.
#[test]
fn zip64_markers_are_not_used_as_sizes_or_offsets() {
    let marked = |extra: Vec<u8>| {
        let mut entry = program("bootstrap");
        entry.extra = extra;
        (entry.size, entry.compressed) = (u32::MAX, u32::MAX);
        entry.marked = true;
        Zip::of([entry])
    };
    let size = Program::arm().bytes().len() as u64;
    let mut extra = vec![9, 9, 1, 0, 7, 1, 0, 24, 0];
    for number in [size, 100, 0] {
        extra.extend(number.to_le_bytes());
    }
    let ran = checked("function.zip", marked(extra).bytes()).finds(104, &["zip64"]);
    ran.prints_nothing_of("4295").prints_nothing_of("? ->");
    // Without the numbers, nothing is known.
    let ran = checked("function.zip", marked(Vec::new()).bytes()).finds(104, &["zip64"]);
    ran.stdout_eq(str![[r#"
refused   function.zip  zip ?  ? -> 364 B
          [HASH]
  refused[zip64]: it uses zip64, which Lambda is not documented to support
    help: create it again with fewer than 65,535 entries, less than 4 GiB, and without `--force-zip64`

"#]])
        .prints_nothing_of("4295");
    let mut end = Zip::of([program("bootstrap")]);
    end.zip64 = true;
    let ran = checked("function.zip", end.bytes()).finds(104, &["zip64"]);
    ran.stdout_eq(str![[r#"
refused   function.zip  zip ?  ? -> 440 B
          [HASH]
  refused[zip64]: it uses zip64, which Lambda is not documented to support
    help: create it again with fewer than 65,535 entries, less than 4 GiB, and without `--force-zip64`

"#]]);
    // Bytes before the zip are still reported.
    let mut shifted = marked(Vec::new());
    shifted.entries.push(text("a"));
    shifted.prefix = vec![b'#'; 7];
    let ran = checked("function.zip", shifted.bytes());
    ran.finds(104, &["zip64", "surrounded"]);
}
