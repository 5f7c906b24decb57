//! Every signature of a document, found, held to its bytes, and judged.

use jiff::Timestamp;

use super::bounds::{self, Budget};
use super::field::{self, Field};
use super::object::{Dictionary, Object};
use super::range::{self, Covered};
use super::table::{self, Section};
use super::view::View;
use super::{Finding, Kind, Later, PdfError, Proof, Report, Unheld, later, moment};
use crate::signing::cms::{Content, Message, Rules};
use crate::signing::der::{Reader, oid};
use crate::signing::stamp::{self, Expected, Means};
use crate::signing::trust::Certificate;

/// The most signatures of one document.
const MOST_SIGNATURES: usize = 64;
/// The most certificates of a store.
const MOST_STORED: usize = 64;

pub(super) fn verify(bytes: &[u8], means: &Means<'_>, now: Timestamp) -> Result<Report, PdfError> {
    if !bytes.starts_with(b"%PDF-") {
        return Err(PdfError::NotPdf);
    }
    if bytes.len() > bounds::MOST_BYTES {
        return Err(PdfError::Bound("bytes"));
    }
    let budget = Budget::new();
    let sections = table::sections(bytes, &budget)?;
    let is_encrypted = |section: &Section| section.trailer.value("Encrypt").is_some();
    if sections.iter().any(is_encrypted) {
        return Err(PdfError::Encrypted);
    }
    let court = Court {
        bytes,
        sections: &sections,
        budget: &budget,
        means,
        now,
    };
    let mut found = court.found()?;
    found.sort_by_key(|(_, range)| range.as_ref().map_or(usize::MAX, |range| range.end));
    court.separate(&mut found);
    let reached = found
        .iter()
        .filter(|(field, _)| field.value.value("ByteRange").is_some())
        .count();
    Ok(Report {
        findings: found
            .into_iter()
            .map(|(field, range)| court.finding(&field, range))
            .collect(),
        sections: sections.len(),
        unreached: mentions(bytes).saturating_sub(reached),
        length: bytes.len(),
    })
}

/// How often a byte range is written anywhere in the file.
fn mentions(bytes: &[u8]) -> usize {
    let word = b"/ByteRange";
    bytes.windows(word.len()).filter(|window| window == word).count()
}

/// Everything that signatures are judged by.
struct Court<'a> {
    bytes: &'a [u8],
    sections: &'a [Section],
    budget: &'a Budget,
    means: &'a Means<'a>,
    now: Timestamp,
}

type Found = (Field, Result<Covered, Unheld>);

