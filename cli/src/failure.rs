//! How an error is shown: a sentence, with the place in the policy where it has one, or the JSON
//! error object.

use std::io::{self, Write};
use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use clap::CommandFactory;
use clap::error::ErrorKind;
use housekeep::{Code, Error, Position};

use crate::args::{Args, OutputFormat};
use crate::exit::Exit;
use crate::output;
use crate::text::plain;

/// A line of a policy that is longer is not shown.
const SHOWN_LINE_BYTES: usize = 2000;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// An error of core's, or one that reads like it.
    Error(Box<Refusal>),
    /// What is asked for cannot be asked like that.
    Usage(clap::Error),
}

/// An error, and the document it is about.
#[derive(Debug)]
pub(crate) struct Refusal {
    error: Error,
    /// The document's name.
    about: Option<String>,
    /// The document's text, for a policy.
    text: Option<String>,
    /// How the program ends.
    exit: Exit,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = Exit::of(&error);
        Failure::Error(Box::new(Refusal { error, about: None, text: None, exit }))
    }
}

impl Failure {
    /// An error in a document of this name.
    pub(crate) fn about(name: &str, error: Error) -> Self {
        let (about, exit) = (Some(name.to_owned()), Exit::of(&error));
        Failure::Error(Box::new(Refusal { error, about, text: None, exit }))
    }

    /// An error in a document of this name and text.
    pub(crate) fn within(name: &str, text: &str, error: Error) -> Self {
        let (about, text, exit) = (Some(name.to_owned()), Some(text.to_owned()), Exit::of(&error));
        Failure::Error(Box::new(Refusal { error, about, text, exit }))
    }

    /// The same, where a command ends in its own way. Wrong usage ends as everywhere.
    pub(crate) fn ending(self, exit: Exit) -> Self {
        match self {
            Failure::Error(refusal) => Failure::Error(Box::new(Refusal { exit, ..*refusal })),
            usage => usage,
        }
    }

    /// A mistake on the command line that only the command itself can find.
    pub(crate) fn usage(command: &str, kind: ErrorKind, message: &str) -> Self {
        let mut all = Args::command();
        all.build();
        let own = all.find_subcommand_mut(command).map(|own| own.error(kind, message));
        Failure::Usage(own.unwrap_or_else(|| Args::command().error(kind, message)))
    }

    /// Shows it on stderr. That stderr is closed is no reason to fail once more.
    pub(crate) fn report(&self, format: OutputFormat) -> Exit {
        match self {
            Failure::Usage(error) => usage(error),
            Failure::Error(refusal) => {
                let shown = match format {
                    OutputFormat::Json => refusal.error.to_json(),
                    _ => refusal.to_text(),
                };
                if format == OutputFormat::Nagios {
                    // It looks at the first line on stdout, and nowhere else.
                    let line = refusal.error.to_nagios();
                    output::raw(|out| out.write_all(line.as_bytes())).ok();
                }
                anstream::stderr().lock().write_all(shown.as_bytes()).ok();
                refusal.exit
            }
        }
    }
}

/// Shows what clap has to say: help on stdout, a mistake on stderr.
pub(crate) fn usage(error: &clap::Error) -> Exit {
    error.print().ok();
    if error.use_stderr() { Exit::Usage } else { Exit::Done }
}

impl Refusal {
    fn to_text(&self) -> String {
        let sentence = sentence(&self.error);
        let title = Level::ERROR.primary_title(&sentence);
        let position = self.error.position();
        let line = position.zip(self.text.as_deref()).and_then(|(at, text)| Line::of(text, at));
        let group = match (&self.about, position) {
            (None, _) => Group::with_title(title),
            (Some(name), Some(at)) => match &line {
                Some(line) => title.element(line.snippet(name)),
                None => title.element(
                    Origin::path(name).line(at.line as usize).char_column(at.column as usize),
                ),
            },
            (Some(name), None) => title.element(Origin::path(name)),
        };
        let mut shown = Renderer::styled().render(&[group]);
        shown.push('\n');
        if let Some(help) = self.error.help() {
            let help = Level::HELP.primary_title(help);
            shown.push_str(&Renderer::styled().render(&[Group::with_title(help)]));
            shown.push('\n');
        }
        shown
    }
}

/// What went wrong and where, without what to do.
fn sentence(error: &Error) -> String {
    let whole = error.to_string();
    let help = error.help().map(|help| format!("; {help}"));
    let sentence = help.as_deref().and_then(|help| whole.strip_suffix(help)).unwrap_or(&whole);
    plain(sentence).into_owned()
}

/// The line of a policy that an error is about.
struct Line<'a> {
    number: usize,
    text: &'a str,
    /// Bytes of the line.
    span: (usize, usize),
}

impl<'a> Line<'a> {
    fn of(text: &'a str, at: Position) -> Option<Self> {
        let (first, last) = at.span;
        let start = text.get(..first)?.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text.get(start..)?.lines().next().unwrap_or_default();
        let span = (first - start, last.saturating_sub(start).min(line.len()));
        let is_shown = line.len() <= SHOWN_LINE_BYTES;
        is_shown.then_some(Line { number: at.line as usize, text: line, span })
    }

    fn snippet(&self, name: &'a str) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let (first, last) = self.span;
        Snippet::source(self.text)
            .line_start(self.number)
            .path(name)
            .annotation(AnnotationKind::Primary.span(first..last.max(first)))
    }
}

/// A file or stream that cannot be read.
pub(crate) fn cannot_read(name: &str, error: &io::Error) -> Error {
    let help = match error.kind() {
        io::ErrorKind::NotFound => "check the name",
        io::ErrorKind::IsADirectory => "name a file",
        io::ErrorKind::PermissionDenied => "ask for the right to read it",
        io::ErrorKind::InvalidData => "write it as UTF-8",
        _ => "check the file or the program that makes it",
    };
    let message = format!("cannot read `{}`: {}", plain(name), reason(error));
    Error::host(Code::IoRead, message, Some(help.into()))
}

/// A file or stream that cannot be written.
pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Error {
    let help = match error.kind() {
        io::ErrorKind::NotFound => "make its folder first",
        io::ErrorKind::IsADirectory => "name a file",
        io::ErrorKind::PermissionDenied => "ask for the right to write there",
        io::ErrorKind::StorageFull => "make room, and run it again",
        _ => "check the place it is written to",
    };
    let name = path.display().to_string();
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "there is no such folder".into(),
        _ => reason(error),
    };
    let message = format!("cannot write `{}`: {reason}", plain(&name));
    Error::host(Code::IoWrite, message, Some(help.into()))
}

/// What the system says, in words of ours where there are some.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".into(),
        io::ErrorKind::IsADirectory => "it is a directory".into(),
        io::ErrorKind::NotADirectory => "it is no folder".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::InvalidData => "it is not UTF-8".into(),
        io::ErrorKind::StorageFull => "no space is left".into(),
        _ => {
            let text = error.to_string();
            let end = text.rfind(" (os error ").unwrap_or(text.len());
            text.get(..end).unwrap_or_default().to_lowercase()
        }
    }
}
