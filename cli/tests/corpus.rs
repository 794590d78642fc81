//! The corpus, asked of the program: the same bytes as from Rust.

#![expect(clippy::unwrap_used, reason = "a test that cannot run has failed")]

mod common;

use common::Folder;
use housekeep_tests::corpus::{Ask, Case, cases};

#[test]
fn the_program_gives_the_exact_answers() {
    let bless = std::env::var_os("HOUSEKEEP_BLESS").is_some();
    let mut wrong = Vec::new();
    let mut ran = 0;
    for case in cases().iter().filter(|case| case.is_for("cli")) {
        let (found, exit) = ask(case);
        // Answers that only the program can give are accepted here.
        if bless && !case.is_for("rust") {
            std::fs::write(case.answer_file(), &found).unwrap();
        }
        if found != case.answer() {
            let expected = case.answer();
            wrong.push(format!("{}\nexpected:\n{expected}\nfound:\n{found}", case.name));
        }
        let refused = case.answer().contains("\"code\": \"plan.");
        let is_plan = !case.answer().contains("plan.syntax");
        let expected = match (case.fails, refused && is_plan) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => 3,
        };
        assert_eq!(exit, Some(expected), "{}: {found}", case.name);
        ran += 1;
    }
    assert!(ran > 400, "only {ran} cases were asked");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What the program prints, on the stream where it belongs, and how it ends.
fn ask(case: &Case) -> (String, Option<i32>) {
    let folder = Folder::new("corpus");
    let policy = if case.policy_is_json { "policy.json" } else { "policy.toml" };
    folder.write(policy, case.policy_text());
    let (input, bytes) = case.input_file();
    let made = case.input.as_ref();
    if made.is_some_and(|input| input.directory) {
        std::fs::create_dir(folder.path(&input)).unwrap();
    } else if !input.is_empty() && made.is_some_and(|input| !input.missing) {
        folder.write(&input, bytes);
    }

    let mut args: Vec<&str> = vec!["--policy", policy, "--format", "json"];
    if let Some(now) = &case.now {
        args.extend(["--now", now]);
    }
    let windows = case.windows.join(",");
    match case.ask {
        Ask::Validate => args.push("validate"),
        Ask::Plan => args.extend(["plan", &case.rule, "--input", &input]),
        Ask::Sweep => args.extend(["sweep", &case.rule, "--input", &input]),
        Ask::Compare => args.extend(["compare", &case.rule, "--input", &input]),
        Ask::Explain => args.extend(["explain", &case.rule, &case.id, "--input", &input]),
        Ask::ExplainPlan => {
            folder.write("plan.json", case.plan_text());
            args.extend(["explain", "plan.json", &case.id]);
        }
    }
    if !windows.is_empty() {
        args.extend(["--windows", &windows]);
    }
    let change = if case.ask == Ask::Compare { "--with" } else { "--set" };
    for setting in &case.with {
        args.extend([change, setting]);
    }
    if case.decisions {
        args.push("--decisions");
    }
    if let Some(output) = &case.output {
        args.extend(["--output", output]);
    }
    let ran = folder.run(&args);
    (if case.fails { ran.err } else { ran.out }, ran.code)
}
