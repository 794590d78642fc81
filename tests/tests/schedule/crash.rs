//! A year of Tradeul whose host is killed, sleeps, fails, and whose clock jumps (T5, T6); and runs by hand.

use std::collections::{BTreeMap, BTreeSet};

use housekeep::policy::{Policy, ScheduleRule};
use housekeep::schedule::{Due, Offer, SlotId, Standing, State, What};
use housekeep::time::{Duration, Instant};
use housekeep_tests::corpus::root;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn tradeul() -> Policy {
    let text = std::fs::read_to_string(root().join("scenarios/tradeul/policy.toml")).unwrap();
    Policy::from_toml(&text).unwrap()
}

fn instant(micros: i64) -> Instant {
    Instant::from_micros(micros).unwrap()
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// Numbers that look random, the same of each seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((z ^ (z >> 31)) % below).unwrap()
    }

    /// Once in so many.
    fn once_in(&mut self, times: u64) -> bool {
        self.roll(times) == 0
    }
}

/// What outlives the host: a record for each slot, which expires by the real time.
struct Store<'a> {
    rule: &'a ScheduleRule,
    since: SlotId,
    runs: BTreeMap<SlotId, (String, i64)>,
    /// How long a record lives; none for as long as `keep_until` says.
    life: Option<i64>,
}

impl Store<'_> {
    fn load(&mut self, real: i64) -> State {
        self.runs.retain(|_, (_, expires)| real < *expires);
        let mut state = self.rule.state(self.since);
        for (id, (run, _)) in &self.runs {
            state = state.with_run(*id, run.as_bytes()).unwrap();
        }
        state
    }

    fn save(&mut self, state: &State, id: SlotId, real: i64) {
        let until = self.rule.keep_until(&id.to_string()).unwrap().until.as_micros();
        let expires = self.life.map_or(until, |life| real + life);
        if let Some(run) = state.run_json(id) {
            self.runs.insert(id, (run, expires));
        }
    }
}

/// What the world knows, whatever the store remembers.
#[derive(Default)]
struct World {
    /// When each slot was done.
    done: BTreeMap<SlotId, u32>,
    /// How many attempts each used up: its starts, less those that were abandoned.
    used: BTreeMap<SlotId, u32>,
    /// When nothing was left to do by the host's clock, and what ran then.
    idle: Vec<(Instant, BTreeSet<SlotId>)>,
    runs: u32,
    kills: u32,
    abandoned: u32,
    jumps: u32,
    repeated: Vec<SlotId>,
}

struct Host<'a> {
    store: Store<'a>,
    world: World,
    dice: Dice,
    /// The time that passes, and how far the host's clock is off.
    real: i64,
    skew: i64,
}

/// Whether the host lives on.
#[derive(PartialEq)]
enum Alive {
    Yes,
    Killed,
}

