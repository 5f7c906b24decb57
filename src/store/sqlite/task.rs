//! What waits for the writer: a command, and who waits for its answer.

use tokio::sync::oneshot;

use crate::store::StoreError;
use crate::store::sqlite::tx::Tx;

/// A command in the queue, whatever it answers.
pub(super) trait Task: Send {
    /// Carries it out, perhaps again in another transaction; false when it failed and nothing of it may stay.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Answers the caller, now that it is known how the transaction ended.
    fn answer(self: Box<Self>, end: &Result<(), StoreError>);
}

pub(super) struct Command<T, F> {
    command: F,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Command<T, F> {
    pub(super) fn new(command: F, reply: oneshot::Sender<Result<T, StoreError>>) -> Self {
        Self {
            command,
            outcome: None,
            reply,
        }
    }
}

impl<T, F> Task for Command<T, F>
where
    T: Send,
    F: FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let outcome = (self.command)(tx);
        let kept = outcome.is_ok();
        self.outcome = Some(outcome);
        kept
    }

    fn answer(self: Box<Self>, end: &Result<(), StoreError>) {
        let Self {
            command,
            outcome,
            reply,
        } = *self;
        // What it held and did not use is given back before its caller goes on.
        drop(command);
        let answer = match (outcome, end) {
            (Some(Err(own)), _) => Err(own),
            (_, Err(all)) => Err(all.clone()),
            (Some(outcome), Ok(())) => outcome,
            (None, Ok(())) => Err(stopped()),
        };
        // A caller that no longer waits needs no answer.
        let _ = reply.send(answer);
    }
}

/// The answer where nobody is left to give one.
pub(super) fn stopped() -> StoreError {
    StoreError::Unusable("the store has stopped".to_owned())
}
