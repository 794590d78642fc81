//! Databases of the tests' own, on the PostgreSQL servers that `tests/postgres.sh` starts.

use std::env;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use postgres::{Client, NoTls};

/// The variables that name servers, by URLs of roles that may do everything.
const SERVERS: [&str; 2] = ["HOUSEKEEP_TEST_DATABASE_URL", "HOUSEKEEP_TEST_OTHER_DATABASE_URL"];

/// The servers there are.
///
/// # Panics
/// If there is none: a test that skips itself proves nothing.
#[must_use]
pub fn servers() -> Vec<String> {
    let found: Vec<String> = SERVERS.iter().filter_map(|name| env::var(name).ok()).collect();
    assert!(!found.is_empty(), "this needs a server: run `tests/postgres.sh cargo test`");
    found
}

/// A database that is gone when this is dropped.
#[derive(Debug)]
pub struct Database {
    server: String,
    name: String,
}

impl Database {
    /// An empty one, on a server that a URL names.
    ///
    /// # Panics
    /// If the server does not make it.
    #[must_use]
    #[expect(clippy::expect_used, reason = "without a database every test of it fails")]
    pub fn new(server: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("housekeep_test_{}_{count}", process::id());
        connect(server).batch_execute(&format!("CREATE DATABASE {name}")).expect("a database");
        Self { server: server.to_owned(), name }
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        let (start, _) = self.server.rsplit_once('/').unwrap_or((&self.server, ""));
        format!("{start}/{}", self.name)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A connection to it.
    ///
    /// # Panics
    /// If the server refuses.
    #[must_use]
    pub fn connect(&self) -> Client {
        connect(&self.url())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        connect(&self.server).batch_execute(&drop).ok();
    }
}

#[expect(clippy::expect_used, reason = "without a connection every test of it fails")]
fn connect(url: &str) -> Client {
    Client::connect(url, NoTls).expect("a connection")
}
