//! `xml:base` of an element whose surroundings are left out (Canonical XML 1.1 §2.4 and appendix A).

use super::tree::{Document, OF_XML};

/// The `xml:base` that the element is written with: its own, resolved against those of what stands around it.
pub(super) fn of(document: &Document<'_>, node: usize) -> Option<String> {
    let mut all = document.lineage(node).filter_map(|one| {
        document
            .attributes(one)
            .iter()
            .find(|one| one.name.space == OF_XML && one.name.local == "base")
            .map(|one| one.value.as_ref())
    });
    let mut joined = all.next()?.to_owned();
    for around in all {
        joined = join(around, &joined);
    }
    Some(joined)
}

/// The parts of a reference (RFC 3986 §3), the delimiters kept with what they begin.
struct Parts<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
}

fn parts(reference: &str) -> Parts<'_> {
    // Appendix A leaves the fragment out.
    let reference = reference.split_once('#').map_or(reference, |(before, _)| before);
    let (reference, query) = match reference.split_once('?') {
        Some((before, query)) => (before, Some(query)),
        None => (reference, None),
    };
    let (scheme, rest) = match reference.split_once(':') {
        Some((scheme, rest)) if !scheme.is_empty() && !scheme.contains('/') => (Some(scheme), rest),
        _ => (None, reference),
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            (Some(&rest[..end]), &rest[end..])
        }
        None => (None, rest),
    };
    Parts {
        scheme,
        authority,
        path,
        query,
    }
}

/// RFC 3986 §5.2.2, as appendix A changes it: the base may be relative itself, and what cannot go higher stays.
fn join(base: &str, reference: &str) -> String {
    let (outer, inner) = (parts(base), parts(reference));
    let (scheme, authority, path, query);
    if inner.scheme.is_some() {
        (scheme, authority, path, query) = (
            inner.scheme,
            inner.authority,
            without_dots(inner.path),
            inner.query,
        );
    } else if inner.authority.is_some() {
        (scheme, authority, path, query) = (
            outer.scheme,
            inner.authority,
            without_dots(inner.path),
            inner.query,
        );
    } else if inner.path.is_empty() {
        let asked = inner.query.or(outer.query);
        (scheme, authority, path, query) = (outer.scheme, outer.authority, without_dots(outer.path), asked);
    } else {
        let whole = match inner.path.starts_with('/') {
            true => inner.path.to_owned(),
            false => merged(&outer, inner.path),
        };
        (scheme, authority, path, query) = (outer.scheme, outer.authority, without_dots(&whole), inner.query);
    }
    let mut joined = String::new();
    for part in [
        scheme.map(|it| format!("{it}:")),
        authority.map(|it| format!("//{it}")),
        Some(path),
    ] {
        joined.push_str(&part.unwrap_or_default());
    }
    if let Some(query) = query {
        joined.push('?');
        joined.push_str(query);
    }
    joined
}

/// §5.2.3; a base that ends in `..` counts as a folder (appendix A).
fn merged(outer: &Parts<'_>, path: &str) -> String {
    if outer.authority.is_some() && outer.path.is_empty() {
        return format!("/{path}");
    }
    let folder = match outer.path {
        ".." => "../",
        whole if whole.ends_with("/..") => return format!("{whole}/{path}"),
        whole => whole.rfind('/').map_or("", |end| &whole[..=end]),
    };
    format!("{folder}{path}")
}

/// §5.2.4 over segments: `.` goes, `..` takes the one before it, and is kept where there is none in a relative path.
fn without_dots(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').collect();
    for (index, segment) in segments.iter().enumerate() {
        let last = index + 1 == segments.len();
        match *segment {
            "." if last => kept.push(""),
            "." => {}
            ".." => {
                let under_root = absolute && kept.len() <= 1;
                match kept.last() {
                    None | Some(&"..") => kept.push(".."),
                    Some(_) if !under_root => {
                        kept.pop();
                    }
                    Some(_) => {}
                }
                if last {
                    kept.push("");
                }
            }
            // Several slashes are one (appendix A).
            "" if index > 0 && !last => {}
            other => kept.push(other),
        }
    }
    kept.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_joined_as_rfc_3986_and_canonical_xml_1_1_say() {
        for (base, reference, joined) in [
            ("http://a.example/b/c/d?q", "g", "http://a.example/b/c/g"),
            ("http://a.example/b/c/d?q", "./g/", "http://a.example/b/c/g/"),
            ("http://a.example/b/c/d?q", "/g", "http://a.example/g"),
            ("http://a.example/b/c/d?q", "//g", "http://g"),
            ("http://a.example/b/c/d?q", "", "http://a.example/b/c/d?q"),
            ("http://a.example/b/c/d?q", "?y", "http://a.example/b/c/d?y"),
            ("http://a.example/b/c/d?q", "../../g", "http://a.example/g"),
            ("http://a.example/b/c/d?q", "../../../g", "http://a.example/g"),
            ("http://a.example/b/c/d?q", "../..", "http://a.example/"),
            ("http://a.example/b/c/d?q", ".", "http://a.example/b/c/"),
            ("http://a.example", "g", "http://a.example/g"),
            ("http://a.example/b", "urn:x:y", "urn:x:y"),
            ("foo/bar", "bar2", "foo/bar2"),
            ("..", "x", "../x"),
            ("../..", "x", "../../x"),
            ("../x", "../y", "../../y"),
        ] {
            assert_eq!(join(base, reference), joined, "{base} + {reference}");
        }
    }
}
