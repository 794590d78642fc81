//! Keeping other runs of this program out of a folder.

#[cfg(unix)]
use std::io;
#[cfg(unix)]
use std::os::fd::AsFd;
use std::thread;
use std::time::Duration;

/// How long is waited before a lock is asked for once more.
const PAUSE: Duration = Duration::from_millis(10);

/// Locks what is open, for as long as it is. False if another run has it locked.
///
/// # Errors
/// Where the file system knows no locks.
#[cfg(unix)]
pub(crate) fn attempt(open: impl AsFd) -> io::Result<bool> {
    use rustix::fs::{FlockOperation, flock};
    match flock(open, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Asks for a lock until it is ours, or for so long. A run that was killed may take a moment to be
/// gone, and so may a process that another thread is just starting: until then it has what this one
/// has open.
pub(crate) fn within(wait: Duration, mut attempt: impl FnMut() -> bool) -> bool {
    for _ in 0..wait.as_millis() / PAUSE.as_millis() {
        if attempt() {
            return true;
        }
        thread::sleep(PAUSE);
    }
    attempt()
}
