//! Addresses of files that their system names only by a reference: the portal fetches by address (portal.md §6.1.1).

use super::files::digest;
use crate::model::{Dossier, How, Origin, Time};

/// Gives every file and result that has a reference and no address the address `base` + reference, and says so.
pub(super) fn fill(dossier: &mut Dossier, base: &str, at: Time) {
    let mut filled = Vec::new();
    let mut place = |reference: &Option<String>, address: &mut Option<String>, path: String| {
        let reference = reference.as_deref().filter(|text| digest(text).is_none());
        if let (Some(reference), None) = (reference, address.as_ref()) {
            *address = Some(format!("{base}{reference}"));
            filled.push(path);
        }
    };
    for (c, component) in dossier.facts.components.iter_mut().enumerate() {
        for (f, file) in component.files.iter_mut().enumerate() {
            place(
                &file.reference,
                &mut file.address,
                format!("components[{c}].files[{f}].address"),
            );
        }
    }
    for (r, result) in dossier.facts.results.iter_mut().enumerate() {
        place(
            &result.reference,
            &mut result.address,
            format!("results[{r}].address"),
        );
    }
    for path in filled {
        let source = "systems.files".to_owned();
        let origin = Origin::new(How::Derived, &source, at);
        dossier.origins.note(&path, origin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn a_file_named_by_reference_gets_an_address_and_one_with_an_address_keeps_it() {
        let mut dossier = (0..)
            .map(|n| sample::dossier(1, n))
            .find(|one| one.facts.components.len() > 1)
            .unwrap();
        let own = dossier.facts.components[1].files[0].address.clone();
        let file = &mut dossier.facts.components[0].files[0];
        (file.reference, file.address) = (Some("uid-1".to_owned()), None);
        fill(&mut dossier, "http://files.example/", Time::at(0));
        let path = "components[0].files[0].address";
        assert_eq!(
            dossier.facts.components[0].files[0].address.as_deref(),
            Some("http://files.example/uid-1")
        );
        assert_eq!(dossier.origin(path).how, How::Derived);
        assert_eq!(dossier.facts.components[1].files[0].address, own);
    }
}
