//! Every signature of a document, with who made it and what that proves under trust.

use jiff::Timestamp;

use super::{Keys, Named, Refusal, Report, Rules, Takes, Used, describe, verify};
use crate::signing::cms::Token;
use crate::signing::stamp::{self, Claim, Judgement, Means};
use crate::signing::trust::Certificate;

/// The most references of one signature: a container may hold many files.
const MOST_REFERENCES: usize = 256;

/// A signature that fits.
#[derive(Debug)]
pub struct Judged {
    /// What it covers.
    pub report: Report,
    /// Who made it.
    pub maker: Maker,
}

/// Who made a signature.
#[derive(Debug)]
pub enum Maker {
    /// The holder of a certificate that came with it, judged.
    Certificate {
        /// The certificate.
        signer: Certificate,
        /// Its path, and the time-stamps.
        judgement: Box<Judgement>,
    },
    /// Whoever has this key (DER SubjectPublicKeyInfo), which came without a certificate.
    Key(Vec<u8>),
}

/// Verifies each signature of a document by what came with it, and judges its certificate. References out of the document lead to
/// `outside` and nowhere else.
///
/// # Errors
/// Why the document is not read. A signature that does not hold is an error in its place.
pub fn judge(
    bytes: &[u8],
    outside: &[Named<'_>],
    means: &Means<'_>,
    now: Timestamp,
) -> Result<Vec<Result<Judged, Refusal>>, Refusal> {
    let rules = Rules {
        legacy: means.legacy,
        outside,
        references: MOST_REFERENCES,
        ..Rules::new(Keys::Embedded, Takes::Covered)
    };
    let described = describe(bytes, &rules)?;
    let alone = described.len() == 1;
    let one = |described: Result<super::Description, Refusal>| {
        let id = described?.id;
        let rules = Rules {
            // Several signatures need their names; who has none cannot be told from the others.
            signature: if alone {
                None
            } else {
                Some(id.as_deref().ok_or(Refusal::Several)?)
            },
            ..rules
        };
        let report = verify(bytes, &rules)?;
        let maker = maker(&report, means, now)?;
        Ok(Judged { report, maker })
    };
    Ok(described.into_iter().map(one).collect())
}

fn maker(report: &Report, means: &Means<'_>, now: Timestamp) -> Result<Maker, Refusal> {
    let der = match &report.key {
        Used::Certificate(der) => der,
        Used::Bare(key) => return Ok(Maker::Key(key.clone())),
        Used::Known(_) | Used::Secret => return Err(Refusal::Keyless),
    };
    let signer = Certificate::from_der(der).map_err(|_| Refusal::Keyless)?;
    let beside: Vec<Certificate> = report
        .certificates
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok())
        .collect();
    let attested = report.attested.as_ref();
    let stamps: Vec<Token> = attested
        .iter()
        .flat_map(|attested| &attested.stamps)
        .map(|stamp| Token {
            der: stamp.token.clone(),
            over: stamp.covers.clone(),
        })
        .collect();
    let claim = Claim {
        signer: &signer,
        claimed: attested
            .and_then(|attested| attested.signed_at_millis)
            .and_then(|millis| Timestamp::from_millisecond(millis).ok()),
        stamps: &stamps,
    };
    let judgement = Box::new(stamp::weigh(&claim, &beside, means, now));
    Ok(Maker::Certificate { signer, judgement })
}
