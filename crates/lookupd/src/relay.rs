use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use adyton_hatch::Hatch;
use tokio::sync::{mpsc, oneshot, watch};

use crate::frame::{Ask, READY, ask, parse_tell};

/// Messages that wait for the enclave to take them. More wait with their clients.
const MAX_UNSENT: usize = 64;

/// An answer of the enclave: an HTTP status and a body.
pub(crate) type Told = (u16, Vec<u8>);

/// Carries many clients' messages over the one connection to the enclave.
#[derive(Debug)]
pub(crate) struct Relay {
    unsent: mpsc::Sender<Vec<u8>>,
    waiting: Arc<Waiting>,
    next: AtomicU64,
    ended: watch::Receiver<bool>,
}

#[derive(Debug, Default)]
struct Waiting(Mutex<HashMap<u64, oneshot::Sender<Told>>>);

impl Relay {
    /// Two threads take over the connection: one writes, one reads. They end when the enclave does.
    pub(crate) fn new(hatch: Hatch) -> Self {
        let hatch = Arc::new(hatch);
        let waiting = Arc::new(Waiting::default());
        let (unsent, mut to_send) = mpsc::channel::<Vec<u8>>(MAX_UNSENT);
        let (ending, ended) = watch::channel(false);
        let writer = Arc::clone(&hatch);
        thread::spawn(move || {
            while let Some(frame) = to_send.blocking_recv() {
                if writer.send(&frame).is_err() {
                    return;
                }
            }
        });
        let answered = Arc::clone(&waiting);
        thread::spawn(move || {
            while let Ok(frame) = hatch.receive() {
                if let Some((number, status, body)) = parse_tell(&frame)
                    && let Some(client) = answered.take(number)
                {
                    // A client that has gone meanwhile gets nothing; nobody else notices.
                    let _ = client.send((status, body.to_vec()));
                }
            }
            // Said first: who asks after this clears sees it, and nobody waits for ever.
            let _ = ending.send(true);
            answered.clear();
        });
        Self {
            unsent,
            waiting,
            next: AtomicU64::new(READY + 1),
            ended,
        }
    }

    /// Asks the enclave, and waits for its answer. None if it has ended.
    pub(crate) async fn ask(&self, what: Ask, body: &[u8]) -> Option<Told> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        // The frame is a copy of the body: it is made when there is room for it.
        let place = self.unsent.reserve().await.ok()?;
        let (answer, told) = oneshot::channel();
        self.waiting.insert(number, answer);
        if *self.ended.borrow() {
            self.waiting.take(number);
            return None;
        }
        place.send(ask(what, number, body));
        told.await.ok()
    }

    /// Waits until the enclave has ended.
    pub(crate) async fn ended(&self) {
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }
}

impl Waiting {
    fn insert(&self, number: u64, client: oneshot::Sender<Told>) {
        self.lock().insert(number, client);
    }

    fn take(&self, number: u64) -> Option<oneshot::Sender<Told>> {
        self.lock().remove(&number)
    }

    fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, oneshot::Sender<Told>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;
    use crate::frame::{parse_ask, tell};

    /// Its place in the batch is kept; whoever waits for the same batch gets the own answer.
    #[tokio::test]
    async fn a_client_that_goes_mid_batch_changes_nothing_for_others() {
        let (ours, enclave) = Hatch::pair().unwrap();
        let relay = Arc::new(Relay::new(ours));
        let first = relay.ask(Ask::Request, b"first");
        let gone = timeout(Duration::from_millis(1), first).await;
        assert!(gone.is_err(), "nobody has answered yet");
        let stays = tokio::spawn({
            let relay = Arc::clone(&relay);
            async move { relay.ask(Ask::Request, b"second").await }
        });
        let answering = thread::spawn(move || {
            for _ in 0..2 {
                let frame = enclave.receive().unwrap();
                let (_, number, body) = parse_ask(&frame).unwrap();
                enclave.send(&tell(number, 200, body)).unwrap();
            }
            enclave
        });
        let told = stays.await.unwrap();
        assert_eq!(told, Some((200, b"second".to_vec())));
        drop(answering.join().unwrap());
        relay.ended().await;
        assert_eq!(relay.ask(Ask::Stats, b"").await, None);
        assert!(relay.waiting.lock().is_empty());
    }
}
