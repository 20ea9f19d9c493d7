//! The one place where time is sampled.

use std::time::{Duration, SystemTime};

use time::{OffsetDateTime, UtcOffset};

use crate::base::{Instant, Now, UnixMillis};

/// The local date and time: of the machine, whose time zone should be that of the people called.
#[allow(clippy::disallowed_methods)] // the one place
pub fn local() -> OffsetDateTime {
    let now = OffsetDateTime::from(SystemTime::now());
    now.to_offset(UtcOffset::local_offset_at(now).unwrap_or(UtcOffset::UTC))
}

/// Both clocks of the process. Copies share the origin, so that their instants compare.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    origin: std::time::Instant,
}

impl Clock {
    /// A clock that starts now.
    #[allow(clippy::disallowed_methods)] // the one place
    pub fn start() -> Self {
        Self { origin: std::time::Instant::now() }
    }

    /// Both clocks, read together.
    #[allow(clippy::disallowed_methods)] // the one place
    pub fn now(self) -> Now {
        let micros = u64::try_from(self.origin.elapsed().as_micros()).unwrap_or(u64::MAX);
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let wall_ms = i64::try_from(wall.as_millis()).unwrap_or(i64::MAX);
        Now { instant: Instant::from_micros(micros), wall: UnixMillis(wall_ms) }
    }

    /// When a wall-clock time of the last seconds was.
    #[allow(clippy::disallowed_methods)] // the one place
    pub fn at(self, wall: SystemTime) -> Instant {
        self.now().instant - SystemTime::now().duration_since(wall).unwrap_or_default()
    }

    /// Sleeps until `instant`; for ever when there is none.
    pub async fn until(self, instant: Option<Instant>) {
        match instant {
            Some(instant) => {
                let at = self.origin + Duration::from_micros(instant.as_micros());
                tokio::time::sleep_until(tokio::time::Instant::from_std(at)).await;
            }
            None => std::future::pending().await,
        }
    }
}
