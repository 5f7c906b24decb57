//! The roads to the databases: whose gateway stands at a path, how it lets a caller in, and what it serves where.

use super::fault::Manner;
use super::service::{About, By, Entry, Part, Service, Turn, Wish};
use axum::http::Method;

/// One road: a prefix of the path, and the habits of who stands there.
#[derive(Debug)]
pub(super) struct Road {
    pub(super) name: &'static str,
    pub(super) prefix: &'static str,
    pub(super) pass: Pass,
    pub(super) manner: Manner,
    pub(super) wrap: Wrap,
    rows: &'static [&'static [Row]],
}

/// How a caller is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// A token in `Authorization: Bearer`.
    Bearer,
    /// Tokens inside the body, as the VNPT adapter wants them.
    Inside,
    /// The timestamp signature of C06 (T8).
    Signed,
    /// `X-Road-Client`.
    Client,
    /// By the network, or by a static key in the body (T9).
    Open,
}

/// How the ministry's question and answer are wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrap {
    /// Unchanged.
    Plain,
    /// Hậu Giang: SOAP inside JSON out, SOAP in.
    Hg,
    /// Đồng Tháp: flat camelCase out, JSON without the outer `Envelope` in.
    Dt,
    /// Thanh Hoá: flat PascalCase out, SOAP as a text inside JSON in.
    Th,
    /// The SharePoint service: a query out, SOAP as a text in.
    Sp,
    /// Thái Nguyên: JSON out, JSON with the outer `Envelope` inside its own envelope in.
    Tn,
}

/// One end of a path.
#[derive(Debug)]
pub(super) struct Row {
    /// What is left of the path; an end with `/` is followed by one more part.
    pub(super) end: &'static str,
    pub(super) method: Method,
    pub(super) service: Service,
}

const fn post(end: &'static str, service: Service) -> Row {
    let method = Method::POST;
    Row { end, method, service }
}

const fn fetched(end: &'static str, service: Service) -> Row {
    let method = Method::GET;
    Row { end, method, service }
}

const POPULATION: &[Row] = &[
    post("qldc/tracuuthongtincongdan", Service::Population(About::Citizen)),
    post("qldc/xacthucthongtincongdan", Service::Population(About::Exists)),
    post(
        "qldc/xacminhthongtinnhanthan",
        Service::Population(About::Parents),
    ),
];

const BUSINESS: &[Row] = &[
    fetched(
        "apiCSDLDKDN/chiTietDoanhNghiep",
        Service::Business(Entry::Enterprise),
    ),
    fetched(
        "apiCSDLDKDN/1.1/chiTietDoanhNghiep",
        Service::Business(Entry::Newer),
    ),
    fetched("apiCSDLDKDN/danhSachHoSo", Service::Business(Entry::Filings)),
    fetched(
        "apiCSDLDKDN/danhSachHoSoTrongNgay",
        Service::Business(Entry::Today),
    ),
    fetched("apiCSDLDKDN/tinhTrangHoSo", Service::Business(Entry::Filing)),
    fetched(
        "apiDKKD/DoanhNghiep/chiTietDoanhNghiep",
        Service::Business(Entry::Certificate),
    ),
    fetched(
        "apiDKKD/HoKinhDoanh/chiTietHoKinhDoanh",
        Service::Business(Entry::Household),
    ),
    fetched(
        "apiDKKD/HopTacXa/chiTietHopTacXa",
        Service::Business(Entry::Cooperative),
    ),
];

const MINISTRIES: &[Row] = &[
    post("apiKhoDuLieu/danhSachGiayToKetQua", Service::Papers(Part::List)),
    post("apiKhoDuLieu/taiTepTin", Service::Papers(Part::File)),
    post("apiLienThongKSKT/nhanHoSoDKHT", Service::Civil(Turn::Push)),
    post("apiLienThongKSKT/ketQuaDangKyHS", Service::Civil(Turn::Poll)),
    post("apiBHXH/getTraCuuTtHgdByMaSoBhxh", Service::Insurance(By::Number)),
    post("apiBHXH/getMaSoBhxhTheoTieuChi", Service::Insurance(By::Details)),
    post("apiBHXH/getTraCuuThongTinHgd", Service::Insurance(By::Home)),
    post("v2/lyLichTuPhap/nhanHoSoLLTP", Service::Record(Turn::Push)),
    post(
        "v2/lyLichTuPhap/traTrangThaiHoSoLLTP",
        Service::Record(Turn::Poll),
    ),
    post("v2/lyLichTuPhap/traKetQuaHoSoLLTP", Service::Sent),
    post("apiDVC-GPLX/tcdbdvcdata/mapi/g", Service::Licence),
];

