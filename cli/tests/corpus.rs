//! The corpus, asked of the program: the same bytes as from Rust.

#![expect(clippy::unwrap_used, reason = "a test that cannot run has failed")]

mod common;

use common::{Folder, Ran};
use housekeep_tests::corpus::{Ask, Call, Case, MuteStep, RULES_FILE, ResumeStep, Step, cases};

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
            (false, _) if case.ask == Ask::Fleet => status_of(&found),
            (true, _) if matches!(case.ask, Ask::Health | Ask::Fleet) => 3,
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
    if case.ask == Ask::Health {
        return ask_health(&folder, case, &args);
    }
    if case.ask == Ask::Prometheus {
        return ask_prometheus(&folder, case, &args);
    }
    if case.ask == Ask::Schedule {
        return ask_schedule(&folder, case, &args);
    }
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
        Ask::Fleet => args.extend(["health", "--fleet", &input]),
        Ask::Statements => args.extend(["emit", "sql", &case.rule]),
        Ask::Health | Ask::Prometheus | Ask::Require | Ask::Schedule => {}
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

/// The rules, written to a file, and what they are tested with, printed.
fn ask_prometheus(folder: &Folder, case: &Case, args: &[&str]) -> (String, Option<i32>) {
    let emit = [args, &["emit", "prometheus"]].concat();
    let ran = folder.run(&[&emit[..], &["--output", RULES_FILE]].concat());
    if case.fails {
        return (ran.err, ran.code);
    }
    assert_eq!((ran.out.as_str(), ran.code), ("", Some(0)), "{}", case.name);
    let tests = folder.run(&[&emit[..], &["--tests"]].concat());
    (folder.read(RULES_FILE) + &tests.out, tests.code)
}

/// All that is printed, call by call, and what the state file holds in the end. What is told prints what is
/// remembered; what is asked changes nothing, and neither does what fails.
fn ask_schedule(folder: &Folder, case: &Case, args: &[&str]) -> (String, Option<i32>) {
    if let Some(state) = &case.state {
        folder.write("state.json", state);
    }
    let state = || std::fs::read_to_string(folder.path("state.json")).ok();
    let mut answers = String::new();
    for call in &case.calls {
        let is_begin = matches!(call.call.as_str(), "state" | "begin");
        if is_begin && state().is_some() {
            std::fs::remove_file(folder.path("state.json")).unwrap();
        }
        let before = state();
        let ran = folder.run(&[args, &schedule_args(case, call)].concat());
        let is_told = is_begin || matches!(call.call.as_str(), "record" | "forget");
        if !ran.err.is_empty() || !is_told {
            assert_eq!(state(), before, "{}: the state was touched", case.name);
        }
        if !ran.err.is_empty() {
            return (ran.err, ran.code);
        }
        assert_eq!(ran.code, Some(0), "{}", case.name);
        if is_told {
            assert_eq!(Some(ran.out), state(), "{}", case.name);
        } else {
            answers.push_str(&ran.out);
        }
    }
    let read = |text: String| housekeep::schedule::State::from_json(text.as_bytes()).unwrap();
    let state = state().map(|text| read(text).to_json()).unwrap_or_default();
    (answers + &state, Some(0))
}

/// What the program is called with, for a call.
fn schedule_args<'a>(case: &'a Case, call: &'a Call) -> Vec<&'a str> {
    let slot = call.slot.as_deref();
    let command = if call.call == "state" { "begin" } else { &call.call };
    let mut args = vec!["schedule", command, &case.rule];
    if matches!(command, "due" | "missed" | "begin" | "record" | "forget") {
        args.extend(["--state", "state.json"]);
    }
    match command {
        "next" => args.extend(slot.iter().flat_map(|slot| ["--after", slot])),
        "begin" => args.extend(slot.iter().flat_map(|slot| ["--since", slot])),
        "keep-until" => args.extend(slot),
        "record" => args.extend(call.event.as_deref().into_iter().chain(slot)),
        _ => {}
    }
    let given = [("--now", &call.now), ("--from", &call.from), ("--to", &call.to)];
    let given = given.into_iter().chain([("--task", &call.task)]);
    args.extend(given.filter_map(|(name, value)| Some([name, value.as_deref()?])).flatten());
    args.extend(call.success.map(|is| if is { "--success" } else { "--failed" }));
    args.extend(call.completed.map(|is| if is { "--completed" } else { "--incomplete" }));
    args
}

