//! Compiles C.

fn main() {
    println!("cargo::rerun-if-changed=src");
    cc::Build::new().file("src/where.c").compile("where");
}
