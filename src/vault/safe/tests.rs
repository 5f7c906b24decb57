use std::path::PathBuf;

use super::*;

const NODE: [u8; 32] = [7; 32];
const HERE: Place<'_> = Place {
    column: "body.filed",
    row: [b"H99-1", b"salt"],
};

struct Kept {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Kept {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault");
        Vault::create(&path, &NODE).unwrap();
        Self {
            _folder: folder,
            path,
        }
    }

    /// Opened by a process whose store has taken the slots before `free`.
    fn open(&self, free: u64) -> Vault {
        let vault = Vault::open(&self.path, &NODE).unwrap();
        vault.resume(Slot(free)).unwrap();
        vault
    }
}

fn open(vault: &Vault, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    vault.open(Warrant::Work, HERE, sealed)
}

#[test]
fn a_value_opens_in_its_place_and_any_changed_bit_keeps_it_shut() {
    let kept = Kept::new();
    let vault = kept.open(0);
    let slot = vault.take().unwrap();
    let sealed = vault.seal(slot, HERE, b"TRAN VAN MAU").unwrap();
    assert!(!sealed.windows(4).any(|part| part == b"TRAN"));
    assert_eq!(open(&vault, &sealed).unwrap(), b"TRAN VAN MAU");
    assert_ne!(sealed, vault.seal(slot, HERE, b"TRAN VAN MAU").unwrap());
    let elsewhere = [
        Place {
            column: "body.dossier",
            ..HERE
        },
        Place {
            row: [b"H99-2", b"salt"],
            ..HERE
        },
        // The same bytes, cut elsewhere.
        Place {
            row: [b"H99-1s", b"alt"],
            ..HERE
        },
    ];
    for place in elsewhere {
        assert_eq!(vault.open(Warrant::Work, place, &sealed), Err(SealError::Broken));
    }
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&vault, &changed).is_err(), "bit {bit}");
    }
    for end in 0..sealed.len() {
        assert!(open(&vault, &sealed[..end]).is_err(), "{end} bytes");
    }
    let empty = vault.seal(slot, HERE, b"").unwrap();
    assert_eq!(open(&vault, &empty).unwrap(), b"");
}

#[test]
fn no_slot_is_given_twice_and_what_was_sealed_opens_after_a_restart() {
    let kept = Kept::new();
    let mut sealed = Vec::new();
    for round in 0..5_u64 {
        let vault = kept.open(round * 13);
        for n in round * 13..(round + 1) * 13 {
            let slot = vault.take().unwrap();
            assert_eq!(slot, Slot(n), "they are taken in order, none is lost");
            sealed.push(vault.seal(slot, HERE, &n.to_be_bytes()).unwrap());
        }
    }
    let beside = Vault::open_read_only(&kept.path, &NODE).unwrap();
    for (n, sealed) in (0_u64..).zip(&sealed) {
        assert_eq!(open(&beside, sealed).unwrap(), n.to_be_bytes());
    }
    assert!(beside.take().is_err(), "only the store's own process takes slots");
}

