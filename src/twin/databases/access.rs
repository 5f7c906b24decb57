//! What the national databases ask of a caller.

use std::time::Duration;

/// Keys, secrets and habits of the national databases. The defaults are the synthetic ones of the specification.
#[derive(Clone)]
pub struct Access {
    /// Consumer key of the token ends of OAuth2 (T1, T2).
    pub consumer_key: String,
    /// Its secret.
    pub consumer_secret: String,
    /// The keys of a VNPT-type LGSP (T3).
    pub lgsp: Lgsp,
    /// The `Auth` header of the Đồng Tháp LGSP (T4).
    pub auth: String,
    /// User name of the linked birth and death hub (T5).
    pub hub_username: String,
    /// Its password.
    pub hub_password: String,
    /// `SecretId` of the hub's status push (T5).
    pub hub_secret_id: String,
    /// Its `SecretPass`.
    pub hub_secret_pass: String,
    /// User name of the password grant and of the `mapi` session (T6, T7).
    pub username: String,
    /// Its password.
    pub password: String,
    /// User name of the C06 signature (T8).
    pub signer: String,
    /// Its secret.
    pub signing_secret: String,
    /// How far the C06 timestamp may be from the twin's clock.
    pub skew: Duration,
    /// The `ApiKey` header of C06; nothing asks for none.
    pub api_key: Option<String>,
    /// `authKey` in the body of the criminal-record services (T9).
    pub auth_key: String,
    /// The one client that X-Road knows: `INSTANCE/CLASS/MEMBER/SUBSYSTEM`.
    pub client: String,
    /// How long a token lives.
    pub token: Duration,
    /// Whether `MaCanBo` may be anything; otherwise it is an officer's own number of twelve digits.
    pub any_officer: bool,
    /// Whether relatives are always written with names in parts.
    pub split: bool,
    /// How many polls see a registration on its way before its result is there.
    pub polls: u32,
}

/// The keys inside `lgspaccesstoken`.
#[derive(Clone)]
pub struct Lgsp {
    /// `AccessKey`.
    pub access_key: String,
    /// `SecretKey`.
    pub secret_key: String,
    /// `AppName`.
    pub app: String,
    /// `PartnerCode`.
    pub partner: String,
    /// `PartnerCodeCus`.
    pub customer: String,
}

impl Default for Access {
    fn default() -> Access {
        let text = str::to_owned;
        Access {
            consumer_key: text("consumer-key-demo"),
            consumer_secret: text("consumer-secret-demo"),
            lgsp: Lgsp::default(),
            auth: text("auth-demo"),
            hub_username: text("h99-demo"),
            hub_password: text("mat-khau-thu-nghiem"),
            hub_secret_id: text("secret-id-demo"),
            hub_secret_pass: text("secret-pass-demo"),
            username: text("h99-demo"),
            password: text("mat-khau-thu-nghiem"),
            signer: text("sandbox-tinh-38"),
            signing_secret: text("0123456789abcdef-not-a-real-key"),
            skew: Duration::from_secs(300),
            api_key: None,
            auth_key: text("auth-key-demo"),
            client: text("VN/GOV/000.00.00.H99/mcdt"),
            token: Duration::from_secs(3_600),
            any_officer: false,
            split: false,
            polls: 2,
        }
    }
}

impl Default for Lgsp {
    fn default() -> Lgsp {
        let text = str::to_owned;
        Lgsp {
            access_key: text("ak-demo"),
            secret_key: text("sk-demo"),
            app: text("GatewayDemo"),
            partner: text("000.00.00.H56"),
            customer: text("000.00.00.H56"),
        }
    }
}
