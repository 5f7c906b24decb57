use serde::Deserialize;
use wire::profile::Rule;
use wire::token::{Flow, Keys};

/// How one site reaches the payment platforms, as data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framing {
    /// Its name, as evidence records it.
    pub profile: String,
    /// Its version, counted up with every change.
    pub version: u32,
    /// How one is let in; an LGSP on the way wants a token.
    #[serde(default = "none")]
    pub token: Flow,
    /// The names of `lgspaccesstoken`, where a call carries it beside its token (national-databases.md §6.3.1).
    #[serde(default)]
    pub lgsp: Option<Keys>,
    /// How answers are opened: a relay puts them as a text into its own (portal.md §2.7.1).
    #[serde(default)]
    pub answer: Rule,
    /// The portal's platform.
    #[serde(default)]
    pub platform: Option<Platform>,
    /// PayGov.
    #[serde(default)]
    pub paygov: Option<PayGov>,
}

fn none() -> Flow {
    Flow::None
}

/// The portal's platform (portal.md §2.7.1). All but partner and paths are the values that two systems were seen to send.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// `MaDoiTac`: the code issued to the agency.
    pub partner: String,
    /// Where messages go.
    pub paths: Paths,
    /// `Ip` of whoever calls, where a payment does not say that of its payer.
    #[serde(default)]
    pub ip: Option<String>,
    /// `PhienBan`.
    #[serde(default = "edition")]
    pub edition: String,
    /// `LoaiHinhThanhToan`.
    #[serde(default = "pay")]
    pub kind: String,
    /// `MaKenhThanhToan`.
    #[serde(default = "one")]
    pub channel: String,
    /// `MaThietBi`.
    #[serde(default = "one")]
    pub device: String,
    /// `NgonNgu`.
    #[serde(default = "language")]
    pub language: String,
    /// `MaNganHang`.
    #[serde(default = "bank")]
    pub bank: String,
}

/// Paths by message. An operation whose path is blank is not offered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Paths {
    /// Of `INIT`.
    pub init: String,
    /// Of `QUERY`.
    pub query: String,
    /// Of `GET_BILL`.
    pub bill: String,
}

/// PayGov (national-databases.md §6.3.1). The access key is the secret `access`, the secret key the secret `key`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayGov {
    /// Where orders go.
    pub path: String,
    /// `partnerCode`, from the contract.
    pub partner: String,
    /// `serviceCode`, from the contract.
    pub code: String,
}

fn edition() -> String {
    "1.0.6".to_owned()
}

fn pay() -> String {
    "PAY".to_owned()
}

fn one() -> String {
    "1".to_owned()
}

fn language() -> String {
    "vi-VN".to_owned()
}

fn bank() -> String {
    "PAYMENT".to_owned()
}

/// What is wrong with a framing; all of it is said at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Neither platform is framed.
    #[error("neither `platform` nor `paygov` says what is offered")]
    Nothing,
    /// A value that must be set is blank.
    #[error("`{0}` is blank")]
    Blank(&'static str),
    /// A part of a checksum with the bar in it: what belongs to it and what to its neighbour would be open.
    #[error("`{0}` holds the `|` that stands between the parts of the checksum")]
    Bar(&'static str),
    /// A path that no request line carries.
    #[error("`{0}` is no path; begin it with `/`")]
    Path(&'static str),
    /// A way to be let in that this wire has no place for.
    #[error("the token `signed` has no place on this wire")]
    Token,
}

impl Framing {
    /// Everything that is wrong with these values.
    pub(crate) fn faults(&self) -> Vec<Unfit> {
        let mut faults = Vec::new();
        if self.platform.is_none() && self.paygov.is_none() {
            faults.push(Unfit::Nothing);
        }
        if matches!(self.token, Flow::Signed { .. }) {
            faults.push(Unfit::Token);
        }
        if let Some(platform) = &self.platform {
            platform.faults(&mut faults);
        }
        if let Some(paygov) = &self.paygov {
            let needed = [("paygov.partner", &paygov.partner), ("paygov.code", &paygov.code)];
            let blank = needed.iter().filter(|(_, value)| value.trim().is_empty());
            faults.extend(blank.map(|(name, _)| Unfit::Blank(name)));
            faults.extend((!is_path(&paygov.path)).then_some(Unfit::Path("paygov.path")));
        }
        faults
    }

    /// Where an operation goes; none where this site does not offer it.
    pub(crate) fn path(&self, operation: &str) -> Option<&str> {
        let paths = self.platform.as_ref().map(|platform| &platform.paths);
        let path = match operation {
            "init" => &paths?.init,
            "query" => &paths?.query,
            "bill" => &paths?.bill,
            "create" => &self.paygov.as_ref()?.path,
            _ => return None,
        };
        Some(path.as_str()).filter(|path| !path.is_empty())
    }
}

impl Platform {
    fn faults(&self, faults: &mut Vec<Unfit>) {
        let parts = [
            ("platform.partner", &self.partner),
            ("platform.edition", &self.edition),
            ("platform.kind", &self.kind),
            ("platform.channel", &self.channel),
            ("platform.device", &self.device),
            ("platform.language", &self.language),
            ("platform.bank", &self.bank),
        ];
        for (name, value) in parts {
            faults.extend(value.trim().is_empty().then_some(Unfit::Blank(name)));
            faults.extend(value.contains('|').then_some(Unfit::Bar(name)));
        }
        let ip = self.ip.as_ref().filter(|ip| ip.contains('|'));
        faults.extend(ip.map(|_| Unfit::Bar("platform.ip")));
        let paths = [
            ("platform.paths.init", &self.paths.init),
            ("platform.paths.query", &self.paths.query),
            ("platform.paths.bill", &self.paths.bill),
        ];
        if paths.iter().all(|(_, path)| path.is_empty()) {
            faults.push(Unfit::Blank("platform.paths"));
        }
        let bad = paths
            .iter()
            .filter(|(_, path)| !path.is_empty() && !is_path(path));
        faults.extend(bad.map(|(name, _)| Unfit::Path(name)));
    }
}

fn is_path(path: &str) -> bool {
    path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
}
