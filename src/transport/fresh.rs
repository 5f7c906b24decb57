//! What is made of files and must follow them: certificates and keys that are replaced while the process runs.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// Makes the thing of its files, or says what is wrong with them.
type Make<T> = Box<dyn Fn() -> Result<T, String> + Send + Sync>;

/// Something made of files, and made anew once one of them changes. What cannot be made anew leaves what was there: half of
/// a pair of files that are being replaced shuts no door.
pub struct Fresh<T> {
    files: Vec<PathBuf>,
    make: Make<T>,
    kept: Mutex<Kept<T>>,
}

struct Kept<T> {
    stamp: Vec<Stamp>,
    thing: T,
}

/// When a file was last changed and how long it is; nothing of one that is not there.
type Stamp = Option<(SystemTime, u64)>;

impl<T: Clone> Fresh<T> {
    /// Makes it for the first time.
    pub fn new(
        files: Vec<PathBuf>,
        make: impl Fn() -> Result<T, String> + Send + Sync + 'static,
    ) -> Result<Self, String> {
        let stamp = stamp(&files);
        let thing = make()?;
        Ok(Self {
            files,
            make: Box::new(make),
            kept: Mutex::new(Kept { stamp, thing }),
        })
    }

    /// It, as its files are now.
    pub fn now(&self) -> T {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = stamp(&self.files);
        if stamp != kept.stamp {
            // Also after a failure: the same bad files are not read again for each connection.
            kept.stamp = stamp;
            match (self.make)() {
                Ok(thing) => {
                    tracing::info!(files.count = self.files.len(), "files of TLS were read anew");
                    kept.thing = thing;
                }
                Err(why) => {
                    tracing::error!(error = %why, "files of TLS changed and cannot be used: the old ones stay")
                }
            }
        }
        kept.thing.clone()
    }
}

fn stamp(files: &[PathBuf]) -> Vec<Stamp> {
    let files = files.iter();
    files
        .map(|file| {
            let about = fs::metadata(file).ok()?;
            Some((about.modified().ok()?, about.len()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_its_files_and_keeps_what_it_had_when_they_are_bad() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("number");
        fs::write(&file, "1").unwrap();
        let read = file.clone();
        let made = move || {
            let text = fs::read_to_string(&read).map_err(|why| why.to_string())?;
            text.parse::<u32>().map_err(|why| why.to_string())
        };
        let fresh = Fresh::new(vec![file.clone()], made).unwrap();
        assert_eq!(fresh.now(), 1);
        fs::write(&file, "22").unwrap();
        assert_eq!(fresh.now(), 22);
        fs::write(&file, "bad").unwrap();
        assert_eq!(fresh.now(), 22);
        fs::remove_file(&file).unwrap();
        assert_eq!(fresh.now(), 22);
        fs::write(&file, "4444").unwrap();
        assert_eq!(fresh.now(), 4444);
    }
}
