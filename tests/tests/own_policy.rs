//! How another crate holds its own rows and its own policy to the laws: nothing here is
//! housekeep's but what it publishes.

#![cfg(test)]

use housekeep::dedupe::{Keep, Mode, NullKey, Open, Rule};
use housekeep::groups::{Records, Rows};
use housekeep::laws;
use housekeep::laws::model::agrees;
use housekeep::laws::rows::sound;
use housekeep::laws::strategies::{now, place};
use housekeep::policy::Policy;
use housekeep::time::{Duration, Instant};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const POLICY: &str = r#"
[dedupe.backups]
id       = "path"
key      = ["host", "volume"]
time     = "taken_at"
window   = "6h"
keep     = "oldest"
null_key = "distinct"
only     = { verified = true }
skew     = "5m"

[dedupe.reports]
id     = "path"
key    = ["host"]
time   = "taken_at"
mode   = "tumbling"
window = "1d"
open   = "close"
"#;

/// What the other crate has.
#[derive(Clone, Debug)]
struct Backup {
    path: String,
    host: &'static str,
    volume: Option<&'static str>,
    taken_at: Option<Instant>,
    verified: bool,
}

fn by_volume(backups: &[Backup]) -> impl Rows + '_ {
    Records::new(backups, |b| (b.host, b.volume), |b| b.taken_at, |b| b.path.as_str())
        .expect("fewer than 2^32 backups")
        .null_key(|b: &Backup| b.volume.is_none())
        .only(|b: &Backup| b.verified)
}

fn by_host(backups: &[Backup]) -> impl Rows + '_ {
    Records::new(backups, |b| b.host, |b| b.taken_at, |b| &b.path).expect("fewer than 2^32 backups")
}

fn rule(name: &str) -> Rule {
    Policy::from_toml(POLICY).unwrap().dedupe(name).unwrap().rule().clone()
}

/// Backups and a moment, with the times where the edges of the rule are.
fn backups(rule: Rule) -> impl Strategy<Value = (Vec<Backup>, Instant)> {
    let volume = option::weighted(0.8, select(vec!["root", "home"]));
    let backup =
        (select(vec!["ada", "bob"]), volume, option::weighted(0.9, place()), any::<bool>());
    (vec(backup, 0..24), now()).prop_map(move |(backups, now)| {
        let backups = (0..).zip(backups).map(|(n, (host, volume, place, verified))| Backup {
            path: format!("/{host}/{:04x}", n * 40_503 % 65_536),
            host,
            volume,
            taken_at: place.map(|place| place.at(&rule, now)),
            verified,
        });
        (backups.collect(), now)
    })
}

#[test]
fn the_policy_says_what_the_rule_holds() {
    let meant = Rule::within(Duration::from_mins(6 * 60))
        .keep(Keep::Oldest)
        .null_key(NullKey::Distinct)
        .skew(Duration::from_mins(5));
    assert_eq!(rule("dedupe.backups"), meant);
    let meant = Rule::within(Duration::from_mins(24 * 60)).mode(Mode::Tumbling).open(Open::Close);
    assert_eq!(rule("reports"), meant);
}

proptest! {
    #[test]
    fn backups_obey_the_laws((backups, now) in backups(rule("backups"))) {
        let rows = by_volume(&backups);
        sound(&rows)?;
        laws::dedupe::all(&rows, &rule("backups"), now)?;
        agrees(&rows, &rule("backups"), now, &Default::default())?;
    }

    #[test]
    fn reports_obey_the_laws((backups, now) in backups(rule("reports"))) {
        let rows = by_host(&backups);
        laws::dedupe::all(&rows, &rule("reports"), now)?;
        agrees(&rows, &rule("reports"), now, &Default::default())?;
    }
}
