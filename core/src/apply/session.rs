//! What is set for a transaction before anything else.

use sha2::{Digest, Sha256};

use super::step::Param;
use super::survey::Survey;
use super::talk::Talk;
use super::trouble::Trouble;
use crate::time::Duration;

/// What makes the texts of values the same on every server and in every session, and what ends a
/// transaction that others wait for.
const SETTINGS: [(&str, &str); 10] = [
    // Also where the server knows no encoding: then bytes that are no UTF-8 are an error, and not something else.
    ("client_encoding", "UTF8"),
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO, YMD"),
    ("IntervalStyle", "postgres"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
    ("xmlbinary", "base64"),
    ("lc_monetary", "C"),
    // Rows that a policy of the server's hides would seem to be gone: so that is an error.
    ("row_security", "off"),
    ("idle_in_transaction_session_timeout", "5min"),
];

/// How long a lock is waited for.
pub(super) const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) async fn set(talk: &Talk, lock_timeout: Duration) -> Result<(), Trouble> {
    // None at all would be taken for no limit.
    let lock_timeout = format!("{}ms", (lock_timeout.as_micros() / 1000).max(1));
    let settings: Vec<(&str, &str)> =
        SETTINGS.into_iter().chain([("lock_timeout", lock_timeout.as_str())]).collect();
    let each = (1..=settings.len())
        .map(|n| format!("pg_catalog.set_config(${}, ${}, true)", 2 * n - 1, 2 * n));
    let sql = format!("SELECT {}", each.collect::<Vec<_>>().join(", "));
    let texts = settings.iter().flat_map(|(name, value)| [*name, *value]);
    let params = texts.map(|text| Param::Text(text.to_owned())).collect();
    talk.rows(sql, params).await.map(drop)
}

/// Keeps others of us from the table until the transaction ends, but for such as share it as well, and the
/// transaction from going on for ever. Those share it of which each transaction is safe by the locks of its rows.
/// What is then seen of the tables stays so: their columns, keys and triggers cannot be changed meanwhile.
pub(super) async fn lock_tables(
    talk: &Talk,
    survey: &Survey,
    is_shared: bool,
) -> Result<(), Trouble> {
    let digest = Sha256::digest(format!("housekeep {}", survey.fingerprint.table));
    let mut number = [0; 8];
    number.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    let shared = if is_shared { "_shared" } else { "" };
    let lock = format!(
        "SELECT pg_catalog.set_config('statement_timeout', '10min', true), \
         pg_catalog.pg_advisory_xact_lock{shared}($1::text::bigint)::text"
    );
    let number = i64::from_be_bytes(number).to_string();
    talk.rows(lock, vec![Param::Text(number)]).await?;
    let tables: Vec<String> =
        survey.tables().iter().map(|node| node.facts.relation.sql()).collect();
    let lock = format!("LOCK TABLE {} IN ROW EXCLUSIVE MODE", tables.join(", "));
    talk.rows(lock, Vec::new()).await.map(drop)
}

/// Ends a statement that would have to wait for a lock, as far as that can be said: no limit at all is 0.
pub(super) async fn wait_for_nobody(talk: &Talk) -> Result<(), Trouble> {
    let set = "SELECT pg_catalog.set_config('lock_timeout', '10ms', true)";
    talk.rows(set, Vec::new()).await.map(drop)
}

/// Has done now what would be done as late as at the commit: keys are looked at, and triggers act.
pub(super) async fn check_deferred(talk: &Talk) -> Result<(), Trouble> {
    talk.rows("SET CONSTRAINTS ALL IMMEDIATE", Vec::new()).await.map(drop)
}
