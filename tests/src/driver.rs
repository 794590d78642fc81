//! A driver for tests: it carries out the steps of a machine over a real connection, keeps files in memory,
//! and lets a test look at each step, do something meanwhile, or say what came of it.

use std::collections::BTreeMap;
use std::thread;

use housekeep::Error;
use housekeep::apply::{Machine, Outcome, Param, Step};
use postgres::types::ToSql;
use postgres::{Client, NoTls};

/// Files by their names.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A connection, and the files of an export.
pub struct Driver {
    url: String,
    client: Client,
    /// What is read: an export.
    pub files: Files,
    /// What was written.
    pub written: Files,
    read: BTreeMap<String, usize>,
    /// Each step that was taken, in a word, and statements as they are.
    pub log: Vec<String>,
}

impl Driver {
    /// To the database of a URL.
    ///
    /// # Panics
    /// If the server refuses.
    #[must_use]
    #[expect(clippy::expect_used, reason = "without a connection every test of it fails")]
    pub fn new(url: &str) -> Self {
        let client = Client::connect(url, NoTls).expect("a connection");
        let (files, written) = (Files::new(), Files::new());
        let (url, read, log) = (url.to_owned(), BTreeMap::new(), Vec::new());
        Self { url, client, files, written, read, log }
    }

    /// Drops the connection, and makes another.
    ///
    /// # Panics
    /// If the server refuses.
    #[expect(clippy::expect_used, reason = "without a connection every test of it fails")]
    pub fn reconnect(&mut self) {
        self.client = Client::connect(&self.url, NoTls).expect("a connection");
    }

    /// Carries out every step.
    ///
    /// # Errors
    /// What the machine stops for.
    pub fn run<T>(&mut self, machine: Machine<T>) -> Result<T, Error> {
        self.run_with(machine, |_, _| None)
    }

    /// The same; before each step `before` is given its number, from 0, and what it is. It may say what
    /// comes of it, and then it is not carried out.
    ///
    /// # Errors
    /// What the machine stops for.
    pub fn run_with<T>(
        &mut self,
        mut machine: Machine<T>,
        mut before: impl FnMut(usize, &Step) -> Option<Outcome>,
    ) -> Result<T, Error> {
        self.log.clear();
        self.read.clear();
        self.written.clear();
        self.each(&mut machine, &mut 0, &mut before);
        machine.finish()
    }

    /// Machines that are to be carried out together go one after the other.
    fn each<T>(
        &mut self,
        machine: &mut Machine<T>,
        number: &mut usize,
        before: &mut impl FnMut(usize, &Step) -> Option<Outcome>,
    ) {
        while let Some(step) = machine.next_step() {
            self.log.push(word(&step));
            let said = before(*number, &step);
            *number += 1;
            let outcome = match (said, step) {
                (Some(said), _) => said,
                // One after the other, so that each step of them is seen.
                (None, Step::Together(machines)) => {
                    for mut machine in machines {
                        self.each(&mut machine, number, before);
                    }
                    Outcome::Done
                }
                (None, step) => self.carry_out(step),
            };
            machine.feed(outcome);
        }
    }

    /// The same, with machines that are to be carried out together in threads, each over a connection of its own.
    ///
    /// # Errors
    /// What the machine stops for.
    pub fn run_side_by_side<T>(&mut self, mut machine: Machine<T>) -> Result<T, Error> {
        self.written.clear();
        while let Some(step) = machine.next_step() {
            let outcome = match step {
                Step::Together(machines) => self.together(machines),
                step => self.carry_out(step),
            };
            machine.feed(outcome);
        }
        machine.finish()
    }

    fn together(&mut self, machines: Vec<Machine<()>>) -> Outcome {
        let url = &self.url;
        let written = thread::scope(|scope| {
            let lanes = machines.into_iter().map(|machine| {
                scope.spawn(move || {
                    let mut own = Driver::new(url);
                    let ended = own.run(machine);
                    ended.map(|()| own.written)
                })
            });
            let lanes: Vec<_> = lanes.collect();
            lanes.into_iter().filter_map(|lane| lane.join().ok()?.ok()).collect::<Vec<_>>()
        });
        self.written.extend(written.into_iter().flatten());
        Outcome::Done
    }

