//! What the state holds: a node that asks the twin's databases, and dossiers of the twin's people.

use serde_json::{Value, json};

use super::node::{Alive, National, Site, samples};

/// Who asks, in the name of every system.
const OFFICERS: &str = "default = \"motcua\"\n[officers.motcua]\nnumber = \"099185000058\"\nname = \"CÁN BỘ THỬ\"\n\
                        agency = \"H99.10\"\nphone = \"0900000058\"\n";

/// The databases that a node asks, each over the road that the sandbox takes.
const DATABASES: [(&str, &str, &str, &str); 4] = [
    (
        "population",
        "/c06",
        "sandbox-tinh-38",
        "0123456789abcdef-not-a-real-key",
    ),
    ("business", "/ndxp", "consumer-key-demo", "consumer-secret-demo"),
    (
        "document-store",
        "/ndxp",
        "consumer-key-demo",
        "consumer-secret-demo",
    ),
    (
        "social-insurance",
        "/ndxp",
        "consumer-key-demo",
        "consumer-secret-demo",
    ),
];

/// Someone the twin may know.
#[derive(Clone, Copy)]
pub(crate) struct Who {
    pub(crate) number: &'static str,
    pub(crate) name: &'static str,
    /// As the local system writes it.
    pub(crate) born: &'static str,
}

/// The first persona of the specification.
pub(crate) const P1: Who = Who {
    number: "099090000017",
    name: "Trần Văn Mẫu",
    born: "17/05/1990",
};

/// The origin of a twin: scheme, host and port.
pub(crate) fn origin(national: &National) -> String {
    let base = national.base.as_str();
    base.split("/VXPAdapter").next().unwrap_or_default().to_owned()
}

/// Settings of a node whose databases are at `origin`, with `more` laid over them.
fn settings(origin: &str, more: &str) -> String {
    let mut text = "[reuse]\nwait = \"4 s\"\n[reuse.sources]\n".to_owned();
    for (name, ..) in DATABASES {
        text.push_str(&format!("{name} = \"{name}\"\n"));
    }
    for system in super::node::SYSTEMS {
        text.push_str(&format!(
            "[systems.{system}]\nofficers_file = \"officers.toml\"\n"
        ));
    }
    for (name, road, username, _) in DATABASES {
        text.push_str(&format!(
            "[partners.{name}]\nbase = \"{origin}{road}\"\nusername = \"{username}\"\npassword_file = \"{name}.password\"\n\
             connect = \"1 s\"\nanswer = \"1500 ms\"\nlongest = \"3 s\"\nconcurrency = 32\n\
             pace = {{ per_second = 100000, burst = 1000 }}\n\
             circuit = {{ failures = 20, open = \"100 ms\", longest_open = \"500 ms\" }}\n"
        ));
    }
    text.push_str("[partners.population.secrets]\nkey_file = \"key\"\n");
    text + more
}

/// A site that delivers to the twin's portal and asks the twin's databases.
pub(crate) fn site(national: &National, more: &str) -> Site {
    site_of(&national.base, &origin(national), more)
}

/// The same, with the databases somewhere else than the portal.
pub(crate) fn site_of(portal: &str, databases: &str, more: &str) -> Site {
    let site = Site::new(portal, &settings(databases, more));
    let write = |name: &str, text: &str| {
        std::fs::write(site.path(name), text).unwrap();
        let own = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(site.path(name), own).unwrap();
    };
    write("officers.toml", OFFICERS);
    write("key", "khoa-thu-nghiem");
    for (name, _, _, secret) in DATABASES {
        write(&format!("{name}.password"), secret);
    }
    site
}

/// A birth registration that `who` files, as the system `tandan` pushes it.
pub(crate) fn birth(number: &str, who: Who) -> Value {
    dossier("birth-registration-all-held", number, who)
}

/// A shipped dossier of `tandan`, filed by `who` under this number.
pub(crate) fn dossier(case: &str, number: &str, who: Who) -> Value {
    let (_, body) = samples("tandan")
        .into_iter()
        .find(|(name, _)| name.ends_with(case))
        .unwrap_or_else(|| panic!("no case {case}"));
    let mut body: Value = serde_json::from_slice(&body).unwrap();
    for step in body["QuaTrinhXuLyHoSo"].as_array_mut().into_iter().flatten() {
        step["MaHoSo"] = json!(number);
    }
    body["MaHoSo"] = json!(number);
    body["ChuHoSo"] = json!(who.name);
    body["SoGiayToChuHoSo"] = json!(who.number);
    body["SoDinhDanh"] = json!(who.number);
    body["NgaySinhChuHoSo"] = json!(who.born);
    body
}

/// Pushes a dossier, and waits until everything of it is settled.
pub(crate) async fn file(alive: &Alive, body: &Value) {
    let answer = alive.push("tandan", body.to_string().as_bytes()).await;
    assert_eq!(answer.status, 202, "{}", String::from_utf8_lossy(&answer.body));
    alive.settle().await;
}

/// What a route of the node shows to its operator.
pub(crate) async fn shown(alive: &Alive, path: &str) -> Value {
    let answer = alive
        .call("GET", path, &[("authorization", "Bearer hand")], b"")
        .await;
    assert_eq!(
        answer.status,
        200,
        "{path}: {}",
        String::from_utf8_lossy(&answer.body)
    );
    answer.json()
}
