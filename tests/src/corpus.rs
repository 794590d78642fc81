//! The corpus: cases in `tests/corpus/*.toml`, answers in `tests/corpus/answers/`.
//!
//! To accept new answers, run the Rust tests with `HOUSEKEEP_BLESS=1` and review the difference.

use std::collections::BTreeSet;
use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use housekeep::columns::{Need, Table};
use housekeep::formats::Format;
use housekeep::health::{Mute, Outage, Snapshot, State};
use housekeep::plan::{Detail, Plan, Source};
use housekeep::policy::{HealthRules, Policy, ScheduleRule, Syntax};
use housekeep::schedule::{self, What};
use housekeep::time::{Duration, Instant};
use housekeep::{Control, Error};
use serde::Deserialize;

/// The file of the rules, as its tests are told.
pub const RULES_FILE: &str = "rules.yml";

/// The folder of this crate.
#[must_use]
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// One question, asked of every host.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Unlike that of any other case; also the name of the answer's file.
    pub name: String,
    /// What the case shows.
    pub about: String,
    /// The rules of the five systems that it shows, such as `E1`.
    #[serde(default)]
    pub shows: Vec<String>,
    /// What is asked.
    pub ask: Ask,
    /// The policy as text.
    pub policy: Option<String>,
    /// Or in a file, from the folder of the tests.
    pub policy_file: Option<String>,
    /// Whether the policy is JSON.
    #[serde(default)]
    pub policy_is_json: bool,
    /// The rule that is asked for.
    #[serde(default)]
    pub rule: String,
    /// The time it is asked at.
    pub now: Option<String>,
    /// The rows.
    pub input: Option<Input>,
    /// Whether the plan says what stays, too.
    #[serde(default)]
    pub decisions: bool,
    /// The id to explain.
    #[serde(default)]
    pub id: String,
    /// The windows of a sweep.
    #[serde(default)]
    pub windows: Vec<String>,
    /// The settings that are changed: to compare with, or else before anything is asked.
    #[serde(default)]
    pub with: Vec<String>,
    /// What is measured, and when, of checks that are evaluated one after the other.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// What a schedule is asked, or told, one after the other.
    #[serde(default)]
    pub calls: Vec<Call>,
    /// What is remembered before the first of them, as text.
    pub state: Option<String>,
    /// The report that something depends on, as text.
    pub report: Option<String>,
    /// The plan to explain, as text.
    pub plan: Option<String>,
    /// Or in a file, from the folder of the tests.
    pub plan_file: Option<String>,
    /// Where the plan is to be written, for a host that writes files.
    pub output: Option<String>,
    /// The hosts that can run it; all unless said otherwise.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Whether the answer is an error.
    #[serde(default)]
    pub fails: bool,
}

/// What is asked.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Whether the policy is sound.
    Validate,
    /// A plan.
    Plan,
    /// What other windows would drop.
    Sweep,
    /// The ids on which two rules differ.
    Compare,
    /// One row's decision.
    Explain,
    /// One row's decision, from a plan alone.
    ExplainPlan,
    /// How many snapshots are, each a row.
    Fleet,
    /// The reports of all steps and, behind them, what is remembered in the end.
    Health,
    /// Whether a report says that what the policy requires is ok: nothing, if it does.
    Require,
    /// Alerting rules and, behind them, what promtool tests them with.
    Prometheus,
    /// A rule as statements of PostgreSQL.
    Statements,
    /// What a schedule answers to each call and, behind that, what is remembered in the end.
    Schedule,
}

/// One evaluation of the checks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When.
    pub now: String,
    /// What is measured, as JSON.
    pub metrics: String,
    /// The check, and its instance if it has one, that somebody is on from then on.
    pub acknowledge: Option<Vec<String>>,
    /// What nobody is told of for a time.
    pub mute: Option<MuteStep>,
    /// That the host was down since the step before.
    pub resume: Option<ResumeStep>,
}

/// That the host was down: for how long it may have been, and how long it looks on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResumeStep {
    /// How long it may have been down.
    pub tolerance: String,
    /// How long it looks on before anything is raised.
    pub grace: String,
}

