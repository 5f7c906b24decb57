//! The population database as a node reaches it: by the settings of an operator and the files of a province.

use lienthong::app;
use lienthong::config::{Config, Layer};
use lienthong::evidence::hash;
use lienthong::registry;
use wire::{Adapter, Auth, Call, Class, Credentials};

use crate::support;
use crate::support::soap::mistakes;

/// P1's question.
const QUESTION: [(&str, &str); 7] = [
    ("request", "H99-20260106-01J9Z0V7Q8XK2M4N6P8R"),
    ("procedure", "1.001193"),
    ("officer", "099185000058"),
    ("agency", "H99.10"),
    ("number", "099090000017"),
    ("name", "Trần Văn Mẫu"),
    ("born", "1990-05-17"),
];

/// The adapter of the partner `population`, framed as these settings and the shipped files say.
fn adapter(settings: &str) -> Box<dyn Adapter> {
    let layer = Layer {
        name: "operator.toml",
        text: settings,
    };
    let config = Config::layered(&[layer], std::iter::empty()).unwrap();
    let profiles = app::profiles(&config).unwrap();
    let framing = app::framing("population", &config.partners["population"], &profiles).unwrap();
    registry::adapter("population", framing).unwrap()
}

fn call<'a>(session: Option<&'a str>) -> Call<'a> {
    Call {
        operation: "citizen",
        arguments: &QUESTION,
        session,
        auth: Some(Auth {
            at: 1_767_225_600_000,
            credentials: Credentials {
                username: "sandbox-tinh-38",
                password: "0123456789abcdef-not-a-real-key",
                secrets: &[("key", "khoa-thu-nghiem")],
            },
            sha256: |bytes| hash::digest(&[bytes]),
            hmac: hash::mac,
        }),
        ..Call::default()
    }
}

/// §2.2, with the hash that the gateway lends its wires.
#[test]
fn the_signature_of_c06_is_the_vector_of_the_specification() {
    let request = adapter("[partners.population]\n").frame(&call(None)).unwrap();
    let header = |name: &str| {
        let found = request.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(header("Timestamp"), Some("1767225600000"));
    assert_eq!(
        header("Authorization"),
        Some(
            "Basic c2FuZGJveC10aW5oLTM4OmY0NWYxMjczNDNmMmFhMzAxYTYzZmYxNDg0NjliNzdiNjc5YjFkMGQ0Y2Q1MGQ1NzkwOWY0NjM3MjU4MWQ2OWI="
        )
    );
}

#[test]
fn a_site_says_only_what_differs_from_its_profile() {
    let settings =
        "[partners.population]\n[partners.population.framing.services.citizen]\npath = '/that/other/path'\n";
    let request = adapter(settings).frame(&call(None)).unwrap();
    assert_eq!(request.target, "/that/other/path");
    let shipped = adapter("[partners.population]\n").frame(&call(None)).unwrap();
    assert_eq!(request.body, shipped.body);
}

#[test]
fn a_province_is_added_by_files_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("population")).unwrap();
    let profile = r#"
        profile = "hoa-mau"
        version = 1
        token = { kind = "basic", path = "/oauth/token" }
        headers = [{ to = "Authorization", from = "bearer" }]
        [services.citizen]
        path = "/dan-cu"
        envelope = "json"
        fields = [{ to = "so", from = "number" }, { to = "ten", from = "name", as = "ascii" }]
        [services.citizen.answer]
        code = "ma"
        ok = ["00"]
        inside = ["congDan"]
    "#;
    std::fs::write(folder.path().join("population/hoa-mau.toml"), profile).unwrap();
    let settings = format!(
        "[profiles]\nfolder = {:?}\n[partners.population]\nprofile = 'hoa-mau'\n",
        folder.path()
    );
    let adapter = adapter(&settings);
    assert_eq!(wire::conformance::check(adapter.as_ref()), []);
    let request = adapter.frame(&call(Some("tok"))).unwrap();
    assert_eq!(request.body, br#"{"so":"099090000017","ten":"TRANVANMAU"}"#);
    let answer = support::root().join("fixtures/population/citizen/p1-whole/answer.xml");
    let answer = std::fs::read_to_string(answer).unwrap();
    let body = serde_json::json!({"ma": "00", "congDan": answer}).to_string();
    let read = adapter.read(
        "citizen",
        &wire::Answer {
            status: 200,
            body: body.as_bytes(),
            ..wire::Answer::default()
        },
    );
    assert_eq!(read.class, Some(Class::Match));
    assert!(read.result.is_some());
}

/// Every question that leaves in SOAP, of every shipped profile, is one that the schema of the twin's description takes.
#[test]
fn what_leaves_in_soap_is_valid_by_a_schema_that_is_not_ours() {
    let subjects = [
        [
            ("number", "099090000017"),
            ("name", "Trần Văn Mẫu"),
            ("born", "1990-05-17"),
        ],
        [
            ("number", "999999901"),
            ("name", "Công Tằng Tôn Nữ Thị Đặng Khánh Huyền Trân"),
            ("born", "1990"),
        ],
        [
            ("number", "099090000017"),
            ("name", "A & B <\"'> ]]> &amp;"),
            ("born", "1990-05"),
        ],
    ];
    let mut requests = Vec::new();
    for profile in ["c06", "c06-seconds", "pass-through", "vdxp"] {
        let adapter = adapter(&format!("[partners.population]\nprofile = '{profile}'\n"));
        for operation in adapter.operations() {
            for subject in &subjects {
                let mut arguments = QUESTION.to_vec();
                arguments.retain(|(name, _)| subject.iter().all(|(other, _)| other != name));
                arguments.extend(subject);
                let call = Call {
                    operation: operation.name,
                    arguments: &arguments,
                    ..call(Some("tok"))
                };
                requests.push(adapter.frame(&call).unwrap().body);
            }
        }
    }
    assert_eq!(requests.len(), 4 * 3 * subjects.len());
    let requests: Vec<_> = requests.iter().map(Vec::as_slice).collect();
    assert_eq!(mistakes(&requests), "");
}
