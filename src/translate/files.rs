//! Files that a dossier names by digest: `sha-256:` and 64 hexadecimal digits where its format has an address or a reference, with `/`
//! and a name behind it where the format has no other place for one; or the digest alone, where there is neither. What is there at
//! such a digest, and at which address, is not known here.

use std::collections::BTreeMap;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

use crate::model::{Component, Dossier, File, How, Origin, Outcome, Time};

/// How a digest begins.
const SHA256: &str = "sha-256:";

/// A file that a dossier names by digest.
#[derive(Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// Our path of the fact that names it.
    pub fact: String,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// What people read, where the dossier says it.
    pub name: Option<String>,
}

/// The digest in a text that names one, and the name behind it.
fn read(text: &str) -> Option<([u8; 32], Option<&str>)> {
    let (hex, name) = match text.strip_prefix(SHA256)?.split_once('/') {
        Some((hex, name)) => (hex, Some(name).filter(|name| !name.is_empty())),
        None => (text.strip_prefix(SHA256)?, None),
    };
    let digest = HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok()?;
    Some((digest.try_into().ok()?, name))
}

/// The digest in a text that names one.
pub(super) fn digest(text: &str) -> Option<[u8; 32]> {
    read(text).map(|(digest, _)| digest)
}

/// Where a file says what it is.
struct Named<'a> {
    /// The fact that names it: `address`, `reference` or `digest`.
    by: &'static str,
    digest: [u8; 32],
    name: Option<&'a str>,
}

fn named<'a>(
    address: Option<&'a str>,
    reference: Option<&'a str>,
    bare: Option<&'a str>,
) -> Option<Named<'a>> {
    let found = |by, (digest, name)| Named { by, digest, name };
    match (address, reference.and_then(read), bare) {
        (Some(address), _, _) => Some(found("address", read(address)?)),
        (None, Some(read), _) => Some(found("reference", read)),
        (None, None, Some(bare)) => {
            let digest = HEXLOWER_PERMISSIVE.decode(bare.as_bytes()).ok()?;
            Some(found("digest", (digest.try_into().ok()?, None)))
        }
        (None, None, None) => None,
    }
}

impl File {
    fn named(&self) -> Option<Named<'_>> {
        let texts = [&self.address, &self.reference, &self.digest];
        let [address, reference, digest] = texts.map(|text| text.as_deref());
        named(address, reference, digest)
    }
}

impl Outcome {
    fn named(&self) -> Option<Named<'_>> {
        named(self.address.as_deref(), self.reference.as_deref(), None)
    }
}

/// Everything that holds files, with the beginning of their paths.
fn components(dossier: &Dossier) -> impl Iterator<Item = (String, &Component)> {
    let facts = &dossier.facts;
    let own = facts.components.iter().enumerate();
    let later = facts.supplements.iter().enumerate().flat_map(|(s, supplement)| {
        let brought = supplement.components.iter().enumerate();
        brought.map(move |(c, component)| (format!("supplements[{s}].components[{c}]"), component))
    });
    own.map(|(c, component)| (format!("components[{c}]"), component))
        .chain(later)
}

/// The files that a dossier names by digest, in its order.
pub fn named_files(dossier: &Dossier) -> Vec<NamedFile> {
    let brought = components(dossier).flat_map(|(path, component)| {
        let files = component.files.iter().enumerate();
        files.filter_map(move |(f, file)| {
            let Named { by, digest, name } = file.named()?;
            let own = file.name.as_deref().filter(|own| self::digest(own).is_none());
            Some(NamedFile {
                fact: format!("{path}.files[{f}].{by}"),
                digest,
                name: own.or(name).map(str::to_owned),
            })
        })
    });
    let results = dossier.facts.results.iter().enumerate();
    let results = results.filter_map(|(r, result)| {
        let Named { by, digest, name } = result.named()?;
        Some(NamedFile {
            fact: format!("results[{r}].{by}"),
            digest,
            name: result.name.as_deref().or(name).map(str::to_owned),
        })
    });
    brought.chain(results).collect()
}