/// How the program ends where this is how a fleet is: by the worst of its rows.
fn status_of(fleet: &str) -> i32 {
    let fleet: serde_json::Value = serde_json::from_str(fleet).unwrap();
    let has = |status: &str| {
        let count = fleet.pointer(&format!("/status/{status}"));
        count.and_then(serde_json::Value::as_u64).unwrap() > 0
    };
    let worst = [("crit", 2), ("unknown", 3), ("warn", 1), ("ok", 0)];
    worst.iter().find(|(status, _)| has(status)).map_or(3, |(_, exit)| *exit)
}

/// All that is printed, step by step, and what the state file holds in the end. Each step that reports
/// has to end as its status says; the exit code is then 0, as of any other case that does not fail.
fn ask_health(folder: &Folder, case: &Case, args: &[&str]) -> (String, Option<i32>) {
    if let Some(state) = &case.state {
        folder.write("state.json", state);
    }
    let files = ["health", "--metrics", "metrics.json", "--state", "state.json"];
    let state = || std::fs::read_to_string(folder.path("state.json")).ok();
    let mut answers = String::new();
    for step in &case.steps {
        let before = state();
        if let Some(ran) = said(folder, step, args) {
            // As of most commands 1, and not 3 as of one that asks for health.
            assert_eq!(ran.code, Some(1), "{}: {}", case.name, ran.err);
            assert_eq!(state(), before, "{}: the state was touched", case.name);
            return (ran.err, Some(3));
        }
        let before = state();
        folder.write("metrics.json", &step.metrics);
        let ran = folder.run(&[args, &files, &["--now", &step.now]].concat());
        if !ran.err.is_empty() {
            assert_eq!(state(), before, "{}: the state was touched", case.name);
            return (ran.err, ran.code);
        }
        let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let status = report.get("status").and_then(serde_json::Value::as_str).unwrap();
        let expected = ["ok", "warn", "crit", "unknown"].iter().position(|own| *own == status);
        assert_eq!(ran.code.map(|code| code as usize), expected, "{}: {status}", case.name);
        answers.push_str(&ran.out);
    }
    (answers + &folder.read("state.json"), Some(0))
}

/// What people say before a step; how it ended, if that was refused.
fn said(folder: &Folder, step: &Step, args: &[&str]) -> Option<Ran> {
    let about = ["--state", "state.json", "--now", &step.now];
    let mut asked: Vec<Vec<&str>> = Vec::new();
    if let Some(names) = &step.acknowledge {
        asked.push(["acknowledge"].into_iter().chain(names.iter().map(String::as_str)).collect());
    }
    if let Some(MuteStep { of, from, until }) = &step.mute {
        let names = of.iter().map(String::as_str);
        let from = from.iter().flat_map(|from| ["--from", from]);
        asked.push(["mute", "--until", until].into_iter().chain(from).chain(names).collect());
    }
    if let Some(ResumeStep { tolerance, grace }) = &step.resume {
        asked.push(vec!["resume", "--tolerance", tolerance, "--grace", grace]);
    }
    let ran = asked.into_iter().map(|own| folder.run(&[args, &own, &about].concat()));
    ran.into_iter().find_map(|ran| {
        if ran.err.is_empty() {
            // What is printed is what is remembered.
            assert_eq!(ran.out, folder.read("state.json"));
        }
        (!ran.err.is_empty()).then_some(ran)
    })
}
