//! Which thresholds are met, of one snapshot or of many.

use housekeep::columns::Cell;
use housekeep::health::{Measure, Screen, Snapshot, Status};
use housekeep::report::{self, Counts};
use housekeep::time::Instant;
use napi::bindgen_prelude::{BigInt, Either, Env, Float64ArraySlice, Uint8Array, Uint8ArraySlice};
use napi_derive::napi;

use crate::arrow::write;
use crate::ask::moment;
use crate::error::{Failure, guarded};
use crate::health::snapshot;
use crate::policy::Policy;

/// What a policy's checks read and are called.
#[napi(object)]
#[expect(missing_docs, reason = "they are core's, and documented in ts/fleet.cts")]
pub struct ScreenNames {
    pub metrics: Vec<String>,
    pub instants: Vec<bool>,
    pub instances: bool,
    pub checks: Vec<String>,
    pub groups: Vec<String>,
    pub critical: Vec<bool>,
}

/// The names, which never change.
#[napi]
pub fn screen_names(env: &Env, policy: &Policy) -> napi::Result<ScreenNames> {
    guarded(env, || {
        let rules = policy.0.health()?;
        let screen = rules.screen();
        let (metrics, groups) = (screen.metrics(), screen.groups());
        Ok(ScreenNames {
            instants: (0..metrics.len()).map(|place| screen.is_instant(place)).collect(),
            metrics: metrics.to_vec(),
            instances: screen.has_instances(),
            checks: screen.checks().to_vec(),
            critical: groups.iter().map(|group| rules.is_critical(group)).collect(),
            groups: groups.to_vec(),
        })
    })
}

/// The statuses of one snapshot, by a number for each metric: of an instant its microseconds, and NaN
/// where it is missing. A digit for the whole, then for every check, then for every group.
#[napi]
pub fn screen_row(
    env: &Env,
    policy: &Policy,
    row: Float64ArraySlice<'_>,
    now: Either<BigInt, String>,
) -> napi::Result<String> {
    guarded(env, || {
        let screen = policy.0.health()?.screen();
        let measure = |(place, &number): (usize, &f64)| match screen.is_instant(place) {
            _ if number.is_nan() => Measure::Missing,
            true => instant(number).map_or(Measure::Missing, Measure::Instant),
            false => Measure::Number(number),
        };
        let row: Vec<Measure> = row.iter().enumerate().map(measure).collect();
        Ok(digits(screen, moment(now)?, |now, codes| screen.row(&row, now, codes)))
    })
}

#[expect(clippy::cast_possible_truncation, reason = "what is too much is no instant")]
fn instant(micros: f64) -> Option<Instant> {
    Instant::from_micros(micros as i64).ok()
}

/// The same by metrics in parts or in JSON.
#[napi]
pub fn screen_snapshot(
    env: &Env,
    policy: &Policy,
    metrics: Either<String, Uint8ArraySlice<'_>>,
    now: Either<BigInt, String>,
) -> napi::Result<String> {
    guarded(env, || {
        let screen = policy.0.health()?.screen();
        let snapshot: Snapshot = snapshot(metrics)?;
        Ok(digits(screen, moment(now)?, |now, codes| screen.snapshot(&snapshot, now, codes)))
    })
}

fn digits(
    screen: &Screen,
    now: Instant,
    said: impl FnOnce(Instant, &mut [u8]) -> Status,
) -> String {
    let mut codes = vec![0; screen.checks().len() + screen.groups().len()];
    let whole = said(now, &mut codes);
    let digit = |code: u8| char::from(b'0' + code);
    std::iter::once(whole.code()).chain(codes).map(digit).collect()
}

/// How many snapshots are, as a handle.
#[napi]
pub struct Fleet(report::Fleet);

impl From<report::Fleet> for Fleet {
    fn from(fleet: report::Fleet) -> Self {
        Self(fleet)
    }
}

/// How many have each status.
#[napi(object)]
#[expect(missing_docs, reason = "they are core's, and documented in ts/fleet.cts")]
pub struct StatusCounts {
    pub ok: i64,
    pub warn: i64,
    pub unknown: i64,
    pub crit: i64,
}

