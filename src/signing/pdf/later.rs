//! What was added after a signature: harmless additions are told from changes, and what is not known to be harmless is a change.

use std::collections::BTreeSet;

use super::PdfError;
use super::object::{Dictionary, Id, Object};
use super::table::Entry;
use super::view::View;
use Verdict::{Change, Harmless};

/// What was added after a signed revision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Additions {
    /// Signatures or document time-stamps.
    pub signatures: usize,
    /// Fields of signatures that nobody has signed.
    pub empty: usize,
    /// Something of it is seen on a page.
    pub is_visible: bool,
    /// Certificates, lists and answers for later verification (`/DSS`).
    pub store: bool,
    /// What the document says of itself beside its pages (XMP, date of change) was written anew.
    pub described: bool,
}

/// What became of one object.
enum Verdict {
    Harmless,
    Change,
}

impl Verdict {
    fn harmless_if(is_harmless: bool) -> Self {
        if is_harmless { Harmless } else { Change }
    }
}

/// Compares a signed revision with the document as it is now; `None` is a change.
pub(super) fn additions(then: &View<'_>, now: &View<'_>) -> Result<Option<Additions>, PdfError> {
    let newer = now.sections.len().saturating_sub(then.sections.len());
    let newer = now.sections.get(..newer).unwrap_or_default();
    // What the signed revision says of its objects must stand in it: a place beyond it could be filled by anybody.
    let beyond = |entry: &Entry| matches!(entry, Entry::At { offset, .. } if *offset >= then.bytes.len());
    if then
        .sections
        .iter()
        .any(|section| section.entries.values().any(beyond))
    {
        return Ok(None);
    }
    let known = Known::new(then)?;
    let numbers: BTreeSet<u32> = newer
        .iter()
        .flat_map(|section| section.entries.keys().copied())
        .collect();
    let mut seen = Additions::default();
    if !same_trailer(then, now)? {
        return Ok(None);
    }
    for number in numbers {
        if let Change = judge(number, &known, (then, now), &mut seen)? {
            return Ok(None);
        }
    }
    Ok(Some(seen))
}

/// What of the signed revision may be written anew, and what it left open.
#[derive(Default)]
struct Known {
    catalog: Option<Id>,
    form: Option<Id>,
    fields: Option<Id>,
    details: Option<Id>,
    /// The catalog's XMP.
    metadata: Option<u32>,
    /// Below `/DSS`.
    stored: BTreeSet<u32>,
    /// Lists of annotations of its pages.
    annotations: BTreeSet<u32>,
    /// Numbers that it refers to and has no objects for: who writes them later changes what it shows.
    dangling: BTreeSet<u32>,
}

impl Known {
    fn new(then: &View<'_>) -> Result<Self, PdfError> {
        let (trailer, catalog) = (then.trailer()?, then.catalog()?);
        let leads = |outer: &Dictionary, key| outer.value(key).and_then(Object::reference);
        let form = then.inner(&catalog, "AcroForm")?;
        let mut known = Self {
            catalog: leads(trailer, "Root"),
            details: leads(trailer, "Info"),
            form: leads(&catalog, "AcroForm"),
            fields: form.as_ref().and_then(|form| leads(form, "Fields")),
            ..Self::default()
        };
        let stored = known.walk(then, catalog.value("DSS").cloned())?;
        let metadata = leads(&catalog, "Metadata").map(|id| id.number);
        let mut rest = catalog;
        rest.0.retain(|(key, _)| key != b"DSS" && key != b"Metadata");
        let elsewhere = [
            Object::Dictionary(rest),
            trailer.value("Info").cloned().unwrap_or(Object::Null),
        ];
        // What the pages lead to is no material of the store, whoever lists it there.
        let elsewhere = known.walk(then, elsewhere)?;
        known.metadata = metadata.filter(|number| !elsewhere.contains(number));
        known.stored = stored.difference(&elsewhere).copied().collect();
        Ok(known)
    }

