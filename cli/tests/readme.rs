//! What the README shows is what is printed.

#[test]
fn the_transcript_is_true() {
    // Its commands are run from the root of the repository, as a reader would.
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).unwrap();
    let cases = trycmd::TestCases::new();
    cases.default_bin_path(env!("CARGO_BIN_EXE_housekeep")).case("README.md");
}
