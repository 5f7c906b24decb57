//! The walk from a certificate up to an anchor: depth first, bounded, with the most telling reason kept if every way ends.

use super::extension::Extensions;
use super::{Certificate, Path, Place, Purpose, Question, Standing, Trust, Untrusted, WhenUnknown, name};
use crate::signing::der::oid::{self, Oid};

/// The longest path, anchor included.
const LONGEST: usize = 8;
/// The most signatures that are checked for one path.
const MOST_CHECKS: usize = 64;

/// Extended usages that have nothing to do with documents.
const OTHER_TRADES: [&[u8]; 4] = [
    oid::SERVER_USAGE,
    oid::CODE_USAGE,
    oid::STAMP_USAGE,
    oid::OCSP_USAGE,
];

pub(super) struct Walk<'a> {
    trust: &'a Trust,
    beside: &'a [Certificate],
    question: &'a Question<'a>,
    checks: usize,
    /// The reason that is told if no way leads to an anchor, with the depth at which it was met.
    reason: Option<(usize, Untrusted)>,
}

/// One way ended, or the whole walk.
enum End {
    Way,
    Walk(Untrusted),
}

impl<'a> Walk<'a> {
    pub(super) fn new(trust: &'a Trust, beside: &'a [Certificate], question: &'a Question<'a>) -> Self {
        Self {
            trust,
            beside,
            question,
            checks: 0,
            reason: None,
        }
    }

    pub(super) fn from(mut self, certificate: &Certificate) -> Result<Path, Untrusted> {
        self.fits_purpose(certificate)?;
        self.lasts(0, certificate)?;
        understood(0, certificate)?;
        let mut way = vec![certificate.clone()];
        match self.climb(&mut way) {
            Ok(path) => Ok(path),
            Err(End::Walk(reason)) => Err(reason),
            Err(End::Way) => Err(match self.reason {
                Some((_, reason)) => reason,
                None => Untrusted::NoAnchor {
                    place: Place::of(0, certificate),
                },
            }),
        }
    }

    /// From the last certificate of the way to an anchor.
    fn climb(&mut self, way: &mut Vec<Certificate>) -> Result<Path, End> {
        let Some(last) = way.last().cloned() else {
            return Err(End::Way);
        };
        if self.trust.anchors.contains(&last) {
            return self.settled(way);
        }
        let depth = way.len();
        for issuer in self.issuers(&last, way) {
            if depth >= LONGEST {
                self.note(depth, Untrusted::TooLong)?;
                return Err(End::Way);
            }
            if let Err(reason) = self.step(way, &last, &issuer) {
                self.note(depth, reason)?;
                continue;
            }
            way.push(issuer);
            match self.climb(way) {
                Err(End::Way) => way.pop(),
                ended => return ended,
            };
        }
        let place = Place::of(depth - 1, &last);
        self.note(depth, Untrusted::NoAnchor { place })?;
        Err(End::Way)
    }

    /// Certificates that may be the issuer, by name and key identifier: anchors first, none that is on the way already.
    fn issuers(&self, last: &Certificate, way: &[Certificate]) -> Vec<Certificate> {
        let all = self
            .trust
            .anchors
            .iter()
            .chain(&self.trust.intermediates)
            .chain(self.beside);
        let mut issuers: Vec<Certificate> = Vec::new();
        for one in all {
            let keys = (&last.extensions().authority_key, &one.extensions().subject_key);
            let other_key = matches!(keys, (Some(wanted), Some(own)) if wanted != own);
            let is_candidate = !other_key && name::is_same(last.issuer(), one.subject());
            if is_candidate && !way.contains(one) && !issuers.contains(one) {
                issuers.push(one.clone());
            }
        }
        issuers
    }

    /// Whether `issuer` may and did issue `last`.
    fn step(
        &mut self,
        way: &[Certificate],
        last: &Certificate,
        issuer: &Certificate,
    ) -> Result<(), Untrusted> {
        let depth = way.len();
        let (below, place) = (Place::of(depth - 1, last), Place::of(depth, issuer));
        let scheme = last.scheme().as_ref().map_err(|error| Untrusted::Unusable {
            place: below,
            reason: error.to_string(),
        })?;
        self.checks += 1;
        if self.checks > MOST_CHECKS {
            return Err(Untrusted::TooMany);
        }
        let key = issuer.key().map_err(|error| Untrusted::unusable(place, &error))?;
        if !last.is_signed_by(&key) {
            return Err(Untrusted::Signature { place: below });
        }
        if scheme.is_weak() && !self.question.legacy {
            return Err(Untrusted::Weak { place: below });
        }
        self.may_issue(depth, issuer)?;
        understood(depth, issuer)?;
        let authorities = way.iter().skip(1).filter(|one| !one.is_self_issued()).count();
        match issuer.extensions().path_length {
            Some(allowed) if authorities > allowed as usize => Err(Untrusted::PathLength { place, allowed }),
            _ => self.lasts(depth, issuer),
        }
    }