    /// The numbers of all objects that a value leads to.
    fn walk(
        &mut self,
        view: &View<'_>,
        from: impl IntoIterator<Item = Object>,
    ) -> Result<BTreeSet<u32>, PdfError> {
        let mut all = BTreeSet::new();
        let mut open: Vec<Object> = from.into_iter().collect();
        while let Some(one) = open.pop() {
            match one {
                Object::Reference(id) if all.insert(id.number) => match view.entry(id.number) {
                    Entry::Free => drop(self.dangling.insert(id.number)),
                    Entry::At { .. } | Entry::Packed { .. } => open.push(view.object(id)?),
                },
                Object::Array(inner) => open.extend(inner),
                Object::Dictionary(inner) | Object::Stream(inner, _) => {
                    let is_page = inner.name("Type") == Some(b"Page");
                    let list = inner.value("Annots").and_then(Object::reference);
                    self.annotations
                        .extend(list.filter(|_| is_page).map(|id| id.number));
                    open.extend(inner.0.into_iter().map(|(_, value)| value));
                }
                Object::Null
                | Object::Flag(_)
                | Object::Integer(_)
                | Object::Real(_)
                | Object::Name(_)
                | Object::Text(_)
                | Object::Reference(_) => {}
            }
        }
        Ok(all)
    }
}

/// The same catalog, the same identity, the same encryption: none. What a section says of itself may differ.
fn same_trailer(then: &View<'_>, now: &View<'_>) -> Result<bool, PdfError> {
    let (old, new) = (then.trailer()?, now.trailer()?);
    let identity = |trailer: &Dictionary| {
        let all = trailer.value("ID").and_then(Object::array);
        all.and_then(|all| all.first()).cloned()
    };
    let own = |key: &&[u8]| {
        matches!(
            *key,
            b"Size"
                | b"Prev"
                | b"XRefStm"
                | b"ID"
                | b"W"
                | b"Index"
                | b"Length"
                | b"Filter"
                | b"DecodeParms"
                | b"Type"
        )
    };
    Ok(old.differing(new).iter().all(own) && identity(old) == identity(new))
}

fn judge(
    number: u32,
    known: &Known,
    (then, now): (&View<'_>, &View<'_>),
    seen: &mut Additions,
) -> Result<Verdict, PdfError> {
    let (old_entry, new_entry) = (then.entry(number), now.entry(number));
    if old_entry == new_entry {
        return Ok(Harmless);
    }
    let generation = |entry| match entry {
        Entry::At { generation, .. } => generation,
        Entry::Free | Entry::Packed { .. } => 0,
    };
    let id = |entry| Id {
        number,
        generation: generation(entry),
    };
    let is = |one: Option<Id>| one.is_some_and(|one| one.number == number);
    if old_entry == Entry::Free {
        return Ok(Verdict::harmless_if(!known.dangling.contains(&number)));
    }
    if new_entry == Entry::Free || generation(old_entry) != generation(new_entry) {
        return Ok(Change);
    }
    let (old, new) = (then.object(id(old_entry))?, now.object(id(new_entry))?);
    if is(known.fields) {
        return appended_fields(old.array(), new.array(), (then, now), seen);
    }
    if known.metadata == Some(number) {
        seen.described = true;
        return Ok(Verdict::harmless_if(is_metadata(&old) && is_metadata(&new)));
    }
    if known.annotations.contains(&number) {
        return appended(old.array(), new.array(), (then, now), seen);
    }
    let (Object::Dictionary(old), Object::Dictionary(new)) = (&old, &new) else {
        // Two streams could have the same dictionary and other bytes.
        let same = old == new && !matches!(old, Object::Stream(..));
        return Ok(Verdict::harmless_if(same || known.stored.contains(&number)));
    };
    if old == new {
        return Ok(Harmless);
    }
    if is(known.catalog) {
        catalog(old, new, (then, now), seen)
    } else if is(known.form) {
        form(old, new, (then, now), seen)
    } else if is(known.details) {
        let dated = |key: &&[u8]| matches!(*key, b"ModDate" | b"Producer");
        seen.described = true;
        Ok(Verdict::harmless_if(old.differing(new).iter().all(dated)))
    } else if known.stored.contains(&number) {
        seen.store = true;
        Ok(Harmless)
    } else if old.name("Type") == Some(b"Page") && old.differing(new) == [b"Annots"] {
        let (before, after) = (then.list(old, "Annots")?, now.list(new, "Annots")?);
        appended(Some(&before), Some(&after), (then, now), seen)
    } else {
        field(old, new, now, seen)
    }
}

