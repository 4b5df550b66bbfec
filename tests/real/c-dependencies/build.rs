fn main() {
    let assembler = std::env::var("CARGO_CFG_TARGET_ARCH").unwrap();
    println!("cargo::rerun-if-changed=src");
    cc::Build::new()
        .file("src/sum.c")
        .file(format!("src/{assembler}.S"))
        .compile("sum");
}
