//! The rules of reuse of a procedure, against its own papers and questions and against the laws.

use super::asked::{Procedure, Rule};
use super::law::{Basis, Held, Laws};
use super::page::{Page, Row, Said};
use super::read::owners;
use crate::model::{Facts, Kind, Path, line_number, nearest};

const RULE: [&str; 8] = [
    "service", "subject", "owners", "sets", "fills", "verifies", "replaces", "basis",
];

/// Those of a dossier who may be asked about.
const SUBJECTS: [&str; 2] = ["owner", "submitter"];

/// Reads `[[reuse]]`.
pub(super) fn read(
    page: &mut Page<'_>,
    top: &Row<'_, '_>,
    procedure: &Procedure,
    (laws, held): (&Laws, Held),
) -> Vec<Rule> {
    let rows = page.rows(top, "reuse");
    rows.iter()
        .filter_map(|row| rule(page, row, procedure, (laws, held)))
        .collect()
}

fn rule(
    page: &mut Page<'_>,
    row: &Row<'_, '_>,
    procedure: &Procedure,
    (laws, held): (&Laws, Held),
) -> Option<Rule> {
    page.known(row, "a rule of reuse", &RULE);
    let (asks, subject) = (page.text(row, "service"), page.text(row, "subject"));
    let bases = bases(page, row, procedure, laws);
    let asks = asks?;
    serves(page, &asks, &bases, laws);
    let subject = subject?;
    somebody(page, &subject, procedure);
    let sets = sets(page, row, laws);
    let fills = pairs(page, row, "fills", (procedure, laws, held, &sets));
    let verifies = pairs(page, row, "verifies", (procedure, laws, held, &sets));
    let replaces = replaces(page, row, procedure);
    Some(Rule {
        asks: asks.text,
        subject: subject.text,
        owners: owners(page, row),
        sets,
        fills,
        verifies,
        replaces,
        bases,
        line: line_number(page.source(), row.place.start),
    })
}

/// The rows of the laws that a rule names. One that is not published for the procedure would never carry it.
fn bases(page: &mut Page<'_>, row: &Row<'_, '_>, procedure: &Procedure, laws: &Laws) -> Vec<Basis> {
    let mut bases = Vec::new();
    if !row.has("basis") {
        page.wrong(
            &row.place,
            "say `basis` here: the law and its article, \"66.7/2025/NQ-CP Đ4 k1\"",
        );
    }
    for said in page.texts(row, "basis") {
        let Some(basis) = Basis::read(&said.text) else {
            page.wrong(
                &said.place,
                "a basis is a law and its article, \"66.7/2025/NQ-CP Đ4 k1\"",
            );
            continue;
        };
        if laws.article(&basis).is_none() {
            let known: Vec<String> = laws.clauses().map(|basis| basis.to_string()).collect();
            let what = format!("no law here says `{}`", said.text);
            page.unknown(&said, &what, known.iter().map(String::as_str));
        } else if !laws.publishes(&basis, &procedure.code) {
            let what = format!(
                "nothing publishes this article for `{}`: the rule would never hold",
                procedure.code
            );
            page.wrong(&said.place, what);
        } else {
            bases.push(basis);
        }
    }
    bases
}

/// A service must be one that a row of the rule's basis names.
fn serves(page: &mut Page<'_>, asks: &Said, bases: &[Basis], laws: &Laws) {
    let known = |asks: &str, basis: &Basis| {
        laws.article(basis)
            .is_some_and(|article| article.services.iter().any(|one| one == asks))
    };
    if !bases.is_empty() && !bases.iter().any(|basis| known(&asks.text, basis)) {
        let all: Vec<&str> = bases
            .iter()
            .filter_map(|basis| laws.article(basis))
            .flat_map(|article| article.services.iter().map(String::as_str))
            .collect();
        let what = format!("its basis has no service `{}`", asks.text);
        page.unknown(asks, &what, all);
    }
}

/// A subject is one of the dossier's, or somebody whose name and number the form asks for.
fn somebody(page: &mut Page<'_>, subject: &Said, procedure: &Procedure) {
    let asked = |field: &str| procedure.ask(&format!("{}.{field}", subject.text)).is_some();
    if SUBJECTS.contains(&subject.text.as_str()) || (asked("name") && asked("number")) {
        return;
    }
    let what = format!(
        "`{0}` is neither owner nor submitter, and the form does not ask for both `{0}.name` and `{0}.number`",
        subject.text
    );
    page.unknown(subject, &what, SUBJECTS);
}

fn sets(page: &mut Page<'_>, row: &Row<'_, '_>, laws: &Laws) -> Vec<String> {
    let said = page.texts(row, "sets");
    if said.is_empty() && !row.has("sets") {
        page.wrong(&row.place, "say `sets` here: the facts that may be delivered");
    }
    for set in said
        .iter()
        .filter(|said| !laws.sets().any(|known| known == said.text))
    {
        let what = format!("there is no fact set `{}`", set.text);
        page.unknown(set, &what, laws.sets());
    }
    said.into_iter().map(|said| said.text).collect()
}

fn replaces(page: &mut Page<'_>, row: &Row<'_, '_>, procedure: &Procedure) -> Vec<String> {
    let said = page.texts(row, "replaces");
    for code in said.iter().filter(|said| procedure.paper(&said.text).is_none()) {
        let what = format!("this procedure takes no paper `{}`", code.text);
        page.unknown(
            code,
            &what,
            procedure.papers.iter().map(|paper| paper.code.as_str()),
        );
    }
    said.into_iter().map(|said| said.text).collect()
}

/// `fills` and `verifies`: a fact or field on the left, what the state holds on the right, of the same kind.
fn pairs(
    page: &mut Page<'_>,
    row: &Row<'_, '_>,
    key: &str,
    (procedure, laws, held, sets): (&Procedure, &Laws, Held, &[String]),
) -> Vec<(String, String)> {
    let pairs = page.pairs(row, key);
    for (ours, theirs) in &pairs {
        let kind = target(page, ours, procedure);
        let source = held.check(page, theirs).map(|path| path.kind());
        if !sets.is_empty() && !laws.allows(sets, &theirs.text) {
            let what = format!("its sets do not let it see `{}`", theirs.text);
            page.unknown(theirs, &what, laws.held_in(sets));
        }
        if let (Some(kind), Some(source)) = (kind, source)
            && kind.word() != source.word()
        {
            let what = format!(
                "`{}` is a {}, this is a {}",
                ours.text,
                kind.word(),
                source.word()
            );
            page.wrong(&theirs.place, what);
        }
    }
    pairs
        .into_iter()
        .map(|(ours, theirs)| (ours.text, theirs.text))
        .collect()
}

/// The kind of what a rule fills: a question of the form, or a fact of the dossier that it does not ask for.
fn target(page: &mut Page<'_>, ours: &Said, procedure: &Procedure) -> Option<Kind> {
    if let Some(ask) = procedure.ask(&ours.text) {
        return Some(ask.kind);
    }
    match Path::parse(&ours.text, Facts::RECORD) {
        Ok(path) if path.is_single() => Some(path.kind()),
        Ok(_) => {
            page.wrong(&ours.place, "one fact, not every one of a list");
            None
        }
        Err(fault) => {
            let asked = procedure.asks.iter().map(|ask| ask.path.as_str());
            let near = nearest(&ours.text, asked).map(|near| format!("; there is `{near}`"));
            let what = near.map_or(fault.what, |near| {
                format!("the form has no `{}`{near}", ours.text)
            });
            page.wrong(&ours.place, what);
            None
        }
    }
}