fn catalog(
    old: &Dictionary,
    new: &Dictionary,
    views: (&View<'_>, &View<'_>),
    seen: &mut Additions,
) -> Result<Verdict, PdfError> {
    for key in old.differing(new) {
        match key {
            b"DSS" => seen.store = true,
            b"Extensions" => {}
            b"Metadata" => {
                let after = new
                    .value("Metadata")
                    .map(|value| views.1.resolve(value))
                    .transpose()?;
                if !after.as_ref().is_some_and(is_metadata) {
                    return Ok(Change);
                }
                seen.described = true;
            }
            b"AcroForm" => {
                let before = views.0.inner(old, "AcroForm")?.unwrap_or_default();
                let after = views.1.inner(new, "AcroForm")?.unwrap_or_default();
                if let Change = form(&before, &after, views, seen)? {
                    return Ok(Change);
                }
            }
            _ => return Ok(Change),
        }
    }
    Ok(Harmless)
}

fn is_metadata(object: &Object) -> bool {
    matches!(object, Object::Stream(dictionary, _) if dictionary.name("Type") == Some(b"Metadata"))
}

fn form(
    old: &Dictionary,
    new: &Dictionary,
    views: (&View<'_>, &View<'_>),
    seen: &mut Additions,
) -> Result<Verdict, PdfError> {
    for key in old.differing(new) {
        match key {
            b"SigFlags" => {}
            b"Fields" => {
                let (before, after) = (views.0.list(old, "Fields")?, views.1.list(new, "Fields")?);
                if let Change = appended_fields(Some(&before), Some(&after), views, seen)? {
                    return Ok(Change);
                }
            }
            _ => return Ok(Change),
        }
    }
    Ok(Harmless)
}

/// What stands after the old items, where these are all there as they were.
fn added<'a>(old: Option<&[Object]>, new: Option<&'a [Object]>) -> Option<&'a [Object]> {
    new?.strip_prefix(old?)
}

/// Fields that were added at the end: of signatures only.
fn appended_fields(
    old: Option<&[Object]>,
    new: Option<&[Object]>,
    views: (&View<'_>, &View<'_>),
    seen: &mut Additions,
) -> Result<Verdict, PdfError> {
    let Some(added) = added(old, new) else {
        return Ok(Change);
    };
    for value in added {
        let Object::Dictionary(field) = views.1.resolve(value)? else {
            return Ok(Change);
        };
        if views.1.inner_name(&field, "FT")?.as_deref() != Some(b"Sig") {
            return Ok(Change);
        }
        match field.value("V") {
            Some(_) => seen.signatures += 1,
            None => seen.empty += 1,
        }
    }
    Ok(Harmless)
}

/// Annotations that were added at the end: the widgets of signature fields only.
fn appended(
    old: Option<&[Object]>,
    new: Option<&[Object]>,
    views: (&View<'_>, &View<'_>),
    seen: &mut Additions,
) -> Result<Verdict, PdfError> {
    let Some(added) = added(old, new) else {
        return Ok(Change);
    };
    for value in added {
        let Object::Dictionary(widget) = views.1.resolve(value)? else {
            return Ok(Change);
        };
        let parent = views.1.inner(&widget, "Parent")?.unwrap_or_default();
        let is_signature = [&widget, &parent]
            .iter()
            .any(|one| one.name("FT") == Some(b"Sig"));
        if !is_signature || widget.name("Subtype") != Some(b"Widget") {
            return Ok(Change);
        }
        seen.is_visible |= is_visible(&widget);
    }
    Ok(Harmless)
}

/// A rectangle without an area, or hidden.
fn is_visible(widget: &Dictionary) -> bool {
    let sides = widget.value("Rect").and_then(Object::array).unwrap_or_default();
    let is_hidden = widget.number("F").is_some_and(|flags| flags & 0b10 != 0);
    let is_flat = matches!(sides, [left, low, right, high] if left == right || low == high);
    !is_hidden && !is_flat
}

/// A signature field that was empty and is signed now.
fn field(
    old: &Dictionary,
    new: &Dictionary,
    now: &View<'_>,
    seen: &mut Additions,
) -> Result<Verdict, PdfError> {
    let kind = |one: &Dictionary| one.name("FT") == Some(b"Sig");
    let parent = now.inner(new, "Parent")?.unwrap_or_default();
    if !(kind(old) && kind(new) || kind(&parent)) {
        return Ok(Change);
    }
    let differing = old.differing(new);
    let only = differing
        .iter()
        .all(|key| matches!(*key, b"V" | b"AP" | b"M" | b"F" | b"MK"));
    if !only || old.value("V").is_some() {
        return Ok(Change);
    }
    seen.is_visible |= is_visible(new) && new.value("AP").is_some();
    seen.signatures += usize::from(new.value("V").is_some());
    Ok(Harmless)
}
