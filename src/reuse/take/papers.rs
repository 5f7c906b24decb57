//! Papers that need not be brought, and the fields by which a dossier reports reuse: they come out of look-ups.

use crate::model::codes::Reuse;
use crate::model::{Component, Database, Dossier, File, Finding, Held, How, Issued, Origin};
use crate::procedures::Laws;
use crate::reuse::question::Question;

/// The set of facts that lets issued papers be seen: a paper is then replaced by the one that was issued, else by the data.
const PAPERS: &str = "papers";

/// Says of every paper that the answer stands for that it was reused, unless it was brought all the same. Gives back the
/// codes of all that need not be brought.
pub(super) fn replace(
    dossier: &mut Dossier,
    question: &Question,
    held: &Held,
    origin: &Origin,
) -> Vec<String> {
    let by_paper = question.sets.iter().any(|set| set == PAPERS);
    let mut replaced = Vec::new();
    for (code, result) in &question.replaces {
        let issued = held
            .papers
            .iter()
            .find(|paper| paper.code.is_some() && paper.code == *result);
        if by_paper && issued.is_none() {
            continue;
        }
        replaced.push(code.clone());
        mark(dossier, code, issued, origin);
    }
    replaced
}

fn mark(dossier: &mut Dossier, code: &str, issued: Option<&Issued>, origin: &Origin) {
    let components = &mut dossier.facts.components;
    let known = components
        .iter()
        .position(|one| one.code.as_deref() == Some(code));
    let place = known.unwrap_or_else(|| {
        components.push(Component {
            code: Some(code.to_owned()),
            ..Component::default()
        });
        components.len() - 1
    });
    let Some(component) = components.get_mut(place).filter(|one| !is_brought(one)) else {
        return;
    };
    component.reuse = Some(Reuse::Reused);
    if let Some(issued) = issued {
        component.reuse = Some(Reuse::Replaced);
        component.from_store = Some(true);
        component.replaced_by = issued.code.clone();
        component.digitised = Some(true);
        component.name = component.name.take().or_else(|| issued.name.clone());
        component.files = issued.files.iter().filter_map(handed_out).collect();
        dossier.facts.digitised = Some(true);
        dossier.origins.note("digitised", origin.clone());
    }
    dossier
        .origins
        .note(&format!("components[{place}]"), origin.clone());
}

fn is_brought(component: &Component) -> bool {
    component.files.iter().any(|file| file.removed != Some(true))
}

/// A file of the store has the address that the store gave it; the portal, whose store it is, fetches it there. A place that is
/// no address (a path within the store) would have the whole dossier refused: the paper's code then stands without its file.
fn handed_out(file: &File) -> Option<File> {
    let places = [&file.address, &file.reference];
    let address = places.into_iter().flatten().find(|place| is_address(place))?;
    Some(File {
        address: Some(address.clone()),
        ..file.clone()
    })
}

fn is_address(place: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| place.starts_with(scheme))
}

/// Takes out what a system says itself of reuse: nothing here can prove it. Says which facts those were.
pub fn claims(dossier: &mut Dossier) -> Vec<String> {
    let mut claimed = Vec::new();
    for (place, component) in dossier.facts.components.iter_mut().enumerate() {
        if dossier.origins.of(&format!("components[{place}].reuse")).how == How::Reused {
            continue;
        }
        let claims = component.reuse.is_some_and(|reuse| reuse != Reuse::None)
            || component.from_store == Some(true)
            || component.replaced_by.is_some();
        if claims {
            claimed.push(format!("components[{place}].reuse"));
        }
        component.reuse = None;
        component.from_store = None;
        component.replaced_by = None;
    }
    if !dossier.facts.databases.is_empty() {
        claimed.push("databases".to_owned());
        dossier.facts.databases.clear();
    }
    claimed
}

/// Enters the databases that answered, by the portal's codes, where those are known (`DSKetNoiCSDL`).
pub fn consulted(dossier: &mut Dossier, findings: &[Finding], laws: &Laws, origin: &Origin) {
    let answered = findings.iter().filter(|finding| {
        let class = finding.class.as_deref().and_then(wire::Class::from_word);
        class.is_some_and(wire::Class::is_answer)
    });
    for finding in answered {
        let database = laws.database_of(&finding.service);
        let Some(code) = database.and_then(|database| database.code.clone()) else {
            continue;
        };
        let known = dossier
            .facts
            .databases
            .iter()
            .any(|one| one.code.as_deref() == Some(&code));
        if !known {
            let place = dossier.facts.databases.len();
            dossier.facts.databases.push(Database { code: Some(code) });
            dossier
                .origins
                .note(&format!("databases[{place}]"), origin.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_store_is_handed_out_by_an_address_and_by_nothing_else() {
        let file = |address: Option<&str>, reference: Option<&str>| File {
            address: address.map(str::to_owned),
            reference: reference.map(str::to_owned),
            ..File::default()
        };
        let handed = |address, reference| handed_out(&file(address, reference)).and_then(|file| file.address);
        let place = "https://store.example/1";
        assert_eq!(handed(Some(place), Some("/mock/0001")).as_deref(), Some(place));
        assert_eq!(handed(None, Some(place)).as_deref(), Some(place));
        assert_eq!(handed(None, Some("/mock/0001")), None);
        assert_eq!(handed(None, None), None);
    }
}