/// What nobody is told of for a time.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MuteStep {
    /// The names of checks and groups.
    pub of: Vec<String>,
    /// When it begins: at the step, unless said otherwise.
    pub from: Option<String>,
    /// When it ends.
    pub until: String,
}

/// Something that a schedule is asked, or told. What is told is remembered for the next.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// `next`, `slots`, `due`, `missed` or `keep-until`; or `state`, `begin`, `record` or `forget`.
    pub call: String,
    /// When: of `record` the time of the event.
    pub now: Option<String>,
    /// The beginning and the end of a time, of `slots`.
    pub from: Option<String>,
    /// The end.
    pub to: Option<String>,
    /// The slot or claim; of `next` the slot that it is after; of `state` the first one that counts.
    pub slot: Option<String>,
    /// What happened: a word such as `started`.
    pub event: Option<String>,
    /// Whether a run or task succeeded.
    pub success: Option<bool>,
    /// Whether all of a run was completed.
    pub completed: Option<bool>,
    /// The task that ended.
    pub task: Option<String>,
}

impl Call {
    fn instant(text: Option<&String>) -> Result<Instant, Error> {
        Instant::parse(text.map(String::as_str).unwrap_or_default())
    }

    /// The event's word and what goes with it.
    fn what(&self) -> Result<What, Error> {
        let word = self.event.as_deref().unwrap_or_default();
        What::read(word, self.task.as_deref(), self.completed, self.success)
    }

    /// What is answered, and remembered.
    fn ask(
        &self,
        rule: &ScheduleRule,
        state: &mut Option<schedule::State>,
    ) -> Result<String, Error> {
        let now = || Self::instant(self.now.as_ref());
        let slot = self.slot.as_deref();
        let held = || state.clone().map_or_else(|| schedule::State::from_json(b""), Ok);
        let told = match self.call.as_str() {
            "next" => {
                return match slot {
                    Some(slot) => Ok(rule.next_after(slot)?.to_json()),
                    None => Ok(rule.next(now()?)?.to_json()),
                };
            }
            "slots" => {
                let (from, to) = (self.from.as_ref(), self.to.as_ref());
                return Ok(rule.slots(Self::instant(from)?, Self::instant(to)?)?.to_json());
            }
            "due" => return Ok(rule.due(&held()?, now()?)?.to_json()),
            "missed" => return Ok(rule.missed(&held()?, now()?)?.to_json()),
            "keep-until" => return Ok(rule.keep_until(slot.unwrap_or_default())?.to_json()),
            "state" => rule.state(rule.read_slot(slot.unwrap_or_default())?.0),
            "begin" => rule.begin(now()?)?,
            "forget" => rule.forget(held()?, now()?)?,
            _ => rule.record(held()?, self.what()?, slot.unwrap_or_default(), now()?)?,
        };
        *state = Some(told);
        Ok(String::new())
    }
}

impl Step {
    /// What people say before it is evaluated.
    fn said(&self, rules: &HealthRules, mut state: State, now: Instant) -> Result<State, Error> {
        if let Some(names) = &self.acknowledge {
            let instance = names.get(1).map(String::as_str);
            let check = names.first().map(String::as_str).unwrap_or_default();
            state = rules.acknowledge(state, check, instance, now)?;
        }
        if let Some(mute) = &self.mute {
            let from = mute.from.as_deref().map_or(Ok(now), Instant::parse)?;
            let until = Instant::parse(&mute.until)?;
            state = rules.mute(state, Mute { of: mute.of.clone(), from, until })?;
        }
        if let Some(ResumeStep { tolerance, grace }) = &self.resume {
            let outage = Outage { tolerance: tolerance.parse()?, grace: grace.parse()? };
            state = rules.resume(state, outage, now);
        }
        Ok(state)
    }
}

/// The rows of a case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// `json`, `ndjson` or `csv`.
    pub format: String,
    /// The rows as text.
    pub text: Option<String>,
    /// Or as bytes in hexadecimal, where they are no text.
    pub hex: Option<String>,
    /// Or in a file, from the folder of the tests.
    pub file: Option<String>,
    /// Whether the file is not there.
    #[serde(default)]
    pub missing: bool,
    /// Whether a directory is there in its place.
    #[serde(default)]
    pub directory: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

