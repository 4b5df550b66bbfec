//! Prints SHA-256 of `abc`, computed by ring and, with the feature, by aws-lc-rs.

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn main() {
    std::hint::black_box("runtime/invocation/next");
    let ring = ring::digest::digest(&ring::digest::SHA256, b"abc");
    println!("{}", hex(ring.as_ref()));
    #[cfg(feature = "aws-lc")]
    {
        let aws_lc = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"abc");
        println!("{}", hex(aws_lc.as_ref()));
    }
}