impl Court<'_> {
    /// The signatures of every revision, once each: one that a later revision took off its field is still there.
    fn found(&self) -> Result<Vec<Found>, PdfError> {
        let mut all: Vec<Found> = Vec::new();
        for place in 0..self.sections.len() {
            let view = View::new(
                self.bytes,
                self.sections.get(place..).unwrap_or_default(),
                self.budget,
            );
            let fields = match field::signed(&view) {
                Ok(fields) => fields,
                // The first section of a linearized document is no revision by itself.
                Err(error) if place == 0 || matches!(error, PdfError::Bound(_)) => return Err(error),
                Err(_) => continue,
            };
            let is_new = |field: &Field| place == 0 || !all.iter().any(|(known, _)| same(known, field));
            let fresh: Vec<Field> = fields.into_iter().filter(is_new).collect();
            if all.len() + fresh.len() > MOST_SIGNATURES {
                return Err(PdfError::Bound("signatures"));
            }
            all.extend(fresh.into_iter().map(|field| self.ranged(field)));
        }
        Ok(all)
    }

    fn ranged(&self, field: Field) -> Found {
        let range = match field.is_packed {
            true => Err(Unheld::Packed),
            false => range::covered(self.bytes, &field.value, self.budget),
        };
        (field, range)
    }

    /// Each signature stands alone in its revision, after the end of the one before: what one leaves out is under none of the others'
    /// earlier ranges by accident.
    fn separate(&self, found: &mut [Found]) {
        let spans: Vec<_> = found
            .iter()
            .map(|(_, range)| range.as_ref().ok().cloned())
            .collect();
        for (place, (_, range)) in found.iter_mut().enumerate() {
            let Some(own) = spans.get(place).cloned().flatten() else {
                continue;
            };
            let others = spans.iter().enumerate().filter(|(other, _)| *other != place);
            let meets = others.filter_map(|(_, span)| span.as_ref()).any(|other| {
                let before = other.end <= own.gap.start;
                let after = own.end <= other.gap.start;
                !before && !after
            });
            if meets {
                *range = Err(Unheld::Shared);
            }
        }
    }

    fn finding(&self, field: &Field, range: Result<Covered, Unheld>) -> Finding {
        let value = &field.value;
        let covered = range.as_ref().ok().cloned();
        let mut finding = Finding {
            field: field.name.clone(),
            kind: kind(value),
            claimed: value.text("M").and_then(|text| moment::read(&text.octets)),
            certifies: self.certifies(value),
            covers: covered.as_ref().map(|range| range.end - range.gap.len()),
            beyond: covered
                .as_ref()
                .map_or(self.bytes.len(), |range| self.bytes.len() - range.end),
            later: Later::Changed,
            outcome: Err(Unheld::NoRange),
        };
        finding.outcome = match range {
            Err(reason) => Err(reason),
            Ok(range) => {
                let then = self.revision(&range);
                finding.later = self.later(&range, then.as_ref());
                match then.is_some_and(|then| stands(field, &then)) {
                    true => self.proof(&finding.kind, value, &range),
                    false => Err(Unheld::Revision),
                }
            }
        };
        finding
    }

    /// The view of the signed revision, if its section is one of the document's.
    fn revision(&self, range: &Covered) -> Option<View<'_>> {
        let place = self
            .sections
            .iter()
            .position(|section| section.start == range.start)?;
        let bytes = self.bytes.get(..range.end)?;
        Some(View::new(bytes, self.sections.get(place..)?, self.budget))
    }

    fn later(&self, range: &Covered, then: Option<&View<'_>>) -> Later {
        let rest = self.bytes.get(range.end..).unwrap_or_default();
        if rest.is_empty() {
            return Later::Nothing;
        }
        if rest.iter().all(u8::is_ascii_whitespace) {
            return Later::Blank;
        }
        let now = View::new(self.bytes, self.sections, self.budget);
        // What follows without being read by anybody's reader is not known to be harmless either.
        let is_revision = self
            .sections
            .first()
            .is_some_and(|newest| newest.start >= range.end);
        let ends_well = table::ends(self.bytes.trim_ascii_end(), self.budget).is_some();
        let additions = then.and_then(|then| later::additions(then, &now).ok().flatten());
        match additions.filter(|_| is_revision && ends_well) {
            Some(additions) => Later::Added(additions),
            None => Later::Changed,
        }
    }

    fn proof(&self, kind: &Kind, value: &Dictionary, range: &Covered) -> Result<Proof, Unheld> {
        let contents = value.text("Contents").ok_or(Unheld::NoContents)?;
        let part = |from: usize, to: usize| self.bytes.get(from..to).unwrap_or_default();
        let parts = [part(0, range.gap.start), part(range.gap.end, range.end)];
        self.budget.hashed(range.end)?;
        match kind {
            Kind::Other(name) => Err(Unheld::Kind(name.clone())),
            Kind::Stamp => {
                let padded = padded_out(&contents.octets)?;
                let stamp = stamp::verify(padded, &Expected::over(&parts.concat()), self.means)?;
                Ok(Proof::Stamp(Box::new(stamp)))
            }
            Kind::Cades | Kind::Pkcs7 => self.signature(&contents.octets, &parts),
        }
    }

    fn signature(&self, contents: &[u8], parts: &[&[u8]]) -> Result<Proof, Unheld> {
        let message = Message::padded(contents)?;
        if message.content_type().content() != oid::CONTENT {
            return Err(Unheld::ContentType);
        }
        let rules = Rules {
            legacy: self.means.legacy,
            certificates: self.means.trust.intermediates(),
        };
        let mut outcomes = message.verify(Content::Beside(parts), &rules)?;
        let count = outcomes.len();
        let signed = match (outcomes.pop(), count) {
            (Some(outcome), 1) => outcome?,
            _ => return Err(Unheld::Signers(count)),
        };
        let beside = self.beside(&message);
        let judgement = stamp::judge(&signed, &beside, self.means, self.now);
        Ok(Proof::Signature {
            signed: Box::new(signed),
            judgement: Box::new(judgement),
        })
    }

    /// Certificates that came along, in the message and in the document's store. None is trusted for that.
    fn beside(&self, message: &Message) -> Vec<Certificate> {
        let view = View::new(self.bytes, self.sections, self.budget);
        let mut all = message.certificates().to_vec();
        all.extend(stored(&view).unwrap_or_default());
        all
    }

    /// DocMDP (§12.8.2.2): what a certified document allows.
    fn certifies(&self, value: &Dictionary) -> Option<usize> {
        let view = View::new(self.bytes, self.sections, self.budget);
        let references = view.list(value, "Reference").ok()?;
        references.iter().find_map(|one| {
            let Ok(Object::Dictionary(one)) = view.resolve(one) else {
                return None;
            };
            let parameters = view.inner(&one, "TransformParams").ok()??;
            // §12.8.2.2.2: without a number it is 2.
            (one.name("TransformMethod") == Some(b"DocMDP")).then(|| parameters.number("P").unwrap_or(2))
        })
    }
}

/// Whether the signed revision itself has the signature where it was found.
fn stands(field: &Field, then: &View<'_>) -> bool {
    let own = field.value.text("Contents").map(|text| &text.span);
    let fields = field::signed(then).unwrap_or_default();
    fields
        .iter()
        .any(|one| one.value.text("Contents").map(|text| &text.span) == own)
}

fn same(one: &Field, other: &Field) -> bool {
    let span = |field: &Field| field.value.text("Contents").map(|text| text.span.clone());
    one.id == other.id && span(one) == span(other)
}

/// The certificates of `/DSS`; those that cannot be read are left out.
fn stored(view: &View<'_>) -> Result<Vec<Certificate>, PdfError> {
    let Some(store) = view.inner(&view.catalog()?, "DSS")? else {
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    for one in view.list(&store, "Certs")?.iter().take(MOST_STORED) {
        if let Object::Stream(dictionary, at) = view.resolve(one)? {
            all.extend(Certificate::from_der(&view.octets(&dictionary, at)?));
        }
    }
    Ok(all)
}

/// The first element of a padded value: zeros may follow it.
fn padded_out(contents: &[u8]) -> Result<&[u8], Unheld> {
    Message::padded(contents)?;
    let mut reader = Reader::new(contents);
    match reader.any() {
        Ok(element) => Ok(element.whole),
        // Not DER: the whole is refused for its zeros, or read as BER where none follow.
        Err(_) => Ok(contents),
    }
}

fn kind(value: &Dictionary) -> Kind {
    match value.name("SubFilter") {
        Some(b"ETSI.CAdES.detached") => Kind::Cades,
        Some(b"adbe.pkcs7.detached") => Kind::Pkcs7,
        Some(b"ETSI.RFC3161") => Kind::Stamp,
        other => Kind::Other(field::letters(other.unwrap_or_default())),
    }
}