/// Puts the address of each digest that is known in place of it, the digest beside it, and a name where none can be read; and says so.
pub fn give_addresses(dossier: &mut Dossier, addresses: &BTreeMap<[u8; 32], (String, String)>, at: Time) {
    let mut filled = Vec::new();
    let paths: Vec<String> = components(dossier).map(|(path, _)| path).collect();
    let facts = &mut dossier.facts;
    let later = facts
        .supplements
        .iter_mut()
        .map(|supplement| &mut supplement.components);
    let all = std::iter::once(&mut facts.components).chain(later).flatten();
    for (path, component) in paths.into_iter().zip(all) {
        for (f, file) in component.files.iter_mut().enumerate() {
            let facts = give(file, addresses).into_iter();
            filled.extend(facts.map(|fact| format!("{path}.files[{f}].{fact}")));
        }
    }
    for (r, result) in facts.results.iter_mut().enumerate() {
        let known = result.named().and_then(|named| addresses.get(&named.digest));
        if let Some((address, _)) = known {
            result.address = Some(address.clone());
            filled.push(format!("results[{r}].address"));
        }
    }
    for path in filled {
        dossier
            .origins
            .note(&path, Origin::new(How::Derived, "files", at));
    }
}

/// What was filled in of one file.
fn give(file: &mut File, addresses: &BTreeMap<[u8; 32], (String, String)>) -> Vec<&'static str> {
    let Some(Named { digest, .. }) = file.named() else {
        return Vec::new();
    };
    let Some((address, name)) = addresses.get(&digest) else {
        return Vec::new();
    };
    let mut filled = vec!["address"];
    file.address = Some(address.clone());
    if file.digest.is_none() {
        file.digest = Some(HEXLOWER.encode(&digest));
        filled.push("digest");
    }
    if file
        .name
        .as_deref()
        .is_none_or(|name| self::digest(name).is_some())
    {
        file.name = Some(name.clone());
        filled.push("name");
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    fn dossier() -> Dossier {
        (0..)
            .map(|n| sample::dossier(1, n))
            .find(|one| one.facts.components.len() > 1 && !one.facts.results.is_empty())
            .unwrap()
    }

    #[test]
    fn a_digest_stands_where_an_address_or_a_reference_stands_or_alone() {
        let hex = "ab".repeat(32);
        let said = format!("sha-256:{hex}");
        let by = |address: Option<&str>, reference: Option<&str>, bare: Option<&str>| {
            named(address, reference, bare).map(|named| named.by)
        };
        assert_eq!(by(Some(&said), None, None), Some("address"));
        assert_eq!(by(None, Some(&said), None), Some("reference"));
        assert_eq!(by(None, Some("uid-1"), Some(&hex)), Some("digest"));
        assert_eq!(
            by(Some("http://files.example/1"), Some(&said), Some(&hex)),
            None,
            "it has an address"
        );
        assert_eq!(by(None, Some("uid-1"), None), None);
        for wrong in [
            "sha-256:ab",
            "sha-256:",
            "sha256:aa",
            &format!("sha-256:{}", "zz".repeat(32)),
        ] {
            assert_eq!(digest(wrong), None, "{wrong}");
        }
        assert_eq!(
            read(&format!("{said}/đơn.pdf")),
            Some(([0xab; 32], Some("đơn.pdf")))
        );
        assert_eq!(digest(&said.replace("ab", "AB")), Some([0xab; 32]));
    }

    #[test]
    fn addresses_take_the_place_of_digests_and_the_rest_stays() {
        let mut dossier = dossier();
        let untouched = dossier.facts.components[1].files.clone();
        let said = format!("sha-256:{}", "cd".repeat(32));
        let file = File {
            address: Some(said.clone()),
            name: Some(said.clone()),
            ..File::default()
        };
        dossier.facts.components[0].files = vec![file];
        dossier.facts.results[0].address = Some(format!("sha-256:{}", "ef".repeat(32)));
        let facts: Vec<String> = named_files(&dossier)
            .into_iter()
            .map(|named| named.fact)
            .collect();
        assert_eq!(facts, ["components[0].files[0].address", "results[0].address"]);
        let known = ("http://door.example/files/1".to_owned(), "cdcd.pdf".to_owned());
        give_addresses(&mut dossier, &BTreeMap::from([([0xcd; 32], known)]), Time::at(0));
        let file = &dossier.facts.components[0].files[0];
        assert_eq!(file.address.as_deref(), Some("http://door.example/files/1"));
        assert_eq!(
            (file.name.as_deref(), file.digest.as_deref()),
            (Some("cdcd.pdf"), Some(&said[8..]))
        );
        assert_eq!(dossier.origin("components[0].files[0].address").source, "files");
        assert_eq!(dossier.facts.components[1].files, untouched);
        assert!(
            dossier.facts.results[0]
                .address
                .as_deref()
                .is_some_and(|text| text.starts_with(SHA256))
        );
    }
}
