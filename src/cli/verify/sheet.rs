//! What is said of a file: lines in both languages, and the same for programs.

use std::error::Error;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use jiff::tz::Offset;
use serde::Serialize;

use crate::cli::Failed;
use crate::signing::cms::Skew;
use crate::signing::stamp::{Judgement, Stamp};
use crate::signing::trust::{Certificate, Path, Standing};

/// Viet Nam is seven hours ahead of UTC all year.
const VIET_NAM: Offset = Offset::constant(7);

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Said {
    pub(super) vi: String,
    pub(super) en: String,
}

/// One signature, for programs.
#[derive(Debug, Default, Serialize)]
pub(super) struct Told {
    pub(super) good: bool,
    /// The signer's subject; identity numbers are masked.
    pub(super) signer: Option<String>,
    /// When the signer says it was.
    pub(super) claimed: Option<String>,
    /// The moment that a time-stamp proves.
    pub(super) stamped: Option<String>,
    /// The anchor of the path, SHA-256 of its DER.
    pub(super) anchor: Option<String>,
    /// Why it is not believed.
    pub(super) reason: Option<String>,
}

/// What is said of one file.
pub(super) struct Sheet {
    pub(super) kind: &'static str,
    pub(super) good: bool,
    pub(super) lines: Vec<Said>,
    pub(super) signatures: Vec<Told>,
    pub(super) not_covered: Vec<Said>,
}

impl Said {
    pub(super) fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            vi: vi.into(),
            en: en.into(),
        }
    }

    /// A failure: what it means in Vietnamese, and the exact reason.
    pub(super) fn because(vi: &str, error: &dyn Error) -> Self {
        let reason = Failed::because(error).to_string();
        Self {
            vi: format!("{vi} ({reason})"),
            en: reason,
        }
    }
}

impl Sheet {
    pub(super) fn new(kind: &'static str) -> Self {
        Self {
            kind,
            good: false,
            lines: Vec::new(),
            signatures: Vec::new(),
            not_covered: Vec::new(),
        }
    }

    pub(super) fn failed(kind: &'static str, said: Said) -> Self {
        Self {
            lines: vec![said],
            ..Self::new(kind)
        }
    }

    /// Evidence of our own, which is one sentence.
    pub(super) fn single(kind: &'static str, outcome: Result<String, String>) -> Self {
        let (good, vi, en) = match outcome {
            Ok(en) => (true, format!("đúng: {en}"), en),
            Err(en) => (false, format!("không đúng: {en}"), en),
        };
        Self {
            good,
            lines: vec![Said { vi, en }],
            ..Self::new(kind)
        }
    }

    pub(super) fn say(&mut self, vi: impl Into<String>, en: impl Into<String>) {
        self.lines.push(Said::new(vi, en));
    }

    /// A signature that is not believed.
    pub(super) fn refuse(&mut self, error: &dyn Error) {
        let said = Said::because("KHÔNG tin được chữ ký này", error);
        self.signatures.push(Told {
            reason: Some(said.en.clone()),
            ..Told::default()
        });
        self.lines
            .push(Said::new(said.vi, format!("NOT believed: {}", said.en)));
    }

    /// A signature that fits: who, when, and under which anchor.
    pub(super) fn signature(
        &mut self,
        signer: &Certificate,
        claimed: Option<Timestamp>,
        judgement: &Judgement,
    ) {
        let who = signer.subject_text();
        self.say(format!("Người ký: {who}"), format!("Signed by: {who}"));
        if let Some(claimed) = claimed.map(moment) {
            self.say(
                format!("Thời điểm ký theo lời người ký: {claimed}"),
                format!("Time as the signer claims it: {claimed}"),
            );
        }
        for stamp in &judgement.stamps {
            match stamp {
                Ok(stamp) => self.stamped(stamp),
                Err(error) => {
                    let said = Said::because("Dấu thời gian không tin được", error);
                    self.say(said.vi, format!("A time-stamp is not believed: {}", said.en));
                }
            }
        }
        self.skewed(judgement.skew);
        let mut told = Told {
            signer: Some(who),
            claimed: claimed.map(moment),
            stamped: judgement.is_proven.then(|| moment(judgement.at)),
            ..Told::default()
        };
        match &judgement.path {
            Ok(path) => {
                told.good = true;
                told.anchor = path.anchor().map(|anchor| HEXLOWER.encode(anchor.fingerprint()));
                self.path(path);
            }
            Err(error) => {
                let said = Said::because("Chứng thư KHÔNG được tin cậy", error);
                told.reason = Some(said.en.clone());
                self.say(said.vi, format!("The certificate is NOT trusted: {}", said.en));
            }
        }
        self.signatures.push(told);
    }

    /// A time-stamp that holds, told as a signature of its own.
    pub(super) fn stamp(&mut self, stamp: &Stamp) {
        self.stamped(stamp);
        self.path(&stamp.path);
        self.signatures.push(Told {
            good: true,
            signer: stamp.authority().map(Certificate::subject_text),
            stamped: Some(moment(stamp.at)),
            anchor: stamp
                .path
                .anchor()
                .map(|anchor| HEXLOWER.encode(anchor.fingerprint())),
            ..Told::default()
        });
    }

    fn stamped(&mut self, stamp: &Stamp) {
        let at = moment(stamp.at);
        let who = stamp
            .authority()
            .map(Certificate::subject_text)
            .unwrap_or_default();
        self.say(
            format!("Dấu thời gian: {at}, của {who}"),
            format!("Time-stamped: {at}, by {who}"),
        );
    }

    fn skewed(&mut self, skew: Option<Skew>) {
        match skew {
            None | Some(Skew::Before(_)) => {}
            Some(Skew::LocalTime) => self.say(
                "Giờ của người ký là giờ Việt Nam ghi thành UTC (lệch 7 giờ)",
                "The signer's clock is that of Viet Nam marked as UTC (7 hours ahead)",
            ),
            Some(Skew::Ahead(by)) => {
                let seconds = by.as_secs();
                self.say(
                    format!("Giờ của người ký đi trước dấu thời gian {seconds} giây"),
                    format!("The signer's clock is {seconds} s ahead of the time-stamp"),
                );
            }
        }
    }

    fn path(&mut self, path: &Path) {
        if let Some(anchor) = path.anchor() {
            let (name, print) = (anchor.subject_text(), HEXLOWER.encode(anchor.fingerprint()));
            self.say(
                format!("Tin cậy theo chứng thư gốc: {name} (SHA-256 {print})"),
                format!("Trusted under the anchor: {name} (SHA-256 {print})"),
            );
        }
        let unclear = path.standings.iter().find_map(|standing| match standing {
            Standing::Unknown(unclear) => Some(unclear),
            Standing::Good { .. } | Standing::Revoked { .. } => None,
        });
        if let Some(unclear) = unclear {
            self.say(
                format!("Chưa rõ chứng thư có bị thu hồi hay không ({unclear})"),
                format!("Nobody says whether a certificate was revoked: {unclear}"),
            );
        }
    }
}

/// A moment as people in Viet Nam read it, with its zone.
pub(super) fn moment(at: Timestamp) -> String {
    at.display_with_offset(VIET_NAM).to_string()
}