    fn may_issue(&self, depth: usize, issuer: &Certificate) -> Result<(), Untrusted> {
        let place = Place::of(depth, issuer);
        let extensions = issuer.extensions();
        // An anchor may be from before there were extensions; it is one because the operator says so.
        let is_authority = match extensions.is_authority {
            Some(is_authority) => is_authority,
            None => self.trust.anchors.contains(issuer),
        };
        if !is_authority || extensions.usage.is_some_and(|usage| !usage.signs_certificates()) {
            return Err(Untrusted::NotAuthority { place });
        }
        match narrows(extensions, self.question.purpose) {
            true => Err(Untrusted::Purpose {
                place,
                purpose: self.question.purpose,
            }),
            false => Ok(()),
        }
    }

    fn fits_purpose(&self, certificate: &Certificate) -> Result<(), Untrusted> {
        let extensions = certificate.extensions();
        let purpose = self.question.purpose;
        let signs = extensions.usage.is_none_or(|usage| usage.signs());
        let fits = match purpose {
            Purpose::Documents => !narrows(extensions, purpose),
            Purpose::TimeStamps => extensions
                .purposes
                .as_ref()
                .is_some_and(|(purposes, is_critical)| {
                    *is_critical && *purposes == [Oid::new(oid::STAMP_USAGE)]
                }),
        };
        let place = Place::of(0, certificate);
        match signs && fits {
            true => Ok(()),
            false => Err(Untrusted::Purpose { place, purpose }),
        }
    }

    fn lasts(&self, depth: usize, certificate: &Certificate) -> Result<(), Untrusted> {
        let (place, at) = (Place::of(depth, certificate), self.question.at);
        if at < certificate.begins() {
            let begins = certificate.begins();
            return Err(Untrusted::NotYet { place, begins, at });
        }
        // The last second counts whole (RFC 5280 §4.1.2.5).
        if at.as_second() > certificate.ends().as_second() {
            let ended = certificate.ends();
            return Err(Untrusted::Expired { place, ended, at });
        }
        Ok(())
    }

    /// The way has reached an anchor: how do its certificates stand?
    fn settled(&mut self, way: &[Certificate]) -> Result<Path, End> {
        let mut standings = Vec::new();
        for (depth, (certificate, issuer)) in way.iter().zip(way.iter().skip(1)).enumerate() {
            let question = self.question;
            let standing = question
                .revocation
                .standing(certificate, issuer, question.at, question.legacy);
            if let Err(reason) = self.accepted(Place::of(depth, certificate), standing) {
                self.note(way.len(), reason)?;
                return Err(End::Way);
            }
            standings.push(standing);
        }
        let below_anchor = way.len().saturating_sub(1);
        let is_weak = way
            .iter()
            .take(below_anchor)
            .any(|one| one.scheme().as_ref().is_ok_and(|scheme| scheme.is_weak()));
        Ok(Path {
            certificates: way.to_vec(),
            standings,
            is_weak,
        })
    }

    fn accepted(&self, place: Place, standing: Standing) -> Result<(), Untrusted> {
        match (standing, self.question.when_unknown) {
            (Standing::Revoked { at, reason }, _) => Err(Untrusted::Revoked { place, at, reason }),
            (Standing::Unknown(unclear), WhenUnknown::Refuse) => Err(Untrusted::Unknown { place, unclear }),
            (Standing::Unknown(unclear), WhenUnknown::RefuseHolder) if place.depth == 0 => {
                Err(Untrusted::Unknown { place, unclear })
            }
            (Standing::Good { .. } | Standing::Unknown(_), _) => Ok(()),
        }
    }

    /// Keeps the reason that was met furthest up; "no issuer at hand" gives way to any other. What was taken back ends the walk: no other
    /// way makes it good.
    fn note(&mut self, depth: usize, reason: Untrusted) -> Result<(), End> {
        if matches!(reason, Untrusted::Revoked { .. } | Untrusted::TooMany) {
            return Err(End::Walk(reason));
        }
        let told = |reason: &Untrusted| !matches!(reason, Untrusted::NoAnchor { .. });
        let better = match &self.reason {
            None => true,
            Some((known, old)) => (told(&reason), depth) > (told(old), *known),
        };
        if better {
            self.reason = Some((depth, reason));
        }
        Ok(())
    }
}

/// Whether extended usages shut the purpose out. Those of an authority bind what is below it.
fn narrows(extensions: &Extensions, purpose: Purpose) -> bool {
    let Some((purposes, _)) = &extensions.purposes else {
        return false;
    };
    let is = |wanted: &[u8]| purposes.iter().any(|one| one.content() == wanted);
    if is(oid::ANY_USAGE) {
        return false;
    }
    match purpose {
        Purpose::TimeStamps => !is(oid::STAMP_USAGE),
        // What documents are signed with is named in many ways; what they are not signed with in few.
        Purpose::Documents => purposes.iter().all(|one| OTHER_TRADES.contains(&one.content())),
    }
}

fn understood(depth: usize, certificate: &Certificate) -> Result<(), Untrusted> {
    match certificate.extensions().foreign.first() {
        None => Ok(()),
        Some(extension) => Err(Untrusted::Extension {
            place: Place::of(depth, certificate),
            extension: extension.clone(),
        }),
    }
}
