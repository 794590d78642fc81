//! Every outcome at every step: never a commit after a failure, and never half of an apply.

use housekeep::apply::{Outcome, Rows, Step};
use housekeep::{Code, Error};
use housekeep_tests::database::servers;

use super::{RUNS, TABLES, World};

/// What a driver may say of a step, whatever it was asked.
fn outcomes() -> Vec<Outcome> {
    let refused =
        |sqlstate: &str| Outcome::Refused { sqlstate: sqlstate.into(), message: "injected".into() };
    vec![
        refused("XX000"),
        refused("40P01"),
        refused("55P03"),
        Outcome::Lost("injected".into()),
        Outcome::Failed(Error::host(Code::IoWrite, "injected", None)),
        Outcome::Answer("injected".into()),
        Outcome::Bytes(Vec::new()),
        Outcome::Rows(Rows::new()),
    ]
}

#[test]
fn no_failure_is_followed_by_a_commit() {
    let server = servers().remove(0);
    let mut world = World::new(&server, TABLES, RUNS);
    let (runs, steps) = (world.rows("runs"), world.rows("steps"));
    let plan = world.plan("runs");
    world.export("runs", &plan);
    let mut count = 0;
    let mut gone = (Vec::new(), Vec::new());
    for skips in [false, true] {
        let apply = world.applying(&plan).skip_changed(skips);
        world.driver.run(apply.machine()).unwrap();
        count = count.max(world.driver.log.len());
        gone = (world.rows("runs"), world.rows("steps"));
        assert!(gone.0.len() == 20 && gone.1.len() == 40);
        world.restore();
        assert_eq!((world.rows("runs"), world.rows("steps")), (runs.clone(), steps.clone()));
    }

    let (mut injected, mut applied) = (0, 0);
    // Those that go are locked before, or judged after they went.
    for (number, skips) in (0..count).flat_map(|number| [(number, false), (number, true)]) {
        for kind in 0..outcomes().len() {
            let mut failed_at = None;
            let mut log = Vec::new();
            let apply = world.applying(&plan).skip_changed(skips);
            let answer = world.driver.run_with(apply.machine(), |n, step| {
                log.push(kind_of(step));
                let outcome = outcomes().swap_remove(kind);
                // Nothing to say is what some steps are answered with.
                let is_usual = matches!((&outcome, step), (Outcome::Rows(_), _))
                    || matches!((&outcome, step), (Outcome::Bytes(_), Step::Read(_)))
                    || matches!(step, Step::Rollback | Step::Sleep(_));
                if n != number || (is_usual && !matches!(outcome, Outcome::Lost(_))) {
                    return None;
                }
                failed_at = Some(n);
                Some(outcome)
            });
            let Some(failed_at) = failed_at else {
                world.restore();
                continue;
            };
            // What was said to be lost is there still, with its transaction.
            world.driver.reconnect();
            injected += 1;
            let after = log.get(failed_at + 1..).unwrap_or_default();
            let commit = after.iter().position(|kind| *kind == "commit");
            let begin = after.iter().position(|kind| *kind == "begin");
            let commit_itself = log[failed_at] == "commit";
            assert!(
                commit.is_none() || begin.is_some_and(|begin| Some(begin) < commit),
                "a commit without a new beginning after {kind} at {failed_at}: {log:?}"
            );
            let now = (world.rows("runs"), world.rows("steps"));
            assert!(
                now == gone || now == (runs.clone(), steps.clone()),
                "half of it went: {log:?}"
            );
            match answer {
                Ok(_) => assert_eq!(now, gone, "{kind} at {failed_at}: {log:?}"),
                Err(error) => {
                    let is_after = log.contains(&"commit") && !commit_itself;
                    assert!(is_after || now.0 == runs, "{error}, and gone: {log:?}");
                }
            }
            if now == gone {
                applied += 1;
                world.restore();
            }
            assert_eq!((world.rows("runs"), world.rows("steps")), (runs.clone(), steps.clone()));
        }
    }
    assert!(injected > 300 && applied > 40, "{injected} injected, {applied} applied");
}

fn kind_of(step: &Step) -> &'static str {
    match step {
        Step::Begin(_) => "begin",
        Step::Commit(_) => "commit",
        Step::Rollback => "rollback",
        Step::Exec(_) => "exec",
        _ => "other",
    }
}