impl Host<'_> {
    fn rule(&self) -> &ScheduleRule {
        self.store.rule
    }

    fn now(&self) -> Instant {
        instant(self.real + self.skew)
    }

    fn record(&mut self, what: What, claim: &str) {
        let before = self.store.load(self.real);
        let after = self.rule().record(before, what, claim, self.now()).unwrap();
        let id = self.rule().read_slot(claim).unwrap().0;
        self.store.save(&after, id, self.real);
    }

    /// It wakes, and says of what it finds running that it is abandoned; now and then it forgets to.
    fn wake(&mut self) {
        if self.dice.once_in(4) {
            return;
        }
        let state = self.store.load(self.real);
        let missed = self.rule().missed(&state, self.now()).unwrap();
        for run in missed.missed.running {
            let claim = self.rule().claim(run.id, run.nth);
            self.record(What::Abandoned, &claim);
            self.world.abandoned += 1;
            *self.world.used.get_mut(&run.id).unwrap() -= 1;
            // It is offered again at once, if it is still looked back at.
            let state = self.store.load(self.real);
            let standings = self.rule().schedule().standings(&state, self.now()).unwrap();
            let standing =
                standings.iter().find(|(slot, _)| slot.id == run.id).map(|(_, own)| *own);
            let offered =
                [None, Some(Standing::Due), Some(Standing::Missed), Some(Standing::Dropped)];
            assert!(offered.contains(&standing), "{claim} is {standing:?}");
        }
    }

    /// It runs what is offered; it may be killed at each step, and the work may fail.
    fn run(&mut self, offer: &Offer) -> Alive {
        let id = offer.slot.id;
        let claim = self.rule().claim(id, offer.nth);
        let used = self.world.used.entry(id).or_default();
        // What forgets too early knows of none.
        assert!(*used < 3 || self.store.life.is_some(), "{claim} is offered after {used} attempts");
        if self.world.done.contains_key(&id) {
            self.world.repeated.push(id);
        }
        if self.dice.once_in(12) {
            return Alive::Killed;
        }
        *self.world.used.entry(id).or_default() += 1;
        self.record(What::Started, &claim);
        self.world.runs += 1;
        let mut all = true;
        for name in &offer.tasks {
            self.real += MINUTE * (1 + self.dice.roll(3));
            if self.dice.once_in(25) {
                return Alive::Killed;
            }
            let success = !self.dice.once_in(9);
            all &= success;
            self.record(What::Task { name: name.clone(), success }, &claim);
        }
        if self.dice.once_in(12) {
            // Between the work and the word that it is done: it is repeated, and that is no fault.
            return Alive::Killed;
        }
        self.record(What::Finished { completed: Some(true), success: None }, &claim);
        if all {
            *self.world.done.entry(id).or_default() += 1;
        }
        Alive::Yes
    }

    /// Does what there is to do, until it is killed or has to wait; gives until when.
    fn work(&mut self) -> Result<i64, Alive> {
        for _ in 0..40 {
            let state = self.store.load(self.real);
            let now = self.now();
            let due = self.rule().due(&state, now).unwrap().due;
            let missed = self.rule().missed(&state, now).unwrap().missed;
            let offer = match (&due, missed.runs.first()) {
                (Due::Run(offer), _) | (_, Some(offer)) => offer.clone(),
                (Due::Wait(wait), None) => {
                    let until = wait.until.unwrap().as_micros() - self.skew;
                    let running = missed.running.iter().map(|run| run.id).collect();
                    self.world.idle.push((now, running));
                    return Ok(until);
                }
                (Due::Notice(_), None) => panic!("nothing is announced"),
            };
            if self.run(&offer) == Alive::Killed {
                return Err(Alive::Killed);
            }
        }
        panic!("it offers the same for ever");
    }
}

/// A year of it. `life` is how long records live, if not as long as they have to.
fn year(rule: &ScheduleRule, seed: u64, life: Option<i64>) -> World {
    let begin = at("2025-06-02T12:00:00Z").as_micros();
    let end = at("2026-06-02T12:00:00Z").as_micros();
    let since = SlotId::from("2025-06-02".parse::<housekeep::time::Date>().unwrap());
    let store = Store { rule, since, runs: BTreeMap::new(), life };
    let dice = Dice(seed);
    let mut host = Host { store, world: World::default(), dice, real: begin, skew: 0 };
    while host.real < end {
        host.wake();
        let until = match host.work() {
            Ok(until) => until,
            Err(_) => {
                host.world.kills += 1;
                // It is down for minutes, for hours, or for days.
                let down = [30 * MINUTE, 6 * HOUR, 3 * DAY][host.dice.roll(3) as usize];
                host.real += 1 + host.dice.roll(u64::try_from(down).unwrap());
                continue;
            }
        };
        if host.dice.once_in(10) {
            // Its clock jumps, by up to three hours forth or back, and is set right again later.
            host.skew = if host.skew == 0 { host.dice.roll(361) * MINUTE - 3 * HOUR } else { 0 };
            host.world.jumps += 1;
            host.real += MINUTE;
        } else if host.dice.once_in(10) {
            host.world.kills += 1;
            host.real += 1 + host.dice.roll(u64::try_from(2 * DAY).unwrap());
        } else {
            host.real = until.max(host.real + 1);
        }
    }
    // At last it is left alone: every day that is looked back at is done, or has failed three times.
    host.skew = 0;
    for _ in 0..200 {
        host.wake();
        if host.work().is_ok() {
            break;
        }
        host.real += 2 * HOUR;
    }
    let state = host.store.load(host.real);
    for (slot, standing) in rule.schedule().standings(&state, host.now()).unwrap() {
        let lost = matches!(standing, Standing::Due | Standing::Missed | Standing::Running);
        assert!(!lost, "seed {seed}: {} is {standing:?} in the end", slot.id);
    }
    if life.is_none() {
        lost_days(rule, &host, begin, end, seed);
    }
    host.world
}

/// Of all trading days of the year none is lost: each is done, or used up its attempts; or the host was
/// never idle while it was looked back at, for it was killed again and again.
fn lost_days(rule: &ScheduleRule, host: &Host<'_>, begin: i64, end: i64, seed: u64) {
    let slots = rule.slots(instant(begin), instant(end)).unwrap().slots;
    assert_eq!(slots.len(), 251, "trading days");
    let used = |id: &SlotId| host.world.used.get(id).copied().unwrap_or_default();
    for (slot, later) in slots.iter().zip(slots.iter().skip(7)) {
        if host.world.done.contains_key(&slot.id) || used(&slot.id) >= 3 {
            continue;
        }
        let idle = host.world.idle.iter().find(|(now, running)| {
            slot.cutoff <= *now && *now < later.open && !running.contains(&slot.id)
        });
        assert!(idle.is_none(), "seed {seed}: {} was lost, and nothing to do at {idle:?}", slot.id);
    }
}