const DONG_THAP: &[Row] = &[
    post(
        "api/v1/DanCu/TraCuuThongTinCongDan",
        Service::Population(About::Citizen),
    ),
    post(
        "api/v1/DanCu/XacThucThongTinCongDan",
        Service::Population(About::Exists),
    ),
];

const THANH_HOA: &[Row] = &[
    post("qldc/TraCuuThongTinCongDan", Service::Population(About::Citizen)),
    post("qldc/XacThucThongTinCongDan", Service::Population(About::Exists)),
];

const SHAREPOINT: &[Row] = &[fetched(
    "_vti_bin/CommonServices.svc/GetInfoCitizenFromCSDLQG",
    Service::Population(About::Citizen),
)];

const THAI_NGUYEN: &[Row] = &[
    post(
        "ngsp/DanCu/TraCuuThongTinCongDan",
        Service::Population(About::Citizen),
    ),
    post(
        "ngsp/DanCu/XacThucThongTinCongDan",
        Service::Population(About::Exists),
    ),
    post(
        "ngsp/BaoHiemXaHoi/getTraCuuTtHgdByMaSoBhxh",
        Service::Insurance(By::Number),
    ),
    post(
        "ngsp/BaoHiemXaHoi/TraCuuMaSoBhxhTheoTieuChi",
        Service::Insurance(By::Details),
    ),
    post(
        "ngsp/BaoHiemXaHoi/TraCuuThongTinHoGiaDinh",
        Service::Insurance(By::Home),
    ),
];

const HUB: &[Row] = &[
    fetched("api/lienthongdvclt/hosolienthong", Service::Hub(Wish::List)),
    fetched("api/lienthongdvclt/hosolienthong/", Service::Hub(Wish::Detail)),
    Row {
        end: "api/lienthongdvclt/hosolienthong",
        method: Method::PUT,
        service: Service::Hub(Wish::Taken),
    },
    post("api/lienthongdvclt/trangthai", Service::Hub(Wish::State)),
];

const VNEID: &[Row] = &[post("v2/lyLichTuPhap/traKetQuaHoSoLLTP", Service::Sent)];

const QUERIES: &[Row] = &[fetched("adapter", Service::Business(Entry::Newer))];

const fn road(name: &'static str, prefix: &'static str, pass: Pass, manner: Manner, wrap: Wrap) -> Road {
    let rows = &[];
    Road {
        name,
        prefix,
        pass,
        manner,
        wrap,
        rows,
    }
}

/// Every road, the more particular before the more general.
pub(super) const ROADS: &[Road] = &[
    Road {
        rows: &[POPULATION],
        ..road("c06", "/c06/", Pass::Signed, Manner::Wso2, Wrap::Plain)
    },
    Road {
        rows: &[POPULATION, BUSINESS, MINISTRIES],
        ..road("ndxp", "/ndxp/", Pass::Bearer, Manner::Wso2, Wrap::Plain)
    },
    Road {
        rows: &[POPULATION],
        ..road("hg", "/lgsp/hg/", Pass::Inside, Manner::Wso2, Wrap::Hg)
    },
    Road {
        rows: &[DONG_THAP],
        ..road("dt", "/lgsp/dt/", Pass::Bearer, Manner::Errors, Wrap::Dt)
    },
    Road {
        rows: &[THANH_HOA],
        ..road("th", "/lgsp/th/", Pass::Bearer, Manner::Wrapper, Wrap::Th)
    },
    Road {
        // The same province asks the business registry without any token.
        rows: &[BUSINESS],
        ..road(
            "th-open",
            "/lgsp/th-open/",
            Pass::Open,
            Manner::Wrapper,
            Wrap::Plain,
        )
    },
    Road {
        rows: &[SHAREPOINT],
        ..road("sp", "/lgsp/sp/", Pass::Open, Manner::Wrapper, Wrap::Sp)
    },
    Road {
        rows: &[THAI_NGUYEN],
        ..road("tn", "/lgsp/tn/", Pass::Bearer, Manner::Correlated, Wrap::Tn)
    },
    Road {
        rows: &[POPULATION, BUSINESS, MINISTRIES],
        ..road("gl", "/lgsp/gl/", Pass::Bearer, Manner::Wso2, Wrap::Plain)
    },
    Road {
        rows: &[POPULATION, BUSINESS, MINISTRIES],
        ..road("qb", "/lgsp/qb/", Pass::Bearer, Manner::Wso2, Wrap::Plain)
    },
    Road {
        rows: &[QUERIES],
        ..road("qs", "/lgsp/qs/", Pass::Open, Manner::Wrapper, Wrap::Plain)
    },
    Road {
        rows: &[HUB],
        ..road("hub", "/dvclt/", Pass::Bearer, Manner::Problem, Wrap::Plain)
    },
    Road {
        rows: &[VNEID],
        ..road("vneid", "/vneid/", Pass::Bearer, Manner::Wso2, Wrap::Plain)
    },
    Road {
        rows: &[POPULATION, BUSINESS, MINISTRIES],
        ..road(
            "vdxp",
            "/r1/VN/GOV/G22/",
            Pass::Client,
            Manner::Xroad,
            Wrap::Plain,
        )
    },
];

