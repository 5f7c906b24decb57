use super::*;

#[test]
fn the_shipped_files_are_complete_and_right() {
    let mut ledger = Ledger::default();
    let tree = merged(&[], std::iter::empty(), ledger.mistakes.get_mut());
    let config = Config::read(&tree, &mut ledger);
    assert_eq!(said(&ledger.mistakes.borrow()), "");
    assert!(config.is_some());
    let shipped = format!(
        "{SHIPPED}{}",
        PARTNERS
            .iter()
            .chain(CALLERS)
            .map(|(_, text)| *text)
            .collect::<String>()
    );
    for path in ledger.absent.borrow().iter() {
        let key = path.rsplit('.').next().unwrap();
        // One setting by its line, a group of them by its heading.
        let shown = [format!("\n# {key} = "), format!(".{key}]\n")];
        assert!(
            shown.iter().any(|shown| shipped.contains(shown.as_str())),
            "the shipped files do not show {path}"
        );
    }
}

#[test]
fn every_setting_that_is_shown_and_left_out_is_known() {
    let shown = |text: &str| -> String {
        let is_setting = |line: &str| {
            let word = line
                .strip_prefix("# ")
                .and_then(|rest| rest.split_once(" = "))
                .map(|(word, _)| word);
            word.is_some_and(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        };
        text.lines()
            .map(|line| if is_setting(line) { &line[2..] } else { line })
            .collect::<Vec<_>>()
            .join("\n")
    };
    let node = shown(SHIPPED);
    let portal = shown(PARTNERS[0].1);
    assert_ne!((node.as_str(), portal.as_str()), (SHIPPED, PARTNERS[0].1));
    let config = load(&[&node, &portal]).unwrap();
    for (name, text) in CALLERS {
        let config = load(&[&shown(text)]).unwrap();
        assert!(config.callbacks[*name].secret_file.is_some(), "{name}");
    }
    assert_eq!(config.codes.folder, Some("/var/lib/lienthong/codes".into()));
    let account = config.partners["portal"].account.as_ref().unwrap();
    assert_eq!(
        account.password_file,
        Path::new("/var/lib/lienthong/keys/portal.password")
    );
}

#[test]
fn the_operator_says_only_what_differs() {
    let config =
        load(&["[http]\nlisten = '0.0.0.0:9'\n[outbox]\nschedule = ['1 s', '1 min']\n[node]\ndir = 'here'"])
            .unwrap();
    assert_eq!(config.http.listen.port(), 9);
    assert_eq!(config.http.batch_limit, 500);
    assert_eq!(config.store.path, Path::new("here/store"));
    let waits: Vec<u64> = [0, 1, 2, 3, u32::MAX]
        .map(|n| config.outbox.schedule.after(n).as_secs())
        .to_vec();
    assert_eq!(waits, [1, 1, 60, 60, 60]);
}

#[test]
fn the_environment_stands_above_the_file() {
    let vars = [
        ("LIENTHONG_HTTP__BATCH_LIMIT", "7"),
        ("LIENTHONG_OUTBOX__SCHEDULE", "2 s, 3 s"),
        ("LIENTHONG_PARTNERS__PORTAL__FRAMING__STEPS", "3"),
        ("LIENTHONG_SYSTEMS__TAN_DAN__SITE", "elsewhere"),
        ("LIENTHONGS_OTHER", "x"),
    ];
    let layer = "[http]\nbatch_limit = 8\n[systems.tan-dan]\nmapping = 'a/b'\nsite = 's'\ntoken_sha256 = []\npartner = 'portal'";
    let config = Config::layered(
        &[Layer {
            name: "node.toml",
            text: layer,
        }],
        environment_of(&vars),
    )
    .unwrap();
    assert_eq!(config.http.batch_limit, 7);
    assert_eq!(config.outbox.schedule.waits().len(), 2);
    assert_eq!(config.partners["portal"].framing["steps"].as_integer(), Some(3));
    assert_eq!(config.systems["tan-dan"].site, "elsewhere");
}

#[test]
fn a_second_partner_of_an_adapter_has_its_shipped_settings() {
    let config = load(&["[partners.trial]\nadapter = 'portal'\nbase = 'http://trial.example/'\n[partners.trial.pace]\nburst = 1"]).unwrap();
    let trial = &config.partners["trial"];
    assert_eq!(
        (trial.base.as_str(), trial.pace.burst, trial.pace.per_second),
        ("http://trial.example", 1, 20)
    );
    assert_eq!(trial.mappings["dossier"], "portal/dossier");
}

#[test]
fn all_mistakes_are_named_at_once_with_their_places() {
    let text = "\
[http]
listn = \"127.0.0.1:1\"
body_timeout = \"5 minutes\"
batch_limit = 0
[systems.opencps]
partner = \"portl\"
[systems.Other]
[partners.portal]
password = \"hunter2\"
signature = \"HS256\"
[houses]
";
    let vars = [("LIENTHONG_STORE__BATCH", "many"), ("LIENTHONG_DIR", "x")];
    let mistakes = Config::layered(
        &[Layer {
            name: "node.toml",
            text,
        }],
        environment_of(&vars),
    )
    .unwrap_err();
    let all = said(&mistakes);
    assert!(!all.contains("hunter2"), "{all}");
    for expected in [
        "node.toml:2:1\n   listn\n   ^^^^^ [http] has no setting `listn`; did you mean `listen`?",
        "node.toml:3:16\n   body_timeout = \"5 minutes\"\n                  ^^^^^^^^^^^ a time is written",
        "node.toml:4:15\n   batch_limit = 0\n                 ^ a whole number from 1 to 100000 belongs here",
        "one of portal belongs here; `portal` is near",
        "a name has 1 to 40 of the characters a-z, 0-9 and `-`",
        "[systems.Other] lacks the setting `token_sha256`",
        "`password_file` names the file that holds it",
        "one of ES256, ES384, RS256, RS384, RS512, PS256, PS384, PS512, EdDSA, none belongs here",
        "there is no section `houses`; there is node, http",
        "LIENTHONG_STORE__BATCH: a whole number from 1 to 100000 belongs here",
        "LIENTHONG_DIR: there is no section `dir`",
    ] {
        assert!(all.contains(expected), "{expected}\nis not in\n{all}");
    }
}

#[test]
fn keys_that_follow_one_another_are_read_wherever_they_are_kept() {
    let text = "\
[keys.payload.k2026]
file = 'keys/k2026.pem'
until = '2027-02-01'
[keys.payload.k2027]
file = '/etc/k2027.P12'
passphrase_file = 'keys/k2027.passphrase'
from = '2027-01-15'
[keys.payload.k2028]
module = '/usr/lib/softhsm/libsofthsm2.so'
token = 'payload'
key_id = 'a1B2'
pin_file = 'keys/pin'
[keys.payload.k2025]
public_file = 'keys/k2025.pub'
";
    let keys = load(&[text]).unwrap().keys;
    assert_eq!(keys.sessions, 16);
    let kept = |name: &str| &keys.payload[name].kept;
    assert!(kept("k2027").is_container() && !kept("k2026").is_container());
    assert_eq!(keys.payload["k2026"].until.unwrap().to_string(), "2027-02-01");
    assert!(keys.payload["k2026"].from.is_none());
    let Kept::Token(at) = kept("k2028") else {
        panic!("{:?}", kept("k2028"))
    };
    assert_eq!(
        (at.label.as_deref(), at.key_id.as_deref()),
        (Some("payload"), Some(&[0xa1, 0xb2][..]))
    );
    assert!(matches!(kept("k2025"), Kept::Retired { .. }));
}

#[test]
fn a_key_that_is_nowhere_or_has_no_days_is_told() {
    for (text, expected) in [
        ("from = '2027-01-15'", "lacks the setting `file`"),
        (
            "file = 'a.pem'\npassphrase_file = 'b'",
            "a passphrase is for a PKCS#12 file",
        ),
        (
            "file = 'a.pem'\nfrom = '2027-01-15'\nuntil = '2027-01-15'",
            "comes after `from`",
        ),
        ("file = 'a.pem'\nfrom = '15/01/2027'", "a day is written"),
        ("file = 'a.pem'\npin_file = 'b'", "has no setting `pin_file`"),
        (
            "provider = 'http://p'\ncredential = 'c'\nclient = 'c'\nsecret_file = 's'\nconfirm = '9 s'",
            "lacks the setting `chain_file`",
        ),
        (
            "module = 'a.so'\ntoken = 't'\nkey = 'k'",
            "lacks the setting `pin_file`",
        ),
        ("module = 'a.so'\nkey = 'k'\npin_file = 'p'", "which token"),
        (
            "module = 'a.so'\ntoken = 't'\npin_file = 'p'",
            "which key on the token",
        ),
        (
            "module = 'a.so'\ntoken = 't'\nkey_id = 'xy'\npin_file = 'p'",
            "bytes in hex",
        ),
    ] {
        let all = said(&load(&[&format!("[keys.payload.one]\n{text}")]).unwrap_err());
        assert!(all.contains(expected), "{expected}\nis not in\n{all}");
    }
}

#[test]
fn no_lease_ends_before_its_attempt() {
    let all = said(&load(&["[outbox]\nlease = \"40 s\""]).unwrap_err());
    assert_eq!(
        all,
        "layer:2:9\n   lease = \"40 s\"\n           ^^^^^^ a lease outlasts an attempt: more than the 50 s of `connect` + `answer`"
    );
    let all = said(&load(&["[partners.portal]\nlongest = \"30 s\""]).unwrap_err());
    assert!(
        all.contains("a call may take effect as long as we wait for it"),
        "{all}"
    );
}

#[test]
fn what_is_not_toml_is_named_and_nothing_of_it_shown() {
    let all = said(&load(&["[node]\nname = 'a'\npassword = hunter2\n[http\n"]).unwrap_err());
    assert!(all.contains("layer:3:12") && all.contains("layer:4:"), "{all}");
    assert!(!all.contains("hunter2"), "{all}");
}

#[test]
fn a_section_is_a_section_and_a_file_must_be_there() {
    let all = said(
        &load(&["http = 3\n[partners.portal]\npace = 'fast'\nlongest = '1 s'\nusername = 'x'"]).unwrap_err(),
    );
    assert!(all.contains("`http` is a section, [http]"), "{all}");
    assert!(
        all.contains("`pace` is a section, [partners.portal.pace]"),
        "{all}"
    );
    assert!(all.contains("a username needs its `password_file`"), "{all}");
    let missing = Config::load(Some(Path::new("/nowhere/node.toml")), std::iter::empty()).unwrap_err();
    assert!(said(&missing).starts_with("/nowhere/node.toml: this file cannot be read"));
}

#[test]
fn a_secret_is_a_files_first_line_and_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("password");
    std::fs::write(&path, "hunter2\n# note\n").unwrap();
    let secret = Secret::read(&path).unwrap();
    assert_eq!(secret.expose(), "hunter2");
    assert!(!format!("{secret:?}").contains("hunter2"));
    std::fs::write(&path, "\n").unwrap();
    assert!(matches!(Secret::read(&path), Err(SecretError::Empty(_))));
}

fn load(layers: &[&str]) -> Result<Config, Vec<Mistake>> {
    let layers: Vec<Layer<'_>> = layers.iter().map(|text| Layer { name: "layer", text }).collect();
    Config::layered(&layers, std::iter::empty())
}

fn environment_of(vars: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    vars.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
}

fn said(mistakes: &[Mistake]) -> String {
    mistakes
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}
