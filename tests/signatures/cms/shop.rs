use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use jiff::Timestamp;
use lienthong::signing::stamp::Means;
use lienthong::signing::trust::{Certificate, Revocation, Trust, WhenUnknown};
use tempfile::TempDir;

/// A folder in which `openssl` makes keys, authorities, certificates, lists and answers.
pub(in crate::signatures) struct Shop(TempDir);

/// What a certificate is to be.
pub(in crate::signatures) struct Order<'a> {
    pub(in crate::signatures) name: &'a str,
    /// `rsa`, `p256`, `p384`, `ed25519`.
    pub(in crate::signatures) key: &'a str,
    /// The authority's name; its own for a root.
    pub(in crate::signatures) issuer: &'a str,
    pub(in crate::signatures) subject: &'a str,
    /// `YYYYMMDDhhmmssZ`.
    pub(in crate::signatures) from: &'a str,
    pub(in crate::signatures) to: &'a str,
    /// Lines of an extension section.
    pub(in crate::signatures) extensions: &'a str,
    pub(in crate::signatures) digest: &'a str,
}

pub(in crate::signatures) const ROOT: &str =
    "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash";
pub(in crate::signatures) const AUTHORITY: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid";
pub(in crate::signatures) const HOLDER: &str = "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid";
pub(in crate::signatures) const STAMPER: &str = "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid";

impl Order<'_> {
    pub(in crate::signatures) const ROOT: Order<'static> = Order {
        name: "root",
        key: "p256",
        issuer: "root",
        subject: "/C=VN/O=Trial/CN=Trial Root",
        from: "20200101000000Z",
        to: "20400101000000Z",
        extensions: ROOT,
        digest: "sha256",
    };
    pub(in crate::signatures) const AUTHORITY: Order<'static> = Order {
        name: "sub",
        issuer: "root",
        subject: "/C=VN/O=Trial/CN=Trial Authority",
        extensions: AUTHORITY,
        ..Order::ROOT
    };
    pub(in crate::signatures) const HOLDER: Order<'static> = Order {
        name: "holder",
        issuer: "sub",
        subject: "/C=VN/O=Trial/CN=NGUYEN VAN MAU/UID=CMND:001090000017",
        extensions: HOLDER,
        ..Order::ROOT
    };
}

impl Shop {
    pub(in crate::signatures) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With a root, an authority below it, and a holder with a key of this kind.
    pub(in crate::signatures) fn with_holder(key: &str) -> Self {
        let shop = Self::new();
        shop.make(&Order::ROOT);
        shop.make(&Order::AUTHORITY);
        shop.make(&Order { key, ..Order::HOLDER });
        shop
    }

    pub(in crate::signatures) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(in crate::signatures) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(in crate::signatures) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Runs `openssl` in the folder with arguments between spaces, whatever comes of it.
    pub(in crate::signatures) fn try_run(&self, arguments: &str) -> Output {
        let arguments = arguments.split_ascii_whitespace();
        let mut command = Command::new("openssl");
        command
            .args(arguments)
            .current_dir(self.0.path())
            .output()
            .unwrap()
    }

    /// Runs it, and it succeeds.
    pub(in crate::signatures) fn run(&self, arguments: &str) -> Vec<u8> {
        let output = self.try_run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {arguments}\n{said}");
        output.stdout
    }

    /// Makes `name.key`, `name.pem`, and for later orders an authority of that name.
    pub(in crate::signatures) fn make(&self, order: &Order<'_>) -> Certificate {
        let name = order.name;
        let kind = match order.key {
            "rsa" => "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
            "short" => "-algorithm RSA -pkeyopt rsa_keygen_bits:1024",
            "p256" => "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
            "p384" => "-algorithm EC -pkeyopt ec_paramgen_curve:P-384",
            "ed25519" => "-algorithm ED25519",
            other => panic!("{other}"),
        };
        if !self.path(&format!("{name}.key")).exists() {
            self.run(&format!("genpkey {kind} -out {name}.key"));
        }
        self.authority(name);
        self.write(
            "request.cnf",
            "[req]\nprompt=no\ndistinguished_name=dn\nutf8=yes\nstring_mask=utf8only\n[dn]\nCN=x\n",
        );
        self.request(order);
        self.write("extensions", order.extensions);
        let is_root = order.issuer == name;
        self.run(&format!(
            "ca -batch -notext -config {issuer}.cnf {own} -in {name}.csr -out {name}.pem -startdate {from} -enddate {to} -extfile extensions -md {digest} -utf8",
            issuer = order.issuer,
            own = if is_root { format!("-selfsign -keyfile {name}.key") } else { String::new() },
            from = order.from,
            to = order.to,
            digest = if order.key_of_issuer_is_ed25519(self) { "null" } else { order.digest },
        ));
        self.certificate(name)
    }

