//! The addresses at which one site is called, as its configuration writes them.

use super::Address;
use crate::call::Method;

/// What is wrong with the addresses of a site; all of it is said at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// There is no address at all.
    #[error("it is called at no address")]
    Nowhere,
    /// A path that no listener can match.
    #[error("the path `{0}` is none; begin it with `/`, and let only its last segment be `{{…}}`")]
    Path(String),
    /// One address for two things.
    #[error("the path `{0}` stands there twice")]
    Twice(String),
    /// A value that must be set is blank.
    #[error("`{0}` is blank")]
    Blank(&'static str),
}

/// The addresses of these paths, all of them for one door.
pub fn posted<'a>(door: &'static str, paths: &'a [String]) -> impl Iterator<Item = Address> + 'a {
    paths.iter().map(move |path| Address {
        method: Method::Post,
        path: path.clone(),
        door,
    })
}

/// Everything that is wrong with these addresses.
#[must_use]
pub fn faults(addresses: &[Address]) -> Vec<Unfit> {
    let nowhere = addresses.is_empty().then_some(Unfit::Nowhere);
    let bad = addresses.iter().filter(|address| !is_path(&address.path));
    let same = |one: &Address, other: &Address| (one.method, &one.path) == (other.method, &other.path);
    let again = addresses
        .iter()
        .enumerate()
        .filter(|(at, address)| addresses[..*at].iter().any(|before| same(before, address)));
    nowhere
        .into_iter()
        .chain(bad.map(|address| Unfit::Path(address.path.clone())))
        .chain(again.map(|(_, address)| Unfit::Twice(address.path.clone())))
        .collect()
}

/// Whether a listener can match this path: it begins with `/`, and only its last segment may be `{…}`.
fn is_path(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else {
        return false;
    };
    let plain = |segment: &str| {
        let sound = segment
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"?#%{}\\".contains(&byte));
        sound && !matches!(segment, "" | "." | "..")
    };
    let (before, last) = rest.rsplit_once('/').unwrap_or(("", rest));
    let open = last.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
    let before = before.is_empty() && !rest.starts_with('/') || before.split('/').all(plain);
    before && plain(open.unwrap_or(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_that_a_listener_can_match() {
        for path in ["/a", "/a/b.c-d/e", "/a/{so}", "/{so}"] {
            assert!(is_path(path), "{path}");
        }
        for path in [
            "", "a", "/", "//a", "/a//b", "/a/", "/{a}/b", "/a/{", "/a/{}", "/a/x{b}", "/a?b", "/a b",
            "/a/../b", "/%61", "/a\u{0}",
        ] {
            assert!(!is_path(path), "{path}");
        }
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        assert_eq!(faults(&[]), [Unfit::Nowhere]);
        let paths = ["/a", "b", "/a"].map(str::to_owned);
        let addresses: Vec<Address> = posted("x", &paths).collect();
        let said = [Unfit::Path("b".into()), Unfit::Twice("/a".into())];
        assert_eq!(faults(&addresses), said);
        assert_eq!(
            said[0].to_string(),
            "the path `b` is none; begin it with `/`, and let only its last segment be `{…}`"
        );
    }
}
