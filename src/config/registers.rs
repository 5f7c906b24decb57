//! Who registers what, and who is told what became of it: names that must be there.

use std::collections::BTreeMap;

use super::partner::Partner;
use super::section::Section;

/// Whoever is told what became of what lay in a tray is there.
pub(super) fn told(root: &Section<'_>, partners: Option<&BTreeMap<String, Partner>>) {
    for (tray, partner) in partners.into_iter().flatten() {
        let tells = partner.poll.as_ref().and_then(|poll| poll.tells.as_ref());
        if let Some(tells) = tells.filter(|tells| partners.is_some_and(|all| !all.contains_key(*tells))) {
            let what = format!("the tray of `{tray}` tells `{tells}`, which is not there");
            root.wrong("partners", what);
        }
    }
}

/// Which partner registers what a wire registers: one that speaks it, and a wire of which that is known.
pub(super) fn read(
    root: &Section<'_>,
    partners: Option<&BTreeMap<String, Partner>>,
) -> Option<BTreeMap<String, String>> {
    let registers = root.texts("registers");
    for (wire, name) in registers.iter().flatten() {
        let partner = partners.and_then(|partners| partners.get(name));
        if partners.is_some() && partner.is_none_or(|partner| partner.adapter != *wire) {
            let what = format!("`{wire}` names `{name}`, and no such partner speaks this wire");
            root.wrong("registers", what);
        } else if !crate::registry::AWAITED.contains(&wire.as_str()) {
            let known = crate::registry::AWAITED.join(", ");
            root.wrong(
                "registers",
                format!("`{wire}` registers nothing; there is {known}"),
            );
        }
    }
    registers
}