/// All cases, in the order of the files and their lines.
///
/// # Panics
/// If a file cannot be read, or two cases have one name: then nothing can be tested.
#[must_use]
#[expect(clippy::panic, reason = "a corpus that cannot be read fails every test")]
pub fn cases() -> Vec<Case> {
    let mut files: Vec<PathBuf> = fs::read_dir(root().join("corpus"))
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap_or_default();
        match toml::from_str::<Cases>(&text) {
            Ok(cases) => all.extend(cases.case),
            Err(error) => panic!("{}: {error}", file.display()),
        }
    }
    let mut names = BTreeSet::new();
    for case in &all {
        assert!(names.insert(case.name.clone()), "two cases are called {}", case.name);
    }
    assert!(!all.is_empty(), "the corpus has no cases");
    all
}

impl Case {
    /// Whether this host runs the case.
    #[must_use]
    pub fn is_for(&self, host: &str) -> bool {
        self.hosts.is_empty() || self.hosts.iter().any(|own| own == host)
    }

    /// The policy's text.
    #[must_use]
    pub fn policy_text(&self) -> String {
        let from_file = || self.policy_file.as_ref().map(|file| read(&root().join(file)));
        let text = self.policy.clone().map(String::into_bytes).or_else(from_file);
        String::from_utf8(text.unwrap_or_default()).unwrap_or_default()
    }

    /// The plan's text.
    #[must_use]
    pub fn plan_text(&self) -> String {
        let from_file = || self.plan_file.as_ref().map(|file| read(&root().join(file)));
        let text = self.plan.clone().map(String::into_bytes).or_else(from_file);
        String::from_utf8(text.unwrap_or_default()).unwrap_or_default()
    }

    /// Where the exact bytes of the answer are.
    #[must_use]
    pub fn answer_file(&self) -> PathBuf {
        let ending = if self.ask == Ask::Prometheus && !self.fails { "yml" } else { "json" };
        root().join("corpus/answers").join(format!("{}.{ending}", self.name))
    }

    /// The exact bytes of the answer.
    #[must_use]
    pub fn answer(&self) -> String {
        String::from_utf8(read(&self.answer_file())).unwrap_or_default()
    }

    /// What Rust answers: the document, or the error as one.
    ///
    /// # Errors
    /// The error of the library, for a case that fails.
    pub fn ask_rust(&self) -> Result<String, Error> {
        if self.ask == Ask::ExplainPlan {
            return Ok(Plan::from_json(&self.plan_text())?.explain(&self.id).to_json());
        }
        let text = self.policy_text();
        let syntax = if self.policy_is_json { Syntax::Json } else { Syntax::Toml };
        let mut policy = Policy::parse(&text, syntax)?;
        if self.ask == Ask::Validate {
            return Ok(policy.to_json());
        }
        if self.ask == Ask::Health {
            return self.ask_health(&policy);
        }
        if self.ask == Ask::Schedule {
            return self.ask_schedule(policy.schedule(&self.rule)?);
        }
        if self.ask == Ask::Fleet {
            let (rules, now) = (policy.health()?, self.now.as_deref().unwrap_or_default());
            let (now, table) = (Instant::parse(now)?, self.table(rules.fleet_needs())?);
            return Ok(rules.screen_fleet(&table, now, &Control::new())?.to_json());
        }
        if self.ask == Ask::Require {
            let report = self.report.as_deref().map(str::as_bytes);
            let now = Instant::parse(self.now.as_deref().unwrap_or_default())?;
            return policy.health()?.require(report, now).map(|()| String::new());
        }
        if self.ask == Ask::Prometheus {
            let rules = policy.health()?;
            return Ok(rules.to_prometheus() + &rules.to_prometheus_tests(RULES_FILE));
        }
        if self.ask == Ask::Statements {
            let now = Instant::parse(self.now.as_deref().unwrap_or_default())?;
            return Ok(self.changed(&policy)?.statements(&self.rule, now, None)?.to_json());
        }
        if self.ask != Ask::Compare {
            policy = self.changed(&policy)?;
        }
        let rule = policy.rule(&self.rule)?;
        if matches!(self.ask, Ask::Sweep | Ask::Compare) {
            policy.dedupe(&self.rule)?;
        }
        let now = Instant::parse(self.now.as_deref().unwrap_or_default())?;
        let table = self.table(rule.needs())?;
        let control = Control::new();
        Ok(match self.ask {
            Ask::Validate
            | Ask::ExplainPlan
            | Ask::Fleet
            | Ask::Health
            | Ask::Require
            | Ask::Schedule
            | Ask::Statements
            | Ask::Prometheus => String::new(),
            Ask::Plan => {
                let detail = if self.decisions { Detail::Decisions } else { Detail::Drops };
                rule.plan(&table, now, self.source(), detail, &control)?.to_json()
            }
            Ask::Explain => rule.explain(&table, &self.id, now)?.to_json(),
            Ask::Sweep => {
                let windows: Result<Vec<Duration>, Error> =
                    self.windows.iter().map(|window| window.parse()).collect();
                let rule = policy.dedupe(&self.rule)?;
                rule.sweep(&table, &windows?, now, self.source(), &control)?.to_json()
            }
            Ask::Compare => {
                let changed = self.changed(&policy)?;
                let (rule, other) = (policy.dedupe(&self.rule)?, changed.dedupe(&self.rule)?);
                rule.compare(other, &table, now, self.source(), &control)?.to_json()
            }
        })
    }

