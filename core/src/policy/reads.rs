//! What a rule reads of each row: each column once, however many parts it plays.

use std::collections::BTreeMap;

use thiserror::Error;

use super::document::Conditions;
use crate::columns::{Need, TimeFormat, Type};
use crate::condition::Test;
use crate::error::{Code, Error, Leaf, quoted};
use crate::suggest;

/// What cannot be read, or not as the rule says.
#[derive(Debug, Error)]
enum BadRead {
    #[error("the rule reads no column {}", quoted(.name))]
    UnknownColumn { name: String, known: Vec<String> },
    #[error("the {part} is {} here, and {what}", .ty.described())]
    Type { part: &'static str, ty: Type, what: &'static str },
    #[error("the {0} is a list of text here, and rows are told apart by single values")]
    List(&'static str),
}

impl Leaf for BadRead {
    fn code(&self) -> Code {
        match self {
            BadRead::UnknownColumn { .. } => Code::PolicyUnknownField,
            BadRead::Type { .. } | BadRead::List(_) => Code::PolicyConflict,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            BadRead::UnknownColumn { name, known } => {
                suggest::help(name, known.iter().map(String::as_str))
            }
            BadRead::Type { part: "time", .. } => {
                Some("leave it out; for integers say `time_unit`".into())
            }
            BadRead::Type { .. } => Some("leave it out".into()),
            BadRead::List(_) => Some("name a column that holds one value a row".into()),
        }
    }
}

/// The columns that a rule reads, and the types that it says they have.
pub(super) struct Reads<'a> {
    needs: Vec<Need>,
    time: TimeFormat,
    types: &'a BTreeMap<String, Type>,
    base: &'a str,
    /// Columns that tell rows apart, each with its part.
    single: Vec<(String, &'static str)>,
}

impl<'a> Reads<'a> {
    /// Of the rule at the path `base`, which reads its times in this way and says these types.
    pub(super) fn new(base: &'a str, time: TimeFormat, types: &'a BTreeMap<String, Type>) -> Self {
        Self { needs: Vec::new(), time, types, base, single: Vec::new() }
    }

    /// A column that is read.
    fn column(&mut self, name: &str) {
        if !self.needs.iter().any(|need| need.name == name) {
            self.needs.push(Need {
                name: name.to_owned(),
                ty: self.types.get(name).copied(),
                time: self.time,
                required: false,
                optional: false,
            });
        }
    }

    /// The columns of the id, which every row has to have.
    pub(super) fn id(&mut self, names: &[String]) -> Result<(), Error> {
        names.iter().try_for_each(|name| self.single(name, "id"))?;
        self.needs
            .iter_mut()
            .filter(|need| names.contains(&need.name))
            .for_each(|need| need.required = true);
        Ok(())
    }

    /// A column that puts rows together, or tells them apart.
    pub(super) fn single(&mut self, name: &str, part: &'static str) -> Result<(), Error> {
        self.column(name);
        self.single.push((name.to_owned(), part));
        self.check_single(name, || format!("{}.types.{name}", self.base))
    }

    fn check_single(&self, name: &str, path: impl Fn() -> String) -> Result<(), Error> {
        let is_list = |need: &Need| need.name == name && need.ty == Some(Type::List);
        match self.single.iter().find(|(single, _)| single == name) {
            Some((_, part)) if self.needs.iter().any(is_list) => {
                Err(Error::from(BadRead::List(part)).at_path(path()))
            }
            _ => Ok(()),
        }
    }

    /// The column of the time.
    pub(super) fn time(&mut self, name: &str) -> Result<(), Error> {
        self.typed(name, Type::Instant, "time", "a time is an instant")
    }

    /// The column of the size.
    pub(super) fn size(&mut self, name: &str) -> Result<(), Error> {
        self.typed(name, Type::Integer, "size", "a size is a whole number of bytes")
    }

    fn typed(
        &mut self,
        name: &str,
        ty: Type,
        part: &'static str,
        what: &'static str,
    ) -> Result<(), Error> {
        self.column(name);
        for need in self.needs.iter_mut().filter(|need| need.name == name) {
            if let Some(other) = need.ty.filter(|other| *other != ty) {
                let error = BadRead::Type { part, ty: other, what };
                return Err(Error::from(error).at_path(format!("{}.types.{name}", self.base)));
            }
            need.ty = Some(ty);
        }
        Ok(())
    }

    /// Conditions at a path, with their values in the types of their columns. A column has the type
    /// that `types` or the first condition on it asks for.
    pub(super) fn conditions(
        &mut self,
        given: &Conditions,
        path: &str,
    ) -> Result<Vec<(String, Test)>, Error> {
        let mut checked = Vec::with_capacity(given.len());
        for (name, test) in given {
            self.column(name);
            let path = || format!("{path}.{name}");
            let asked = test.ty().map_err(|bad| Error::from(bad).at_path(path()))?;
            let need = self.needs.iter_mut().find(|need| need.name == *name);
            let ty = need.and_then(|need| {
                need.ty = need.ty.or(asked);
                need.ty
            });
            self.check_single(name, path)?;
            let test = test.check(ty).map_err(|bad| Error::from(bad).at_path(path()))?;
            checked.push((name.clone(), test));
        }
        Ok(checked)
    }

    /// All that is read.
    pub(super) fn finish(self) -> Result<Vec<Need>, Error> {
        let is_read = |name: &&String| self.needs.iter().any(|need| need.name == **name);
        if let Some(name) = self.types.keys().find(|name| !is_read(name)) {
            let known = self.needs.iter().map(|need| need.name.clone()).collect();
            let error = Error::from(BadRead::UnknownColumn { name: name.clone(), known });
            return Err(error.at_path(format!("{}.types.{name}", self.base)));
        }
        Ok(self.needs)
    }
}