/// The road of a path, and what is left of the path without a version 1.0.
pub(super) fn road_of(path: &str) -> Option<(&'static Road, String)> {
    let road = ROADS.iter().find(|road| path.starts_with(road.prefix))?;
    let rest = path.strip_prefix(road.prefix)?;
    Some((road, rest.replacen("/1.0/", "/", 1)))
}

impl Road {
    /// Every end of this road.
    pub(super) fn ends(&self) -> impl Iterator<Item = &'static Row> + use<> {
        self.rows.iter().flat_map(|rows| rows.iter())
    }

    /// Whether a path ends here with any method, and the row if it is this one; then what follows an end with `/`.
    pub(super) fn row<'a>(&self, rest: &'a str, method: &Method) -> Option<(Option<&'static Row>, &'a str)> {
        let fits = |row: &&'static Row| ended(row, rest).is_some();
        let known = self.ends().find(fits)?;
        let right = self.ends().filter(fits).find(|row| row.method == *method);
        Some((right, ended(right.unwrap_or(known), rest).unwrap_or_default()))
    }
}

fn ended<'a>(row: &Row, rest: &'a str) -> Option<&'a str> {
    if row.end.ends_with('/') {
        return rest
            .strip_prefix(row.end)
            .filter(|more| !more.is_empty() && !more.contains('/'));
    }
    (row.end == rest).then_some("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_finds_its_road_with_and_without_a_version() {
        for path in [
            "/ndxp/apiBHXH/1.0/getMaSoBhxhTheoTieuChi",
            "/lgsp/qb/apiBHXH/getMaSoBhxhTheoTieuChi",
        ] {
            let (road, rest) = road_of(path).unwrap();
            let (row, _) = road.row(&rest, &Method::POST).unwrap();
            assert_eq!(row.unwrap().service, Service::Insurance(By::Details));
            assert!(road.row(&rest, &Method::GET).unwrap().0.is_none());
        }
        let (hub, rest) = road_of("/dvclt/api/lienthongdvclt/hosolienthong/7").unwrap();
        let (row, more) = hub.row(&rest, &Method::GET).unwrap();
        assert_eq!((row.unwrap().service, more), (Service::Hub(Wish::Detail), "7"));
        assert!(hub.row("api/other", &Method::GET).is_none());
        assert!(road_of("/other").is_none());
    }

    #[test]
    fn no_road_hides_another_and_none_serves_an_end_twice() {
        for (at, road) in ROADS.iter().enumerate() {
            assert!(
                ROADS
                    .iter()
                    .take(at)
                    .all(|before| !road.prefix.starts_with(before.prefix)),
                "{}",
                road.name
            );
            let mut ends: Vec<_> = road.ends().map(|row| (row.end, row.method.as_str())).collect();
            let all = ends.len();
            ends.sort_unstable();
            ends.dedup();
            assert_eq!(ends.len(), all, "{}", road.name);
        }
    }
}
