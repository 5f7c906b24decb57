//! TSTInfo, the signed contents of a token (RFC 3161 §2.4.2).

use jiff::{SignedDuration, Timestamp};

use super::StampError;
use crate::signing::der::oid::Oid;
use crate::signing::der::{
    DerError, Element, GENERALIZED_TIME, INTEGER, Reader, SEQUENCE, context, primitive,
};
use crate::signing::trust::{Digest, extension};

/// 160 bits, and an octet for the sign.
const LONGEST_SERIAL: usize = 21;

pub(super) struct Tst {
    pub(super) policy: Oid,
    pub(super) digest: Digest,
    pub(super) imprint: Vec<u8>,
    pub(super) serial: Vec<u8>,
    pub(super) at: Timestamp,
    pub(super) accuracy: Option<SignedDuration>,
    /// The whole INTEGER.
    pub(super) nonce: Option<Vec<u8>>,
    /// The Name of the authority, if it is given as one.
    pub(super) authority: Option<Vec<u8>>,
}

impl Tst {
    pub(super) fn read(der: &[u8]) -> Result<Self, StampError> {
        let mut inside = Element::only(der, SEQUENCE)?.inside();
        if inside.take(INTEGER)?.small()? != 1 {
            return Err(StampError::Unsupported("a version"));
        }
        let policy = Oid::new(inside.oid()?);
        let mut imprint = inside.sequence()?;
        let digest = Digest::read(imprint.take(SEQUENCE)?).map_err(|_| StampError::Hash)?;
        let value = imprint.octets()?;
        imprint.end()?;
        let serial = inside.take(INTEGER)?.integer()?;
        if !is_serial(serial) {
            return Err(StampError::Unsupported("a serial number"));
        }
        let at = inside.take(GENERALIZED_TIME)?.time()?;
        let accuracy = inside
            .maybe(SEQUENCE)?
            .map(|it| accuracy(it.inside()))
            .transpose()?;
        inside.flag()?;
        let nonce = inside.maybe(INTEGER)?;
        if let Some(nonce) = nonce {
            nonce.integer()?;
        }
        let authority = match inside.maybe(context(0))? {
            None => None,
            Some(tagged) => authority(tagged)?,
        };
        if let Some(all) = inside.maybe(context(1))?
            && extension::list(all)?
                .iter()
                .any(|extension| extension.is_critical)
        {
            return Err(StampError::Unsupported("a critical extension"));
        }
        inside.end()?;
        Ok(Self {
            policy,
            digest,
            imprint: value.to_vec(),
            serial: serial.to_vec(),
            at,
            accuracy,
            nonce: nonce.map(|nonce| nonce.whole.to_vec()),
            authority,
        })
    }
}

/// At most 160 bits, not negative.
fn is_serial(octets: &[u8]) -> bool {
    match octets {
        [0, ..] => octets.len() <= LONGEST_SERIAL,
        [0x01..=0x7F, ..] => octets.len() < LONGEST_SERIAL,
        _ => false,
    }
}

/// Seconds, milliseconds and microseconds, each with its default of none.
fn accuracy(mut inside: Reader<'_>) -> Result<SignedDuration, DerError> {
    let seconds = inside
        .maybe(INTEGER)?
        .map(Element::small)
        .transpose()?
        .unwrap_or(0);
    let millis = inside
        .maybe(primitive(0))?
        .map(Element::small)
        .transpose()?
        .unwrap_or(0);
    let micros = inside
        .maybe(primitive(1))?
        .map(Element::small)
        .transpose()?
        .unwrap_or(0);
    inside.end()?;
    if millis > 999 || micros > 999 {
        return Err(DerError::Value);
    }
    let nanos = 1_000_000 * millis.cast_signed() + 1_000 * micros.cast_signed();
    Ok(SignedDuration::new(i64::from(seconds), nanos))
}

/// A GeneralName under `[0]`; only a directoryName `[4]` is held against the certificate.
fn authority(tagged: Element<'_>) -> Result<Option<Vec<u8>>, DerError> {
    let mut inside = tagged.inside();
    let name = inside.any()?;
    inside.end()?;
    Ok((name.tag == context(4)).then(|| name.content.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::der::write;

    /// TSTInfo with some of its parts given.
    fn tst(version: u8, serial: &[u8], time: &str, more: &[&[u8]]) -> Result<Tst, StampError> {
        let imprint = write::sequence(&[&Digest::Sha256.identifier(), &write::octets(&[7; 32])]);
        let mut parts = vec![
            write::unsigned(&[version]),
            write::oid(&[0x2A, 3]),
            imprint,
            write::element(INTEGER, &[serial]),
            write::element(GENERALIZED_TIME, &[time.as_bytes()]),
        ];
        parts.extend(more.iter().map(|part| part.to_vec()));
        Tst::read(&write::sequence(
            &parts.iter().map(Vec::as_slice).collect::<Vec<_>>(),
        ))
    }

    const TIME: &str = "20260305080910.25Z";

    #[test]
    fn a_stamp_says_when_how_exact_and_for_what() {
        let exact = write::sequence(&[&write::unsigned(&[1]), &[0x80, 2, 1, 0xF4], &[0x81, 1, 100]]);
        let nonce = write::unsigned(&[0x9C, 1]);
        let read = tst(1, &[5], TIME, &[&exact, &[1, 1, 0xFF], &nonce]).unwrap();
        assert_eq!(read.at, "2026-03-05T08:09:10.25Z".parse().unwrap());
        assert_eq!(read.accuracy, Some(SignedDuration::new(1, 500_100_000)));
        assert_eq!((read.nonce, read.authority), (Some(nonce), None));
        let name = write::sequence(&[]);
        let read = tst(
            1,
            &[5],
            TIME,
            &[&write::tagged(0, &[&write::tagged(4, &[&name])])],
        )
        .unwrap();
        assert_eq!(read.authority, Some(name));
    }

    #[test]
    fn what_is_not_in_the_standard_is_refused() {
        assert!(matches!(
            tst(2, &[5], TIME, &[]),
            Err(StampError::Unsupported("a version"))
        ));
        for (serial, good) in [
            (&[1; 20][..], true),
            (&[1; 21], false),
            (&[0x80], false),
            (&[0], true),
        ] {
            assert_eq!(tst(1, serial, TIME, &[]).is_ok(), good, "{serial:?}");
        }
        let longest = [&[0][..], &[0xFF; 20]].concat();
        assert!(tst(1, &longest, TIME, &[]).is_ok());
        assert!(tst(1, &[&[0][..], &[0xFF; 21]].concat(), TIME, &[]).is_err());
        for time in [
            "20260305080910.250Z",
            "20260305080910",
            "260305080910Z",
            "20260305080910+0700",
        ] {
            assert!(
                matches!(
                    tst(1, &[5], time, &[]),
                    Err(StampError::Malformed(DerError::Time))
                ),
                "{time}"
            );
        }
        let inexact = write::sequence(&[&[0x80, 2, 3, 0xE8]]);
        assert!(tst(1, &[5], TIME, &[&inexact]).is_err());
        let extension =
            |critical: &[u8]| write::sequence(&[&write::oid(&[0x2A, 3]), critical, &write::octets(b"")]);
        assert!(tst(1, &[5], TIME, &[&write::tagged(1, &[&extension(&[])])]).is_ok());
        let critical = tst(1, &[5], TIME, &[&write::tagged(1, &[&extension(&[1, 1, 0xFF])])]);
        assert!(matches!(
            critical,
            Err(StampError::Unsupported("a critical extension"))
        ));
    }
}