    /// What is remembered goes through JSON between two steps, as it does in a service.
    fn ask_health(&self, policy: &Policy) -> Result<String, Error> {
        let rules = policy.health()?;
        let mut answers = String::new();
        let mut memory = self.state.clone();
        for step in &self.steps {
            let state = match &memory {
                Some(text) => State::from_json(text.as_bytes())?,
                None => State::new(),
            };
            let now = Instant::parse(&step.now)?;
            let state = step.said(rules, state, now)?;
            let snapshot = Snapshot::from_json(step.metrics.as_bytes())?;
            let (report, state) = rules.evaluate(&snapshot, state, now);
            answers.push_str(&report.to_json());
            memory = Some(state.to_json());
        }
        Ok(answers + &memory.unwrap_or_default())
    }

    /// What is remembered goes through JSON between two calls, as it does in a service.
    fn ask_schedule(&self, rule: &ScheduleRule) -> Result<String, Error> {
        let mut answers = String::new();
        let mut memory = self.state.clone();
        for call in &self.calls {
            let read = |text: &String| schedule::State::from_json(text.as_bytes());
            let mut state = memory.as_ref().map(read).transpose()?;
            answers.push_str(&call.ask(rule, &mut state)?);
            memory = state.map(|state| state.to_json());
        }
        Ok(answers + &memory.unwrap_or_default())
    }

    /// The policy with the case's settings.
    fn changed(&self, policy: &Policy) -> Result<Policy, Error> {
        let set = |policy: Policy, setting: &String| policy.with(&self.rule, setting);
        self.with.iter().try_fold(policy.clone(), set)
    }

    fn table(&self, needs: &[Need]) -> Result<Table, Error> {
        let (_, bytes) = self.input_file();
        let format = self.input.as_ref().map(|input| input.format.as_str()).unwrap_or_default();
        Format::of_extension(format)?.read(needs, BufReader::new(bytes.as_slice()))
    }

    /// The name and the bytes of the rows, as a host that reads files would find them.
    #[must_use]
    pub fn input_file(&self) -> (String, Vec<u8>) {
        let Some(input) = &self.input else { return (String::new(), Vec::new()) };
        if let Some(file) = &input.file {
            let name = Path::new(file).file_name().map(|name| name.to_string_lossy().into_owned());
            return (name.unwrap_or_default(), read(&root().join(file)));
        }
        let bytes = match (&input.text, &input.hex) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Some(hex)) => bytes_of(hex),
            (None, None) => Vec::new(),
        };
        (format!("input.{}", input.format), bytes)
    }

    /// The source that a plan of these rows names.
    #[must_use]
    pub fn source(&self) -> Source {
        let (name, bytes) = self.input_file();
        if name.is_empty() { Source::new() } else { [(name, sha256(&bytes))].into() }
    }
}

/// The digest of a file, as a plan's source gives it.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(bytes);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

#[expect(clippy::panic, reason = "a corpus that cannot be read fails every test")]
fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