/// What a fleet says besides its rows.
#[napi(object)]
#[expect(missing_docs, reason = "they are core's, and documented in ts/fleet.cts")]
pub struct FleetHead {
    pub at: String,
    pub policy_sha256: String,
    pub total: i64,
    pub status: String,
    pub checks: Vec<String>,
    pub groups: Vec<String>,
}

/// A row that is not ok.
#[napi(object)]
#[expect(missing_docs, reason = "they are core's, and documented in ts/fleet.cts")]
pub struct FleetRow {
    pub row: u32,
    pub id: Option<String>,
    pub status: String,
    pub checks: Vec<Vec<String>>,
    pub groups: Vec<Vec<String>>,
}

#[napi]
impl Fleet {
    /// What it says besides its rows.
    #[napi]
    pub fn head(&self, env: &Env) -> napi::Result<FleetHead> {
        guarded(env, || {
            Ok(FleetHead {
                at: self.0.now().to_string(),
                policy_sha256: self.0.policy_sha256().to_owned(),
                total: self.0.total().cast_signed(),
                status: self.0.status().as_str().to_owned(),
                checks: self.0.checks().map(|(name, _)| name.to_owned()).collect(),
                groups: self.0.groups().map(|(name, _)| name.to_owned()).collect(),
            })
        })
    }

    /// How many rows have each status, by the place of a check or of a group behind them; as a whole, if
    /// none is said.
    #[napi]
    pub fn counts(&self, env: &Env, place: Option<u32>) -> napi::Result<StatusCounts> {
        guarded(env, || {
            let Counts { ok, warn, unknown, crit } = Counts::of(self.column(place)?);
            let count = u64::cast_signed;
            let (unknown, crit) = (count(unknown), count(crit));
            Ok(StatusCounts { ok: count(ok), warn: count(warn), unknown, crit })
        })
    }

    /// The statuses of every row, as bytes.
    #[napi]
    pub fn codes(&self, env: &Env, place: Option<u32>) -> napi::Result<Uint8Array> {
        guarded(env, || Ok(Uint8Array::new(self.column(place)?.to_vec())))
    }

    /// So many of the worst rows.
    #[napi]
    pub fn worst(&self, env: &Env, most: u32) -> napi::Result<Vec<FleetRow>> {
        guarded(env, || {
            let owned = |statuses: Vec<(&str, Status)>| -> Vec<Vec<String>> {
                let pair =
                    |(name, status): (&str, Status)| vec![name.into(), status.as_str().into()];
                statuses.into_iter().map(pair).collect()
            };
            let row = |row: report::FleetRow<'_>| FleetRow {
                row: row.row,
                id: (!matches!(row.id, Cell::Missing | Cell::Null)).then(|| row.id.to_string()),
                status: row.status.as_str().to_owned(),
                checks: owned(row.checks),
                groups: owned(row.groups),
            };
            Ok(self.0.worst(most as usize).into_iter().map(row).collect())
        })
    }

    /// The answer as a document.
    #[napi]
    pub fn to_json(&self, env: &Env) -> napi::Result<String> {
        guarded(env, || Ok(self.0.to_json()))
    }

    /// The statuses as an Arrow IPC stream.
    #[napi]
    pub fn to_arrow(&self, env: &Env) -> napi::Result<Uint8Array> {
        guarded(env, || {
            let bytes = self.0.to_batch().and_then(|batch| write(&batch));
            bytes.map(Uint8Array::new).map_err(|error| Failure::Panicked(error.to_string()))
        })
    }

    fn column(&self, place: Option<u32>) -> Result<&[u8], Failure> {
        let Some(place) = place else { return Ok(self.0.codes()) };
        let mut columns = self.0.checks().chain(self.0.groups());
        let found = columns.nth(place as usize).map(|(_, codes)| codes);
        found.ok_or_else(|| Failure::Panicked("there is no such check and no such group".into()))
    }
}
