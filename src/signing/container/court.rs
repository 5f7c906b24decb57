//! Every signature of a container, held to its objects, and judged.

use std::collections::HashSet;

use jiff::Timestamp;

use super::archive::{self, Archive, Entry};
use super::{ContainerError, Finding, Kept, MIMETYPE, Proof, Remark, Report, Unheld, emit, is_own};
use crate::signing::cms::{Content, Message, Rules};
use crate::signing::stamp::{self, Expected, Means};
use crate::signing::xml::{self, Manifest, Named, What};

pub(super) fn verify(bytes: &[u8], means: &Means<'_>, now: Timestamp) -> Result<Report, ContainerError> {
    let archive = archive::read(bytes)?;
    let remarks = remarks(&archive)?;
    let entries = &archive.entries;
    let court = Court { entries, means, now };
    let mut findings = Vec::new();
    let mut used = HashSet::new();
    for entry in entries.iter().filter(|entry| is_own(&entry.name)) {
        let name = entry.name.strip_prefix("META-INF/").unwrap_or_default();
        let is_xml = name.ends_with(".xml") && !name.contains('/');
        if is_xml && name.contains("signature") {
            used.insert(entry.name.as_str());
            findings.extend(court.xml(entry));
        } else if is_xml && name.starts_with("ASiC") && name.contains("Manifest") {
            used.insert(entry.name.as_str());
            let (finding, signature) = court.manifest(entry);
            findings.push(finding);
            used.extend(signature.map(|entry| entry.name.as_str()));
        }
    }
    let mut objects: Vec<Kept> = entries
        .iter()
        .filter(|entry| !is_own(&entry.name))
        .map(|entry| Kept {
            name: entry.name.clone(),
            length: entry.bytes.len(),
            is_covered: false,
        })
        .collect();
    // A time-stamp says when, and approves of nothing: beside signatures it covers nothing that they do not.
    let is_stamp = |finding: &Finding| matches!(finding.outcome, Ok(Proof::Stamp(_)));
    let is_signed = !findings.iter().all(is_stamp);
    for object in &mut objects {
        let counts = |finding: &&Finding| !(is_signed && is_stamp(finding));
        let covers = |finding: &Finding| finding.is_good() && finding.covers.contains(&object.name);
        object.is_covered = findings.iter().filter(counts).any(covers);
    }
    let is_loose = |name: &&str| is_own(name) && *name != "mimetype" && !used.contains(name);
    Ok(Report {
        objects,
        loose: entries
            .iter()
            .map(|entry| entry.name.as_str())
            .filter(is_loose)
            .map(str::to_owned)
            .collect(),
        findings,
        remarks,
        is_canonical: emit::is_canonical(bytes),
    })
}

fn remarks(archive: &Archive) -> Result<Vec<Remark>, ContainerError> {
    let mut remarks = Vec::new();
    let place = archive.entries.iter().position(|entry| entry.name == "mimetype");
    let entry = place.and_then(|place| archive.entries.get(place));
    if entry.is_some_and(|entry| entry.bytes != MIMETYPE) {
        return Err(ContainerError::Kind);
    }
    let is_own = |entry: &Entry| entry.name.starts_with("META-INF/");
    if entry.is_none() && !archive.entries.iter().any(is_own) {
        return Err(ContainerError::Kind);
    }
    if place != Some(0) || !entry.is_some_and(|entry| entry.is_plain) {
        remarks.push(Remark::MediaType);
    }
    remarks.extend(archive.has_comment.then_some(Remark::Comment));
    Ok(remarks)
}

struct Court<'a> {
    entries: &'a [Entry],
    means: &'a Means<'a>,
    now: Timestamp,
}

