//! Where a database is, and the connection to it.

use std::env;
use std::error::Error as _;
use std::io;
use std::time::Duration;

use clap::error::ErrorKind;
use housekeep::{Code, Error};
use postgres::config::{Config, Host, SslMode};
use postgres::error::SqlState;
use postgres::{Client, NoTls};

use super::tls::{self, Trust};
use crate::failure::Failure;
use crate::text::plain;

/// The variable that names a database where no URL is given.
const VARIABLE: &str = "DATABASE_URL";
/// How long a server may take to answer the first time.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a database is. Its password is never shown.
#[derive(Clone)]
pub(crate) struct Address {
    config: Config,
    trust: Option<Trust>,
}

/// A connection.
pub(crate) struct Database {
    address: Address,
    pub(super) client: Client,
}

impl Address {
    /// Of a URL, or else of that which the environment names.
    pub(crate) fn find(command: &str, given: Option<&str>) -> Result<Self, Failure> {
        let found = match given {
            Some(url) => Some(url.to_owned()),
            None => env::var(VARIABLE).ok().filter(|url| !url.is_empty()),
        };
        let Some(url) = found else {
            let message = "say which database: set DATABASE_URL, or give --database URL, such as \
                           postgres://user@host/name";
            return Err(Failure::usage(command, ErrorKind::MissingRequiredArgument, message));
        };
        Ok(Self::read(&url)?)
    }

    /// Whether the environment names one.
    pub(crate) fn is_in_environment() -> bool {
        env::var_os(VARIABLE).is_some_and(|url| !url.is_empty())
    }

    fn read(url: &str) -> Result<Self, Error> {
        let (url, settings) = tls::split(url);
        // What is wrong with it may be its password, so that it is not shown.
        let mut config: Config = url.parse().map_err(|error: postgres::Error| {
            let why = error.source().map(ToString::to_string).unwrap_or_default();
            bad_address(&format!("the database URL cannot be read: {why}"))
        })?;
        if config.get_hosts().is_empty() {
            return Err(bad_address("the database URL names no host"));
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        if config.get_application_name().is_none() {
            config.application_name("housekeep");
        }
        let (mode, trust) = tls::meant(&settings)?;
        config.ssl_mode(mode);
        Ok(Self { config, trust })
    }

    /// Host and port, for people.
    fn place(&self) -> String {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            #[cfg(unix)]
            Some(Host::Unix(path)) => path.display().to_string(),
            None => String::new(),
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        format!("{}:{port}", plain(&host))
    }

    fn connect(&self) -> Result<Client, Error> {
        let connected = match &self.trust {
            Some(trust) if self.config.get_ssl_mode() != SslMode::Disable => {
                self.config.connect(trust.connector()?)
            }
            _ => self.config.connect(NoTls),
        };
        connected.map_err(|error| self.cannot_connect(&error))
    }

    /// Why there is no connection, in a sentence that says what to do.
    fn cannot_connect(&self, error: &postgres::Error) -> Error {
        let place = self.place();
        let user = plain(self.config.get_user().unwrap_or_default()).into_owned();
        let name = plain(self.config.get_dbname().unwrap_or(&user)).into_owned();
        let (message, help) = match error.code() {
            Some(code) if *code == SqlState::INVALID_PASSWORD => (
                format!("the server at {place} does not take the password of `{user}`"),
                "check user and password in the URL; %, @, : and / in them are written as %25, %40, %3A, %2F",
            ),
            Some(code) if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => (
                format!("the server at {place} does not let `{user}` in: {}", reason(error)),
                "check the user in the URL, `sslmode`, and the server's pg_hba.conf",
            ),
            Some(code) if *code == SqlState::INVALID_CATALOG_NAME => (
                format!("the server at {place} has no database `{name}`"),
                "check the name at the end of the URL",
            ),
            Some(code) if *code == SqlState::TOO_MANY_CONNECTIONS => (
                format!("the server at {place} takes no more connections"),
                "try again later, or end some",
            ),
            Some(_) => (
                format!("the server at {place} refuses the connection: {}", reason(error)),
                "try again when it is ready",
            ),
            None if self.config.get_password().is_none() && is_about_password(error) => (
                format!("the server at {place} asks `{user}` for a password"),
                "write it into the URL, as in postgres://user:password@host/name",
            ),
            None => (
                format!("the server at {place} cannot be reached: {}", reason(error)),
                "check host and port in the URL, that the server is up, and `sslmode`",
            ),
        };
        Error::host(Code::ApplyConnection, message, Some(help.into()))
    }
}

impl Database {
    pub(crate) fn connect(address: Address) -> Result<Self, Error> {
        let client = address.connect()?;
        Ok(Self { address, client })
    }

    /// Another connection to it.
    pub(super) fn another(&self) -> Result<Self, Error> {
        Self::connect(self.address.clone())
    }

    /// In the place of a connection that is lost.
    pub(super) fn reconnect(&mut self) -> Result<(), Error> {
        self.client = self.address.connect()?;
        Ok(())
    }
}

fn is_about_password(error: &postgres::Error) -> bool {
    reason(error).contains("password")
}

fn bad_address(message: &str) -> Error {
    let help = "write it as postgres://user:password@host:port/name?sslmode=require";
    Error::host(Code::ApplyConnection, message, Some(help.into()))
}

/// What the server or the system says, without what the driver says before it.
pub(super) fn reason(error: &postgres::Error) -> String {
    if let Some(said) = error.as_db_error() {
        return plain(said.message()).into_owned();
    }
    let Some(source) = error.source() else { return error.to_string() };
    let text = match source.downcast_ref::<io::Error>() {
        // What TLS says stands within.
        Some(system) => {
            system.get_ref().map_or_else(|| crate::failure::reason(system), ToString::to_string)
        }
        None => source.to_string(),
    };
    plain(&text).into_owned()
}
