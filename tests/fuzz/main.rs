#![no_main]
//! libFuzzer over every target; the first octet of an input chooses which.

mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some((which, rest)) = bytes.split_first() {
        let (_, target) = targets::ALL[usize::from(*which) % targets::ALL.len()];
        target(rest);
    }
});