    /// The same, where each commit is carried out and its answer lost with the connection.
    ///
    /// # Errors
    /// What the machine stops for.
    pub fn run_losing_commits<T>(&mut self, mut machine: Machine<T>) -> Result<T, Error> {
        self.written.clear();
        while let Some(step) = machine.next_step() {
            let is_commit = matches!(step, Step::Commit(_));
            let outcome = self.carry_out(step);
            machine.feed(if is_commit { Outcome::Lost("cut".into()) } else { outcome });
        }
        machine.finish()
    }

    /// Carries out a step.
    pub fn carry_out(&mut self, step: Step) -> Outcome {
        match step {
            Step::Begin(isolation) => self.execute(isolation.begin()),
            Step::Commit(_) => self.execute("COMMIT"),
            Step::Rollback => self.execute("ROLLBACK"),
            Step::Exec(statement) => self.query(&statement.sql, &statement.params),
            Step::Persist(file) => {
                self.written.entry(file.name).or_default().extend(file.bytes);
                Outcome::Done
            }
            Step::Read(name) => Outcome::Bytes(self.read(&name)),
            Step::Confirm(question) => Outcome::Answer(question.expected.into()),
            Step::Sleep(_) => Outcome::Done,
            Step::Together(machines) => {
                for mut machine in machines {
                    self.each(&mut machine, &mut 0, &mut |_, _| None);
                }
                Outcome::Done
            }
            Step::Reconnect => match Client::connect(&self.url, NoTls) {
                Ok(client) => {
                    self.client = client;
                    Outcome::Done
                }
                Err(error) => Outcome::Lost(error.to_string()),
            },
        }
    }

    fn read(&mut self, name: &str) -> Vec<u8> {
        let whole = self.files.get(name).cloned().unwrap_or_default();
        let start = self.read.entry(name.to_owned()).or_default();
        // In pieces that cut lines, as files are read.
        let end = whole.len().min(*start + 1000);
        let piece = whole.get(*start..end).unwrap_or_default().to_vec();
        *start = if piece.is_empty() { 0 } else { end };
        piece
    }

    fn execute(&mut self, sql: &str) -> Outcome {
        match self.client.batch_execute(sql) {
            Ok(()) => Outcome::Done,
            Err(error) => refused(&error),
        }
    }

    fn query(&mut self, sql: &str, params: &[Param]) -> Outcome {
        let params: Vec<&(dyn ToSql + Sync)> = params
            .iter()
            .map(|param| match param {
                Param::Text(text) => text as &(dyn ToSql + Sync),
                Param::Texts(texts) => texts,
            })
            .collect();
        match self.client.query(sql, &params) {
            Ok(rows) => {
                let texts = rows
                    .iter()
                    .map(|row| (0..row.len()).map(|place| row.get::<_, Option<&str>>(place)));
                Outcome::Rows(texts.collect())
            }
            Err(error) => refused(&error),
        }
    }
}

fn refused(error: &postgres::Error) -> Outcome {
    match error.as_db_error() {
        Some(said) if !error.is_closed() => Outcome::Refused {
            sqlstate: said.code().code().to_owned(),
            message: said.message().to_owned(),
        },
        _ => Outcome::Lost(error.to_string()),
    }
}

/// A step in a word.
fn word(step: &Step) -> String {
    match step {
        Step::Begin(_) => "begin".into(),
        Step::Exec(statement) => statement.sql.clone(),
        Step::Persist(file) => format!("persist {}", file.name),
        Step::Read(name) => format!("read {name}"),
        Step::Confirm(_) => "confirm".into(),
        Step::Commit(_) => "commit".into(),
        Step::Rollback => "rollback".into(),
        Step::Reconnect => "reconnect".into(),
        Step::Sleep(_) => "sleep".into(),
        Step::Together(_) => "together".into(),
    }
}
