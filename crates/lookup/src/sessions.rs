use std::collections::HashMap;
use std::time::Duration;

use crate::binding::SESSION_BYTES;
use crate::error::LookupError;
use crate::session::Session;

/// Sessions at once. One takes less than a kilobyte.
const MAX_SESSIONS: usize = 1 << 14;

/// A session that nobody uses for so long has ended.
const IDLE: Duration = Duration::from_secs(600);

/// All sessions by name. Names are public.
#[derive(Default)]
pub(crate) struct Sessions(HashMap<[u8; SESSION_BYTES], Session>);

impl Sessions {
    /// Takes a session in. If there are too many, those that ended go first, then the one that was
    /// used longest ago, so that nobody keeps others out by holding many; never an owner's.
    pub(crate) fn insert(
        &mut self,
        name: [u8; SESSION_BYTES],
        session: Session,
    ) -> Result<(), LookupError> {
        if self.0.len() >= MAX_SESSIONS {
            let now = session.used;
            self.0
                .retain(|_, session| now.saturating_sub(session.used) < IDLE);
        }
        if self.0.len() >= MAX_SESSIONS {
            let others = self.0.iter().filter(|(_, session)| !session.is_owner);
            let oldest = others.min_by_key(|(_, session)| session.used);
            let oldest = *oldest.ok_or(LookupError::TooManySessions)?.0;
            self.0.remove(&oldest);
        }
        self.0.insert(name, session);
        Ok(())
    }

    /// The session of that name, now in use.
    pub(crate) fn find(
        &mut self,
        name: &[u8; SESSION_BYTES],
        now: Duration,
    ) -> Result<&mut Session, LookupError> {
        let ended = |session: &Session| now.saturating_sub(session.used) >= IDLE;
        if self.0.get(name).is_some_and(ended) {
            self.0.remove(name);
        }
        let session = self.0.get_mut(name).ok_or(LookupError::NoSession)?;
        session.used = now;
        Ok(session)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use adyton_types::ReportData;

    use super::*;

    fn session(now: u64) -> Session {
        Session::new(ReportData::new([1; 64]), Duration::from_secs(now))
    }

    fn name(n: usize) -> [u8; SESSION_BYTES] {
        (n as u128).to_be_bytes()
    }

    #[test]
    fn who_holds_every_session_keeps_nobody_out() {
        let mut sessions = Sessions::default();
        let mut owner = session(0);
        owner.is_owner = true;
        sessions.insert(name(0), owner).unwrap();
        for n in 1..MAX_SESSIONS {
            sessions.insert(name(n), session(1)).unwrap();
        }
        for n in 2..MAX_SESSIONS {
            sessions.find(&name(n), Duration::from_secs(2)).unwrap();
        }
        sessions.insert(name(MAX_SESSIONS), session(3)).unwrap();
        assert_eq!(sessions.len(), MAX_SESSIONS);
        let found = |sessions: &mut Sessions, n| {
            let found = sessions.find(&name(n), Duration::from_secs(3));
            found.is_ok()
        };
        assert!(found(&mut sessions, 0), "the owner's is not ended");
        assert!(!found(&mut sessions, 1), "it was used longest ago");
        assert!(found(&mut sessions, 2) && found(&mut sessions, MAX_SESSIONS));
    }

    #[test]
    fn the_silent_and_the_idle_make_room() {
        let mut sessions = Sessions::default();
        for n in 0..=MAX_SESSIONS {
            sessions.insert(name(n), session(n as u64 / 1000)).unwrap();
        }
        assert_eq!(sessions.len(), MAX_SESSIONS);
        let now = Duration::from_secs(20);
        assert!(sessions.find(&name(MAX_SESSIONS), now).is_ok());
        let later = Duration::from_secs(619);
        assert!(sessions.find(&name(MAX_SESSIONS), later).is_ok());
        assert!(matches!(
            sessions.find(&name(MAX_SESSIONS - 1), later),
            Err(LookupError::NoSession)
        ));
        sessions.insert(name(1 << 20), session(619)).unwrap();
        sessions.insert(name(1 << 21), session(619)).unwrap();
        assert_eq!(sessions.len(), 3);
    }
}
