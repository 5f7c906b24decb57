use super::{Bare, Inner, Item, Member, Parameters, write_bytes};

pub(super) fn member_of(key: &str, value: &Member) -> String {
    match value {
        // §4.1.2: true is not written, its parameters are.
        Member::One(Item {
            bare: Bare::Boolean(true),
            parameters: rest,
            ..
        }) => format!("{key}{}", parameters(rest)),
        Member::One(_) | Member::Inner(_) => format!("{key}={}", member(value)),
    }
}

pub(super) fn member(value: &Member) -> String {
    match value {
        Member::One(one) => item(one),
        Member::Inner(Inner {
            items,
            parameters: rest,
            ..
        }) => {
            let items: Vec<String> = items.iter().map(item).collect();
            format!("({}){}", items.join(" "), parameters(rest))
        }
    }
}

fn item(item: &Item) -> String {
    format!("{}{}", bare(&item.bare), parameters(&item.parameters))
}

fn parameters(list: &Parameters) -> String {
    let one = |(name, value): &(String, Bare)| match value {
        Bare::Boolean(true) => format!(";{name}"),
        other @ (Bare::Integer(_)
        | Bare::Decimal(_)
        | Bare::Text(_)
        | Bare::Token(_)
        | Bare::Bytes(_)
        | Bare::Boolean(false)
        | Bare::Date(_)
        | Bare::Display(_)) => format!(";{name}={}", bare(other)),
    };
    list.0.iter().map(one).collect()
}

pub(super) fn bare(value: &Bare) -> String {
    match value {
        Bare::Integer(number) => number.to_string(),
        Bare::Decimal(thousandths) => decimal(*thousandths),
        Bare::Text(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        Bare::Token(word) => word.clone(),
        Bare::Bytes(bytes) => write_bytes(bytes),
        Bare::Boolean(yes) => format!("?{}", u8::from(*yes)),
        Bare::Date(seconds) => format!("@{seconds}"),
        Bare::Display(text) => display(text),
    }
}

/// One to three digits after the point, none of them a needless zero.
fn decimal(thousandths: i64) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    let size = thousandths.unsigned_abs();
    let fraction = format!("{:03}", size % 1000);
    let fraction = fraction.trim_end_matches('0');
    let fraction = if fraction.is_empty() { "0" } else { fraction };
    format!("{sign}{}.{fraction}", size / 1000)
}

fn display(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'%' | b'"' | 0..b' ' | 0x7f.. => format!("%{byte:02x}"),
        plain => char::from(plain).to_string(),
    };
    format!("%\"{}\"", text.bytes().map(one).collect::<String>())
}
