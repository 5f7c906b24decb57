//! Checksums of payment platforms: fields in a fixed order, joined, and a secret. A new one is a row of [`RECIPES`].

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use openssl::sha::Sha256;

use super::{MacError, hmac_sha256, same};

/// Where the secret goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before the first field, and hashed with them.
    First,
    /// After the last field, and hashed with them.
    Last,
    /// It is the key of an HMAC-SHA256 over the fields.
    Key,
}

/// How one message of one platform is protected: lower-case hexadecimal SHA-256, or HMAC-SHA256, of joined fields.
#[derive(Debug, PartialEq, Eq)]
pub struct Recipe {
    /// What configuration and code call it.
    pub name: &'static str,
    /// The fields by their names on the wire, in the order they are joined.
    pub fields: &'static [&'static str],
    /// What stands between two parts, the secret included. Where it is empty, letters that move from a field to its
    /// neighbour change nothing: such a checksum is only as good as the fields are fixed in form.
    pub separator: &'static str,
    /// Where the secret goes.
    pub secret: Place,
}

/// The short order of the national payment platform.
const SHORT: &[&str] = &["LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "ThoiGianGD"];

/// Every known recipe. Sources: the portal's specification §2.7.5 and §2.7.6, the national databases' §6.3.
pub const RECIPES: &[Recipe] = &[
    Recipe {
        name: "dvcqg.init",
        fields: &[
            "LoaiBanTin",
            "PhienBan",
            "MaDoiTac",
            "MaThamChieu",
            "SoTien",
            "LoaiHinhThanhToan",
            "MaKenhThanhToan",
            "MaThietBi",
            "NgonNgu",
            "MaTienTe",
            "MaNganHang",
            "ThongTinGiaoDich",
            "ThoiGianGD",
            "Ip",
        ],
        separator: "|",
        secret: Place::Last,
    },
    Recipe {
        name: "dvcqg.query",
        fields: SHORT,
        separator: "|",
        secret: Place::Last,
    },
    Recipe {
        name: "dvcqg.get-bill",
        fields: SHORT,
        separator: "|",
        secret: Place::Last,
    },
    // Here the time comes before the text, in `dvcqg.init` after it.
    Recipe {
        name: "dvcqg.confirm",
        fields: &[
            "LoaiBanTin",
            "MaLoi",
            "MaDoiTac",
            "MaThamChieu",
            "SoTien",
            "MaTienTe",
            "MaGiaoDich",
            "MaNganHang",
            "ThoiGianGD",
            "ThongTinGiaoDich",
        ],
        separator: "|",
        secret: Place::Last,
    },
    Recipe {
        name: "keypay.bill",
        fields: &[
            "addition_fee",
            "client_id",
            "command",
            "trans_amount",
            "transaction_id",
            "version",
        ],
        separator: "|",
        secret: Place::Key,
    },
    Recipe {
        name: "keypay.status",
        fields: &["client_id", "command", "transaction_id"],
        separator: "|",
        secret: Place::Key,
    },
    Recipe {
        name: "paygov.create",
        fields: &["accessKey", "partnerCode", "orderId", "requestCode", "amount"],
        separator: "",
        secret: Place::First,
    },
    Recipe {
        name: "paygov.receipt",
        fields: &[
            "partnerCode",
            "accessKey",
            "payerId",
            "payerName",
            "payerAddress",
            "payerDistrict",
            "payerProvince",
            "docCode",
            "procedureName",
            "paids",
            "otherInfo",
            "decisionDate",
        ],
        separator: "",
        secret: Place::First,
    },
];

/// Why there is no checksum, or it is not believed. Names fields, never what is in them.
#[derive(Debug, thiserror::Error)]
pub enum ChecksumError {
    /// A field that the recipe needs is not there; an empty one is.
    #[error("the field {0} is missing")]
    Missing(&'static str),
    /// A field holds the separator: what belongs to it and what to its neighbour would be open.
    #[error("the field {0} holds the separator of the checksum")]
    Ambiguous(&'static str),
    /// HMAC could not be computed.
    #[error(transparent)]
    Mac(#[from] MacError),
    /// The checksum that came is not the one of these fields and this secret.
    #[error("the checksum does not fit the message")]
    Wrong,
}

impl Recipe {
    /// The recipe of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        RECIPES.iter().find(|recipe| recipe.name == name)
    }

    /// The checksum of a message, 64 lower-case hexadecimal digits.
    ///
    /// `field` gives a field's text exactly as it goes over the wire; a number is given as it is written there.
    pub fn checksum<'a>(
        &self,
        field: impl Fn(&str) -> Option<&'a str>,
        secret: &[u8],
    ) -> Result<String, ChecksumError> {
        let mut parts = Vec::with_capacity(self.fields.len() + 1);
        for name in self.fields {
            let text = field(name).ok_or(ChecksumError::Missing(name))?;
            if !self.separator.is_empty() && text.contains(self.separator) {
                return Err(ChecksumError::Ambiguous(name));
            }
            parts.push(text.as_bytes());
        }
        match self.secret {
            Place::First => parts.insert(0, secret),
            Place::Last => parts.push(secret),
            Place::Key => {
                let joined = parts.join(self.separator.as_bytes());
                return Ok(HEXLOWER.encode(&hmac_sha256(secret, &joined)?));
            }
        }
        Ok(HEXLOWER.encode(&self.sha256(&parts)))
    }

    /// Refuses a message whose checksum is not `given`, which may be in capitals; constant in time.
    pub fn verify<'a>(
        &self,
        field: impl Fn(&str) -> Option<&'a str>,
        secret: &[u8],
        given: &str,
    ) -> Result<(), ChecksumError> {
        let expected = self.checksum(field, secret)?;
        if same(expected.as_bytes(), given.to_ascii_lowercase().as_bytes()) {
            Ok(())
        } else {
            Err(ChecksumError::Wrong)
        }
    }

    /// Hashes the parts one by one, so that the secret is in no buffer of ours.
    fn sha256(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut hash = Sha256::new();
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                hash.update(self.separator.as_bytes());
            }
            hash.update(part);
        }
        hash.finish()
    }
}

