use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::mistake::Mistake;
use super::tree::{Node, Table, Value};
use super::units;
use crate::model::{Day, Network, NotNetwork};

/// A text that is not empty.
pub(super) fn text(node: &Node) -> Result<String, Mistake> {
    match &node.value {
        Value::Text(text) if !text.trim().is_empty() => Ok(text.clone()),
        Value::Text(_) => Err(node.at.mistake("this may not be empty")),
        Value::Integer(_) | Value::Boolean(_) | Value::List(_) | Value::Table(_) | Value::Other => {
            Err(node.at.mistake("a text in quotes belongs here"))
        }
    }
}

fn list(node: &Node) -> Result<&[Node], Mistake> {
    if let Value::List(items) = &node.value {
        Ok(items)
    } else {
        Err(node.at.mistake("a list in [ ] belongs here"))
    }
}

/// A time.
pub(super) fn duration(node: &Node) -> Result<Duration, Mistake> {
    let wrong = || {
        node.at
            .mistake("a time is written \"250 ms\", \"30 s\", \"5 min\", \"1 h\" or \"5 d\"")
    };
    units::duration(&text(node).map_err(|_| wrong())?).ok_or_else(wrong)
}

fn digest(node: &Node) -> Result<[u8; 32], Mistake> {
    let wrong = || {
        node.at
            .mistake("a SHA-256 in hex, 64 characters, belongs here (the token itself never does)")
    };
    let bytes = data_encoding::HEXLOWER_PERMISSIVE
        .decode(text(node)?.as_bytes())
        .map_err(|_| wrong())?;
    bytes.try_into().map_err(|_| wrong())
}

/// Refuses what would be dropped in silence on the way to somebody else's reader.
pub(super) fn readable(table: &Table) -> Result<(), Mistake> {
    table.0.values().try_for_each(|row| readable_node(&row.node))
}

fn readable_node(node: &Node) -> Result<(), Mistake> {
    match &node.value {
        Value::Other => Err(node.at.mistake("no setting is a fraction or a date")),
        Value::List(items) => items.iter().try_for_each(readable_node),
        Value::Table(table) => readable(table),
        Value::Text(_) | Value::Integer(_) | Value::Boolean(_) => Ok(()),
    }
}

/// Times, at least one.
pub(super) fn durations(node: &Node) -> Result<Vec<Duration>, Mistake> {
    let times: Vec<Duration> = list(node)?.iter().map(duration).collect::<Result<_, _>>()?;
    if times.is_empty() {
        Err(node.at.mistake("at least one time is needed"))
    } else {
        Ok(times)
    }
}

/// A size in bytes.
pub(super) fn size(node: &Node) -> Result<u64, Mistake> {
    let wrong = || {
        node.at
            .mistake("a size is written \"512 B\", \"64 KiB\", \"5 MiB\" or \"2 GiB\"")
    };
    units::size(&text(node).map_err(|_| wrong())?).ok_or_else(wrong)
}

/// A whole number within bounds.
pub(super) fn count(node: &Node, bounds: &RangeInclusive<u32>) -> Result<u32, Mistake> {
    let (least, most) = (bounds.start(), bounds.end());
    let wrong = || {
        node.at
            .mistake(format!("a whole number from {least} to {most} belongs here"))
    };
    let Value::Integer(number) = node.value else {
        return Err(wrong());
    };
    u32::try_from(number)
        .ok()
        .filter(|number| bounds.contains(number))
        .ok_or_else(wrong)
}

/// An address of this machine with a port.
pub(super) fn listen(node: &Node) -> Result<SocketAddr, Mistake> {
    let wrong = || {
        node.at
            .mistake("an address and a port belong here, such as \"127.0.0.1:8080\"")
    };
    text(node)?.parse().map_err(|_| wrong())
}

/// An address of the web: `http://` or `https://`, then a host.
pub(super) fn url(node: &Node) -> Result<String, Mistake> {
    let url = text(node)?;
    let host = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"))
        .unwrap_or_default();
    if host.is_empty() || host.starts_with('/') || host.contains(char::is_whitespace) {
        return Err(node
            .at
            .mistake("an address begins with http:// or https://, then a host"));
    }
    Ok(url)
}

/// Yes or no.
pub(super) fn truth(node: &Node) -> Result<bool, Mistake> {
    match &node.value {
        Value::Boolean(yes) => Ok(*yes),
        Value::Text(word) if word == "true" => Ok(true),
        Value::Text(word) if word == "false" => Ok(false),
        Value::Text(_) | Value::Integer(_) | Value::List(_) | Value::Table(_) | Value::Other => {
            Err(node.at.mistake("true or false belongs here"))
        }
    }
}

/// A day of the calendar.
pub(super) fn day(node: &Node) -> Result<Day, Mistake> {
    let wrong = || node.at.mistake("a day is written \"2027-01-15\"");
    text(node).map_err(|_| wrong())?.parse().map_err(|_| wrong())
}

/// Bytes in hex.
pub(super) fn hex(node: &Node) -> Result<Vec<u8>, Mistake> {
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text(node)?.as_bytes());
    bytes.map_err(|_| node.at.mistake("bytes in hex belong here, two digits each"))
}

/// Networks.
pub(super) fn networks(node: &Node) -> Result<Vec<Network>, Mistake> {
    let read = |node: &Node| {
        text(node)?
            .parse()
            .map_err(|why: NotNetwork| node.at.mistake(why.to_string()))
    };
    list(node)?.iter().map(read).collect()
}

/// Texts that are not empty.
pub(super) fn texts(node: &Node) -> Result<Vec<String>, Mistake> {
    list(node)?.iter().map(text).collect()
}

/// SHA-256 digests in hex.
pub(super) fn digests(node: &Node) -> Result<Vec<[u8; 32]>, Mistake> {
    list(node)?.iter().map(digest).collect()
}
