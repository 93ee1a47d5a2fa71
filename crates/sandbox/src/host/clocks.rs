use std::time::Duration;

use wasmtime::component::Resource;
use wasmtime::{Result, bail};

use super::bindings::wasi::clocks::{monotonic_clock, wall_clock};
use super::bindings::wasi::io::poll;
use super::resources::Pollable;
use super::state::Host;
use crate::guest::Clock;

/// Where the monotonic clock stands when time does. Not 0: Go's runtime refuses to start with it.
const STANDSTILL: u64 = 1;

impl Clock {
    fn now(&self) -> u64 {
        match self {
            Self::None => STANDSTILL,
            Self::Host(clock) => clock.monotonic(),
        }
    }

    /// Whether it has happened. Where time stands still, everything has.
    fn is_ready(&self, pollable: Pollable) -> bool {
        match (self, pollable) {
            (Self::None, _) | (_, Pollable::Ready) => true,
            (Self::Host(clock), Pollable::At(moment)) => clock.monotonic() >= moment,
        }
    }

    /// Returns when the first of them has happened.
    fn wait(&self, pollables: &[Pollable]) {
        let Self::Host(clock) = self else { return };
        while !pollables.iter().any(|pollable| self.is_ready(*pollable)) {
            let moments = pollables.iter().map(|pollable| match pollable {
                Pollable::Ready => 0,
                Pollable::At(moment) => *moment,
            });
            let first = moments.min().unwrap_or(0);
            clock.sleep(Duration::from_nanos(
                first.saturating_sub(clock.monotonic()),
            ));
        }
    }
}

impl monotonic_clock::Host for Host {
    fn now(&mut self) -> Result<u64> {
        Ok(self.clock.now())
    }

    fn resolution(&mut self) -> Result<u64> {
        Ok(1)
    }

    fn subscribe_instant(&mut self, when: u64) -> Result<Resource<Pollable>> {
        Ok(self.table.push(Pollable::At(when))?)
    }

    fn subscribe_duration(&mut self, duration: u64) -> Result<Resource<Pollable>> {
        let when = self.clock.now().saturating_add(duration);
        Ok(self.table.push(Pollable::At(when))?)
    }
}

impl wall_clock::Host for Host {
    fn now(&mut self) -> Result<wall_clock::Datetime> {
        let now = match &self.clock {
            Clock::None => Duration::ZERO,
            Clock::Host(clock) => clock.wall(),
        };
        Ok(wall_clock::Datetime {
            seconds: now.as_secs(),
            nanoseconds: now.subsec_nanos(),
        })
    }

    fn resolution(&mut self) -> Result<wall_clock::Datetime> {
        Ok(wall_clock::Datetime {
            seconds: 0,
            nanoseconds: 1,
        })
    }
}

impl poll::Host for Host {
    fn poll(&mut self, list: Vec<Resource<Pollable>>) -> Result<Vec<u32>> {
        if list.is_empty() {
            bail!("the guest waits for nothing");
        }
        let mut pollables = Vec::with_capacity(list.len());
        for pollable in &list {
            pollables.push(*self.table.get(pollable)?);
        }
        self.clock.wait(&pollables);
        let ready = (0..).zip(&pollables);
        Ok(ready
            .filter(|(_, pollable)| self.clock.is_ready(**pollable))
            .map(|(index, _)| index)
            .collect())
    }
}

impl poll::HostPollable for Host {
    fn ready(&mut self, pollable: Resource<Pollable>) -> Result<bool> {
        let pollable = *self.table.get(&pollable)?;
        Ok(self.clock.is_ready(pollable))
    }

    fn block(&mut self, pollable: Resource<Pollable>) -> Result<()> {
        let pollable = *self.table.get(&pollable)?;
        self.clock.wait(&[pollable]);
        Ok(())
    }

    fn drop(&mut self, pollable: Resource<Pollable>) -> Result<()> {
        self.table.delete(pollable)?;
        Ok(())
    }
}
