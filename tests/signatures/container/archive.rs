use lienthong::signing::container::{ArchiveError, ContainerError};
use proptest::prelude::{any, proptest};

use super::made::{container, verify};

fn why(bytes: &[u8]) -> ArchiveError {
    match verify(bytes) {
        Err(ContainerError::Archive(reason)) => reason,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was read"),
    }
}

#[test]
fn hostile_archives_are_refused_each_with_its_reason() {
    for (name, reason) in [
        ("twice", ArchiveError::Twice(5)),
        ("case", ArchiveError::Twice(5)),
        ("accents", ArchiveError::Twice(5)),
        ("up", ArchiveError::Name(5)),
        ("root", ArchiveError::Name(5)),
        ("slash", ArchiveError::Name(5)),
        ("bomb", ArchiveError::Bound("bytes for so few")),
        ("many", ArchiveError::Bound("entries")),
    ] {
        assert_eq!(why(&container(name)), reason, "{name}");
    }
}

#[test]
fn what_is_hidden_around_the_entries_is_refused() {
    let bytes = container("pyasice");
    assert_eq!(why(&[b"x", bytes.as_slice()].concat()), ArchiveError::Directory);
    assert_eq!(why(&[&bytes, b"x".as_slice()].concat()), ArchiveError::NoEnd);
    // Two archives one after the other, as a reader from the front and one from the back would see them differently.
    assert_eq!(why(&[bytes.as_slice(), &bytes].concat()), ArchiveError::Directory);
    // The name of the first entry where it stands, and another in the directory.
    let mut other = bytes.clone();
    other[30] = b'n';
    assert_eq!(why(&other), ArchiveError::Disagree(0));
    // A byte between the last entry and the directory.
    let directory = bytes
        .windows(4)
        .position(|window| window == b"PK\x01\x02")
        .unwrap();
    let mut gap = [&bytes[..directory], b"x", &bytes[directory..]].concat();
    let end = gap.len() - 6;
    gap[end..end + 4].copy_from_slice(&(directory as u32 + 1).to_le_bytes());
    assert_eq!(why(&gap), ArchiveError::Gap(5));
    for length in 0..bytes.len() {
        assert!(verify(&bytes[..length]).is_err());
    }
}

proptest! {
    #[test]
    fn nothing_falls_over(from in any::<proptest::sample::Index>(), length in 0..60_usize, fresh in proptest::collection::vec(any::<u8>(), 0..8)) {
        let mut bytes = container("pyasice");
        let from = from.index(bytes.len());
        let to = (from + length).min(bytes.len());
        drop(bytes.splice(from..to, fresh));
        let _report = verify(&bytes);
    }
}
