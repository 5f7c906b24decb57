//! From a tree to a document that cannot be broken out of.

use super::{Bounds, Element, Unfit, legal, named};

/// Writes a document: every text escaped, every name checked.
///
/// # Errors
/// [`Unfit`] when a name or a character of it is none of XML.
pub fn write(root: &Element<'_>) -> Result<Vec<u8>, Unfit> {
    let mut into = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    element(&mut into, root, Bounds::default().depth)?;
    Ok(into.into_bytes())
}

/// Writes a document without the declaration before it, for a place that says its encoding itself.
///
/// # Errors
/// [`Unfit`] when a name or a character of it is none of XML.
pub fn write_bare(root: &Element<'_>) -> Result<String, Unfit> {
    let mut into = String::new();
    element(&mut into, root, Bounds::default().depth)?;
    Ok(into)
}

fn element(into: &mut String, element: &Element<'_>, depth: usize) -> Result<(), Unfit> {
    let below = depth.checked_sub(1).ok_or(Unfit::Bound("depth"))?;
    let name = named(&element.name)?;
    into.push('<');
    into.push_str(name);
    for (key, value) in &element.attributes {
        into.extend([" ", named(key)?, "=\""]);
        escape(into, legal(value)?);
        into.push('"');
    }
    if element.text.is_empty() && element.children.is_empty() {
        into.push_str("/>");
        return Ok(());
    }
    into.push('>');
    escape(into, legal(&element.text)?);
    for child in &element.children {
        self::element(into, child, below)?;
    }
    into.extend(["</", name, ">"]);
    Ok(())
}

/// One escaping for texts and attributes; blanks other than the space are kept from being normalised away.
fn escape(into: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '&' => into.push_str("&amp;"),
            '"' => into.push_str("&quot;"),
            '\'' => into.push_str("&apos;"),
            '\t' => into.push_str("&#9;"),
            '\n' => into.push_str("&#10;"),
            '\r' => into.push_str("&#13;"),
            plain => into.push(plain),
        }
    }
}
