use std::collections::BTreeSet;

use super::*;
use crate::vault::Vault;

const LIMIT: u64 = 1 << 20;

struct Place {
    folder: tempfile::TempDir,
    files: Files,
    sealer: Arc<dyn Sealer>,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        Vault::create(&keys, &[7; 32]).unwrap();
        let sealer: Arc<dyn Sealer> = Arc::new(Vault::open(&keys, &[7; 32]).unwrap());
        sealer.resume(Slot(0)).unwrap();
        let files = Files::new(&folder.path().join("files"), Arc::clone(&sealer), (LIMIT, 0));
        files.tidy().unwrap();
        Self {
            folder,
            files,
            sealer,
        }
    }

    fn keep(&self, n: u8, bytes: &[u8]) -> Kept {
        let mut draft = self.files.begin(id(n)).unwrap();
        for some in bytes.chunks(10_000) {
            draft.write(some).unwrap();
        }
        draft.finish(&self.files).unwrap()
    }

    fn whole(&self, kept: &Kept) -> Result<Vec<u8>, Unread> {
        let reader = self.files.read(kept.id, kept.size)?;
        let mut bytes = Vec::new();
        for number in 0..parts(kept.size) {
            bytes.extend(reader.part(number)?);
        }
        Ok(bytes)
    }

    fn names(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(self.folder.path().join("files")).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

fn id(n: u8) -> ExchangeId {
    ExchangeId::new(1_795_000_000_000, &[n; 10])
}

fn bytes(size: usize, n: u8) -> Vec<u8> {
    (0..size).map(|at| (at % 251) as u8 ^ n).collect()
}

#[test]
fn what_was_kept_is_read_whole_and_in_parts_and_stands_nowhere_in_clear() {
    let place = Place::new();
    for (n, size) in [1, PART - 1, PART, PART + 1, 2 * PART, 3 * PART + 17]
        .into_iter()
        .enumerate()
    {
        let n = n as u8;
        let clear = bytes(size, n);
        let kept = place.keep(n, &clear);
        assert_eq!(
            (kept.size, kept.digest),
            (size as u64, openssl::sha::sha256(&clear))
        );
        assert_eq!(place.whole(&kept).unwrap(), clear);
        let reader = place.files.read(kept.id, kept.size).unwrap();
        let last = parts(kept.size) - 1;
        assert_eq!(reader.part(last).unwrap(), clear[last as usize * PART..]);
        assert_eq!(reader.part(last + 1).unwrap(), b"");
    }
    let kept = place.keep(40, b"%PDF-1.7 NGUYEN VAN MAU");
    let sealed = fs::read(place.files.path(kept.id)).unwrap();
    assert!(!sealed.windows(6).any(|part| part == b"NGUYEN"));
    assert_eq!(kept.media, "application/pdf");
}

#[test]
fn a_byte_that_was_changed_a_part_that_was_moved_and_an_end_that_was_cut_do_not_open() {
    let place = Place::new();
    let kept = place.keep(1, &bytes(3 * PART, 1));
    let other = place.keep(2, &bytes(3 * PART, 2));
    let path = place.files.path(kept.id);
    let sound = fs::read(&path).unwrap();
    let strange = fs::read(place.files.path(other.id)).unwrap();
    let part = PART + SEAL;
    let broken = |sealed: &[u8], size: u64| {
        fs::write(&path, sealed).unwrap();
        place.whole(&Kept { size, ..kept.clone() }).is_err()
    };
    for at in [0, 1, 9, 24, 25, part - 1, part, 2 * part + 30, 3 * part - 1] {
        let mut changed = sound.clone();
        changed[at] ^= 1;
        assert!(broken(&changed, kept.size), "byte {at}");
    }
    let of = |bytes: &[u8], n: usize| bytes[n * part..(n + 1) * part].to_vec();
    let swapped = [of(&sound, 1), of(&sound, 0), of(&sound, 2)].concat();
    assert!(broken(&swapped, kept.size), "parts that changed places");
    let spliced = [of(&sound, 0), of(&strange, 1), of(&sound, 2)].concat();
    assert!(broken(&spliced, kept.size), "a part of another file");
    assert!(
        broken(&sound[..2 * part], 2 * PART as u64),
        "cut between two parts, and the row as well"
    );
    assert!(broken(&sound[..3 * part - 1], kept.size), "cut within a part");
    let longer = [sound.clone(), of(&sound, 2)].concat();
    assert!(broken(&longer, 4 * PART as u64), "a part said twice");
    assert!(!broken(&sound, kept.size), "as it was, it opens");
    place.sealer.destroy(&[kept.slot]).unwrap();
    assert!(matches!(
        place.whole(&kept),
        Err(Unread::Sealed(SealError::Erased))
    ));
    place.files.remove(kept.id);
    assert!(matches!(place.whole(&kept), Err(Unread::Gone)));
}

#[test]
fn what_is_not_kept_leaves_nothing() {
    let place = Place::new();
    let empty = place.files.begin(id(1)).unwrap();
    assert!(matches!(empty.finish(&place.files), Err(Unkept::Empty)));
    let mut large = place.files.begin(id(2)).unwrap();
    large.write(&bytes(LIMIT as usize, 0)).unwrap();
    assert!(matches!(large.write(b"x"), Err(Unkept::TooLarge(LIMIT))));
    drop(large);
    let mut broken_off = place.files.begin(id(3)).unwrap();
    broken_off.write(&bytes(3 * PART, 0)).unwrap();
    assert_eq!(place.names().len(), 1, "its bytes go to the disk as they come");
    drop(broken_off);
    assert_eq!(place.names(), BTreeSet::new());
    let kept = place.keep(4, b"seen already");
    place.files.discard(&kept);
    assert_eq!(place.names(), BTreeSet::new());
    assert_eq!(
        place.sealer.take().unwrap(),
        kept.slot,
        "its key was never used, and is given out again"
    );
}

#[test]
fn a_full_disk_takes_nothing_and_says_so() {
    let place = Place::new();
    // The system's own file that is always full.
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let path = place.files.path(id(1)).with_extension(NEW);
    let mut draft = Draft::over(&place.files, id(1), full, &path).unwrap();
    assert!(matches!(draft.write(&bytes(2 * PART, 0)), Err(Unkept::Full)));
    drop(draft);
    let sealer = Arc::clone(&place.sealer);
    let picky = Files::new(&place.folder.path().join("files"), sealer, (LIMIT, u64::MAX));
    assert!(matches!(picky.begin(id(2)), Err(Unkept::Full)), "room must stay");
    assert_eq!(place.names(), BTreeSet::new());
}

#[test]
fn what_a_dead_process_left_is_taken_away_and_the_rest_is_named() {
    let place = Place::new();
    let kept = place.keep(1, b"whole");
    let mut half = place.files.begin(id(2)).unwrap();
    half.write(&bytes(2 * PART, 0)).unwrap();
    std::mem::forget(half);
    fs::write(place.folder.path().join("files/README"), "not ours").unwrap();
    assert_eq!(place.files.tidy().unwrap(), [kept.id]);
    assert_eq!(
        place.names(),
        BTreeSet::from([kept.id.to_string(), "README".to_owned()])
    );
}

#[test]
fn a_folder_that_is_none_is_said_before_anything_is_written() {
    let place = Place::new();
    let folder = place.folder.path();
    assert!(
        Files::usable(&folder.join("files")).is_ok() && Files::usable(&folder.join("not/yet/there")).is_ok()
    );
    fs::write(folder.join("a-file"), "").unwrap();
    assert!(
        Files::usable(&folder.join("a-file")).is_err()
            && Files::usable(&folder.join("a-file/below")).is_err()
    );
    assert!(!folder.join("not").exists());
}
