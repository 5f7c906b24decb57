//! One question that may be put again without harm: at the partner's pace, in a session, and once more in a fresh one where
//! the first was not taken.

use wire::{Call, Class, Malformed, Next, Reading, Verdict};

use super::{Gate, Heard, NoSession, Partner, Session};
use crate::transport::Failure;

/// Why a question has no answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// The partner is left alone for so long, ms since 1970.
    #[error("it is left alone until {0}")]
    Away(i64),
    /// No session could be opened.
    #[error("no session: {0}")]
    Closed(NoSession),
    /// The question cannot be put as this partner is framed.
    #[error("it cannot be asked: {0}")]
    Unaskable(Malformed),
    /// Nothing whole came back.
    #[error("{}", .0.word())]
    Nothing(Failure),
    /// What came back is no answer: its code, as its adapter read it.
    #[error("{class}, code {code}")]
    Unclear {
        /// Its class.
        class: &'static str,
        /// Their code, or the status.
        code: String,
    },
}

impl Partner {
    /// Asks, and gives back what was accepted or found not to be there.
    pub async fn ask(&self, operation: &str, arguments: &[(&str, &str)]) -> Result<Reading, Unanswered> {
        let first = self.ask_once(operation, arguments).await?;
        if first.next != Next::Login {
            return answered(first);
        }
        answered(self.ask_once(operation, arguments).await?)
    }

    async fn ask_once(&self, operation: &str, arguments: &[(&str, &str)]) -> Result<Reading, Unanswered> {
        if let Gate::Open(until) = self.gate() {
            return Err(Unanswered::Away(until));
        }
        let _seat = self.seat().await;
        self.places(1).await;
        let session = self.session().await.map_err(Unanswered::Closed)?;
        let call = Call {
            operation,
            arguments,
            session: session.as_ref().map(Session::id),
            ..Call::default()
        };
        let framed = self.frame(&call).map_err(Unanswered::Unaskable)?;
        let reading = match self.send(operation, &framed).await {
            Heard::Answer { reading, .. } => *reading,
            Heard::Nothing(failure) => return Err(Unanswered::Nothing(failure)),
        };
        if let (Next::Login, Some(session)) = (reading.next, session) {
            self.forget(&session, i64::MAX).await;
        }
        Ok(reading)
    }
}

/// An answer says something, or that there is nothing; everything else is none.
fn answered(reading: Reading) -> Result<Reading, Unanswered> {
    let class = reading.class;
    if class.map_or(reading.verdict == Verdict::Accepted, Class::is_answer) {
        return Ok(reading);
    }
    Err(Unanswered::Unclear {
        class: class.map_or("unclear", Class::word),
        code: reading.code.unwrap_or_default(),
    })
}
