//! Carries out what a machine of core's decides, step by step.

use std::iter;
use std::thread;
use std::time::Duration;

use housekeep::Code;
use housekeep::apply::{Machine, Outcome, Param, Question, Rows, Statement, Step};
use postgres::types::ToSql;

use super::connect::{Database, reason};
use super::folder::Folder;
use crate::failure::Failure;
use crate::progress::Meter;

/// What a machine is carried out with.
pub(crate) struct Hands<'a> {
    pub(crate) database: &'a mut Database,
    pub(crate) folder: &'a mut Folder,
    /// Asks a person, and gives what was typed.
    pub(crate) confirm: &'a mut dyn FnMut(&Question) -> Result<String, Failure>,
    pub(crate) meter: &'a Meter,
}

/// The same for what asks nobody.
pub(crate) fn carry_out_unasked<T>(
    machine: Machine<T>,
    database: &mut Database,
    folder: &mut Folder,
    meter: &Meter,
) -> Result<T, Failure> {
    let confirm = &mut |_: &Question| Ok(String::new());
    carry_out(machine, &mut Hands { database, folder, confirm, meter })
}

/// Does each step until there is none, and gives the answer.
pub(crate) fn carry_out<T>(mut machine: Machine<T>, hands: &mut Hands<'_>) -> Result<T, Failure> {
    while let Some(step) = machine.next_step() {
        let outcome = hands.carry_out(step)?;
        machine.feed(outcome);
        let (done, of) = machine.progress();
        hands.meter.at(done, (of > 0).then_some(of));
    }
    Ok(machine.finish()?)
}

impl Hands<'_> {
    fn carry_out(&mut self, step: Step) -> Result<Outcome, Failure> {
        Ok(match step {
            Step::Begin(isolation) => self.run(isolation.begin()),
            Step::Exec(statement) => self.exec(&statement),
            Step::Commit(_) => self.run("COMMIT"),
            Step::Rollback => self.run("ROLLBACK"),
            Step::Reconnect => match self.database.reconnect() {
                Ok(()) => Outcome::Done,
                Err(error) => Outcome::Lost(error.message().to_owned()),
            },
            Step::Persist(file) => done(self.folder.write(&file)),
            Step::Read(name) => match self.folder.read(&name) {
                Ok(bytes) => Outcome::Bytes(bytes),
                Err(error) => Outcome::Failed(error),
            },
            Step::Sleep(time) => {
                thread::sleep(Duration::from_micros(time.as_micros().unsigned_abs()));
                Outcome::Done
            }
            Step::Confirm(question) => Outcome::Answer((self.confirm)(&question)?),
            Step::Together(machines) => done(self.together(machines)),
        })
    }

    /// Each in a thread: the first over the connection that there is, and the others over their own.
    fn together(&mut self, machines: Vec<Machine<()>>) -> Result<(), housekeep::Error> {
        let others = machines.iter().skip(1).map(|_| self.database.another());
        let mut others = others.collect::<Result<Vec<_>, _>>()?;
        let databases = iter::once(&mut *self.database).chain(&mut others);
        thread::scope(|scope| {
            for (machine, database) in machines.into_iter().zip(databases) {
                let (mut folder, meter) = (self.folder.beside(), self.meter);
                // What a lane fails for, the machine knows that it is a part of.
                scope.spawn(move || carry_out_unasked(machine, database, &mut folder, meter).ok());
            }
        });
        Ok(())
    }

    fn run(&mut self, sql: &str) -> Outcome {
        match self.database.client.batch_execute(sql) {
            Ok(()) => Outcome::Done,
            Err(error) => refused(&error),
        }
    }

    fn exec(&mut self, statement: &Statement) -> Outcome {
        let params: Vec<&(dyn ToSql + Sync)> = statement
            .params
            .iter()
            .map(|param| match param {
                Param::Text(text) => text as &(dyn ToSql + Sync),
                Param::Texts(texts) => texts,
            })
            .collect();
        match self.database.client.query(&statement.sql, &params) {
            Ok(rows) => match texts(&rows) {
                Ok(rows) => Outcome::Rows(rows),
                Err(bad) => Outcome::Failed(not_a_text(&bad)),
            },
            Err(error) => refused(&error),
        }
    }
}

/// Rows of which every column is a text or null.
fn texts(rows: &[postgres::Row]) -> Result<Rows, postgres::Error> {
    let mut all = Rows::new();
    let mut texts: Vec<Option<&str>> = Vec::new();
    for row in rows {
        texts.clear();
        for place in 0..row.len() {
            texts.push(row.try_get(place)?);
        }
        all.push(texts.iter().copied());
    }
    Ok(all)
}

fn not_a_text(error: &postgres::Error) -> housekeep::Error {
    let message = format!("the database gives what is no text: {}", reason(error));
    housekeep::Error::host(Code::ApplyDriver, message, None)
}

fn done(result: Result<(), housekeep::Error>) -> Outcome {
    result.map_or_else(Outcome::Failed, |()| Outcome::Done)
}

/// A connection that is closed cannot be told from one that the server closes as it goes.
fn refused(error: &postgres::Error) -> Outcome {
    match error.as_db_error() {
        Some(said) if !error.is_closed() && !said.code().code().starts_with("57P") => {
            let detail = said.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
            Outcome::Refused {
                sqlstate: said.code().code().to_owned(),
                message: format!("{}{detail}", said.message()),
            }
        }
        _ => Outcome::Lost(reason(error)),
    }
}