    fn request(&self, order: &Order<'_>) {
        let name = order.name;
        let output = Command::new("openssl")
            .args([
                "req",
                "-new",
                "-config",
                "request.cnf",
                "-utf8",
                "-subj",
                order.subject,
            ])
            .args(["-key", &format!("{name}.key"), "-out", &format!("{name}.csr")])
            .current_dir(self.0.path())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn authority(&self, name: &str) {
        self.write(&format!("{name}.index"), "");
        self.write(&format!("{name}.crlnumber"), "01\n");
        self.write(
            &format!("{name}.cnf"),
            format!(
                "[ca]\ndefault_ca=me\n[me]\ndatabase={name}.index\nnew_certs_dir=.\ncertificate={name}.pem\nprivate_key={name}.key\n\
                 crlnumber={name}.crlnumber\nrand_serial=yes\nemail_in_dn=yes\ndefault_md=sha256\npolicy=any\nunique_subject=no\ndefault_crl_days=30\n\
                 [any]\ncountryName=optional\norganizationName=optional\ncommonName=supplied\nserialNumber=optional\nUID=optional\n[parts]\nissuingDistributionPoint=critical,@part\n[part]\nfullname=URI:http://lists.example/other.crl\n"
            ),
        );
    }

    pub(in crate::signatures) fn certificate(&self, name: &str) -> Certificate {
        let mut all = Certificate::all(&self.read(&format!("{name}.pem"))).unwrap();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    /// The authority takes a certificate back: `YYMMDDhhmmssZ`, and the reason as `openssl ca` names it.
    pub(in crate::signatures) fn revoke(&self, authority: &str, name: &str, at: &str, reason: &str) {
        let serial = self.run(&format!("x509 -in {name}.pem -noout -serial"));
        let serial = String::from_utf8(serial).unwrap().trim().replace("serial=", "");
        let file = format!("{authority}.index");
        let index = String::from_utf8(self.read(&file)).unwrap();
        let line = |line: &str| {
            let mut parts: Vec<String> = line.split('\t').map(str::to_owned).collect();
            if parts[3].trim_start_matches('0') == serial.trim_start_matches('0') {
                parts[0] = "R".to_owned();
                parts[2] = format!("{at},{reason}");
            }
            parts.join("\t") + "\n"
        };
        self.write(&file, index.lines().map(line).collect::<String>());
    }

    /// Makes `authority.crl`, PEM, from one moment to another.
    pub(in crate::signatures) fn list(&self, authority: &str, from: &str, to: &str, more: &str) -> Vec<u8> {
        self.run(&format!(
            "ca -gencrl -config {authority}.cnf -out {authority}.crl -crl_lastupdate {from} -crl_nextupdate {to} {more}"
        ));
        self.read(&format!("{authority}.crl"))
    }

    /// Trusts the root, with the authority at hand.
    pub(in crate::signatures) fn trust(&self) -> Trust {
        self.anchored("root").with([self.certificate("sub")])
    }

    /// Trusts one certificate.
    pub(in crate::signatures) fn anchored(&self, name: &str) -> Trust {
        let pin = *self.certificate(name).fingerprint();
        Trust::pinned(&[&self.read(&format!("{name}.pem"))], &[pin]).unwrap()
    }
}

impl Order<'_> {
    fn key_of_issuer_is_ed25519(&self, shop: &Shop) -> bool {
        let text = shop.run(&format!("pkey -in {}.key -noout -text", self.issuer));
        String::from_utf8_lossy(&text).contains("ED25519")
    }
}

pub(in crate::signatures) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Judges without lists, SHA-1 refused.
pub(in crate::signatures) fn means<'a>(trust: &'a Trust, revocation: &'a Revocation) -> Means<'a> {
    Means {
        trust,
        revocation,
        when_unknown: WhenUnknown::Tell,
        legacy: false,
    }
}