/// Viet Nam's time, all year.
const HOURS: Offset = Offset::constant(7);

/// A moment (seconds since 1970) as `ThoiGianGD` has it: `yyyyMMddHHmmss` in Viet Nam, hours from 00 to 23.
///
/// Systems are seen that write 12 hours here, so that 14:30 becomes 02:30; whoever reads a time of such a system
/// must not order messages by it. `None` is a moment outside the calendar's years.
pub fn moment(seconds: i64) -> Option<String> {
    let time = Timestamp::from_second(seconds).ok()?;
    let time = HOURS.to_datetime(time);
    Some(time.strftime("%Y%m%d%H%M%S").to_string())
}

/// Reads a `ThoiGianGD` back into seconds since 1970; `None` where it is no time of that form.
pub fn read_moment(text: &str) -> Option<i64> {
    if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let time = DateTime::strptime("%Y%m%d%H%M%S", text).ok()?;
    Some(HOURS.to_timestamp(time).ok()?.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of the specifications, byte for byte: name, secret, fields as they are joined, checksum.
    const VECTORS: &[(&str, &str, &str, &str)] = &[
        (
            "dvcqg.init",
            "KHOA-BI-MAT-THU-NGHIEM",
            "INIT|1.0.6|DOITAC-THU|dvcH991424011500017|150000|PAY|1|1|vi-VN|VND|PAYMENT|THANH TOAN HO SO H99.14-240115-0001|20240115143015|10.0.0.5",
            "71e42998e3965adcc287eb6fcb8991ec89b2f9ce325e84f4616bcc940b1fc057",
        ),
        (
            "dvcqg.query",
            "KHOA-BI-MAT-THU-NGHIEM",
            "QUERY|1.0.6|DOITAC-THU|dvcH991424011500017|20240115143015",
            "0f7f8f3a976513420152925cab7b2b17f3228eb31350b15c06b44ab635603688",
        ),
        (
            "dvcqg.get-bill",
            "KHOA-BI-MAT-THU-NGHIEM",
            "GET_BILL|1.0.6|DOITAC-THU|dvcH991424011500017|20240115143015",
            "b1a1a5874642bf5637d2d3d791101b39695f95d4af7a5f0ba4cc1c7007404dbe",
        ),
        (
            "dvcqg.confirm",
            "KHOA-BI-MAT-THU-NGHIEM",
            "CONFIRM|00|DOITAC-THU|dvcH991424011500017|150000|VND|PP240115000123|NHTHU|20240115143207|THANH TOAN HO SO H99.14-240115-0001",
            "9554b99a0046facd548ae68232d4bcd6aafbeb33df3130e67ec91497548dd28e",
        ),
        (
            "dvcqg.init",
            "demo-secret",
            "INIT|1.0.6|PARTNERDEMO|dvcH56260106000120260106093000|150000|PAY|1|1|vi-VN|VND|PAYMENT|THANH TOAN HO SO H56.10-260106-0001|20260106093000|203.0.113.10",
            "1cdcf8e18847b6d721d57c051507f421e2239126ef08fae10d23d248865376ca",
        ),
        (
            "dvcqg.confirm",
            "demo-secret",
            "CONFIRM|00|PARTNERDEMO|dvcH56260106000120260106093000|150000|VND|GD0000000001|BANKDEMO|20260106093212|THANH TOAN HO SO H56.10-260106-0001",
            "48baa544f2bc28776817818c7b4e7443d3eff82a041f9955bbd398fe9cc7fbdc",
        ),
        (
            "dvcqg.query",
            "demo-secret",
            "QUERY|1.0.6|PARTNERDEMO|dvcH56260106000120260106093000|20260106093000",
            "5cdd234115380c2217d8562e738de04d38eb193fc6c880dfd095bb5e04c9c265",
        ),
        (
            "dvcqg.get-bill",
            "demo-secret",
            "GET_BILL|1.0.6|PARTNERDEMO|dvcH56260106000120260106093000|20260106093000",
            "4405fd11b09fb6e831e42348a61f5b4bbbc0c67bf59719e00519f7685c03d3f0",
        ),
        (
            "paygov.create",
            "demo-secret",
            "demo-access|PARTNERDEMO|000.00.05.H56-H56.10-260106-0001-01|RQ0001|150000",
            "14152499bc61c117c3d0f42375ef992b739bc4064b5cb3b9453a170b8a1ec0fa",
        ),
    ];

    fn lookup<'a>(recipe: &'static Recipe, values: &[&'a str]) -> impl Fn(&str) -> Option<&'a str> {
        let pairs: Vec<_> = recipe
            .fields
            .iter()
            .copied()
            .zip(values.iter().copied())
            .collect();
        move |name| pairs.iter().find(|(field, _)| *field == name).map(|pair| pair.1)
    }

    #[test]
    fn the_printed_vectors_byte_for_byte_and_no_changed_letter() {
        for (name, secret, joined, expected) in VECTORS {
            let recipe = Recipe::named(name).unwrap();
            let values: Vec<&str> = joined.split('|').collect();
            assert_eq!(values.len(), recipe.fields.len());
            let sum = recipe.checksum(lookup(recipe, &values), secret.as_bytes());
            assert_eq!(sum.unwrap(), *expected);
            let capitals = expected.to_uppercase();
            recipe
                .verify(lookup(recipe, &values), secret.as_bytes(), &capitals)
                .unwrap();
            for at in 0..values.len() {
                let changed = format!("{}x", values[at]);
                let mut values = values.clone();
                values[at] = &changed;
                let outcome = recipe.verify(lookup(recipe, &values), secret.as_bytes(), expected);
                assert!(matches!(outcome, Err(ChecksumError::Wrong)));
            }
            for wrong in [&expected[1..], "", &expected.replace('0', "1")] {
                assert!(
                    recipe
                        .verify(lookup(recipe, &values), secret.as_bytes(), wrong)
                        .is_err()
                );
            }
        }
    }

    #[test]
    fn hmac_recipes_use_the_secret_as_the_key() {
        let recipe = Recipe::named("keypay.status").unwrap();
        let sum = recipe.checksum(lookup(recipe, &["c", "querystatus", "t1"]), b"demo-secret");
        let tag = hmac_sha256(b"demo-secret", b"c|querystatus|t1").unwrap();
        assert_eq!(sum.unwrap(), HEXLOWER.encode(&tag));
    }

    #[test]
    fn a_field_is_neither_missing_nor_holds_the_separator() {
        let recipe = Recipe::named("dvcqg.query").unwrap();
        let outcome = recipe.checksum(lookup(recipe, &["QUERY", "1", "a", "b"]), b"s");
        assert!(matches!(outcome, Err(ChecksumError::Missing("ThoiGianGD"))));
        let outcome = recipe.checksum(lookup(recipe, &["QUERY", "1", "a|b", "", "t"]), b"s");
        assert!(matches!(outcome, Err(ChecksumError::Ambiguous("MaDoiTac"))));
        let names: std::collections::HashSet<_> = RECIPES.iter().map(|recipe| recipe.name).collect();
        assert_eq!(names.len(), RECIPES.len());
    }

    #[test]
    fn the_afternoon_has_hours_from_13_to_23() {
        // 2024-01-15 14:30:15 in Viet Nam.
        let seconds = 1_705_303_815;
        assert_eq!(moment(seconds).unwrap(), "20240115143015");
        assert_eq!(read_moment("20240115143015"), Some(seconds));
        assert_eq!(read_moment("20240115023015"), Some(seconds - 12 * 3600));
        assert_eq!(
            moment(read_moment("20251231235959").unwrap() + 1).unwrap(),
            "20260101000000"
        );
        for wrong in [
            "2024011514301",
            "20240115243015",
            "2024-01-151430",
            "20240230000000",
            "",
        ] {
            assert_eq!(read_moment(wrong), None, "{wrong}");
        }
    }
}
