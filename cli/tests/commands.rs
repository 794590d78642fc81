//! What each command prints, from `cmd/`: for people, and where it refuses.

#[test]
fn commands_print_what_is_written_down() {
    trycmd::TestCases::new().case("tests/cmd/*.trycmd");
}