#[test]
fn many_take_at_once_and_each_has_its_own() {
    let kept = Kept::new();
    let vault = kept.open(0);
    let taken = std::thread::scope(|scope| {
        let take = || (0..100).map(|_| vault.take().unwrap()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
        let each = threads.into_iter().flat_map(|thread| thread.join().unwrap());
        each.collect::<HashSet<_>>()
    });
    assert_eq!(taken.len(), 400);
    let slot = vault.take().unwrap();
    vault.give_back(slot);
    assert_eq!(vault.take().unwrap(), slot, "what was given back is taken next");
}

#[test]
fn a_destroyed_key_opens_nothing_ever_again_anywhere() {
    let kept = Kept::new();
    let vault = kept.open(0);
    let (gone, stays) = (vault.take().unwrap(), vault.take().unwrap());
    let sealed = [gone, stays].map(|slot| vault.seal(slot, HERE, b"TRAN").unwrap());
    let beside = Vault::open_read_only(&kept.path, &NODE).unwrap();
    let before = std::fs::read(&kept.path).unwrap();
    vault.destroy(&[gone]).unwrap();
    let after = std::fs::read(&kept.path).unwrap();
    let changed: Vec<usize> = (0..before.len()).filter(|at| before[*at] != after[*at]).collect();
    assert!(!changed.is_empty() && changed.iter().all(|at| (64..128).contains(at)));
    assert!(
        after[64..124].iter().all(|byte| *byte == 0),
        "nothing of the key stays"
    );
    for vault in [&vault, &beside] {
        assert_eq!(open(vault, &sealed[0]), Err(SealError::Erased));
        assert_eq!(open(vault, &sealed[1]).unwrap(), b"TRAN");
    }
    assert_eq!(vault.seal(gone, HERE, b"TRAN"), Err(SealError::Erased));
    vault.destroy(&[gone]).unwrap();
    drop((vault, beside));
    // An older store comes back, for which that slot is free: it is passed over.
    let vault = kept.open(0);
    assert_eq!(open(&vault, &sealed[0]), Err(SealError::Erased));
    assert_eq!(vault.take().unwrap(), stays);
}

#[test]
fn what_a_death_left_half_written_is_passed_over_or_written_over() {
    let kept = Kept::new();
    let vault = kept.open(0);
    let slot = vault.take().unwrap();
    let sealed = vault.seal(slot, HERE, b"TRAN").unwrap();
    drop(vault);
    let whole = std::fs::read(&kept.path).unwrap();
    for cut in [64 + 64, 64 + 64 + 1, 64 + 2 * 64 + 63] {
        std::fs::write(&kept.path, &whole[..cut]).unwrap();
        let vault = kept.open(1);
        let taken: HashSet<Slot> = (0..40).map(|_| vault.take().unwrap()).collect();
        assert_eq!(taken.len(), 40);
        for slot in taken {
            let sealed = vault.seal(slot, HERE, b"x").unwrap();
            assert_eq!(open(&vault, &sealed).unwrap(), b"x");
        }
        assert_eq!(open(&vault, &sealed).unwrap(), b"TRAN");
    }
    // Blocks of the batch that never reached the disk.
    let mut holes = whole.clone();
    holes[64 + 3 * 64..64 + 5 * 64].fill(0);
    std::fs::write(&kept.path, &holes).unwrap();
    let vault = kept.open(1);
    let taken: Vec<Slot> = (0..5).map(|_| vault.take().unwrap()).collect();
    assert_eq!(taken, [1, 2, 5, 6, 7].map(Slot));
}

#[test]
fn other_keys_and_other_files_are_named() {
    let kept = Kept::new();
    let vault = kept.open(0);
    let sealed = vault.seal(vault.take().unwrap(), HERE, b"TRAN").unwrap();
    drop(vault);
    assert!(matches!(
        Vault::open(&kept.path, &[8; 32]).map(drop),
        Err(SealError::Keyless(why)) if why.contains("another node key")
    ));
    assert!(matches!(
        Vault::open(&kept.path.with_extension("none"), &NODE).map(drop),
        Err(SealError::Keyless(_))
    ));
    assert!(matches!(
        Vault::create(&kept.path, &NODE),
        Err(SealError::Unusable(_))
    ));
    let vault = Vault::open(&kept.path, &NODE).unwrap();
    assert!(matches!(
        vault.resume(Slot(1_000_000)),
        Err(SealError::Keyless(why)) if why.contains("older copy")
    ));
    assert!(matches!(vault.take(), Err(SealError::Unusable(_))));
    let other = Kept::new();
    let vault = other.open(0);
    vault.take().unwrap();
    assert_ne!(vault.name(), Vault::open(&kept.path, &NODE).unwrap().name());
    assert_eq!(open(&vault, &sealed), Err(SealError::Broken));
    std::fs::write(
        &other.path,
        b"not ours, but as long as a head would be, sixty-four bytes or more",
    )
    .unwrap();
    assert!(matches!(
        Vault::open(&other.path, &NODE).map(drop),
        Err(SealError::Unusable(_))
    ));
}