impl<'a> Court<'a> {
    /// The entry that an address of a signature leads to.
    fn entry(&self, uri: &str) -> Option<&'a Entry> {
        self.entries
            .iter()
            .find(|entry| addresses(&entry.name).iter().any(|one| one == uri))
    }

    fn xml(&self, entry: &Entry) -> Vec<Finding> {
        let addresses: Vec<(String, &[u8])> = self
            .entries
            .iter()
            .flat_map(|entry| {
                addresses(&entry.name)
                    .into_iter()
                    .map(|uri| (uri, entry.bytes.as_slice()))
            })
            .collect();
        let outside: Vec<Named<'_>> = addresses
            .iter()
            .map(|(uri, bytes)| Named { uri, bytes })
            .collect();
        let failed = |reason: xml::Refusal| Finding {
            entry: entry.name.clone(),
            covers: Vec::new(),
            forms: Vec::new(),
            outcome: Err(reason.into()),
        };
        match xml::judge(&entry.bytes, &outside, self.means, self.now) {
            Err(reason) => vec![failed(reason)],
            Ok(all) if all.is_empty() => vec![failed(xml::Refusal::Unsigned)],
            Ok(all) => all
                .into_iter()
                .map(|outcome| match outcome {
                    Err(reason) => failed(reason),
                    Ok(judged) => self.held(entry, judged),
                })
                .collect(),
        }
    }

    fn held(&self, entry: &Entry, judged: xml::Judged) -> Finding {
        let (mut covers, mut forms) = (Vec::new(), Vec::new());
        for covered in &judged.report.covered {
            let What::Outside(uri) = &covered.what else {
                continue;
            };
            let Some(object) = self.entry(uri) else {
                continue;
            };
            match object.bytes == covered.bytes {
                true => covers.push(object.name.clone()),
                false => forms.push(object.name.clone()),
            }
        }
        Finding {
            entry: entry.name.clone(),
            covers,
            forms,
            outcome: Ok(Proof::Xml(Box::new(judged))),
        }
    }

    /// What the signature of a manifest proves, and the entry it stands in.
    fn manifest(&self, entry: &Entry) -> (Finding, Option<&'a Entry>) {
        let read = Manifest::read(&entry.bytes);
        let signature = read
            .as_ref()
            .ok()
            .and_then(|manifest| self.entry(&manifest.signature));
        let outcome = read.map_err(Unheld::from).and_then(|manifest| {
            let signature = signature.ok_or(Unheld::Missing)?;
            let proof = self.proof(&entry.bytes, signature)?;
            Ok((self.objects(&manifest)?, proof))
        });
        let place = signature.unwrap_or(entry).name.clone();
        let (covers, outcome) = match outcome {
            Ok((covers, proof)) => (covers, Ok(proof)),
            Err(reason) => (Vec::new(), Err(reason)),
        };
        let finding = Finding {
            entry: place,
            covers,
            forms: Vec::new(),
            outcome,
        };
        (finding, signature)
    }

    /// The objects of a manifest, each what it says.
    fn objects(&self, manifest: &Manifest) -> Result<Vec<String>, Unheld> {
        let mut covers = Vec::new();
        let mut left = 1_usize << 30;
        for (place, listed) in manifest.objects.iter().enumerate() {
            let object = self.entry(&listed.uri).ok_or(Unheld::Missing)?;
            // Many lines may name one large object.
            left = left
                .checked_sub(object.bytes.len())
                .ok_or(Unheld::Object(place))?;
            if listed.is_weak() && !self.means.legacy {
                return Err(Unheld::Weak);
            }
            if !listed.is(&object.bytes) {
                return Err(Unheld::Object(place));
            }
            covers.push(object.name.clone());
        }
        Ok(covers)
    }

    fn proof(&self, manifest: &[u8], signature: &Entry) -> Result<Proof, Unheld> {
        if signature.name.ends_with(".tst") {
            let stamp = stamp::verify(&signature.bytes, &Expected::over(manifest), self.means)?;
            return Ok(Proof::Stamp(Box::new(stamp)));
        }
        let message = Message::read(&signature.bytes)?;
        let rules = Rules {
            legacy: self.means.legacy,
            certificates: self.means.trust.intermediates(),
        };
        let mut outcomes = message.verify(Content::Beside(&[manifest]), &rules)?;
        let count = outcomes.len();
        let signed = match (outcomes.pop(), count) {
            (Some(outcome), 1) => outcome?,
            _ => return Err(Unheld::Signers(count)),
        };
        let judgement = stamp::judge(&signed, message.certificates(), self.means, self.now);
        Ok(Proof::Signature {
            signed: Box::new(signed),
            judgement: Box::new(judgement),
        })
    }
}

/// How signatures address an entry: by its name, from the root, and with what no URI may have written as escapes (RFC 3986 §2.1).
fn addresses(name: &str) -> Vec<String> {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=:@".contains(&octet);
    let encoded: String = name
        .bytes()
        .map(|octet| match plain(octet) {
            true => char::from(octet).to_string(),
            false => format!("%{octet:02X}"),
        })
        .collect();
    let mut all = vec![name.to_owned(), format!("/{name}")];
    if encoded != name {
        all.extend([encoded.clone(), format!("/{encoded}")]);
    }
    all
}