#[test]
fn a_year_of_crashes_loses_no_day_and_repeats_none() {
    let policy = tradeul();
    let rule = policy.schedule("execute").unwrap();
    let (mut runs, mut kills, mut jumps, mut abandoned, mut done) = (0, 0, 0, 0, 0);
    for seed in 0..300 {
        let world = year(rule, seed, None);
        assert!(world.repeated.is_empty(), "seed {seed}: {:?} ran again", world.repeated);
        assert!(world.done.values().all(|times| *times == 1), "seed {seed}");
        runs += world.runs;
        kills += world.kills;
        jumps += world.jumps;
        abandoned += world.abandoned;
        done += world.done.len();
    }
    // What it is meant to survive did happen.
    assert!(runs > 75_000 && kills > 9_000 && jumps > 3_000 && abandoned > 3_000);
    // And all but some of the days were done all the same.
    assert!(done > 300 * 240, "{done}");
}

/// The counterproof: with the seven days that the team had chosen, days that are done run again.
#[test]
fn a_proof_of_seven_days_is_too_short() {
    let policy = tradeul();
    let rule = policy.schedule("execute").unwrap();
    let repeated: usize = (0..5).map(|seed| year(rule, seed, Some(7 * DAY)).repeated.len()).sum();
    assert!(repeated > 100, "{repeated}");
    let promised = std::fs::read_to_string(root().join("scenarios/tradeul/policy.toml")).unwrap();
    let short = promised.replace("retain = \"21d\"", "retain = \"7d\"");
    assert_ne!(short, promised);
    let refused = Policy::from_toml(&short).unwrap_err();
    assert_eq!(refused.path(), Some("schedule.execute.retain"));
    assert_eq!(refused.code().as_str(), "policy.conflict");
}

/// T7: whichever day a person runs, it is recorded, and takes nothing from any other day.
#[test]
fn a_run_by_hand_is_that_days_alone() {
    let policy = tradeul();
    let rule = policy.schedule("execute").unwrap();
    let now = at("2026-03-06T15:00:00Z");
    let fresh = rule.state(SlotId::from("2026-02-02".parse::<housekeep::time::Date>().unwrap()));
    let later = at("2026-03-20T23:00:00Z");
    for day in 1..=31 {
        let id = format!("2026-03-{day:02}");
        let slot = rule.read_slot(&id).unwrap().0;
        for (success, word) in [(false, "failed"), (true, "done")] {
            let mut state = rule.record(fresh.clone(), What::Manual, &id, now).unwrap();
            let running = rule.missed(&state, now).unwrap().missed.running;
            assert_eq!(running.iter().map(|run| run.id).collect::<Vec<_>>(), [slot]);
            let ended = What::Finished { completed: Some(true), success: Some(success) };
            state = rule.record(state, ended, &id, now).unwrap();
            assert_eq!(state.run(slot).unwrap().state.as_str(), word);
            assert_eq!(state.run(slot).unwrap().manual_at, Some(now));
            for now in [now, later] {
                // Every other day stands as it would without it.
                let others = |state: &State| -> BTreeSet<_> {
                    let all = rule.schedule().standings(state, now).unwrap().into_iter();
                    all.filter(|(own, _)| own.id != slot)
                        .map(|(own, is)| (own.id, format!("{is:?}")))
                        .collect()
                };
                assert_eq!(others(&state), others(&fresh), "{id} at {now}");
                // And its own has all its attempts left, or is done.
                let missed = rule.missed(&state, now).unwrap().missed;
                let own = missed.runs.iter().find(|offer| offer.slot.id == slot);
                assert!(own.is_none_or(|offer| !success && offer.left == 3), "{id}");
            }
        }
    }
    // A day that is done may be run by hand again: it stays done, and that is recorded.
    let done = What::Finished { completed: None, success: Some(true) };
    let state = rule.record(fresh, done, "2026-03-04", now).unwrap();
    let again = now.saturating_add(Duration::from_mins(60));
    let state = rule.record(state, What::Manual, "2026-03-04", again).unwrap();
    let run = state.run(rule.read_slot("2026-03-04").unwrap().0).unwrap();
    assert_eq!(
        (run.state.as_str(), run.completed_at, run.manual_at),
        ("done", Some(now), Some(again))
    );
}
